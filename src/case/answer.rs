//! The typed answers, one variant a need, and the accessors that give them back by what they are about.
//!
//! An accessor returns the fact or the gap; an answer of another type than its need's (a hand-made snapshot) is a gap.

use serde::{Deserialize, Serialize};

use super::{
    AttachedPolicies, CapturedEvents, Case, Gap, Image, Key, KeyGrants, LogEvents, LogGroup, LogStreams, ManagedPolicy,
    Need, Parameters, PolicyDocument, PolicyNames, Role, Secret, ServiceNames, Services, Simulation, TaskArns,
    TaskDefinition, Tasks,
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
}
