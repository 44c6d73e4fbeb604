//! An answer in the form that was asked for, to where it was asked to go.

use super::{
    args::{DeliveryArgs, Format},
    delivery,
    error::CliError,
    github, terminal,
};
use crate::report::{Answer, chat, quiet_line};

/// Writes the answer to standard output, or to what the options name instead.
pub fn deliver(answer: &Answer<'_>, format: Format, to: &DeliveryArgs) -> Result<(), CliError> {
    delivery::put(to, || rendered(answer, format), || quiet_line(&answer.brief()))
}

pub fn rendered(answer: &Answer<'_>, format: Format) -> Result<String, CliError> {
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
