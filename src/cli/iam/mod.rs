//! `iam`: policy decisions and requirements, apart from any failure.

mod eval;
mod require;

use super::{args::IamCommand, error::CliError};

pub fn run(command: &IamCommand) -> Result<u8, CliError> {
    match command {
        IamCommand::Eval { output } => eval::run(*output),
        IamCommand::Require(args) => require::run(args),
    }
}
