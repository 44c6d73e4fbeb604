//! Roles and their policies as IAM's read operations give them; documents are decoded JSON text.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    pub role_name: String,
    pub arn: String,
    pub role_id: String,
    /// The trust policy.
    pub assume_role_policy_document: String,
    /// ARN of the managed policy that bounds the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
}

/// An answer of `ListRolePolicies`: the names of the inline policies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyNames {
    pub policy_names: Vec<String>,
}

/// An answer of `ListAttachedRolePolicies`: ARNs of managed policies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachedPolicies {
    pub policy_arns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedPolicy {
    pub arn: String,
    pub default_version_id: String,
    /// To how many users, groups and roles it is attached; an edit reaches all of them.
    pub attachment_count: i64,
}

/// A document as JSON text; empty where the resource has no policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyDocument {
    pub document: String,
}
