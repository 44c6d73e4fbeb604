//! `iam`: policy decisions, for people and for other programs.

mod eval;

use super::{args::IamCommand, error::CliError};

pub fn run(command: &IamCommand) -> Result<u8, CliError> {
    match command {
        IamCommand::Eval { output } => eval::run(*output),
    }
}
