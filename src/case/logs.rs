//! Log groups, streams and the last lines of a stream, as CloudWatch Logs has them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Task, time::instant};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogGroup {
    pub log_group_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_in_days: Option<i32>,
}

/// The names of the streams with the prefix that was asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogStreams {
    pub log_stream_names: Vec<String>,
}

/// The end of a stream, oldest line first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogEvents {
    pub events: Vec<LogEvent>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogEvent {
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    pub message: String,
}

/// The newest state of a task that event capture kept, if any.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CapturedEvents {
    pub task: Option<Box<Task>>,
}
