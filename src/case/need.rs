//! The questions that AWS can answer, one read-only API operation each.
//!
//! A need is a value: the judgement says which ones it lacks, a collector answers them. Each knows the IAM action that
//! asking costs and the resource it is asked of, so that a denial can be reported and `ecs-why policy` be generated.

use serde::{Deserialize, Serialize};

use super::SimulatedCalls;
use crate::id::{EcrImage, short_name};

/// One question. Lists (`tasks`, `services`, `names`) never exceed what one call of the operation takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Need {
    /// The tasks by id, at most 100.
    Tasks {
        cluster: Option<String>,
        tasks: Vec<String>,
    },
    /// The service's stopped tasks that ECS still lists.
    StoppedTasks {
        cluster: Option<String>,
        service: String,
    },
    /// The services by name, at most 10, with their events and deployments.
    Services {
        cluster: Option<String>,
        services: Vec<String>,
    },
    /// The names of all services of a cluster.
    ServiceNames {
        cluster: Option<String>,
    },
    TaskDefinition {
        task_definition: String,
    },
    Role {
        role: String,
    },
    RolePolicyNames {
        role: String,
    },
    RolePolicy {
        role: String,
        policy: String,
    },
    AttachedPolicies {
        role: String,
    },
    ManagedPolicy {
        policy: String,
    },
    ManagedPolicyVersion {
        policy: String,
        version: String,
    },
    LogGroup {
        region: String,
        group: String,
    },
    LogStreams {
        region: String,
        group: String,
        prefix: String,
    },
    /// The last events of a stream.
    LogEvents {
        region: String,
        group: String,
        stream: String,
    },
    /// What the cluster's event capture kept of a task.
    CapturedEvents {
        region: String,
        group: String,
        task: String,
    },
    Secret {
        region: String,
        secret: String,
    },
    /// The parameters by name, at most 50.
    Parameters {
        region: String,
        names: Vec<String>,
    },
    Key {
        region: String,
        key: String,
    },
    Image(EcrImage),
    RepositoryPolicy {
        account: String,
        region: String,
        repository: String,
    },
    SecretPolicy {
        region: String,
        secret: String,
    },
    KeyPolicy {
        region: String,
        key: String,
    },
    /// What a key's grants give to one principal.
    KeyGrants {
        region: String,
        key: String,
        grantee: String,
    },
    BucketPolicy {
        region: String,
        bucket: String,
    },
    /// AWS's own opinion on calls of a role, for comparison.
    Simulation(SimulatedCalls),
}

impl Need {
    /// Every action that a need may cost, in order; a test holds it against [`Need::action`].
    pub const ACTIONS: [&'static str; 25] = [
        "ecr:DescribeImages",
        "ecr:GetRepositoryPolicy",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListServices",
        "ecs:ListTasks",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:SimulatePrincipalPolicy",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "s3:GetBucketPolicy",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "ssm:DescribeParameters",
    ];

    /// The policy of the repository that an image is pulled from.
    pub fn repository_policy(image: &EcrImage) -> Self {
        let EcrImage { account, region, repository, .. } = image.clone();
        Self::RepositoryPolicy { account, region, repository }
    }

