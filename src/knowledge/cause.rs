//! The closed list of causes: what each id means, when it strikes and who mends it.

use serde::{Deserialize, Serialize};

/// A root cause that a report may name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub id: String,
    /// A headline without names.
    pub title: String,
    pub meaning: String,
    pub phase: Phase,
    pub owner: Owner,
    /// A stop in order, which needs no fix.
    #[serde(default)]
    pub benign: bool,
    /// Says that something failed, not why: gives way to any cause under it.
    #[serde(default)]
    pub symptom: bool,
    /// IAM actions whose denial is this cause.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// When in a task's life it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Register,
    Place,
    Provision,
    Pull,
    Secrets,
    Logs,
    Storage,
    Start,
    Run,
    Stop,
    Deploy,
    Any,
}

/// What has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    ExecutionRole,
    TaskRole,
    InfrastructureRole,
    Caller,
    TaskDefinition,
    Image,
    Application,
    Network,
    Resource,
    Service,
    Host,
    Quota,
    Aws,
    Nobody,
}
