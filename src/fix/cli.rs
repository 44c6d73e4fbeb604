//! Changes as `aws` commands: each stands alone in a fresh POSIX shell and needs no file.

use serde_json::Value;

use super::{Change, Resource, change::role_path, network};
use crate::id::partition_of_region;

/// The commands of a change. `region` is the task's; IAM is global within its partition, which only a Region selects.
pub fn commands(change: &Change, region: &str) -> Vec<String> {
    let command = match change {
        Change::PutRolePolicy { role, policy, document } => format!(
            "aws iam put-role-policy --role-name {} --policy-name {} --policy-document {}{}",
            quoted(role),
            quoted(policy),
            json(document),
            partition(region)
        ),
        Change::DeleteRolePolicy { role, policy } => format!(
            "aws iam delete-role-policy --role-name {} --policy-name {}{}",
            quoted(role),
            quoted(policy),
            partition(region)
        ),
        Change::DetachRolePolicy { role, policy } => format!(
            "aws iam detach-role-policy --role-name {} --policy-arn {}{}",
            quoted(role),
            quoted(policy),
            partition(region)
        ),
        Change::SetPolicyVersion { policy, document, .. } => format!(
            "aws iam create-policy-version --policy-arn {} --policy-document {} --set-as-default{}",
            quoted(policy),
            json(document),
            partition(region)
        ),
        Change::UpdateTrust { role, document } => format!(
            "aws iam update-assume-role-policy --role-name {} --policy-document {}{}",
            quoted(role),
            json(document),
            partition(region)
        ),
        Change::CreateRole { arn, trust } => create_role(arn, trust, region),
        Change::PutResourcePolicy { resource, document } => put_resource_policy(resource, document),
        Change::DeleteResourcePolicy { resource } => return delete_resource_policy(resource).into_iter().collect(),
        Change::CreateLogGroup { region, group } => {
            format!("aws logs create-log-group --log-group-name {} --region {}", quoted(group), quoted(region))
        }
        Change::Network(change) => network::command(change),
        Change::RestoreSecret { region, secret } => {
            format!("aws secretsmanager restore-secret --secret-id {} --region {}", quoted(secret), quoted(region))
        }
        Change::ReviseTaskDefinition(revision) => return revision.commands(),
        Change::EnableKey { region, key } => {
            format!("aws kms enable-key --key-id {} --region {}", quoted(key), quoted(region))
        }
        Change::CancelKeyDeletion { region, key } => {
            format!("aws kms cancel-key-deletion --key-id {} --region {}", quoted(key), quoted(region))
        }
        Change::CreateServiceLinkedRole { service, .. } => {
            format!("aws iam create-service-linked-role --aws-service-name {}{}", quoted(service), partition(region))
        }
    };
    vec![command]
}

fn create_role(arn: &str, trust: &Value, region: &str) -> String {
    let name = crate::id::short_name(arn);
    let path = role_path(arn).map(|path| format!(" --path {}", quoted(&path))).unwrap_or_default();
    format!(
        "aws iam create-role --role-name {}{path} --assume-role-policy-document {}{}",
        quoted(name),
        json(trust),
        partition(region)
    )
}

fn put_resource_policy(resource: &Resource, document: &Value) -> String {
    let (id, region) = selected(resource);
    let text = json(document);
    let command = match resource {
        Resource::Repository { .. } => format!("aws ecr set-repository-policy {id} --policy-text {text}"),
        Resource::Secret { .. } => {
            format!("aws secretsmanager put-resource-policy {id} --resource-policy {text} --block-public-policy")
        }
        Resource::Key { .. } => format!("aws kms put-key-policy {id} --policy-name default --policy {text}"),
        Resource::Bucket { .. } => format!("aws s3api put-bucket-policy {id} --policy {text}"),
    };
    format!("{command} --region {region}")
}

/// `None` for a key, which has a policy as long as it lives.
fn delete_resource_policy(resource: &Resource) -> Option<String> {
    let (id, region) = selected(resource);
    let command = match resource {
        Resource::Repository { .. } => "aws ecr delete-repository-policy",
        Resource::Secret { .. } => "aws secretsmanager delete-resource-policy",
        Resource::Bucket { .. } => "aws s3api delete-bucket-policy",
        Resource::Key { .. } => return None,
    };
    Some(format!("{command} {id} --region {region}"))
}

/// The options that name a resource, and its Region. A registry is an account's: without its id ECR looks in the
/// caller's own.
fn selected(resource: &Resource) -> (String, String) {
    let (options, region) = match resource {
        Resource::Repository { region, account, repository } => {
            (format!("--registry-id {} --repository-name {}", quoted(account), quoted(repository)), region)
        }
        Resource::Secret { region, secret } => (format!("--secret-id {}", quoted(secret)), region),
        Resource::Key { region, key } => (format!("--key-id {}", quoted(key)), region),
        Resource::Bucket { region, bucket } => (format!("--bucket {}", quoted(bucket)), region),
    };
    (options, quoted(region))
}

fn partition(region: &str) -> String {
    if partition_of_region(region) == "aws" { String::new() } else { format!(" --region {}", quoted(region)) }
}

fn json(document: &Value) -> String {
    quoted(&document.to_string())
}

/// A word for a POSIX shell: plain where nothing in it is special, else in single quotes.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@+=,%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quoted("/ecs/app"), "/ecs/app");
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn policies_are_deleted_by_name() {
        let change = Change::DeleteRolePolicy { role: "exec".into(), policy: "no secrets".into() };
        let expected = "aws iam delete-role-policy --role-name exec --policy-name 'no secrets'";
        assert_eq!(commands(&change, "eu-west-1"), [expected]);
    }

    #[test]
    fn roles_keep_their_path() {
        let command =
            create_role("arn:aws-cn:iam::123456789012:role/service/x/exec", &serde_json::json!({}), "cn-north-1");
        assert_eq!(
            command,
            "aws iam create-role --role-name exec --path /service/x/ --assume-role-policy-document '{}' --region cn-north-1"
        );
    }
}
