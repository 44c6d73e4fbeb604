//! The command line: arguments to a library call, its answer to a stream, its outcome to an exit status.

mod answer;
pub(crate) mod args;
pub(crate) mod aws;
mod delivery;
mod diagnose;
pub(crate) mod error;
mod explain;
mod fail_on;
mod folder;
mod github;
mod iam;
pub(crate) mod knowledge;
mod lines;
mod manual;
#[cfg(feature = "mcp")]
mod mcp;
mod output;
mod policy;
mod post;
mod private_file;
mod problems;
// Only AWS lets anybody wait.
#[cfg_attr(not(feature = "aws"), allow(dead_code))]
mod progress;
mod rules;
mod schema;
mod shell;
pub(crate) mod target;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// Parses the process's arguments, runs the command and gives the exit status.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return error::usage(&error),
    };
    let verbose = matches!(&arguments.command, Command::Diagnose(args) if args.verbose);
    terminal::decide(&arguments.terminal, verbose);
    let outcome = match &arguments.command {
        Command::Diagnose(args) => diagnose::run(args),
        Command::Schema { view } => schema::run(*view),
        #[cfg(feature = "mcp")]
        Command::Mcp(args) => mcp::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Iam { command } => iam::run(command),
        Command::Rules { folders, command } => rules::run(folders, command),
        Command::Completions(args) => shell::run(args),
        Command::Man(args) => manual::run(args),
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => error::report(&error),
    }
}
