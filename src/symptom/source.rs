//! Where a signal stood, in the words of the report and of the rules.

use serde::{Deserialize, Serialize};

/// The field or stream that said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    #[serde(rename = "task.stoppedReason")]
    TaskStoppedReason,
    #[serde(rename = "container.reason")]
    ContainerReason,
    #[serde(rename = "container.exitCode")]
    ExitCode,
    #[serde(rename = "container.log")]
    ContainerLog,
    #[serde(rename = "service.event")]
    ServiceEvent,
    #[serde(rename = "api.error")]
    ApiError,
    #[serde(rename = "agent.log")]
    AgentLog,
    /// Pasted text that could stand anywhere.
    #[serde(rename = "text")]
    Text,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskStoppedReason => "task.stoppedReason",
            Self::ContainerReason => "container.reason",
            Self::ExitCode => "container.exitCode",
            Self::ContainerLog => "container.log",
            Self::ServiceEvent => "service.event",
            Self::ApiError => "api.error",
            Self::AgentLog => "agent.log",
            Self::Text => "text",
        }
    }

    /// The source of that name; anything else is a text from anywhere.
    pub fn named(name: &str) -> Self {
        let all = [
            Self::TaskStoppedReason,
            Self::ContainerReason,
            Self::ExitCode,
            Self::ContainerLog,
            Self::ServiceEvent,
            Self::ApiError,
            Self::AgentLog,
        ];
        all.into_iter().find(|s| s.name() == name).unwrap_or(Self::Text)
    }
}

/// Who runs the host. Managed Instances count as Fargate where the agent's wording is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LaunchType {
    Fargate,
    Ec2,
    Unknown,
}

impl LaunchType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fargate => "fargate",
            Self::Ec2 => "ec2",
            Self::Unknown => "unknown",
        }
    }

    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "fargate" | "managed_instances" => Self::Fargate,
            "ec2" | "external" => Self::Ec2,
            _ => Self::Unknown,
        }
    }
}
