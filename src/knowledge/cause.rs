//! The closed list of causes: what each id means, when it strikes and who mends it.

use serde::{Deserialize, Serialize};

use crate::case::plain;

/// A root cause that a report may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

impl Cause {
    /// Without characters that a terminal would obey.
    pub fn cleaned(mut self) -> Self {
        self.title = plain(&self.title);
        self.meaning = plain(&self.meaning);
        self
    }
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

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Place => "place",
            Self::Provision => "provision",
            Self::Pull => "pull",
            Self::Secrets => "secrets",
            Self::Logs => "logs",
            Self::Storage => "storage",
            Self::Start => "start",
            Self::Run => "run",
            Self::Stop => "stop",
            Self::Deploy => "deploy",
            Self::Any => "any",
        }
    }
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

impl Owner {
    pub fn name(self) -> &'static str {
        match self {
            Self::ExecutionRole => "execution-role",
            Self::TaskRole => "task-role",
            Self::InfrastructureRole => "infrastructure-role",
            Self::Caller => "caller",
            Self::TaskDefinition => "task-definition",
            Self::Image => "image",
            Self::Application => "application",
            Self::Network => "network",
            Self::Resource => "resource",
            Self::Service => "service",
            Self::Host => "host",
            Self::Quota => "quota",
            Self::Aws => "aws",
            Self::Nobody => "nobody",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Catalogue;

    #[test]
    fn names_are_those_of_the_files() {
        for cause in Catalogue::embedded().unwrap().causes() {
            assert_eq!(serde_json::to_value(cause.phase).unwrap(), cause.phase.name());
            assert_eq!(serde_json::to_value(cause.owner).unwrap(), cause.owner.name());
        }
    }
}
