//! What the standard streams are read on: how wide, in colour or not, with links or not. One place decides for all.
//!
//! Colour, for each stream by itself: `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, then whether it is a
//! terminal (<https://no-color.org>, <https://bixense.com/clicolors>). Width: `--width`, then `COLUMNS`, then the
//! terminal's. `TERM=dumb` is a terminal that can do neither colour nor links, nor take back what it shows.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{IsTerminal, stderr, stdout},
    sync::OnceLock,
};

use clap::{Args, ValueEnum, value_parser};
use supports_hyperlinks::Stream;
use terminal_size::{Width, terminal_size_of};

use crate::report::Look;

const NARROWEST: i64 = Look::NARROWEST as i64;

#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Terminal options")]
pub struct TerminalArgs {
    /// Whether to colour text; auto: on a terminal, as far as NO_COLOR, CLICOLOR_FORCE and CLICOLOR let it
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: When,
    /// Wrap text to so many columns, 40 or more [default: COLUMNS; the terminal's, up to 100]
    #[arg(long, value_name = "COLUMNS", value_parser = value_parser!(u16).range(NARROWEST..), global = true)]
    pub width: Option<u16>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    #[default]
    Auto,
    Always,
    Never,
}

struct Terminal {
    look: Look,
    stderr_is_coloured: bool,
    shows_progress: bool,
}

/// Decided once, from the arguments; what is said before or without them is plain.
static TERMINAL: OnceLock<Terminal> = OnceLock::new();

/// Decides for this run. Whoever is told every call has no use for progress.
pub fn decide(args: &TerminalArgs, verbose: bool) {
    let _ = TERMINAL.set(Terminal {
        look: look(args),
        stderr_is_coloured: is_coloured(args.color, stderr().is_terminal()),
        shows_progress: !verbose && is_able(stderr().is_terminal()),
    });
}

/// How text looks on standard output.
pub fn look_of_stdout() -> Look {
    TERMINAL.get().map_or(Look::PLAIN, |terminal| terminal.look)
}

pub fn stderr_is_coloured() -> bool {
    TERMINAL.get().is_some_and(|terminal| terminal.stderr_is_coloured)
}

/// Whether a line on standard error may come and go.
pub fn shows_progress() -> bool {
    TERMINAL.get().is_some_and(|terminal| terminal.shows_progress)
}

/// Columns of standard error, if it is a terminal that knows.
pub fn width_of_stderr() -> Option<usize> {
    terminal_size_of(stderr()).map(|(Width(columns), _)| columns.into())
}

fn look(args: &TerminalArgs) -> Look {
    let columns = env::var_os("COLUMNS");
    let terminal = terminal_size_of(stdout()).map(|(Width(columns), _)| columns);
    let width = width(args.width, columns.as_deref().and_then(OsStr::to_str), terminal);
    Look {
        width: width.unwrap_or(Look::PLAIN.width),
        folds: width.is_some(),
        colour: is_coloured(args.color, stdout().is_terminal()),
        links: has_links(),
    }
}

/// Columns that somebody asked for or that the terminal has; none where nobody says.
fn width(flag: Option<u16>, columns: Option<&str>, terminal: Option<u16>) -> Option<usize> {
    let said = columns.and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let has = || terminal.map(|columns| usize::from(columns).min(Look::PLAIN.width));
    flag.map(usize::from).or(said).or_else(has).map(|columns| columns.max(Look::NARROWEST))
}

fn is_coloured(when: When, is_terminal: bool) -> bool {
    colours(when, |name| env::var_os(name), is_able(is_terminal))
}

/// Whether a stream is coloured: a flag before the environment, and that before what the stream is.
fn colours(when: When, variable: impl Fn(&str) -> Option<OsString>, is_able: bool) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR").is_some() => false,
        When::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        When::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
        When::Auto => is_able,
    }
}

/// Whether what is a terminal obeys control sequences. The console of Windows has to be asked to.
fn is_able(is_terminal: bool) -> bool {
    is_terminal && anstyle_query::term_supports_color() && anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}

