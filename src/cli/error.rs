//! Errors of a run: one line that names the input, one hint what to do, and exit status 2.

use std::{fmt, io, process::ExitCode};

use crate::case::clean;

/// This run could not do its job.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("{what}")]
    Input { what: String, hint: String, status: u8 },
    #[error("cannot read {name}: {source}")]
    Read { name: String, source: io::Error },
    #[error("cannot write {name}: {source}")]
    Write { name: String, source: io::Error },
    #[error("the knowledge base cannot be read: {0}")]
    Knowledge(String),
    #[error("the answer cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The reader of our output has gone: nothing to say.
    #[error("closed")]
    ClosedPipe,
}

impl CliError {
    pub fn input(what: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self::Input { what: what.to_string(), hint: hint.into(), status: 2 }
    }

    /// The same error of the user's, with an exit status of its own.
    pub fn with_status(self, status: u8) -> Self {
        match self {
            Self::Input { what, hint, .. } => Self::Input { what, hint, status },
            other => other,
        }
    }
}

/// A line on standard error beside the answer on standard output.
pub fn warn(text: &str) {
    eprintln!("warning: {}", line(text));
}

/// Prints an error and its hint; gives the exit status.
pub fn report(error: &CliError) -> ExitCode {
    let status = match error {
        CliError::ClosedPipe => return ExitCode::SUCCESS,
        CliError::Input { status, .. } => *status,
        _ => 2,
    };
    eprintln!("error: {}", line(&error.to_string()));
    if let CliError::Input { hint, .. } = error
        && !hint.is_empty()
    {
        eprintln!("hint: {}", line(hint));
    }
    ExitCode::from(status)
}

/// Longest text of an error in characters: enough for what AWS says, too little to fill a screen.
const LONGEST: usize = 600;

/// One line that a terminal shows as it is: an error may quote any file.
pub fn line(text: &str) -> String {
    let cleaned = clean(text);
    let joined = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= LONGEST {
        return joined;
    }
    joined.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Help and version go to standard output and succeed; anything else is a usage error.
pub fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if error.use_stderr() || printed.is_err() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_short_clean_line() {
        assert_eq!(line("cannot use 'a\u{1b}[2Jb':\n  password=hunter2pass"), "cannot use 'ab': password=[redacted]");
        assert_eq!(line(&"é ".repeat(1000)).chars().count(), LONGEST);
    }
}
