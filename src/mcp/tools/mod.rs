//! The tools, in the order in which they are listed.
//!
//! Each file has what a tool is called and described with, its arguments, and how they become an answer of the engine.
//! A tool reads and never writes; what it gives is partly worded by others, hence the hint of an open world.

mod check_permissions;
mod diagnose_task;
mod explain_message;
mod list_stopped_tasks;

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde::Serialize;
use serde_json::Value;

use super::{call::Watch, world::World};
use crate::cli::error::CliError;

/// Most bytes of a result.
const SHORT: usize = 64 << 10;
const LONG: usize = 256 << 10;

pub static ALL: [Entry; 4] =
    [diagnose_task::TOOL, explain_message::TOOL, check_permissions::TOOL, list_stopped_tasks::TOOL];

/// One tool.
pub struct Entry {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    arguments: fn() -> Arc<JsonObject>,
    result: fn() -> Arc<JsonObject>,
    answer: fn(&World, &JsonObject, &Watch) -> Result<Answer, CliError>,
}

/// What a tool gives, and how long it may get.
pub struct Answer {
    pub view: Value,
    pub most: usize,
}

impl Answer {
    fn of(view: &impl Serialize, most: usize) -> Result<Self, CliError> {
        Ok(Self { view: serde_json::to_value(view)?, most })
    }
}

pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|tool| tool.name == name)
}

impl Entry {
    /// As clients are told of it.
    pub fn definition(&self) -> Tool {
        let hints = ToolAnnotations::with_title(self.title).read_only(true).destructive(false);
        Tool::new(self.name, self.description, (self.arguments)())
            .with_title(self.title)
            .with_raw_output_schema((self.result)())
            .with_annotations(hints.idempotent(true).open_world(true))
    }

    /// Answers a call.
    ///
    /// # Errors
    /// The arguments cannot be used, or nothing could be learnt.
    pub fn answer(&self, world: &World, arguments: &JsonObject, watch: &Watch) -> Result<Answer, CliError> {
        (self.answer)(world, arguments, watch)
    }
}
