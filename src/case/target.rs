//! What the user pointed at, after the command line, a file or a tool call has been read.

use serde::{Deserialize, Serialize};

/// A task, or the service whose newest failed task is meant. The Region is always known before AWS is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Target {
    pub region: String,
    /// Name, without its ARN; `None` is the account's default cluster.
    pub cluster: Option<String>,
    /// A task's id.
    pub task: Option<String>,
    pub service: Option<String>,
    /// Known where an ARN was given.
    pub account: Option<String>,
}