    /// The IAM action that a caller needs to ask this.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Tasks { .. } => "ecs:DescribeTasks",
            Self::StoppedTasks { .. } => "ecs:ListTasks",
            Self::Services { .. } => "ecs:DescribeServices",
            Self::ServiceNames { .. } => "ecs:ListServices",
            Self::TaskDefinition { .. } => "ecs:DescribeTaskDefinition",
            Self::Role { .. } => "iam:GetRole",
            Self::RolePolicyNames { .. } => "iam:ListRolePolicies",
            Self::RolePolicy { .. } => "iam:GetRolePolicy",
            Self::AttachedPolicies { .. } => "iam:ListAttachedRolePolicies",
            Self::ManagedPolicy { .. } => "iam:GetPolicy",
            Self::ManagedPolicyVersion { .. } => "iam:GetPolicyVersion",
            Self::LogGroup { .. } => "logs:DescribeLogGroups",
            Self::LogStreams { .. } => "logs:DescribeLogStreams",
            Self::LogEvents { .. } => "logs:GetLogEvents",
            Self::CapturedEvents { .. } => "logs:FilterLogEvents",
            Self::Secret { .. } => "secretsmanager:DescribeSecret",
            Self::Parameters { .. } => "ssm:DescribeParameters",
            Self::Key { .. } => "kms:DescribeKey",
            Self::Image(_) => "ecr:DescribeImages",
            Self::RepositoryPolicy { .. } => "ecr:GetRepositoryPolicy",
            Self::SecretPolicy { .. } => "secretsmanager:GetResourcePolicy",
            Self::KeyPolicy { .. } => "kms:GetKeyPolicy",
            Self::KeyGrants { .. } => "kms:ListGrants",
            Self::BucketPolicy { .. } => "s3:GetBucketPolicy",
            Self::Simulation(_) => "iam:SimulatePrincipalPolicy",
        }
    }

    /// What the question is about, in few words, for the coverage table.
    pub fn subject(&self) -> String {
        match self {
            Self::Tasks { tasks, .. } => tasks.join(", "),
            Self::StoppedTasks { service, .. } => service.clone(),
            Self::Services { services, .. } => services.join(", "),
            Self::ServiceNames { cluster } => cluster.clone().unwrap_or_else(|| "default".to_owned()),
            Self::TaskDefinition { task_definition } => task_definition.clone(),
            Self::Role { role } | Self::RolePolicyNames { role } | Self::AttachedPolicies { role } => role.clone(),
            Self::RolePolicy { role, policy } => format!("{role}/{policy}"),
            Self::ManagedPolicy { policy } => policy.clone(),
            Self::ManagedPolicyVersion { policy, version } => format!("{policy} {version}"),
            Self::LogGroup { group, .. } => group.clone(),
            Self::LogStreams { group, prefix, .. } => format!("{group} {prefix}"),
            Self::LogEvents { group, stream, .. } => format!("{group} {stream}"),
            Self::CapturedEvents { group, task, .. } => format!("{group} {task}"),
            Self::Secret { secret, .. } | Self::SecretPolicy { secret, .. } => secret.clone(),
            Self::RepositoryPolicy { repository, .. } => repository.clone(),
            Self::BucketPolicy { bucket, .. } => bucket.clone(),
            Self::Parameters { names, .. } => names.join(", "),
            Self::Key { key, .. } | Self::KeyPolicy { key, .. } => key.clone(),
            Self::KeyGrants { key, grantee, .. } => format!("{key} {grantee}"),
            Self::Image(image) => match (&image.tag, &image.digest) {
                (_, Some(digest)) => format!("{}@{digest}", image.repository),
                (tag, None) => format!("{}:{}", image.repository, tag.as_deref().unwrap_or("latest")),
            },
            Self::Simulation(calls) => {
                format!("{} of {} on {}", calls.actions.join(", "), short_name(&calls.principal), calls.resource)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// One need of every kind.
    fn every_need() -> Vec<Need> {
        let text = || "x".to_owned();
        let image = EcrImage { account: text(), region: text(), repository: text(), tag: None, digest: None };
        vec![
            Need::Tasks { cluster: None, tasks: Vec::new() },
            Need::StoppedTasks { cluster: None, service: text() },
            Need::Services { cluster: None, services: Vec::new() },
            Need::ServiceNames { cluster: None },
            Need::TaskDefinition { task_definition: text() },
            Need::Role { role: text() },
            Need::RolePolicyNames { role: text() },
            Need::RolePolicy { role: text(), policy: text() },
            Need::AttachedPolicies { role: text() },
            Need::ManagedPolicy { policy: text() },
            Need::ManagedPolicyVersion { policy: text(), version: text() },
            Need::LogGroup { region: text(), group: text() },
            Need::LogStreams { region: text(), group: text(), prefix: text() },
            Need::LogEvents { region: text(), group: text(), stream: text() },
            Need::CapturedEvents { region: text(), group: text(), task: text() },
            Need::Secret { region: text(), secret: text() },
            Need::Parameters { region: text(), names: Vec::new() },
            Need::Key { region: text(), key: text() },
            Need::repository_policy(&image),
            Need::Image(image),
            Need::SecretPolicy { region: text(), secret: text() },
            Need::KeyPolicy { region: text(), key: text() },
            Need::KeyGrants { region: text(), key: text(), grantee: text() },
            Need::BucketPolicy { region: text(), bucket: text() },
            Need::Simulation(SimulatedCalls {
                principal: text(),
                resource: text(),
                actions: Vec::new(),
                context: std::collections::BTreeMap::new(),
            }),
        ]
    }

    #[test]
    fn the_policy_lists_what_can_be_asked_and_nothing_else() {
        let asked: BTreeSet<&str> = every_need().iter().map(Need::action).collect();
        assert_eq!(asked, Need::ACTIONS.into_iter().collect());
        let reads = ["Describe", "Get", "List", "Filter", "Simulate"];
        for action in Need::ACTIONS {
            let name = action.split(':').nth(1).unwrap();
            assert!(reads.iter().any(|read| name.starts_with(read)), "{action}");
        }
    }
}
