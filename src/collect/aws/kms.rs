//! Keys: `DescribeKey`, the key policy and grants. Nothing is encrypted or decrypted.

use aws_sdk_kms::{
    Client,
    types::{GrantListEntry, KeyMetadata},
};

use crate::case::{Answer, Gap, Key, KeyGrant, KeyGrants, PolicyDocument};

pub async fn key(client: &Client, key: &str) -> Result<Answer, Gap> {
    let metadata = client.describe_key().key_id(key).send().await?.key_metadata;
    metadata.map(mapped).map(Answer::Key).ok_or_else(|| super::error::empty("DescribeKey"))
}

/// A key has exactly one policy, and its name is `default`.
pub async fn key_policy(client: &Client, key: &str) -> Result<Answer, Gap> {
    let answer = client.get_key_policy().key_id(key).policy_name("default").send().await?;
    Ok(Answer::KeyPolicy(PolicyDocument { document: answer.policy.unwrap_or_default() }))
}

/// The grants of a key to one principal; the service filters them.
pub async fn key_grants(client: &Client, key: &str, grantee: &str) -> Result<Answer, Gap> {
    let pages = client.list_grants().key_id(key).grantee_principal(grantee).into_paginator();
    let grants: Vec<GrantListEntry> = pages.items().send().try_collect().await?;
    Ok(Answer::KeyGrants(KeyGrants { grants: grants.into_iter().map(grant).collect() }))
}

fn grant(entry: GrantListEntry) -> KeyGrant {
    let constraints = entry.constraints;
    let held = constraints.and_then(|c| c.encryption_context_equals.or(c.encryption_context_subset));
    KeyGrant {
        grant_id: entry.grant_id.unwrap_or_default(),
        grantee_principal: entry.grantee_principal.unwrap_or_default(),
        operations: entry.operations.unwrap_or_default().iter().map(|o| o.as_str().to_owned()).collect(),
        encryption_context: held.unwrap_or_default().into_iter().collect(),
    }
}

fn mapped(metadata: KeyMetadata) -> Key {
    Key {
        arn: metadata.arn.unwrap_or_default(),
        key_state: metadata.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        key_manager: metadata.key_manager.map(|manager| manager.as_str().to_owned()).unwrap_or_default(),
    }
}
