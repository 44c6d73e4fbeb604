//! Roles and policies: documents come out as JSON text, whichever way they came over the wire.
//!
//! IAM writes documents in percent-encoding (RFC 3986) within its XML
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>).

mod simulation;

use aws_sdk_iam::{
    Client,
    types::{Policy, Role as SdkRole},
};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;

use super::error::empty;
use crate::case::{Answer, AttachedPolicies, Gap, ManagedPolicy, PolicyDocument, PolicyNames, Role};

pub use self::simulation::simulation;

pub async fn role(client: &Client, role: &str) -> Result<Answer, Gap> {
    let found = client.get_role().role_name(role).send().await?.role;
    found.map(mapped_role).map(Answer::Role).ok_or_else(|| empty("GetRole"))
}

pub async fn role_policy_names(client: &Client, role: &str) -> Result<Answer, Gap> {
    let pages = client.list_role_policies().role_name(role).into_paginator();
    let policy_names = pages.items().send().try_collect().await?;
    Ok(Answer::RolePolicyNames(PolicyNames { policy_names }))
}

pub async fn role_policy(client: &Client, role: &str, policy: &str) -> Result<Answer, Gap> {
    let found = client.get_role_policy().role_name(role).policy_name(policy).send().await?;
    Ok(Answer::RolePolicy(PolicyDocument { document: decoded(found.policy_document) }))
}

pub async fn attached_policies(client: &Client, role: &str) -> Result<Answer, Gap> {
    let pages = client.list_attached_role_policies().role_name(role).into_paginator();
    let attached = pages.items().send().try_collect().await?;
    let policy_arns = attached.into_iter().filter_map(|policy| policy.policy_arn).collect();
    Ok(Answer::AttachedPolicies(AttachedPolicies { policy_arns }))
}

pub async fn managed_policy(client: &Client, policy: &str) -> Result<Answer, Gap> {
    let found = client.get_policy().policy_arn(policy).send().await?.policy;
    found.map(mapped_policy).map(Answer::ManagedPolicy).ok_or_else(|| empty("GetPolicy"))
}

pub async fn managed_policy_version(client: &Client, policy: &str, version: &str) -> Result<Answer, Gap> {
    let found = client.get_policy_version().policy_arn(policy).version_id(version).send().await?;
    let document = found.policy_version.and_then(|version| version.document);
    let document = document.map(decoded).ok_or_else(|| empty("GetPolicyVersion"))?;
    Ok(Answer::ManagedPolicyVersion(PolicyDocument { document }))
}

fn mapped_role(role: SdkRole) -> Role {
    Role {
        role_name: role.role_name,
        arn: role.arn,
        role_id: role.role_id,
        assume_role_policy_document: role.assume_role_policy_document.map(decoded).unwrap_or_default(),
        permissions_boundary: role.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
    }
}

fn mapped_policy(policy: Policy) -> ManagedPolicy {
    ManagedPolicy {
        arn: policy.arn.unwrap_or_default(),
        default_version_id: policy.default_version_id.unwrap_or_default(),
        attachment_count: policy.attachment_count.unwrap_or_default().into(),
    }
}

/// What is JSON as it stands stays: a `%41` in it is the policy's own, and other implementations of the API do not encode.
fn decoded(document: String) -> String {
    if serde_json::from_str::<IgnoredAny>(&document).is_ok() {
        return document;
    }
    percent_decode_str(&document).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_documents_are_decoded_once() {
        let encoded = "%7B%22Resource%22%3A%20%22arn%3Aaws%3As3%3A%3A%3Aa%2Bb%2525%22%7D";
        let plain = r#"{"Resource": "arn:aws:s3:::a+b%25"}"#;
        assert_eq!(decoded(encoded.to_owned()), plain);
        assert_eq!(decoded(plain.to_owned()), plain);
    }

    #[test]
    fn what_is_no_document_does_no_harm() {
        for text in ["", "%", "%zz", "%ff", "{"] {
            decoded(text.to_owned());
        }
    }
}
