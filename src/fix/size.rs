//! How large AWS lets policy documents be. In IAM's own white space does not count
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>); the policies of resources have a limit
//! each (<https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>).

use super::{Change, Resource};
use crate::case::Case;

/// Where IAM's limits stand.
pub const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";

/// All inline policies of a role together.
const INLINE: usize = 10_240;
const MANAGED: usize = 6_144;
/// Unless the account has had it raised.
const TRUST: usize = 2_048;
const TRUST_RAISED: usize = 4_096;
/// Of a VPC endpoint, white space included.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html>
const ENDPOINT: usize = 20_480;

/// What a change would make larger than AWS lets it be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    size: usize,
    limit: usize,
    /// The documents, and what to do instead.
    what: String,
    instead: &'static str,
}

impl Excess {
    pub fn told(&self) -> String {
        let Self { size, limit, what, instead } = self;
        format!("{what} would have {size} characters, and AWS takes {limit}: {instead}")
    }
}

const CONSOLIDATE: &str = "make one statement of those that are alike, or take out what is not needed";
const MANAGED_INSTEAD: &str = "put the new statement into a managed policy of its own and attach it to the role, or make \
                               one statement of those that are alike";

/// Whether AWS takes the documents of a change, given the facts before and after it.
pub fn fits(before: &Case, after: &Case, change: &Change) -> bool {
    excess(before, after, change).is_none()
}

/// What AWS would not take of a change, given the facts before and after it.
pub fn excess(before: &Case, after: &Case, change: &Change) -> Option<Excess> {
    let (size, limit) = measured(before, after, change)?;
    let (what, instead) = match change {
        Change::PutRolePolicy { role, .. } => (format!("the inline policies of role {role}"), MANAGED_INSTEAD),
        Change::SetPolicyVersion { policy, .. } => (format!("policy {policy}"), CONSOLIDATE),
        Change::UpdateTrust { role, .. } => (format!("the trust policy of {role}"), CONSOLIDATE),
        Change::PutResourcePolicy { resource, .. } => (format!("the policy of {}", resource.told()), CONSOLIDATE),
        Change::Network(_) => ("the policy of the endpoint".to_owned(), CONSOLIDATE),
        _ => ("a document".to_owned(), CONSOLIDATE),
    };
    (size > limit).then_some(Excess { size, limit, what, instead })
}

/// How large what a change writes is, and may be; `None` where it writes nothing.
fn measured(before: &Case, after: &Case, change: &Change) -> Option<(usize, usize)> {
    Some(match change {
        Change::PutRolePolicy { role, .. } => (inline_size(after, role), INLINE),
        Change::SetPolicyVersion { document, .. } => (size(&document.to_string()), MANAGED),
        Change::UpdateTrust { role, document } => (size(&document.to_string()), trust_limit(before, role)),
        Change::CreateRole { trust, .. } => (size(&trust.to_string()), TRUST),
        Change::PutResourcePolicy { resource, document } => (document.to_string().len(), resource_limit(resource)),
        Change::Network(change) => (change.document()?.to_string().len(), ENDPOINT),
        Change::DeleteRolePolicy { .. }
        | Change::DetachRolePolicy { .. }
        | Change::DeleteResourcePolicy { .. }
        | Change::CreateLogGroup { .. }
        | Change::RestoreSecret { .. }
        | Change::ReviseTaskDefinition(_)
        | Change::EnableKey { .. }
        | Change::CancelKeyDeletion { .. }
        | Change::CreateServiceLinkedRole { .. } => return None,
    })
}

/// What an inline policy of this document exceeds, by itself.
pub fn inline_excess(document: &serde_json::Value) -> Option<usize> {
    Some(size(&document.to_string())).filter(|size| *size > INLINE)
}

/// Bytes of a resource's policy, white space included: the commands write none.
fn resource_limit(resource: &Resource) -> usize {
    match resource {
        Resource::Repository { .. } => 10 * 1024,
        Resource::Secret { .. } | Resource::Bucket { .. } => 20 * 1024,
        Resource::Key { .. } => 32 * 1024,
    }
}

fn inline_size(case: &Case, role: &str) -> usize {
    let names = case.role_policy_names(role).map(|names| names.policy_names.as_slice()).unwrap_or_default();
    names.iter().filter_map(|name| case.role_policy(role, name).ok()).map(|policy| size(&policy.document)).sum()
}

/// A document that is larger than the default shows that the account's limit was raised.
fn trust_limit(before: &Case, role: &str) -> usize {
    let known = before.role(role).map_or(0, |role| size(&role.assume_role_policy_document));
    if known > TRUST { TRUST_RAISED } else { TRUST }
}

fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}
