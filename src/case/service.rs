//! Services with their events and deployments, as `DescribeServices` has them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Case, Failure, Need, time::instant};

/// An answer of `DescribeServices`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Services {
    pub services: Vec<Service>,
    pub failures: Vec<Failure>,
}

/// An answer of `ListServices`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceNames {
    pub service_names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    pub service_name: String,
    pub service_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    pub desired_count: i64,
    pub running_count: i64,
    pub pending_count: i64,
    /// In which subnets and groups its tasks get interfaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_configuration: Option<NetworkConfiguration>,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`; ECS where it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_controller: Option<DeploymentController>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_balancers: Vec<ServiceLoadBalancer>,
    /// Newest first, as ECS lists them.
    pub events: Vec<ServiceEvent>,
    pub deployments: Vec<Deployment>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awsvpc_configuration: Option<AwsVpcConfiguration>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentController {
    #[serde(rename = "type")]
    pub kind: String,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AwsVpcConfiguration {
    pub subnets: Vec<String>,
    /// None stands for the VPC's default group.
    pub security_groups: Vec<String>,
    /// `ENABLED` or `DISABLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assign_public_ip: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceLoadBalancer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_port: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceEvent {
    pub id: String,
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    pub id: String,
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout_state_reason: Option<String>,
    pub failed_tasks: i64,
}

impl Service {
    /// Whether `UpdateService` changes where its tasks run: another controller keeps that to its own deployments.
    pub fn is_deployed_by_ecs(&self) -> bool {
        self.deployment_controller.as_ref().is_none_or(|controller| controller.kind == "ECS")
    }

    pub fn awsvpc(&self) -> Option<&AwsVpcConfiguration> {
        self.network_configuration.as_ref()?.awsvpc_configuration.as_ref()
    }
}

impl Case {
    /// A service that some answer described.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services().find(|s| s.service_name == name)
    }

    /// All services that were described.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.facts().filter(|(need, _)| matches!(need, Need::Services { .. })).flat_map(|(need, _)| {
            match self.answer(need) {
                Ok(super::Answer::Services(found)) => found.services.as_slice(),
                _ => &[],
            }
        })
    }
}
