//! Keys: `DescribeKey`. Nothing is encrypted or decrypted.

use aws_sdk_kms::{Client, types::KeyMetadata};

use crate::case::{Answer, Gap, Key};

pub async fn key(client: &Client, key: &str) -> Result<Answer, Gap> {
    let metadata = client.describe_key().key_id(key).send().await?.key_metadata;
    metadata.map(mapped).map(Answer::Key).ok_or_else(|| super::error::empty("DescribeKey"))
}

fn mapped(metadata: KeyMetadata) -> Key {
    Key {
        arn: metadata.arn.unwrap_or_default(),
        key_state: metadata.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        key_manager: metadata.key_manager.map(|manager| manager.as_str().to_owned()).unwrap_or_default(),
    }
}
