//! Where an answer goes: standard output, a file of the user's, or nowhere while one line tells what came out.
//!
//! Given the options and the answer. What the options cannot mean together, and a file that cannot be written, is told
//! before anything is asked.

use clap::ValueEnum;

use super::{args::DeliveryArgs, error::CliError, output, private_file};

/// Whether the options can be followed; `posted`: the answer goes to a webhook in any case.
pub fn check(args: &DeliveryArgs, format: impl ValueEnum, posted: bool) -> Result<(), CliError> {
    match file(args) {
        Some(name) => private_file::check(name).map_err(|source| unwritable(name, source)),
        None if posted => Ok(()),
        None => heard(args, &name_of(format)),
    }
}

/// A form that was asked for by name has to go somewhere.
fn heard(args: &DeliveryArgs, format: &str) -> Result<(), CliError> {
    if !args.quiet || format == "text" {
        return Ok(());
    }
    let what = format!("--quiet prints one line, so that the answer of -o {format} has nowhere to go");
    Err(CliError::input(what, "name a file with --output-file, or leave --quiet out"))
}

/// A format as the command line has it.
pub fn name_of(format: impl ValueEnum) -> String {
    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Writes the answer and the line, whichever are wanted.
pub fn put(
    args: &DeliveryArgs,
    answer: impl FnOnce() -> Result<String, CliError>,
    line: impl FnOnce() -> String,
) -> Result<(), CliError> {
    match file(args) {
        Some(name) => {
            private_file::write(name, answer()?.as_bytes()).map_err(|source| unwritable(name, source))?;
            if args.quiet { output::print(&line()) } else { Ok(()) }
        }
        None if args.quiet => output::print(&line()),
        None => output::print(&answer()?),
    }
}

/// Whether nobody reads the answer on standard output.
pub fn goes_to_a_file(args: &DeliveryArgs) -> bool {
    file(args).is_some()
}

fn file(args: &DeliveryArgs) -> Option<&str> {
    args.output_file.as_deref().filter(|name| !matches!(*name, "-" | "/dev/stdout"))
}

fn unwritable(name: &str, source: std::io::Error) -> CliError {
    CliError::Write { name: format!("'{name}'"), source }
}
