//! Calls in words; roles and layers by their names.

use crate::{
    case::Case,
    fix::{place::Place, statements},
    iam::Layer,
    id::Arn,
    judge::Check,
    require::{Permission, RoleRef},
};

/// The permissions that calls are about.
pub fn permissions<'a>(calls: &[&'a Check]) -> Vec<&'a Permission> {
    calls.iter().map(|call| &call.permission).collect()
}

/// "action, action on resource" of the calls, for titles.
pub fn in_words(calls: &[&Check]) -> String {
    statements::in_words(&permissions(calls))
}

/// The role's ARN as IAM has it, with its path.
pub fn role_arn(case: &Case, role: &RoleRef) -> String {
    let known = role.name().and_then(|name| case.role(name).ok()).map(|r| r.arn.clone());
    known.filter(|arn| !arn.is_empty()).or_else(|| role.arn.clone()).unwrap_or_default()
}

/// Who has to run a change of another account's resource, as the end of a title; nothing for one of this account.
pub fn credentials(place: &Place, call: &Check) -> String {
    let own = call.permission.role.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok()).map(|arn| arn.account);
    match place {
        Place::Resource(resource) => resource.account().filter(|account| Some(account) != own.as_ref()),
        _ => None,
    }
    .map(|account| format!(", with credentials of account {account}"))
    .unwrap_or_default()
}

/// A layer as AWS calls its policies.
pub fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session",
        Layer::ResourcePolicy => "resource policy",
        Layer::KeyPolicy => "key policy",
        Layer::Trust => "trust",
        Layer::Scp => "service control policy",
        Layer::Rcp => "resource control policy",
        Layer::Endpoint => "VPC endpoint policy",
    }
}
