//! What a task definition needs of its roles, for a language model: what is lacking first.
//!
//! Given the requirements with their decisions, and the least policy for the execution role. Names of roles, secrets
//! and policies are text of the account, so a policy as a whole is too.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Refusal, Unseen, Untrusted, is_known, refusal, unseen};
use crate::{
    knowledge::Catalogue,
    report::v1::{Check, Requirements, RoleRef},
};

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// `complete`: every call is allowed. `lacking`: some are not. `undecided`: some are not known, none is refused.
    pub verdict: &'static str,
    pub summary: String,
    /// How many calls come out how.
    pub counts: Counts,
    /// What is refused, and after it what is not known.
    pub lacking: Vec<Refusal>,
    pub allowed: Vec<Allowed>,
    /// What could not be read.
    pub not_seen: Vec<Unseen>,
    pub untrusted: Untrusted<PermissionsText>,
    /// What was left out to keep the answer short.
    pub omitted: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Counts {
    pub allowed: usize,
    pub missing: usize,
    pub denied: usize,
    pub unknown: usize,
}

/// A call that is allowed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Allowed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    pub role: &'static str,
    pub untrusted: Untrusted<AllowedText>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AllowedText {
    pub resource: String,
    pub because: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsText {
    pub task_definition: String,
    pub roles: Vec<RoleText>,
    /// The least policy document that the execution role needs; left out where it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Map<String, Value>")]
    pub execution_role_policy: Option<Value>,
    /// What the policy may lack, and why.
    pub policy_notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleText {
    pub kind: &'static str,
    pub arn: String,
}

/// The view of the requirements.
pub fn permissions(
    requirements: &Requirements,
    catalogue: &Catalogue,
    policy: Option<Value>,
    policy_notes: Vec<String>,
) -> Permissions {
    let counts = counts(requirements);
    let mut lacking = of_checks(requirements, |check| check.decision != "allowed", |r, c| refusal(r, c, catalogue));
    lacking.sort_by_key(|refusal| refusal.decision == "unknown");
    let verdict = verdict(counts);
    Permissions {
        verdict,
        summary: summary(verdict).to_owned(),
        counts,
        lacking,
        allowed: of_checks(requirements, |check| check.decision == "allowed", |r, c| allowed(r, c, catalogue)),
        not_seen: unseen(&requirements.coverage),
        untrusted: text(requirements, policy, policy_notes).into(),
        omitted: Vec::new(),
    }
}

fn verdict(counts: Counts) -> &'static str {
    match counts {
        Counts { missing: 0, denied: 0, unknown: 0, .. } => "complete",
        Counts { missing: 0, denied: 0, .. } => "undecided",
        _ => "lacking",
    }
}

fn summary(verdict: &str) -> &'static str {
    match verdict {
        "complete" => "The roles may make every call that the start of the task definition needs.",
        "lacking" => "The roles may not make every call that the start of the task definition needs.",
        _ => "Nothing is refused as far as is known; what was not read may still refuse a call.",
    }
}

fn counts(requirements: &Requirements) -> Counts {
    let mut counts = Counts::default();
    for check in requirements.permissions.iter().flat_map(|role| &role.checks) {
        match check.decision {
            "allowed" => counts.allowed += 1,
            "missing" => counts.missing += 1,
            "denied" => counts.denied += 1,
            _ => counts.unknown += 1,
        }
    }
    counts
}

fn of_checks<T>(
    requirements: &Requirements,
    wanted: fn(&Check) -> bool,
    view: impl Fn(&RoleRef, &Check) -> T,
) -> Vec<T> {
    let roles = requirements.permissions.iter();
    let checks = roles.flat_map(|role| role.checks.iter().map(move |check| (&role.role, check)));
    checks.filter(|(_, check)| wanted(check)).map(|(role, check)| view(role, check)).collect()
}

fn allowed(role: &RoleRef, check: &Check, catalogue: &Catalogue) -> Allowed {
    Allowed {
        action: Some(check.action.clone()).filter(|action| is_known(action, catalogue)),
        role: role.kind,
        untrusted: AllowedText { resource: check.resource.clone(), because: check.because.clone() }.into(),
    }
}

fn text(requirements: &Requirements, policy: Option<Value>, policy_notes: Vec<String>) -> PermissionsText {
    let roles = requirements.permissions.iter().map(|role| &role.role);
    PermissionsText {
        task_definition: requirements.task_definition.clone(),
        roles: roles.map(|role| RoleText { kind: role.kind, arn: role.arn.clone() }).collect(),
        execution_role_policy: policy,
        policy_notes,
    }
}
