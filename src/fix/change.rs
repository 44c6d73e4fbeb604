//! One typed edit of an account. Every kind has an arm in `apply` and in each renderer; the compiler lists them.

use serde_json::Value;

/// An edit by the user's own names. Documents are whole: what the policy is after the edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Puts an inline policy, new or in the place of one with the same name.
    PutRolePolicy {
        role: String,
        policy: String,
        document: Value,
    },
    /// Makes a new default version of a customer managed policy.
    SetPolicyVersion {
        policy: String,
        document: Value,
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
            Self::CreateLogGroup { .. } | Self::RestoreSecret { .. } => None,
        }
    }
}
