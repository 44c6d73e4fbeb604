//! What the user pointed at, after the command line, a file or a tool call has been read.

use serde::{Deserialize, Serialize};

/// A task, the service whose newest failed task is meant, or a task definition. The Region is always known before AWS is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Target {
    pub region: String,
    /// Name, without its ARN; `None` is the account's default cluster.
    pub cluster: Option<String>,
    /// A task's id.
    pub task: Option<String>,
    pub service: Option<String>,
    /// What starting it needs is asked, of no task in particular: a family, `family:revision` or an ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// Known where an ARN was given.
    pub account: Option<String>,
}
