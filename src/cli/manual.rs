//! `man`: the manual pages, from the definitions that parse the command line; see man(7) and man-pages(7).
//!
//! Given the definition of a command, gives a page in roff. What help says after the options becomes sections: a
//! paragraph that begins with "Exit status:" is EXIT STATUS, the rest is NOTES; indented lines stay as they are.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

use super::{args::Arguments, error::CliError, output};

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder to write a page for each command to; without it, the page of ecs-why is printed
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

pub fn run(args: &ManArgs) -> Result<u8, CliError> {
    let root = root();
    match &args.folder {
        Some(folder) => write_all(&root, folder)?,
        None => output::print(&String::from_utf8_lossy(&page(&root).map_err(output::closed)?))?,
    }
    Ok(0)
}

/// The whole command line; its commands know their full names.
fn root() -> Command {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    root
}

fn write_all(root: &Command, folder: &Path) -> Result<(), CliError> {
    let failed = |path: &Path, source| CliError::Write { name: format!("'{}'", path.display()), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for command in commands(root) {
        let path = folder.join(format!("{}.1", title(command)));
        page(command).and_then(|page| fs::write(&path, page)).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}

/// A command and all below it.
fn commands(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set()).flat_map(commands);
    std::iter::once(command).chain(below).collect()
}

/// The name of a page: `ecs-why-iam-require`.
fn title(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut page = Roff::new().render().into_bytes();
    // A page that says no date must still leave room for it, or what follows would be taken for one.
    writeln!(page, ".TH {0} 1 \"\" \"ecs-why {1}\" \"ecs-why\"", title(command), env!("CARGO_PKG_VERSION"))?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    page.write_all(after(command).to_roff().as_bytes())?;
    Ok(page)
}

/// What help says after the options, in sections.
fn after(command: &Command) -> Roff {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    let mut section = "";
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let (title, lines) = match paragraph.strip_prefix("Exit status:\n") {
            Some(statuses) => ("EXIT STATUS", statuses),
            None => ("NOTES", paragraph),
        };
        roff.control(if title == section { "PP" } else { "SH" }, (title != section).then_some(title));
        section = title;
        paragraph_of(lines, &mut roff);
    }
    roff
}

/// Prose is filled; indented lines are set as they stand.
fn paragraph_of(lines: &str, roff: &mut Roff) {
    let mut is_table = false;
    for line in lines.lines() {
        if line.starts_with("  ") != is_table {
            is_table = !is_table;
            roff.control(if is_table { "nf" } else { "fi" }, []);
        }
        roff.text([roman(line)]);
    }
    if is_table {
        roff.control("fi", []);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(title_of: &str) -> String {
        let root = root();
        let command = commands(&root).into_iter().find(|command| title(command) == title_of).unwrap().clone();
        String::from_utf8(page(&command).unwrap()).unwrap()
    }

    #[test]
    fn every_command_has_a_page_with_the_usual_sections() {
        for command in commands(&root()) {
            let page = String::from_utf8(page(command).unwrap()).unwrap();
            let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
            assert_eq!(sections[..4], ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"], "{}", title(command));
            assert!(command.get_about().is_some(), "{}", title(command));
        }
    }

    #[test]
    fn the_page_of_diagnose_has_its_exit_statuses() {
        let page = page_of("ecs-why-diagnose");
        let (_, statuses) = page.split_once(".SH \"EXIT STATUS\"\n.nf\n").unwrap();
        for status in 0..6 {
            assert!(statuses.lines().any(|line| line.starts_with(&format!("  {status}  "))), "{status}: {statuses}");
        }
    }

    #[test]
    fn notes_come_before_exit_statuses_and_once() {
        let page = page_of("ecs-why-rules");
        let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).skip(4).collect();
        assert_eq!(sections, ["\"TERMINAL OPTIONS\"", "SUBCOMMANDS", "NOTES", "\"EXIT STATUS\""]);
    }
}
