//! Metadata of secrets, parameters and keys; never a value.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Case, Gap, Need, time::instant};

/// An answer of `secretsmanager:DescribeSecret`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Secret {
    /// With the six characters that Secrets Manager added.
    pub arn: String,
    pub name: String,
    /// Absent for the AWS managed key `aws/secretsmanager`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// When it was scheduled for deletion.
    #[serde(deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub deleted_date: Option<Timestamp>,
    /// The staging labels that some version carries.
    pub version_stages: Vec<String>,
}

/// An answer of `ListSecretVersionIds`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretVersions {
    pub version_ids: Vec<String>,
}

/// An answer of `HeadObject`: the object is there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Object {
    /// Of SSE-KMS with a key of the customer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_length: Option<i64>,
}

/// An answer of `ssm:DescribeParameters`: the asked parameters that exist.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    pub parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameter {
    pub name: String,
    /// `String`, `StringList` or `SecureString`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// An answer of `kms:DescribeKey`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Key {
    pub arn: String,
    /// `Enabled`, `Disabled`, `PendingDeletion` …
    pub key_state: String,
    /// `AWS` or `CUSTOMER`.
    pub key_manager: String,
}

/// An answer of `kms:ListGrants`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyGrants {
    pub grants: Vec<KeyGrant>,
}

/// What one grant lets its grantee do
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyGrant {
    pub grant_id: String,
    pub grantee_principal: String,
    /// `Decrypt`, `GenerateDataKey` …
    pub operations: Vec<String>,
    /// What a request's encryption context must hold.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encryption_context: BTreeMap<String, String>,
}

impl Case {
    /// A parameter by name: `Ok(None)` where AWS was asked and has none of that name.
    ///
    /// # Errors
    /// The gap, if it could not be asked.
    pub fn parameter(&self, region: &str, name: &str) -> Result<Option<&Parameter>, &Gap> {
        let asked = self.facts().find_map(|(need, _)| match need {
            Need::Parameters { region: r, names } if r == region && names.iter().any(|n| n == name) => Some(need),
            _ => None,
        });
        match asked.map(|need| self.answer(need)) {
            Some(Ok(super::Answer::Parameters(found))) => Ok(found.parameters.iter().find(|p| p.name == name)),
            Some(Err(gap)) => Err(gap),
            _ => Err(&Gap::NotAsked),
        }
    }
}
