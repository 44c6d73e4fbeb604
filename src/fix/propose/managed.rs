//! Customer managed policies as they are, and who else has them.

use serde_json::Value;

use crate::{
    case::Case,
    fix::{Change, document},
    id::Arn,
};

/// A managed policy's default version; `None` for one of AWS's own, which nobody can edit.
pub fn document(case: &Case, arn: &str) -> Option<Value> {
    let account = arn.parse::<Arn>().ok()?.account;
    let version = &case.managed_policy(arn).ok().filter(|_| account != "aws")?.default_version_id;
    document::parse(&case.managed_policy_version(arn, version).ok()?.document)
}

/// The change of it to that document; `None` where no statement is left, since such a policy cannot be.
pub fn change(case: &Case, role: &str, policy: String, document: Value) -> Option<Change> {
    let shared = is_shared(case, role, &policy);
    (!document::is_empty(&document)).then_some(Change::SetPolicyVersion { policy, document, shared })
}

/// Whether others may have the policy: AWS's count leaves out those that have it as their boundary.
fn is_shared(case: &Case, role: &str, policy: &str) -> bool {
    let is_boundary = case.role(role).is_ok_and(|role| role.permissions_boundary.as_deref() == Some(policy));
    is_boundary || case.managed_policy(policy).is_ok_and(|managed| managed.attachment_count > 1)
}
