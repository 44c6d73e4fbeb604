//! Changes as the resources of a CloudFormation template, in JSON.

use serde_json::{Map, Value, json};

use super::{
    Change, Resource,
    change::{makes_role, role_path},
    network,
};
use crate::id::short_name;

/// A template with the resources as they should be after the changes; `None` unless it can hold all of them.
///
/// A template takes whole resources. Of a role or managed policy that exists, not everything is known: one without its
/// boundary, path or tags would weaken or replace it.
pub fn template(changes: &[Change]) -> Option<String> {
    let resources: Map<String, Value> =
        changes.iter().map(|change| resource(change, changes)).collect::<Option<_>>()?;
    serde_json::to_string_pretty(&json!({"Resources": resources})).ok()
}

fn resource(change: &Change, all: &[Change]) -> Option<(String, Value)> {
    if let Change::Network(change) = change {
        let (name, kind, properties) = network::resource(change)?;
        return Some((logical_id(&name), json!({"Type": kind, "Properties": properties})));
    }
    let (name, kind, properties) = match change {
        Change::PutRolePolicy { role, policy, document } => (
            policy.as_str(),
            "AWS::IAM::RolePolicy",
            json!({"RoleName": role_name(role, all), "PolicyName": policy, "PolicyDocument": document}),
        ),
        Change::CreateRole { arn, trust } => (short_name(arn), "AWS::IAM::Role", role_properties(arn, trust)),
        Change::CreateLogGroup { group, .. } => (group.as_str(), "AWS::Logs::LogGroup", json!({"LogGroupName": group})),
        Change::PutResourcePolicy { resource: Resource::Secret { secret, .. }, document } => (
            secret.as_str(),
            "AWS::SecretsManager::ResourcePolicy",
            json!({"SecretId": secret, "ResourcePolicy": document, "BlockPublicPolicy": true}),
        ),
        Change::PutResourcePolicy { resource: Resource::Bucket { bucket, .. }, document } => {
            (bucket.as_str(), "AWS::S3::BucketPolicy", json!({"Bucket": bucket, "PolicyDocument": document}))
        }
        // The policy of a repository or a key is a property of the repository or the key.
        Change::PutResourcePolicy { resource: Resource::Repository { .. } | Resource::Key { .. }, .. }
        | Change::SetPolicyVersion { .. }
        | Change::UpdateTrust { .. }
        | Change::DeleteRolePolicy { .. }
        | Change::DetachRolePolicy { .. }
        | Change::DeleteResourcePolicy { .. }
        | Change::RestoreSecret { .. }
        | Change::ReviseTaskDefinition(_)
        | Change::EnableKey { .. }
        | Change::CancelKeyDeletion { .. }
        | Change::CreateServiceLinkedRole { .. }
        | Change::Network(_) => return None,
    };
    Some((logical_id(name), json!({"Type": kind, "Properties": properties})))
}

/// A role that is made beside its policy has to be there first, which a reference to it tells CloudFormation.
fn role_name(name: &str, all: &[Change]) -> Value {
    if makes_role(all, name) { json!({"Ref": logical_id(name)}) } else { json!(name) }
}

fn role_properties(arn: &str, trust: &Value) -> Value {
    match role_path(arn) {
        Some(path) => json!({"RoleName": short_name(arn), "Path": path, "AssumeRolePolicyDocument": trust}),
        None => json!({"RoleName": short_name(arn), "AssumeRolePolicyDocument": trust}),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_resources_are_given() {
        let trust = Change::UpdateTrust { role: "exec".into(), document: json!({}) };
        let group = Change::CreateLogGroup { region: "eu-west-1".into(), group: "/ecs/app".into() };
        assert!(template(std::slice::from_ref(&group)).is_some());
        assert_eq!(template(&[group, trust]), None);
    }

    #[test]
    fn a_policy_waits_for_the_role_that_is_made_with_it() {
        let create = Change::CreateRole { arn: "arn:aws:iam::123456789012:role/x/web-1".into(), trust: json!({}) };
        let put = |role: &str| Change::PutRolePolicy { role: role.into(), policy: "p".into(), document: json!({}) };
        let made: Value = serde_json::from_str(&template(&[create, put("web-1")]).unwrap()).unwrap();
        assert_eq!(made["Resources"]["P"]["Properties"]["RoleName"], json!({"Ref": "Web1"}));
        assert!(made["Resources"]["Web1"].is_object());
        let known: Value = serde_json::from_str(&template(&[put("web-1")]).unwrap()).unwrap();
        assert_eq!(known["Resources"]["P"]["Properties"]["RoleName"], "web-1");
    }

    #[test]
    fn roles_keep_their_path() {
        let made = |arn: &str| template(&[Change::CreateRole { arn: arn.into(), trust: json!({}) }]).unwrap();
        assert!(made("arn:aws:iam::123456789012:role/service/x/exec").contains(r#""Path": "/service/x/""#));
        assert!(!made("arn:aws:iam::123456789012:role/exec").contains("Path"));
    }
}
