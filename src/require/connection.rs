//! What a task has to reach before it can start: registries, Secrets Manager, Parameter Store, S3, CloudWatch Logs, file
//! systems.
//!
//! Given a workload, gives one [`Connection`] a destination and kind of call, for the first container that needs it.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-outbound.html>

use super::{Requirements, Workload};
use crate::net::{CallKind, Destination};

/// A destination that a call of the start goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub kind: CallKind,
    pub destination: Destination,
    /// What is wanted there, in words: `the layers of image web:1`.
    pub because: String,
    pub container: Option<String>,
}

pub fn require(_workload: &Workload<'_>, _requirements: &mut Requirements) {}
