//! Which statements of a policy grant permissions, and which one admits ECS to a role.
//!
//! Given permissions, gives the least statements that let these calls through.

use serde_json::{Value, json};

use super::document;
use crate::{
    id::Arn,
    judge::ECS_TASKS,
    require::{Permission, Workload},
};

/// One statement for each set of actions that share their resources.
pub fn statements(permissions: &[&Permission]) -> Vec<Value> {
    grouped(permissions)
        .into_iter()
        .map(|(actions, resources)| document::allow(&sid(&actions), &actions, &resources))
        .collect()
}

/// "action, action on resource", for titles.
pub fn in_words(permissions: &[&Permission]) -> String {
    let parts = grouped(permissions)
        .into_iter()
        .map(|(actions, resources)| format!("{} on {}", actions.join(", "), resources.join(", ")));
    parts.collect::<Vec<_>>().join("; ")
}

/// What to grant for the permissions.
pub fn grouped(permissions: &[&Permission]) -> Vec<Product> {
    by_action(permissions.iter().map(|permission| (permission.action.clone(), permission.granted_resource())))
}

/// Actions with resources, each of them with each.
pub type Product = (Vec<String>, Vec<String>);

/// Actions with the very resources that each of them needs, so that no product has a pair that nobody asked for.
pub fn by_action(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<Product> {
    let mut by_action: Vec<(String, Vec<String>)> = Vec::new();
    for (action, resource) in pairs {
        match by_action.iter_mut().find(|(known, _)| *known == action) {
            Some((_, resources)) if resources.contains(&resource) => {}
            Some((_, resources)) => resources.push(resource),
            None => by_action.push((action, vec![resource])),
        }
    }
    let mut products: Vec<Product> = Vec::new();
    for (action, resources) in by_action {
        match products.iter_mut().find(|(_, known)| *known == resources) {
            Some((actions, _)) => actions.push(action),
            None => products.push((vec![action], resources)),
        }
    }
    products
}

/// The same by resource: each with the very actions that are asked on it.
pub fn by_resource(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<Product> {
    let turned = by_action(pairs.into_iter().map(|(action, resource)| (resource, action)));
    turned.into_iter().map(|(resources, actions)| (actions, resources)).collect()
}

/// `SecretsmanagerGetSecretValue`: letters and digits, as a Sid must be.
pub fn sid(actions: &[String]) -> String {
    let words = actions.first().map_or("", String::as_str).split([':', '-']);
    words
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or_default();
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// Who may assume a role that ECS is to use: the trust that AWS documents for task roles, against the confused deputy.
pub fn trust_statement(workload: &Workload<'_>) -> Value {
    json!({
        "Sid": "EcsTasks",
        "Effect": "Allow",
        "Principal": {"Service": ECS_TASKS},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": trusted_source(workload)},
            "StringEquals": {"aws:SourceAccount": workload.account}
        }
    })
}

/// Every task of the account in the Region: AWS supports no narrower source.
pub fn trusted_source(workload: &Workload<'_>) -> String {
    Arn::new("ecs", &workload.region, &workload.account, "*").to_string()
}
