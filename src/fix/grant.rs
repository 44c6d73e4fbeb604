//! Which statements of a policy grant permissions, and which one admits ECS to a role.
//!
//! Given permissions, gives the least statements that let these calls through.

use serde_json::{Value, json};

use super::document;
use crate::{
    id::Arn,
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

/// Actions with the very resources that each of them needs, so that no statement grants a pair that nobody asked for.
fn grouped(permissions: &[&Permission]) -> Vec<(Vec<String>, Vec<String>)> {
    rectangles(permissions.iter().map(|permission| (permission.action.clone(), permission.granted_resource())))
}

/// Pairs of an action and a resource as sets of actions that share their resources.
pub fn rectangles(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<(Vec<String>, Vec<String>)> {
    let mut by_action: Vec<(String, Vec<String>)> = Vec::new();
    for (action, resource) in pairs {
        match by_action.iter_mut().find(|(a, _)| *a == action) {
            Some((_, resources)) if resources.contains(&resource) => {}
            Some((_, resources)) => resources.push(resource),
            None => by_action.push((action, vec![resource])),
        }
    }
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (action, resources) in by_action {
        match groups.iter_mut().find(|(_, r)| *r == resources) {
            Some((actions, _)) => actions.push(action),
            None => groups.push((vec![action], resources)),
        }
    }
    groups
}

/// `SecretsmanagerGetSecretValue`: letters and digits, as a Sid must be.
fn sid(actions: &[String]) -> String {
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
    let source = Arn::new("ecs", &workload.region, &workload.account, "*").to_string();
    json!({
        "Sid": "EcsTasks",
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": source},
            "StringEquals": {"aws:SourceAccount": workload.account}
        }
    })
}
