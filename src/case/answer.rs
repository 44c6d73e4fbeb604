//! The typed answers, one variant a need, and the accessors that give them back by what they are about.
//!
//! An accessor returns the fact or the gap; an answer of another type than its need's (a hand-made snapshot) is a gap.

use serde::{Deserialize, Serialize};

use super::{
    AccessPoint, AttachedPolicies, CapturedEvents, Case, ContainerInstances, FileSystem, Gap, Image, ImagePlatforms,
    ImageTags, Key, KeyGrants, LifecyclePolicy, LogEvents, LogGroup, LogStreams, ManagedPolicy, Need, Object,
    Parameters, PolicyDocument, PolicyNames, PullThroughCacheRules, Role, Secret, SecretVersions, ServiceNames,
    Services, Simulation, TargetGroup, TargetHealth, TaskArns, TaskDefinition, Tasks,
    network::{
        BlockPublicAccess, BlockPublicAccessExclusion, DhcpOptions, HostedZone, Instance, MountTarget, NatGateway,
        NetworkAcl, NetworkInterface, PrefixList, RouteTable, SecurityGroup, Subnet, Vpc, VpcAttribute, VpcEndpoint,
    },
};
use crate::id::EcrImage;

/// What AWS answered to a need of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    Tasks(Tasks),
    StoppedTasks(TaskArns),
    Services(Services),
    ServiceNames(ServiceNames),
    TaskDefinition(Box<TaskDefinition>),
    Role(Role),
    RolePolicyNames(PolicyNames),
    RolePolicy(PolicyDocument),
    AttachedPolicies(AttachedPolicies),
    ManagedPolicy(ManagedPolicy),
    ManagedPolicyVersion(PolicyDocument),
    LogGroup(LogGroup),
    LogStreams(LogStreams),
    LogEvents(LogEvents),
    CapturedEvents(CapturedEvents),
    Secret(Secret),
    Parameters(Parameters),
    Key(Key),
    Image(Image),
    RepositoryPolicy(PolicyDocument),
    SecretPolicy(PolicyDocument),
    KeyPolicy(PolicyDocument),
    KeyGrants(KeyGrants),
    BucketPolicy(PolicyDocument),
    Simulation(Simulation),
    ContainerInstances(ContainerInstances),
    Instance(Instance),
    NetworkInterface(NetworkInterface),
    NetworkInterfacesAt(Vec<NetworkInterface>),
    Subnets(Vec<Subnet>),
    VpcSubnets(Vec<Subnet>),
    Vpc(Vpc),
    VpcAttribute(VpcAttribute),
    DhcpOptions(DhcpOptions),
    RouteTables(Vec<RouteTable>),
    NetworkAcls(Vec<NetworkAcl>),
    SecurityGroups(Vec<SecurityGroup>),
    DefaultSecurityGroup(SecurityGroup),
    NatGateways(Vec<NatGateway>),
    VpcEndpoints(Vec<VpcEndpoint>),
    /// Without their entries.
    PrefixLists(Vec<PrefixList>),
    /// The entries alone.
    PrefixListEntries(Vec<String>),
    BlockPublicAccess(BlockPublicAccess),
    BlockPublicAccessExclusions(Vec<BlockPublicAccessExclusion>),
    HostedZones(Vec<HostedZone>),
    FileSystem(FileSystem),
    /// Without their groups.
    MountTargets(Vec<MountTarget>),
    /// The ids of the groups.
    MountTargetGroups(Vec<String>),
    AccessPoint(AccessPoint),
    Object(Object),
    ImageTags(ImageTags),
    LifecyclePolicy(LifecyclePolicy),
    PullThroughCacheRules(PullThroughCacheRules),
    ImagePlatforms(ImagePlatforms),
    SecretVersions(SecretVersions),
    TargetGroup(TargetGroup),
    TargetHealth(TargetHealth),
}

static MISMATCH: std::sync::LazyLock<Gap> = std::sync::LazyLock::new(|| Gap::Failed {
    message: "the snapshot answers this with a fact of another kind".to_owned(),
});

macro_rules! accessors {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $answer:ty = $need:expr, $variant:ident;)*) => {
        impl Case {
            $($(#[$doc])*
            #[allow(clippy::missing_errors_doc)]
            pub fn $name(&self, $($arg: $type),*) -> Result<&$answer, &Gap> {
                match self.answer(&$need)? {
                    Answer::$variant(answer) => Ok(answer),
                    _ => Err(&MISMATCH),
                }
            })*
        }
    };
}

