//! `explain_message`: what a pasted message means, without any account.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Entry, SHORT};
use crate::{
    cli::error::CliError,
    explain::{Paste, explain_paste},
    mcp::{arguments, call::Watch, schema, world::World},
    report::agent::{Explanation, explanation},
};

pub const TOOL: Entry = Entry {
    name: "explain_message",
    title: "Explain an ECS error message",
    description: "Ranks the causes of a pasted text: a stopped reason, a container's reason, an event of a service or \
        the end of a log. Needs no AWS account and asks none; the text alone is judged. Where the task is still known \
        to ECS, diagnose_task says more.",
    arguments: schema::of_arguments::<Arguments>,
    result: schema::of_result::<Explanation>,
    answer,
};

/// What is read of a text at most; only its end would be looked at.
const LONGEST: usize = 512 << 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The message, or the last lines of a log
    #[schemars(length(min = 1, max = 524288))]
    text: String,
}

fn answer(world: &World, arguments: &JsonObject, watch: &Watch) -> Result<Answer, CliError> {
    let asked: Arguments = arguments::read(TOOL.name, arguments)?;
    if asked.text.trim().is_empty() {
        return Err(CliError::input("the message is empty", "give the stopped reason or the lines of a log as text"));
    }
    if asked.text.len() > LONGEST {
        return Err(CliError::input("the text is longer than 512 KiB", "give its end, where the failure stands"));
    }
    watch.tell("reading the text");
    let paste = Paste::read(&asked.text);
    let explained = explain_paste(world.catalogue(), &paste);
    Answer::of(&explanation(&explained, world.catalogue(), paste.is_cut), SHORT)
}
