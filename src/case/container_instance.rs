//! Container instances: the EC2 hosts of a cluster, as their agents registered them.

use serde::{Deserialize, Serialize};

use super::Failure;

/// An answer of `DescribeContainerInstances`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerInstances {
    pub container_instances: Vec<ContainerInstance>,
    pub failures: Vec<Failure>,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerInstance {
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_instance_id: Option<String>,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`, `REGISTERING` …
    pub status: String,
    pub agent_connected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<String>,
    /// The names of its attributes.
    pub attributes: Vec<String>,
    /// What is left for tasks: CPU units and MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_cpu: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_memory: Option<i64>,
}
