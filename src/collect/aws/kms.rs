//! Keys: `DescribeKey` and the key policy. Nothing is encrypted or decrypted.

use aws_sdk_kms::{Client, types::KeyMetadata};

use crate::case::{Answer, Gap, Key, PolicyDocument};

pub async fn key(client: &Client, key: &str) -> Result<Answer, Gap> {
    let metadata = client.describe_key().key_id(key).send().await?.key_metadata;
    metadata.map(mapped).map(Answer::Key).ok_or_else(|| super::error::empty("DescribeKey"))
}

/// A key has exactly one policy, and its name is `default`.
pub async fn key_policy(client: &Client, key: &str) -> Result<Answer, Gap> {
    let answer = client.get_key_policy().key_id(key).policy_name("default").send().await?;
    Ok(Answer::KeyPolicy(PolicyDocument { document: answer.policy.unwrap_or_default() }))
}

fn mapped(metadata: KeyMetadata) -> Key {
    Key {
        arn: metadata.arn.unwrap_or_default(),
        key_state: metadata.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        key_manager: metadata.key_manager.map(|manager| manager.as_str().to_owned()).unwrap_or_default(),
    }
}
