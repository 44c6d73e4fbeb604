//! An answer in the form that was asked for, to where it was asked to go.

use super::{args::Format, error::CliError, github, output, terminal};
use crate::report::{Answer, chat};

/// Writes the answer to standard output.
pub fn deliver(answer: &Answer<'_>, format: Format) -> Result<(), CliError> {
    output::print(&rendered(answer, format)?)
}

fn rendered(answer: &Answer<'_>, format: Format) -> Result<String, CliError> {
    Ok(match format {
        Format::Text => answer.shown(terminal::look_of_stdout()),
        Format::Json => answer.json()?,
        Format::Markdown => answer.markdown(),
        Format::Slack => chat::slack(&answer.brief())?,
        Format::Teams => chat::teams(&answer.brief())?,
        Format::Q => chat::q(&answer.brief())?,
        Format::Pagerduty => chat::pagerduty(&answer.brief())?,
        Format::Github => {
            github::write_files(answer);
            answer.github()
        }
    })
}
