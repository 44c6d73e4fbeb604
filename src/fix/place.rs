//! Where a policy document stands: what is in it now, and the change that puts another in its place.

use serde_json::Value;

use super::{Change, Resource, document};
use crate::{
    case::{Answer, Case, Need},
    id::Arn,
};

/// The home of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Inline {
        role: String,
        policy: String,
    },
    /// A managed policy, attached to the role or its boundary.
    Managed {
        role: String,
        policy: String,
    },
    Trust {
        role: String,
    },
    Resource(Resource),
}

/// What stands in a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    Written(Value),
    /// Nothing is set, and something may be.
    Absent,
    /// It was not read, or not as it stands there; it cannot be parsed, or is nobody's to edit.
    Closed,
}

impl Standing {
    pub fn written(self) -> Option<Value> {
        match self {
            Self::Written(document) => Some(document),
            Self::Absent | Self::Closed => None,
        }
    }
}

impl Place {
    /// The place that a change writes to, where something may have stood before.
    pub fn of(change: &Change) -> Option<Self> {
        match change.clone() {
            Change::PutRolePolicy { role, policy, .. } | Change::DeleteRolePolicy { role, policy } => {
                Some(Self::Inline { role, policy })
            }
            Change::SetPolicyVersion { policy, .. } => Some(Self::Managed { role: String::new(), policy }),
            Change::UpdateTrust { role, .. } => Some(Self::Trust { role }),
            Change::PutResourcePolicy { resource, .. } | Change::DeleteResourcePolicy { resource } => {
                Some(Self::Resource(resource))
            }
            Change::DetachRolePolicy { .. }
            | Change::CreateRole { .. }
            | Change::CreateLogGroup { .. }
            | Change::RestoreSecret { .. }
            | Change::ReviseTaskDefinition(_)
            | Change::EnableKey { .. }
            | Change::CancelKeyDeletion { .. }
            | Change::CreateServiceLinkedRole { .. }
            | Change::Network(_) => None,
        }
    }

    pub fn read(&self, case: &Case) -> Standing {
        if self.need(case).is_some_and(|need| case.is_altered(&need)) {
            return Standing::Closed;
        }
        match self {
            Self::Inline { role, policy } => inline(case, role, policy),
            Self::Managed { policy, .. } => managed(case, policy).map_or(Standing::Closed, Standing::Written),
            Self::Trust { role } => written(case.role(role).ok().map(|r| r.assume_role_policy_document.as_str())),
            Self::Resource(resource) => of_resource(case, resource),
        }
    }

    /// The need whose answer has the document.
    fn need(&self, case: &Case) -> Option<Need> {
        Some(match self.clone() {
            Self::Inline { role, policy } => Need::RolePolicy { role, policy },
            Self::Managed { policy, .. } => {
                let version = case.managed_policy(&policy).ok()?.default_version_id.clone();
                Need::ManagedPolicyVersion { policy, version }
            }
            Self::Trust { role } => Need::Role { role },
            Self::Resource(resource) => resource.need(),
        })
    }

    /// The change to a document; `None` where no statement is left and the place cannot be without one.
    pub fn change(&self, case: &Case, document: Value) -> Option<Change> {
        let empty = document::is_empty(&document);
        match self.clone() {
            Self::Inline { role, policy } if empty => Some(Change::DeleteRolePolicy { role, policy }),
            Self::Inline { role, policy } => Some(Change::PutRolePolicy { role, policy, document }),
            Self::Resource(Resource::Key { .. }) | Self::Managed { .. } | Self::Trust { .. } if empty => None,
            Self::Managed { role, policy } => {
                let shared = is_shared(case, &role, &policy);
                Some(Change::SetPolicyVersion { policy, document, shared })
            }
            Self::Trust { role } => Some(Change::UpdateTrust { role, document }),
            Self::Resource(resource) if empty => Some(Change::DeleteResourcePolicy { resource }),
            Self::Resource(resource) => Some(Change::PutResourcePolicy { resource, document }),
        }
    }

    /// In words for titles, with the name by which a decision calls it.
    pub fn told(&self) -> String {
        match self {
            Self::Inline { policy, .. } | Self::Managed { policy, .. } => format!("policy {policy}"),
            Self::Trust { role } => format!("the trust policy of {role}"),
            Self::Resource(resource) => format!("the policy of {}", resource.told()),
        }
    }
}

fn written(text: Option<&str>) -> Standing {
    text.and_then(document::parse).map_or(Standing::Closed, Standing::Written)
}

fn inline(case: &Case, role: &str, policy: &str) -> Standing {
    let exists = case.role_policy_names(role).is_ok_and(|names| names.policy_names.iter().any(|name| name == policy));
    if !exists {
        return Standing::Absent;
    }
    written(case.role_policy(role, policy).ok().map(|p| p.document.as_str()))
}

/// A managed policy's default version; `None` for one of AWS's own, which nobody can edit.
fn managed(case: &Case, arn: &str) -> Option<Value> {
    managed_version(case, arn).filter(|_| !is_aws_managed(arn))
}

/// A managed policy's default version, AWS's own as well; `None` where it was not read as it stands there.
pub fn managed_version(case: &Case, arn: &str) -> Option<Value> {
    let place = Place::Managed { role: String::new(), policy: arn.to_owned() };
    let need = place.need(case).filter(|need| !case.is_altered(need))?;
    let Ok(Answer::ManagedPolicyVersion(version)) = case.answer(&need) else { return None };
    document::parse(&version.document)
}

pub fn is_aws_managed(policy: &str) -> bool {
    policy.parse::<Arn>().is_ok_and(|arn| arn.account == "aws")
}

/// Whether others may have the policy: AWS's count leaves out those that have it as their boundary.
fn is_shared(case: &Case, role: &str, policy: &str) -> bool {
    let is_boundary = case.role(role).is_ok_and(|role| role.permissions_boundary.as_deref() == Some(policy));
    is_boundary || case.managed_policy(policy).is_ok_and(|managed| managed.attachment_count > 1)
}

/// An empty text says that nothing is set. A key without a policy does not exist.
fn of_resource(case: &Case, resource: &Resource) -> Standing {
    let (Ok(Answer::RepositoryPolicy(policy))
    | Ok(Answer::SecretPolicy(policy))
    | Ok(Answer::KeyPolicy(policy))
    | Ok(Answer::BucketPolicy(policy))) = case.answer(&resource.need())
    else {
        return Standing::Closed;
    };
    let may_be_absent = !matches!(resource, Resource::Key { .. });
    if policy.document.trim().is_empty() && may_be_absent {
        return Standing::Absent;
    }
    written(Some(&policy.document))
}
