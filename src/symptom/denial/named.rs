//! What operations and services are called as IAM actions, from `knowledge/operations.toml`.
//!
//! SDKs print the operation (`HeadObject`) and their own name of the service (`Amazon S3`, `AmazonDynamoDBv2`); policies
//! want the action (`s3:GetObject`).

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::embedded::{self, FILES};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    key: Key,
    service: Vec<Service>,
}

/// What a service asks of KMS in the caller's name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    reads: String,
    writes: String,
    /// Operations that write.
    writing: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    /// Of its actions.
    prefix: String,
    names: Vec<String>,
    /// Operations that are called like their action.
    operations: Vec<String>,
    /// Operations that cost other actions, or several.
    #[serde(default)]
    actions: BTreeMap<String, Vec<String>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file = FILES.iter().find(|(path, _)| *path == "operations.toml");
    file.and_then(|(_, text)| embedded::read(text).ok()).unwrap_or_default()
});

impl Service {
    fn is_named(&self, squeezed: &str) -> bool {
        self.names.iter().any(|name| squeeze(name) == squeezed)
    }

    fn knows(&self, operation: &str) -> bool {
        self.actions.contains_key(operation) || self.operations.iter().any(|own| own == operation)
    }

    fn actions(&self, operation: &str) -> Vec<String> {
        let own = || vec![format!("{}:{operation}", self.prefix)];
        self.actions.get(operation).cloned().unwrap_or_else(own)
    }
}

/// Letters and digits alone, in one case, without the brand in front.
fn squeeze(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let bare = plain.strip_prefix("amazon").or_else(|| plain.strip_prefix("aws"));
    bare.filter(|bare| !bare.is_empty()).map_or(plain.clone(), str::to_owned)
}

/// The actions that an operation costs, the likeliest first. Where the service is not told, only an operation of a single
/// one tells; of a service that is not listed, how its actions begin is not known.
pub fn actions(service: Option<&str>, operation: &str) -> Option<Vec<String>> {
    let Some(name) = service.map(squeeze).filter(|name| !name.is_empty()) else {
        let mut owners = TABLE.service.iter().filter(|service| service.knows(operation));
        let only = owners.next().filter(|_| owners.next().is_none());
        return only.map(|service| service.actions(operation));
    };
    TABLE.service.iter().find(|service| service.is_named(&name)).map(|service| service.actions(operation))
}

/// Whether an operation is known to be one of that service.
pub fn is_operation(service: &str, operation: &str) -> bool {
    let name = squeeze(service);
    TABLE.service.iter().any(|service| service.is_named(&name) && service.knows(operation))
}

/// What a service asks of KMS when it carries out an operation.
pub fn key_action(operation: &str) -> &'static str {
    let key = &TABLE.key;
    if key.writing.iter().any(|writing| writing == operation) { &key.writes } else { &key.reads }
}

/// An action as policies write it: some services spell it in small letters, or their prefix in capitals.
pub fn spelled(action: &str) -> String {
    let Some((prefix, name)) = action.split_once(':') else { return action.to_owned() };
    let prefix = prefix.to_ascii_lowercase();
    let services = TABLE.service.iter().filter(|service| service.prefix == prefix);
    let known = services.flat_map(|service| &service.operations).find(|known| known.eq_ignore_ascii_case(name));
    format!("{prefix}:{}", known.map_or(name, String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let file = FILES.iter().find(|(path, _)| *path == "operations.toml").unwrap();
        let table: Table = embedded::read(file.1).unwrap();
        assert!(table.service.len() > 20);
        for service in &table.service {
            assert!(service.operations.iter().all(|own| !service.actions.contains_key(own)));
            assert!(service.actions.values().flatten().all(|action| action.contains(':')), "{}", service.prefix);
        }
    }

    #[test]
    fn services_go_by_many_names() {
        for (service, operation, action) in [
            ("Amazon S3", "HeadObject", "s3:GetObject"),
            ("S3", "ListObjectsV2", "s3:ListBucket"),
            ("AmazonDynamoDBv2", "GetItem", "dynamodb:GetItem"),
            ("AWSKMS", "Decrypt", "kms:Decrypt"),
            ("AWSSecretsManager", "GetSecretValue", "secretsmanager:GetSecretValue"),
            ("secrets-manager", "GetSecretValue", "secretsmanager:GetSecretValue"),
            ("CloudWatch Logs", "PutLogEvents", "logs:PutLogEvents"),
            ("SFN", "StartExecution", "states:StartExecution"),
            ("Bedrock Runtime", "Converse", "bedrock:InvokeModel"),
            ("Lambda", "Invoke", "lambda:InvokeFunction"),
            ("SQS", "SendMessageBatch", "sqs:SendMessage"),
        ] {
            let found = actions(Some(service), operation).unwrap();
            assert_eq!(found.first().map(String::as_str), Some(action), "{service} {operation}");
        }
    }

    #[test]
    fn an_operation_of_one_service_tells_it() {
        assert_eq!(actions(None, "PutObject"), Some(vec!["s3:PutObject".to_owned()]));
        assert_eq!(actions(None, "ListBuckets"), Some(vec!["s3:ListAllMyBuckets".to_owned()]));
        assert_eq!(actions(None, "PutRecord"), None, "of Kinesis or of Firehose");
        assert_eq!(actions(None, "ListWidgets"), None);
        assert_eq!(actions(Some("Cost Explorer"), "GetCostAndUsage"), None, "its actions begin with ce");
    }

    #[test]
    fn actions_are_spelled_as_in_policies() {
        assert_eq!(spelled("sqs:sendmessage"), "sqs:SendMessage");
        assert_eq!(spelled("SNS:Publish"), "sns:Publish");
        assert_eq!(spelled("codebuild:startbuild"), "codebuild:startbuild");
    }
}
