//! Roles and policies: documents come out as JSON text, whichever way they came over the wire.
//!
//! IAM writes documents in percent-encoding (RFC 3986) within its XML
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>).

use aws_sdk_iam::{
    Client,
    types::{
        ContextEntry, ContextKeyTypeEnum, EvaluationResult, Policy, PolicyEvaluationDecisionType, Role as SdkRole,
    },
};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;

use super::error::empty;
use crate::case::{
    Answer, AttachedPolicies, Gap, ManagedPolicy, PolicyDocument, PolicyNames, Role, SimulatedCall, SimulatedCalls,
    SimulatedDecision, Simulation,
};

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

/// One resource a call: a call on several of them has one decision, the strictest.
pub async fn simulation(client: &Client, calls: &SimulatedCalls) -> Result<Answer, Gap> {
    let entries = calls.context.iter().map(|(key, value)| context_entry(key, value)).collect();
    let asked = client.simulate_principal_policy().policy_source_arn(&calls.principal).resource_arns(&calls.resource);
    let asked = asked.set_action_names(Some(calls.actions.clone())).set_context_entries(Some(entries));
    let results: Vec<EvaluationResult> = asked.into_paginator().items().send().try_collect().await?;
    let results = results.into_iter().map(mapped_result).collect::<Result<_, _>>()?;
    Ok(Answer::Simulation(Simulation { results }))
}

fn context_entry(key: &str, value: &str) -> ContextEntry {
    let entry = ContextEntry::builder().context_key_name(key).context_key_values(value);
    entry.context_key_type(context_type(key)).build()
}

/// Types of the global condition keys that are no texts
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
fn context_type(key: &str) -> ContextKeyTypeEnum {
    match key.to_ascii_lowercase().as_str() {
        "aws:securetransport" | "aws:principalisawsservice" | "aws:viaawsservice" => ContextKeyTypeEnum::Boolean,
        "aws:currenttime" => ContextKeyTypeEnum::Date,
        "aws:epochtime" => ContextKeyTypeEnum::Numeric,
        _ => ContextKeyTypeEnum::String,
    }
}

/// Missing keys stand with the resource if one was named, else with the action.
fn mapped_result(result: EvaluationResult) -> Result<SimulatedCall, Gap> {
    let of_resource = result.resource_specific_results.unwrap_or_default().into_iter().next();
    let decision = of_resource.as_ref().map_or(&result.eval_decision, |specific| &specific.eval_resource_decision);
    let decision = mapped_decision(decision)?;
    let boundary = result.permissions_boundary_decision_detail;
    let (missing, boundary) = match of_resource {
        Some(specific) => (specific.missing_context_values, specific.permissions_boundary_decision_detail.or(boundary)),
        None => (None, boundary),
    };
    let mut missing_context = result.missing_context_values.into_iter().chain(missing).flatten().collect::<Vec<_>>();
    missing_context.sort();
    missing_context.dedup();
    Ok(SimulatedCall {
        action: result.eval_action_name,
        decision,
        missing_context,
        allowed_by_organizations: result.organizations_decision_detail.map(|detail| detail.allowed_by_organizations),
        allowed_by_boundary: boundary.map(|detail| detail.allowed_by_permissions_boundary),
    })
}

fn mapped_decision(decision: &PolicyEvaluationDecisionType) -> Result<SimulatedDecision, Gap> {
    match decision {
        PolicyEvaluationDecisionType::Allowed => Ok(SimulatedDecision::Allowed),
        PolicyEvaluationDecisionType::ImplicitDeny => Ok(SimulatedDecision::ImplicitDeny),
        PolicyEvaluationDecisionType::ExplicitDeny => Ok(SimulatedDecision::ExplicitDeny),
        other => Err(Gap::Failed {
            message: format!("SimulatePrincipalPolicy gave an unknown decision: {}", other.as_str()),
        }),
    }
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
