//! One typed edit of an account. Every kind has an arm in `apply` and in each renderer; the compiler lists them.

use serde_json::Value;

use crate::id::{Arn, short_name};

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
    CreateLogGroup {
        region: String,
        group: String,
    },
    /// Takes back the scheduled deletion of a secret.
    RestoreSecret {
        region: String,
        secret: String,
    },
}

impl Change {
    /// The policy document that it writes, if any.
    pub fn document(&self) -> Option<&Value> {
        match self {
            Self::PutRolePolicy { document, .. }
            | Self::SetPolicyVersion { document, .. }
            | Self::UpdateTrust { document, .. } => Some(document),
            Self::CreateRole { trust, .. } => Some(trust),
            Self::DeleteRolePolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::CreateLogGroup { .. }
            | Self::RestoreSecret { .. } => None,
        }
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
