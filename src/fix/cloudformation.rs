//! Changes as the resources of a CloudFormation template, in JSON.

use serde_json::{Map, Value, json};

use super::Change;
use crate::id::short_name;

/// A template with the resources as they should be after the changes; `None` if CloudFormation has none for them.
pub fn template(changes: &[Change]) -> Option<String> {
    let resources: Map<String, Value> = changes.iter().filter_map(resource).collect();
    if resources.is_empty() {
        return None;
    }
    serde_json::to_string_pretty(&json!({"Resources": resources})).ok()
}

fn resource(change: &Change) -> Option<(String, Value)> {
    let (name, kind, properties) = match change {
        Change::PutRolePolicy { role, policy, document } => (
            policy.as_str(),
            "AWS::IAM::RolePolicy",
            json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": document}),
        ),
        Change::SetPolicyVersion { policy, document } => {
            let name = short_name(policy);
            (name, "AWS::IAM::ManagedPolicy", json!({"ManagedPolicyName": name, "PolicyDocument": document}))
        }
        Change::UpdateTrust { role, document } => (role.as_str(), "AWS::IAM::Role", role_properties(role, document)),
        Change::CreateRole { arn, trust } => {
            let name = short_name(arn);
            (name, "AWS::IAM::Role", role_properties(name, trust))
        }
        Change::CreateLogGroup { group, .. } => (group.as_str(), "AWS::Logs::LogGroup", json!({"LogGroupName": group})),
        Change::RestoreSecret { .. } => return None,
    };
    Some((logical_id(name), json!({"Type": kind, "Properties": properties})))
}

fn role_properties(name: &str, trust: &Value) -> Value {
    json!({"RoleName": name, "AssumeRolePolicyDocument": trust})
}

/// Letters and digits, each word with a capital.
fn logical_id(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id: String = words
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or_default();
            first.to_ascii_uppercase() + rest
        })
        .collect();
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id } else { format!("Ecs{id}") }
}