fn has_links() -> bool {
    let is_forced = env::var_os("FORCE_HYPERLINK").is_some();
    (is_forced || anstyle_query::term_supports_color()) && supports_hyperlinks::on(Stream::Stdout)
}

/// Whether what is told of the arguments themselves is coloured: they are told of before they are understood.
pub fn usage_is_coloured(is_stderr: bool) -> bool {
    let is_terminal = if is_stderr { stderr().is_terminal() } else { stdout().is_terminal() };
    is_coloured(asked(env::args_os().skip(1)), is_terminal)
}

/// What `--color` asks for on a command line that may be wrong otherwise; the last one counts.
fn asked(mut words: impl Iterator<Item = OsString>) -> When {
    let mut when = When::Auto;
    while let Some(word) = words.next().filter(|word| word != "--") {
        let value = match word.to_str().and_then(|word| word.strip_prefix("--color")) {
            Some("") => words.next().and_then(|value| value.into_string().ok()),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        when = value.and_then(|value| When::from_str(&value, false).ok()).unwrap_or(when);
    }
    when
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables as `NAME=value`, in one text.
    fn coloured(when: When, variables: &str, is_able: bool) -> bool {
        let of = |name: &str| {
            let mut pairs = variables.split(' ').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.into())
        };
        colours(when, of, is_able)
    }

    #[test]
    fn a_flag_counts_before_all_else() {
        for (variables, is_able) in
            [("", true), ("NO_COLOR=1", true), ("CLICOLOR=0", false), ("CLICOLOR_FORCE=1", false)]
        {
            assert!(coloured(When::Always, variables, is_able), "{variables}");
            assert!(!coloured(When::Never, variables, is_able), "{variables}");
        }
    }

    #[test]
    fn variables_count_in_their_order() {
        for (variables, on_terminal, off_it) in [
            ("", true, false),
            ("NO_COLOR=1", false, false),
            ("NO_COLOR=0", false, false),
            ("NO_COLOR=", true, false),
            ("NO_COLOR=1 CLICOLOR_FORCE=1", false, false),
            ("CLICOLOR_FORCE=1", true, true),
            ("CLICOLOR_FORCE=0", true, false),
            ("CLICOLOR_FORCE=", true, false),
            ("CLICOLOR_FORCE=1 CLICOLOR=0", true, true),
            ("CLICOLOR_FORCE=0 CLICOLOR=0", false, false),
            ("CLICOLOR=0", false, false),
            ("CLICOLOR=1", true, false),
        ] {
            let is = [true, false].map(|is_able| coloured(When::Auto, variables, is_able));
            assert_eq!(is, [on_terminal, off_it], "{variables}");
        }
    }

    #[test]
    fn the_width_is_the_first_that_is_said() {
        for (flag, columns, terminal, expected) in [
            (Some(60), Some("70"), Some(90), Some(60)),
            (None, Some("70"), Some(90), Some(70)),
            (None, Some("200"), Some(90), Some(200)),
            (None, Some("30"), None, Some(40)),
            (None, Some("0"), Some(90), Some(90)),
            (None, Some("wide"), None, None),
            (None, None, Some(300), Some(100)),
            (None, None, Some(20), Some(40)),
            (None, None, None, None),
        ] {
            assert_eq!(width(flag, columns, terminal), expected, "{flag:?} {columns:?} {terminal:?}");
        }
    }

    #[test]
    fn the_flag_is_found_where_the_rest_is_wrong() {
        for (line, expected) in [
            ("diagnose --no-such", When::Auto),
            ("--color never --no-such", When::Never),
            ("--no-such --color=always", When::Always),
            ("--color always --color=never", When::Never),
            ("--color blue", When::Auto),
            ("--colors always", When::Auto),
            ("explain -- --color=always", When::Auto),
        ] {
            assert_eq!(asked(line.split(' ').map(OsString::from)), expected, "{line}");
        }
    }
}
