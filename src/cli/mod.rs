//! The command line: arguments to a library call, its answer to a stream, its outcome to an exit status.

mod args;
mod aws;
mod diagnose;
mod error;
mod explain;
mod iam;
mod lines;
mod output;
mod policy;
mod rules;
mod target;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command, RulesCommand};

/// Parses the process's arguments, runs the command and gives the exit status.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return error::usage(&error),
    };
    let outcome = match &arguments.command {
        Command::Diagnose(args) => diagnose::run(args),
        Command::Policy => policy::run(),
        Command::Explain(args) => explain::run(args),
        Command::Iam { command } => iam::run(command),
        Command::Rules { command: RulesCommand::List } => rules::list(),
        Command::Rules { command: RulesCommand::Show { id } } => rules::show(id),
        Command::Rules { command: RulesCommand::Test } => rules::test(),
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => error::report(&error),
    }
}
