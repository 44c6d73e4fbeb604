//! The binary: hands the command line to the library and ends with its status.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecs_why::cli::main()
}
