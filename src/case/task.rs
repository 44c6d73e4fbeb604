//! Tasks as `DescribeTasks` and the "ECS Task State Change" event have them.
//!
//! Field names are those of the API (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>), so the
//! CLI's output and an event are read by the same types. Values of environment overrides and commands are not kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::time::instant;

/// An answer of `DescribeTasks`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tasks {
    pub tasks: Vec<Task>,
    pub failures: Vec<Failure>,
}

/// Why `DescribeTasks` or `DescribeServices` left a name out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Failure {
    pub arn: Option<String>,
    pub reason: Option<String>,
}

/// An answer of `ListTasks`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskArns {
    pub task_arns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Task {
    pub task_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_provider_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_instance_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_reason: Option<String>,
    pub containers: Vec<Container>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    pub overrides: Overrides,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub connectivity_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub pull_started_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub pull_stopped_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub stopping_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub execution_stopped_at: Option<Timestamp>,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// Rises with each change; of several events the highest is the newest.
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_status: Option<String>,
}

/// A network interface, a volume or a service mesh that ECS attaches to the task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attachment {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    pub details: Vec<KeyValue>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyValue {
    pub name: String,
    pub value: String,
}

/// What `RunTask` changed of the task definition for this task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Overrides {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub container_overrides: Vec<ContainerOverride>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerOverride {
    pub name: Option<String>,
    /// The hard limit in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment_files: Vec<super::EnvironmentFile>,
}

impl Task {
    /// The last segment of the ARN.
    pub fn id(&self) -> &str {
        crate::id::short_name(&self.task_arn)
    }

    /// Whether the task has stopped, or is on its way down for a reason that ECS states: the last steps can take minutes.
    pub fn is_stopped(&self) -> bool {
        let stated = self.stop_code.is_some() || self.stopped_reason.is_some();
        let going = self.desired_status.as_deref() == Some("STOPPED") && stated;
        going || matches!(self.last_status.as_deref(), Some("STOPPED" | "DELETED"))
    }

    /// The service that the task belongs to, from its group.
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:")
    }

    /// The deployment of a service that started the task.
    pub fn deployment(&self) -> Option<&str> {
        self.started_by.as_deref().filter(|id| id.starts_with("ecs-svc/"))
    }

    /// Whether AWS runs the host: Fargate, by launch type or by capacity provider.
    pub fn is_fargate(&self) -> bool {
        self.launch_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("FARGATE"))
            || self.capacity_provider_name.as_deref().is_some_and(|p| p.starts_with("FARGATE"))
            || (self.launch_type.is_none() && self.platform_version.is_some())
    }

    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|c| c.name == name)
    }
}