accessors! {
    /// The role of that name, with its trust policy and its boundary's ARN.
    role(role: &str) -> Role = Need::Role { role: role.to_owned() }, Role;
    role_policy_names(role: &str) -> PolicyNames = Need::RolePolicyNames { role: role.to_owned() }, RolePolicyNames;
    role_policy(role: &str, policy: &str) -> PolicyDocument =
        Need::RolePolicy { role: role.to_owned(), policy: policy.to_owned() }, RolePolicy;
    attached_policies(role: &str) -> AttachedPolicies = Need::AttachedPolicies { role: role.to_owned() }, AttachedPolicies;
    managed_policy(policy: &str) -> ManagedPolicy = Need::ManagedPolicy { policy: policy.to_owned() }, ManagedPolicy;
    managed_policy_version(policy: &str, version: &str) -> PolicyDocument =
        Need::ManagedPolicyVersion { policy: policy.to_owned(), version: version.to_owned() }, ManagedPolicyVersion;
    task_definition_named(task_definition: &str) -> TaskDefinition =
        Need::TaskDefinition { task_definition: task_definition.to_owned() }, TaskDefinition;
    log_group(region: &str, group: &str) -> LogGroup =
        Need::LogGroup { region: region.to_owned(), group: group.to_owned() }, LogGroup;
    log_streams(region: &str, group: &str, prefix: &str) -> LogStreams =
        Need::LogStreams { region: region.to_owned(), group: group.to_owned(), prefix: prefix.to_owned() }, LogStreams;
    log_events(region: &str, group: &str, stream: &str) -> LogEvents =
        Need::LogEvents { region: region.to_owned(), group: group.to_owned(), stream: stream.to_owned() }, LogEvents;
    captured_events(region: &str, group: &str, task: &str) -> CapturedEvents =
        Need::CapturedEvents { region: region.to_owned(), group: group.to_owned(), task: task.to_owned() }, CapturedEvents;
    secret(region: &str, secret: &str) -> Secret =
        Need::Secret { region: region.to_owned(), secret: secret.to_owned() }, Secret;
    key(region: &str, key: &str) -> Key = Need::Key { region: region.to_owned(), key: key.to_owned() }, Key;
    image(image: &EcrImage) -> Image = Need::Image(image.clone()), Image;
    repository_policy(image: &EcrImage) -> PolicyDocument = Need::repository_policy(image), RepositoryPolicy;
    secret_policy(region: &str, secret: &str) -> PolicyDocument =
        Need::SecretPolicy { region: region.to_owned(), secret: secret.to_owned() }, SecretPolicy;
    key_policy(region: &str, key: &str) -> PolicyDocument =
        Need::KeyPolicy { region: region.to_owned(), key: key.to_owned() }, KeyPolicy;
    key_grants(region: &str, key: &str, grantee: &str) -> KeyGrants =
        Need::KeyGrants { region: region.to_owned(), key: key.to_owned(), grantee: grantee.to_owned() }, KeyGrants;
    bucket_policy(region: &str, bucket: &str) -> PolicyDocument =
        Need::BucketPolicy { region: region.to_owned(), bucket: bucket.to_owned() }, BucketPolicy;
    container_instances(cluster: &Option<String>, instances: &[String]) -> ContainerInstances = Need::ContainerInstances { cluster: cluster.clone(), container_instances: instances.to_vec() }, ContainerInstances;
    instance(region: &str, instance: &str) -> Instance = Need::Instance { region: region.to_owned(), instance: instance.to_owned() }, Instance;
    network_interface(region: &str, interface: &str) -> NetworkInterface = Need::NetworkInterface { region: region.to_owned(), interface: interface.to_owned() }, NetworkInterface;
    vpc_subnets(region: &str, vpc: &str) -> Vec<Subnet> = Need::VpcSubnets { region: region.to_owned(), vpc: vpc.to_owned() }, VpcSubnets;
    vpc(region: &str, vpc: &str) -> Vpc = Need::Vpc { region: region.to_owned(), vpc: vpc.to_owned() }, Vpc;
    dhcp_options(region: &str, dhcp_options: &str) -> DhcpOptions = Need::DhcpOptions { region: region.to_owned(), dhcp_options: dhcp_options.to_owned() }, DhcpOptions;
    route_tables(region: &str, vpc: &str) -> Vec<RouteTable> = Need::RouteTables { region: region.to_owned(), vpc: vpc.to_owned() }, RouteTables;
    network_acls(region: &str, vpc: &str) -> Vec<NetworkAcl> = Need::NetworkAcls { region: region.to_owned(), vpc: vpc.to_owned() }, NetworkAcls;
    default_security_group(region: &str, vpc: &str) -> SecurityGroup = Need::DefaultSecurityGroup { region: region.to_owned(), vpc: vpc.to_owned() }, DefaultSecurityGroup;
    nat_gateways(region: &str, vpc: &str) -> Vec<NatGateway> = Need::NatGateways { region: region.to_owned(), vpc: vpc.to_owned() }, NatGateways;
    vpc_endpoints(region: &str, vpc: &str) -> Vec<VpcEndpoint> = Need::VpcEndpoints { region: region.to_owned(), vpc: vpc.to_owned() }, VpcEndpoints;
    prefix_list_entries(region: &str, prefix_list: &str) -> Vec<String> = Need::PrefixListEntries { region: region.to_owned(), prefix_list: prefix_list.to_owned() }, PrefixListEntries;
    hosted_zones(region: &str, vpc: &str) -> Vec<HostedZone> = Need::HostedZones { region: region.to_owned(), vpc: vpc.to_owned() }, HostedZones;
    file_system(region: &str, file_system: &str) -> FileSystem = Need::FileSystem { region: region.to_owned(), file_system: file_system.to_owned() }, FileSystem;
    mount_targets(region: &str, file_system: &str) -> Vec<MountTarget> = Need::MountTargets { region: region.to_owned(), file_system: file_system.to_owned() }, MountTargets;
    mount_target_groups(region: &str, mount_target: &str) -> Vec<String> = Need::MountTargetGroups { region: region.to_owned(), mount_target: mount_target.to_owned() }, MountTargetGroups;
    access_point(region: &str, access_point: &str) -> AccessPoint = Need::AccessPoint { region: region.to_owned(), access_point: access_point.to_owned() }, AccessPoint;
    secret_versions(region: &str, secret: &str) -> SecretVersions = Need::SecretVersions { region: region.to_owned(), secret: secret.to_owned() }, SecretVersions;
    target_group(region: &str, target_group: &str) -> TargetGroup = Need::TargetGroup { region: region.to_owned(), target_group: target_group.to_owned() }, TargetGroup;
    target_health(region: &str, target_group: &str) -> TargetHealth = Need::TargetHealth { region: region.to_owned(), target_group: target_group.to_owned() }, TargetHealth;
    vpc_attribute(region: &str, vpc: &str, attribute: &str) -> VpcAttribute = Need::VpcAttribute { region: region.to_owned(), vpc: vpc.to_owned(), attribute: attribute.to_owned() }, VpcAttribute;
    network_interfaces_at(region: &str, vpc: &str, address: &str) -> Vec<NetworkInterface> = Need::NetworkInterfacesAt { region: region.to_owned(), vpc: vpc.to_owned(), address: address.to_owned() }, NetworkInterfacesAt;
    subnets(region: &str, subnets: &[String]) -> Vec<Subnet> = Need::Subnets { region: region.to_owned(), subnets: subnets.to_vec() }, Subnets;
    security_groups(region: &str, groups: &[String]) -> Vec<SecurityGroup> = Need::SecurityGroups { region: region.to_owned(), groups: groups.to_vec() }, SecurityGroups;
    prefix_lists(region: &str) -> Vec<PrefixList> = Need::PrefixLists { region: region.to_owned() }, PrefixLists;
    block_public_access(region: &str) -> BlockPublicAccess = Need::BlockPublicAccess { region: region.to_owned() }, BlockPublicAccess;
    block_public_access_exclusions(region: &str) -> Vec<BlockPublicAccessExclusion> = Need::BlockPublicAccessExclusions { region: region.to_owned() }, BlockPublicAccessExclusions;
    object(region: &str, bucket: &str, key: &str) -> Object = Need::Object { region: region.to_owned(), bucket: bucket.to_owned(), key: key.to_owned() }, Object;
    image_tags(image: &EcrImage) -> ImageTags = Need::image_tags(image), ImageTags;
    lifecycle_policy(image: &EcrImage) -> LifecyclePolicy = Need::lifecycle_policy(image), LifecyclePolicy;
    pull_through_cache_rules(image: &EcrImage) -> PullThroughCacheRules = Need::pull_through_cache_rules(image), PullThroughCacheRules;
    image_platforms(image: &EcrImage) -> ImagePlatforms = Need::ImagePlatforms(image.clone()), ImagePlatforms;
}
