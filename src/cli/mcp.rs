//! `mcp`: starts the server of the Model Context Protocol with what the command line gives it.
//!
//! Snapshots are read and checked before the first message, so that a wrong file is told where a person sees it.

use std::io::{self, IsTerminal as _};

use super::{
    args::McpArgs,
    error::{CliError, warn},
    knowledge::Knowledge,
    output,
};
use crate::{
    case::{Case, Loaded, load},
    mcp::{Source, World, serve},
};

pub fn run(args: &McpArgs) -> Result<u8, CliError> {
    let knowledge = Knowledge::load(&args.rules)?;
    let source = match args.from.as_slice() {
        [] => Source::Aws(args.aws.clone()),
        files => Source::Snapshots(files.iter().map(|name| snapshot(name)).collect::<Result<_, _>>()?),
    };
    if io::stdin().is_terminal() {
        warn("this is for programs that speak the Model Context Protocol; end with Ctrl-D");
    }
    let status = knowledge.status(0);
    serve(World::new(source, knowledge)).map_err(|error| CliError::input(error, ""))?;
    Ok(status)
}

/// Standard input carries the protocol, so that no snapshot can come from there.
fn snapshot(name: &str) -> Result<Case, CliError> {
    let expected = "expected: a file written by 'ecs-why diagnose --save'";
    if name == "-" {
        return Err(CliError::input("cannot use standard input as a snapshot: it carries the protocol", expected));
    }
    match load(&output::read(name)?) {
        Ok(Loaded::Snapshot(case)) => Ok(*case),
        Ok(Loaded::Tasks(_)) => Err(CliError::input(format!("'{name}' is no snapshot"), expected)),
        Err(error) => Err(CliError::input(format!("cannot use '{name}': {error}"), expected)),
    }
}
