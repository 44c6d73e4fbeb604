//! Errors of a run: one line that names the input, one hint what to do, and exit status 2.

use std::{
    fmt,
    io::{self, Write as _, stderr},
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};

use super::{output, terminal};
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
    tell("warning", AnsiColor::Yellow, text);
}

/// Prints an error and its hint; gives the exit status.
pub fn report(error: &CliError) -> ExitCode {
    let status = match error {
        CliError::ClosedPipe => return ExitCode::SUCCESS,
        CliError::Input { status, .. } => *status,
        _ => 2,
    };
    tell("error", AnsiColor::Red, &error.to_string());
    if let CliError::Input { hint, .. } = error
        && !hint.is_empty()
    {
        tell("hint", AnsiColor::Green, hint);
    }
    ExitCode::from(status)
}

/// A line on standard error that is neither an error nor a warning. A reader of it that has gone is no matter.
pub fn note(text: &str) {
    let _ = writeln!(stderr().lock(), "{}", line(text));
}

/// A line on standard error. A reader of it that has gone is no matter.
fn tell(lead: &str, colour: AnsiColor, text: &str) {
    let is_coloured = terminal::stderr_is_coloured();
    let style = if is_coloured { colour.on_default().bold() } else { Style::new() };
    let _ = writeln!(stderr().lock(), "{style}{lead}:{style:#} {}", line(text));
}

/// Longest text of an error in characters: enough for what AWS says, too little to fill a screen.
const LONGEST: usize = 600;

/// One line that a terminal shows as it is: an error may quote any file. Runners of GitHub Actions obey `##[…]` anywhere in
/// a line, on standard error as well.
pub fn line(text: &str) -> String {
    let cleaned = clean(text);
    let joined = cleaned.split_whitespace().collect::<Vec<_>>().join(" ").replace("##[", "# #[");
    if joined.chars().count() <= LONGEST {
        return joined;
    }
    joined.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Help and version go to standard output and succeed; anything else is a usage error.
pub fn usage(error: &clap::Error) -> ExitCode {
    let is_wrong = error.use_stderr();
    let text = error.render();
    let text = if terminal::usage_is_coloured(is_wrong) { text.ansi().to_string() } else { text.to_string() };
    if is_wrong {
        let _ = stderr().lock().write_all(text.as_bytes());
        return ExitCode::from(2);
    }
    output::print(&text).map_or_else(|error| report(&error), |()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_short_clean_line() {
        assert_eq!(line("cannot use 'a\u{1b}[2Jb':\n  password=hunter2pass"), "cannot use 'ab': password=[redacted]");
        assert_eq!(line("no ##[error] of theirs"), "no # #[error] of theirs");
        assert_eq!(line(&"é ".repeat(1000)).chars().count(), LONGEST);
    }
}
