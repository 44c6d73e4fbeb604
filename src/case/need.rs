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
    /// The stopped tasks that ECS still lists, of one service or of the whole cluster.
    StoppedTasks {
        cluster: Option<String>,
        service: Option<String>,
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
    /// The container instances by ARN or id, at most 100.
    ContainerInstances {
        cluster: Option<String>,
        container_instances: Vec<String>,
    },
    /// An EC2 instance with its primary network interface.
    Instance {
        region: String,
        instance: String,
    },
    NetworkInterface {
        region: String,
        interface: String,
    },
    /// The interfaces of a VPC that have a private IPv4 address.
    NetworkInterfacesAt {
        region: String,
        vpc: String,
        address: String,
    },
    /// The subnets by id: which VPC they are of.
    Subnets {
        region: String,
        subnets: Vec<String>,
    },
    /// All subnets of a VPC.
    VpcSubnets {
        region: String,
        vpc: String,
    },
    Vpc {
        region: String,
        vpc: String,
    },
    /// One of `enableDnsSupport` and `enableDnsHostnames`.
    VpcAttribute {
        region: String,
        vpc: String,
        attribute: String,
    },
    DhcpOptions {
        region: String,
        dhcp_options: String,
    },
    RouteTables {
        region: String,
        vpc: String,
    },
    NetworkAcls {
        region: String,
        vpc: String,
    },
    /// The security groups by id.
    SecurityGroups {
        region: String,
        groups: Vec<String>,
    },
    /// The group that an interface gets for which nobody names one.
    DefaultSecurityGroup {
        region: String,
        vpc: String,
    },
    NatGateways {
        region: String,
        vpc: String,
    },
    VpcEndpoints {
        region: String,
        vpc: String,
    },
    /// The names of all managed prefix lists, AWS's among them.
    PrefixLists {
        region: String,
    },
    PrefixListEntries {
        region: String,
        prefix_list: String,
    },
    BlockPublicAccess {
        region: String,
    },
    BlockPublicAccessExclusions {
        region: String,
    },
    /// The private hosted zones that are associated with a VPC.
    HostedZones {
        region: String,
        vpc: String,
    },
    FileSystem {
        region: String,
        file_system: String,
    },
    MountTargets {
        region: String,
        file_system: String,
    },
    MountTargetGroups {
        region: String,
        mount_target: String,
    },
    AccessPoint {
        region: String,
        access_point: String,
    },
    /// Whether an object is there, by `HeadObject`: its content is never read.
    Object {
        region: String,
        bucket: String,
        key: String,
    },
    /// The tags of a repository, newest first.
    ImageTags {
        account: String,
        region: String,
        repository: String,
    },
    LifecyclePolicy {
        account: String,
        region: String,
        repository: String,
    },
    PullThroughCacheRules {
        account: String,
        region: String,
    },
    /// The platforms that an image's manifest lists.
    ImagePlatforms(EcrImage),
    /// The ids of a secret's versions, deprecated ones too.
    SecretVersions {
        region: String,
        secret: String,
    },
    TargetGroup {
        region: String,
        target_group: String,
    },
    TargetHealth {
        region: String,
        target_group: String,
    },
}

/// What part of a diagnosis a question serves, and so which part of the policy that `ecs-why policy` prints grants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The task, its definition, its logs, its roles and their policies.
    Core,
    /// The path of the task's calls.
    Network,
    /// What the task definition names: images, secrets, keys, files, file systems, target groups.
    Resources,
}

impl Tier {
    pub const ALL: [Self; 3] = [Self::Core, Self::Network, Self::Resources];

    /// The part of a diagnosis that an action serves.
    pub fn of(action: &str) -> Self {
        match action.split(':').next().unwrap_or_default() {
            "ecs" | "iam" | "logs" => Self::Core,
            "ec2" | "route53" => Self::Network,
            _ if action.starts_with("elasticfilesystem:DescribeMountTarget") => Self::Network,
            _ => Self::Resources,
        }
    }

    /// The actions that serve it, in order.
    pub fn actions(self) -> impl Iterator<Item = &'static str> {
        Need::ACTIONS.into_iter().filter(move |action| Self::of(action) == self)
    }
}

impl Need {
    /// Every action that a need may cost, in order; a test holds it against [`Need::action`].
    pub const ACTIONS: [&'static str; 53] = [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeInstances",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:DescribePullThroughCacheRules",
        "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy",
        "ecs:DescribeContainerInstances",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListServices",
        "ecs:ListTasks",
        "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargetSecurityGroups",
        "elasticfilesystem:DescribeMountTargets",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
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
        "route53:ListHostedZonesByVPC",
        "s3:GetBucketPolicy",
        "s3:GetObject",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:ListSecretVersionIds",
        "ssm:DescribeParameters",
    ];

    /// The policy of the repository that an image is pulled from.
    pub fn repository_policy(image: &EcrImage) -> Self {
        let EcrImage { account, region, repository, .. } = image.clone();
        Self::RepositoryPolicy { account, region, repository }
    }

    /// The tags of the repository that an image is pulled from.
    pub fn image_tags(image: &EcrImage) -> Self {
        let EcrImage { account, region, repository, .. } = image.clone();
        Self::ImageTags { account, region, repository }
    }

