//! Calls in words and as products of actions and resources; roles and layers by their names.

use crate::{case::Case, fix::place::Place, iam::Layer, id::Arn, judge::Check, require::RoleRef};

/// What to grant or to spare: the resource itself, but every stream of a log group, since each task writes one of its
/// own.
pub fn granted_resource(call: &Check) -> String {
    let resource = &call.permission.resource;
    match resource.split_once(":log-stream:") {
        Some((group, _)) if call.permission.action.starts_with("logs:") => format!("{group}:*"),
        _ => resource.clone(),
    }
}

/// The calls as pairs of action and resource.
pub fn pairs(calls: &[&Check]) -> Vec<(String, String)> {
    calls.iter().map(|call| (call.permission.action.clone(), granted_resource(call))).collect()
}

/// Actions with the very resources that each of them needs, so that no product has a pair that nobody asked for.
pub fn grouped(calls: &[(String, String)]) -> Vec<(Vec<String>, Vec<String>)> {
    products(calls.iter().cloned())
}

/// The same by resource: each with the very actions that are asked on it.
pub fn grouped_by_resource(calls: &[(String, String)]) -> Vec<(Vec<String>, Vec<String>)> {
    let turned = products(calls.iter().map(|(action, resource)| (resource.clone(), action.clone())));
    turned.into_iter().map(|(resources, actions)| (actions, resources)).collect()
}

/// Keys that have the same values, together.
fn products(pairs: impl Iterator<Item = (String, String)>) -> Vec<(Vec<String>, Vec<String>)> {
    let mut by_key: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in pairs {
        match by_key.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => by_key.push((key, vec![value])),
        }
    }
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (key, values) in by_key {
        match groups.iter_mut().find(|(_, v)| *v == values) {
            Some((keys, _)) => keys.push(key),
            None => groups.push((vec![key], values)),
        }
    }
    groups
}

/// "action, action on resource" of the calls, for titles.
pub fn in_words(calls: &[&Check]) -> String {
    let parts = grouped(&pairs(calls))
        .into_iter()
        .map(|(actions, resources)| format!("{} on {}", actions.join(", "), resources.join(", ")));
    parts.collect::<Vec<_>>().join("; ")
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
