//! Standard input and output, where a closed pipe is an end and not an error.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;

use super::{
    error::CliError,
    lines::{decoded, without_mark},
};

/// Longest input that is read; a log pasted whole is smaller, and a diagnosis needs no more.
const LONGEST_INPUT: u64 = 32 << 20;

/// Writes all of it to standard output.
pub fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(closed)
}

/// What went wrong with standard output.
pub fn closed(source: io::Error) -> CliError {
    match source.kind() {
        ErrorKind::BrokenPipe => CliError::ClosedPipe,
        _ => CliError::Write { name: "standard output".to_owned(), source },
    }
}

/// Pretty JSON that ends in a line break.
pub fn json(value: &impl Serialize) -> Result<String, CliError> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Reads standard input (`-`) or a file, up to a bound.
pub fn read(name: &str) -> Result<String, CliError> {
    let shown = if name == "-" { "standard input".to_owned() } else { format!("'{name}'") };
    let failed = |source| CliError::Read { name: shown.clone(), source };
    let mut bytes = Vec::new();
    let source: Box<dyn Read> =
        if name == "-" { Box::new(io::stdin().lock()) } else { Box::new(std::fs::File::open(name).map_err(failed)?) };
    source.take(LONGEST_INPUT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST_INPUT {
        let hint = "give the snapshot, event or message itself; logs are read from CloudWatch Logs";
        return Err(CliError::input(format!("{shown} is larger than 32 MiB"), hint));
    }
    Ok(decoded(without_mark(&bytes)).into_owned())
}
