//! An answer in the form that was asked for, to where it was asked to go.

use super::{
    args::{DeliveryArgs, Format},
    delivery,
    error::CliError,
    github, terminal,
};
use crate::report::{Answer, Look, chat, quiet_line};

/// Writes the answer to standard output, or to what the options name instead.
pub fn deliver(answer: &Answer<'_>, format: Format, to: &DeliveryArgs) -> Result<(), CliError> {
    let look = if delivery::goes_to_a_file(to) { Look::PLAIN } else { terminal::look_of_stdout() };
    delivery::put(to, || rendered(answer, format, look), || quiet_line(&answer.brief()))
}

/// The answer in a form; the look is that of text.
pub fn rendered(answer: &Answer<'_>, format: Format, look: Look) -> Result<String, CliError> {
    Ok(match format {
        Format::Text => answer.shown(look),
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