    /// The lifecycle policy of the repository that an image is pulled from.
    pub fn lifecycle_policy(image: &EcrImage) -> Self {
        let EcrImage { account, region, repository, .. } = image.clone();
        Self::LifecyclePolicy { account, region, repository }
    }

    /// The pull-through cache rules of the registry that an image is pulled from.
    pub fn pull_through_cache_rules(image: &EcrImage) -> Self {
        Self::PullThroughCacheRules { account: image.account.clone(), region: image.region.clone() }
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
            Self::ContainerInstances { .. } => "ecs:DescribeContainerInstances",
            Self::Instance { .. } => "ec2:DescribeInstances",
            Self::NetworkInterface { .. } => "ec2:DescribeNetworkInterfaces",
            Self::NetworkInterfacesAt { .. } => "ec2:DescribeNetworkInterfaces",
            Self::Subnets { .. } => "ec2:DescribeSubnets",
            Self::VpcSubnets { .. } => "ec2:DescribeSubnets",
            Self::Vpc { .. } => "ec2:DescribeVpcs",
            Self::VpcAttribute { .. } => "ec2:DescribeVpcAttribute",
            Self::DhcpOptions { .. } => "ec2:DescribeDhcpOptions",
            Self::RouteTables { .. } => "ec2:DescribeRouteTables",
            Self::NetworkAcls { .. } => "ec2:DescribeNetworkAcls",
            Self::SecurityGroups { .. } => "ec2:DescribeSecurityGroups",
            Self::DefaultSecurityGroup { .. } => "ec2:DescribeSecurityGroups",
            Self::NatGateways { .. } => "ec2:DescribeNatGateways",
            Self::VpcEndpoints { .. } => "ec2:DescribeVpcEndpoints",
            Self::PrefixLists { .. } => "ec2:DescribeManagedPrefixLists",
            Self::PrefixListEntries { .. } => "ec2:GetManagedPrefixListEntries",
            Self::BlockPublicAccess { .. } => "ec2:DescribeVpcBlockPublicAccessOptions",
            Self::BlockPublicAccessExclusions { .. } => "ec2:DescribeVpcBlockPublicAccessExclusions",
            Self::HostedZones { .. } => "route53:ListHostedZonesByVPC",
            Self::FileSystem { .. } => "elasticfilesystem:DescribeFileSystems",
            Self::MountTargets { .. } => "elasticfilesystem:DescribeMountTargets",
            Self::MountTargetGroups { .. } => "elasticfilesystem:DescribeMountTargetSecurityGroups",
            Self::AccessPoint { .. } => "elasticfilesystem:DescribeAccessPoints",
            Self::Object { .. } => "s3:GetObject",
            Self::ImageTags { .. } => "ecr:DescribeImages",
            Self::LifecyclePolicy { .. } => "ecr:GetLifecyclePolicy",
            Self::PullThroughCacheRules { .. } => "ecr:DescribePullThroughCacheRules",
            Self::ImagePlatforms(_) => "ecr:BatchGetImage",
            Self::SecretVersions { .. } => "secretsmanager:ListSecretVersionIds",
            Self::TargetGroup { .. } => "elasticloadbalancing:DescribeTargetGroups",
            Self::TargetHealth { .. } => "elasticloadbalancing:DescribeTargetHealth",
        }
    }

    /// The part of a diagnosis that it serves.
    pub fn tier(&self) -> Tier {
        Tier::of(self.action())
    }

    /// What the question is about, in few words, for the coverage table.
    pub fn subject(&self) -> String {
        match self {
            Self::Tasks { tasks, .. } => tasks.join(", "),
            Self::StoppedTasks { cluster, service } => match service.as_ref().or(cluster.as_ref()) {
                Some(name) => name.clone(),
                None => "default".to_owned(),
            },
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
            Self::Image(image) | Self::ImagePlatforms(image) => match (&image.tag, &image.digest) {
                (_, Some(digest)) => format!("{}@{digest}", image.repository),
                (tag, None) => format!("{}:{}", image.repository, tag.as_deref().unwrap_or("latest")),
            },
            Self::ContainerInstances { container_instances, .. } => container_instances.join(", "),
            Self::Instance { instance, .. } => instance.clone(),
            Self::NetworkInterface { interface, .. } => interface.clone(),
            Self::NetworkInterfacesAt { vpc, address, .. } => format!("{address} in {vpc}"),
            Self::Subnets { subnets, .. } => subnets.join(", "),
            Self::VpcAttribute { vpc, attribute, .. } => format!("{attribute} of {vpc}"),
            Self::DhcpOptions { dhcp_options, .. } => dhcp_options.clone(),
            Self::SecurityGroups { groups, .. } => groups.join(", "),
            Self::PrefixLists { region } => region.clone(),
            Self::PrefixListEntries { prefix_list, .. } => prefix_list.clone(),
            Self::BlockPublicAccess { region } => region.clone(),
            Self::BlockPublicAccessExclusions { region } => region.clone(),
            Self::FileSystem { file_system, .. } => file_system.clone(),
            Self::MountTargets { file_system, .. } => file_system.clone(),
            Self::MountTargetGroups { mount_target, .. } => mount_target.clone(),
            Self::AccessPoint { access_point, .. } => access_point.clone(),
            Self::Object { bucket, key, .. } => format!("{bucket}/{key}"),
            Self::PullThroughCacheRules { account, .. } => account.clone(),
            Self::SecretVersions { secret, .. } => secret.clone(),
            Self::TargetGroup { target_group, .. } => target_group.clone(),
            Self::TargetHealth { target_group, .. } => target_group.clone(),
            Self::VpcSubnets { vpc, .. }
            | Self::Vpc { vpc, .. }
            | Self::RouteTables { vpc, .. }
            | Self::NetworkAcls { vpc, .. }
            | Self::DefaultSecurityGroup { vpc, .. }
            | Self::NatGateways { vpc, .. }
            | Self::VpcEndpoints { vpc, .. }
            | Self::HostedZones { vpc, .. } => vpc.clone(),
            Self::ImageTags { repository, .. } | Self::LifecyclePolicy { repository, .. } => repository.clone(),
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
            Need::StoppedTasks { cluster: None, service: None },
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
            Need::Image(image.clone()),
            Need::ImagePlatforms(image),
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
            Need::ContainerInstances { cluster: None, container_instances: Vec::new() },
            Need::Instance { region: text(), instance: text() },
            Need::NetworkInterface { region: text(), interface: text() },
            Need::NetworkInterfacesAt { region: text(), vpc: text(), address: text() },
            Need::Subnets { region: text(), subnets: Vec::new() },
            Need::VpcSubnets { region: text(), vpc: text() },
            Need::Vpc { region: text(), vpc: text() },
            Need::VpcAttribute { region: text(), vpc: text(), attribute: text() },
            Need::DhcpOptions { region: text(), dhcp_options: text() },
            Need::RouteTables { region: text(), vpc: text() },
            Need::NetworkAcls { region: text(), vpc: text() },
            Need::SecurityGroups { region: text(), groups: Vec::new() },
            Need::DefaultSecurityGroup { region: text(), vpc: text() },
            Need::NatGateways { region: text(), vpc: text() },
            Need::VpcEndpoints { region: text(), vpc: text() },
            Need::PrefixLists { region: text() },
            Need::PrefixListEntries { region: text(), prefix_list: text() },
            Need::BlockPublicAccess { region: text() },
            Need::BlockPublicAccessExclusions { region: text() },
            Need::HostedZones { region: text(), vpc: text() },
            Need::FileSystem { region: text(), file_system: text() },
            Need::MountTargets { region: text(), file_system: text() },
            Need::MountTargetGroups { region: text(), mount_target: text() },
            Need::AccessPoint { region: text(), access_point: text() },
            Need::Object { region: text(), bucket: text(), key: text() },
            Need::ImageTags { account: text(), region: text(), repository: text() },
            Need::LifecyclePolicy { account: text(), region: text(), repository: text() },
            Need::PullThroughCacheRules { account: text(), region: text() },
            Need::SecretVersions { region: text(), secret: text() },
            Need::TargetGroup { region: text(), target_group: text() },
            Need::TargetHealth { region: text(), target_group: text() },
        ]
    }

    #[test]
    fn the_policy_lists_what_can_be_asked_and_nothing_else() {
        let asked: BTreeSet<&str> = every_need().iter().map(Need::action).collect();
        assert_eq!(asked, Need::ACTIONS.into_iter().collect());
        // ECR has no other name for reading a manifest.
        let reads = ["Describe", "Get", "List", "Filter", "Simulate", "BatchGet"];
        for action in Need::ACTIONS {
            let name = action.split(':').nth(1).unwrap();
            assert!(reads.iter().any(|read| name.starts_with(read)), "{action}");
        }
    }

    #[test]
    fn every_need_is_of_the_tier_that_grants_its_action() {
        for need in every_need() {
            assert!(need.tier().actions().any(|action| action == need.action()), "{need:?}");
        }
        let granted: usize = Tier::ALL.into_iter().map(|tier| tier.actions().count()).sum();
        assert_eq!(granted, Need::ACTIONS.len());
    }

    #[test]
    fn a_path_needs_the_network_and_mount_targets() {
        for (action, tier) in [
            ("ecs:DescribeContainerInstances", Tier::Core),
            ("iam:GetRole", Tier::Core),
            ("logs:GetLogEvents", Tier::Core),
            ("ec2:DescribeRouteTables", Tier::Network),
            ("route53:ListHostedZonesByVPC", Tier::Network),
            ("elasticfilesystem:DescribeMountTargets", Tier::Network),
            ("elasticfilesystem:DescribeMountTargetSecurityGroups", Tier::Network),
            ("elasticfilesystem:DescribeFileSystems", Tier::Resources),
            ("s3:GetObject", Tier::Resources),
            ("ecr:BatchGetImage", Tier::Resources),
            ("elasticloadbalancing:DescribeTargetHealth", Tier::Resources),
        ] {
            assert_eq!(Tier::of(action), tier, "{action}");
        }
    }
}
