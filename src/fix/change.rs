//! One typed edit of an account. Every kind has an arm in `apply` and in each renderer; the compiler lists them.

use serde_json::Value;

use super::{network::NetworkChange, place::Place, revision::Revision};
use crate::{
    case::Need,
    id::{Arn, EcrImage, short_name},
    require::PolicySide,
};

/// An edit by the user's own names. Documents are whole: what the policy is after the edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Puts an inline policy, new or in the place of one with the same name.
    PutRolePolicy {
        role: String,
        policy: String,
        document: Value,
    },
    /// Removes an inline policy that would be left without a statement.
    DeleteRolePolicy {
        role: String,
        policy: String,
    },
    /// Takes a managed policy from a role; the policy stays.
    DetachRolePolicy {
        role: String,
        policy: String,
    },
    /// Makes a new default version of a customer managed policy.
    SetPolicyVersion {
        policy: String,
        document: Value,
        /// Whether principals other than the role have the policy, or may have it as their boundary.
        shared: bool,
    },
    UpdateTrust {
        role: String,
        document: Value,
    },
    CreateRole {
        arn: String,
        trust: Value,
    },
    /// Puts the policy of a resource, new or in the place of the one that it has.
    PutResourcePolicy {
        resource: Resource,
        document: Value,
    },
    /// Removes a resource's policy that would be left without a statement.
    DeleteResourcePolicy {
        resource: Resource,
    },
    CreateLogGroup {
        region: String,
        group: String,
    },
    /// Takes back the scheduled deletion of a secret.
    RestoreSecret {
        region: String,
        secret: String,
    },
    /// Registers the task definition with one text replaced.
    ReviseTaskDefinition(Revision),
    EnableKey {
        region: String,
        key: String,
    },
    /// Takes back the scheduled deletion of a key, which stays disabled.
    CancelKeyDeletion {
        region: String,
        key: String,
    },
    CreateServiceLinkedRole {
        arn: String,
        service: String,
    },
    /// An edit of the network around a task.
    Network(NetworkChange),
}

/// A resource that has a policy of its own, by what AWS has to be told to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    Repository { region: String, account: String, repository: String },
    Secret { region: String, secret: String },
    Key { region: String, key: String },
    Bucket { region: String, bucket: String },
}

impl Resource {
    /// The resource whose policy a call meets.
    pub fn of(side: &PolicySide) -> Option<Self> {
        Some(match side.clone() {
            PolicySide::None | PolicySide::Unread(_) => return None,
            PolicySide::Repository(EcrImage { account, region, repository, .. }) => {
                Self::Repository { region, account, repository }
            }
            PolicySide::Secret { region, secret } => Self::Secret { region, secret },
            PolicySide::Key { region, key } => Self::Key { region, key },
            PolicySide::Bucket { region, bucket } => Self::Bucket { region, bucket },
        })
    }

    /// The question that its policy answers.
    pub fn need(&self) -> Need {
        match self.clone() {
            Self::Repository { region, account, repository } => Need::RepositoryPolicy { account, region, repository },
            Self::Secret { region, secret } => Need::SecretPolicy { region, secret },
            Self::Key { region, key } => Need::KeyPolicy { region, key },
            Self::Bucket { region, bucket } => Need::BucketPolicy { region, bucket },
        }
    }

    /// Its name without its kind.
    pub fn name(&self) -> &str {
        match self {
            Self::Repository { repository, .. } => repository,
            Self::Secret { secret, .. } => secret,
            Self::Key { key, .. } => key,
            Self::Bucket { bucket, .. } => bucket,
        }
    }

    /// Its kind and name, for titles.
    pub fn told(&self) -> String {
        let kind = match self {
            Self::Repository { account, repository, .. } => {
                return format!("repository {repository} of account {account}");
            }
            Self::Secret { .. } => "secret",
            Self::Key { .. } => "key",
            Self::Bucket { .. } => "bucket",
        };
        format!("{kind} {}", self.name())
    }

    /// The account that it belongs to, where its name tells.
    pub fn account(&self) -> Option<String> {
        match self {
            Self::Repository { account, .. } => Some(account.clone()),
            _ => self.name().parse::<Arn>().ok().map(|arn| arn.account),
        }
    }
}

impl Change {
    /// The policy document that it writes, if any.
    pub fn document(&self) -> Option<&Value> {
        match self {
            Self::PutRolePolicy { document, .. }
            | Self::SetPolicyVersion { document, .. }
            | Self::PutResourcePolicy { document, .. }
            | Self::UpdateTrust { document, .. } => Some(document),
            Self::CreateRole { trust, .. } => Some(trust),
            Self::Network(change) => change.document(),
            Self::DeleteRolePolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::DeleteResourcePolicy { .. }
            | Self::CreateLogGroup { .. }
            | Self::RestoreSecret { .. }
            | Self::ReviseTaskDefinition(_)
            | Self::EnableKey { .. }
            | Self::CancelKeyDeletion { .. }
            | Self::CreateServiceLinkedRole { .. } => None,
        }
    }

    /// Whether both write one document, or make one thing: whichever came last would undo the other, or fail.
    pub fn meets(&self, other: &Self) -> bool {
        let same_place = Place::of(self).is_some_and(|place| Some(place) == Place::of(other));
        let same_role = match (self, other) {
            (Self::CreateRole { arn, .. }, Self::CreateRole { arn: others, .. }) => arn == others,
            _ => false,
        };
        let same_network = match (self, other) {
            (Self::Network(change), Self::Network(others)) => change.meets(others),
            _ => false,
        };
        same_place || same_role || same_network || self == other
    }

    /// The managed policy that it changes for others than the role.
    pub fn shared_policy(&self) -> Option<&str> {
        match self {
            Self::SetPolicyVersion { policy, shared: true, .. } => Some(policy),
            _ => None,
        }
    }
}

/// Whether one of the changes makes the role.
pub fn makes_role(changes: &[Change], name: &str) -> bool {
    changes.iter().any(|change| matches!(change, Change::CreateRole { arn, .. } if short_name(arn) == name))
}

/// The path of a role, as `/service/x/`; `None` for a role that has none.
pub fn role_path(arn: &str) -> Option<String> {
    let resource = arn.parse::<Arn>().ok()?.resource;
    let (path, _) = resource.strip_prefix("role/")?.rsplit_once('/')?;
    Some(format!("/{path}/"))
}
