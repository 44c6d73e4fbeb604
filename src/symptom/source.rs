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
    #[serde(rename = "container.healthStatus")]
    HealthStatus,
    #[serde(rename = "container.log")]
    ContainerLog,
    /// What ECS says of a network interface or a volume that it attaches to the task.
    #[serde(rename = "task.attachment")]
    TaskAttachment,
    #[serde(rename = "service.event")]
    ServiceEvent,
    /// Why a deployment of a service is in its state.
    #[serde(rename = "service.deployment")]
    ServiceDeployment,
    #[serde(rename = "api.error")]
    ApiError,
    #[serde(rename = "agent.log")]
    AgentLog,
    /// Pasted text that could stand anywhere.
    #[serde(rename = "text")]
    Text,
}

impl Source {
    pub const ALL: [Self; 11] = [
        Self::TaskStoppedReason,
        Self::ContainerReason,
        Self::ExitCode,
        Self::HealthStatus,
        Self::ContainerLog,
        Self::TaskAttachment,
        Self::ServiceEvent,
        Self::ServiceDeployment,
        Self::ApiError,
        Self::AgentLog,
        Self::Text,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::TaskStoppedReason => "task.stoppedReason",
            Self::ContainerReason => "container.reason",
            Self::ExitCode => "container.exitCode",
            Self::HealthStatus => "container.healthStatus",
            Self::ContainerLog => "container.log",
            Self::TaskAttachment => "task.attachment",
            Self::ServiceEvent => "service.event",
            Self::ServiceDeployment => "service.deployment",
            Self::ApiError => "api.error",
            Self::AgentLog => "agent.log",
            Self::Text => "text",
        }
    }

    /// The source of that name; anything else is a text from anywhere.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.name() == name).unwrap_or(Self::Text)
    }

    /// The source whose wordings this one repeats: what an attachment says becomes the task's reason, and a deployment's
    /// reason the service's event.
    pub fn repeats(self) -> Self {
        match self {
            Self::TaskAttachment => Self::TaskStoppedReason,
            Self::ServiceDeployment => Self::ServiceEvent,
            other => other,
        }
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
