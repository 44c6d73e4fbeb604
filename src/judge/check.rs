//! Permissions decided: each call that the workload needs, and whether the roles may be assumed at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    denied::{concerns, denied_elsewhere},
    policies::{document_set, layers, unread},
    role::{self, RoleFact},
};
use crate::{
    case::Case,
    iam::{Context, Decision, Layer, Layers, Outcome, PolicySet, Request, ResourcePolicy, decide},
    id::Arn,
    require::{Permission, PolicySide, Requirements, RoleKind, RoleRef, Workload},
    symptom::{Denial, DenialLayer, Symptom},
};

/// The service that starts tasks.
pub const ECS_TASKS: &str = "ecs-tasks.amazonaws.com";
const TRUST_PAGE: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html";

/// A requirement with the decision on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub permission: Permission,
    pub decision: Decision,
}

impl Check {
    /// Whether it asks if ECS may assume the role; an application may assume roles as well, with its own.
    pub fn is_trust(&self) -> bool {
        self.permission.action == "sts:AssumeRole"
            && self.permission.role.arn.as_ref() == Some(&self.permission.resource)
    }

    pub fn is_broken(&self) -> bool {
        matches!(self.decision.outcome, Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied)
    }

    pub fn is_allowed(&self) -> bool {
        self.decision.outcome == Outcome::Allowed
    }

    /// Whether something other than what the role's own policies, or its trust, leave out decides against the call.
    pub fn is_decided_elsewhere(&self) -> bool {
        let left_out = self.decision.lacking.iter().any(|l| matches!(l, Layer::Identity | Layer::Trust));
        !self.decision.deniers.is_empty() || !left_out
    }

    /// Whether two checks ask the same question.
    pub fn same_question(&self, other: &Self) -> bool {
        let key = |c: &Self| (c.permission.role.clone(), c.permission.action.clone(), c.permission.resource.clone());
        key(self) == key(other)
    }
}

/// Whether what leaves a decision open is a condition key, rather than a document that was not read.
pub fn is_condition_key(text: &str) -> bool {
    text.contains(':') && !text.contains(' ')
}

/// Decides everything that the workload needs, grouped by role in the order of first need.
pub fn checks(case: &Case, workload: &Workload<'_>, requirements: &Requirements, symptoms: &[Symptom]) -> Vec<Check> {
    let mut permissions = requirements.permissions.clone();
    permissions.extend(denied_elsewhere(workload, &permissions, symptoms));
    let mut checks: Vec<Check> = permissions.into_iter().map(|p| decided(case, workload, p)).collect();
    for role in [workload.execution_role(), workload.task_role()] {
        if let Some(arn) = role.arn.clone() {
            checks.push(trust(case, workload, role, &arn));
        }
    }
    for check in &mut checks {
        respect_statement(workload, symptoms, check);
    }
    checks
}

/// Decides one permission with what is known of its role.
pub fn decided(case: &Case, workload: &Workload<'_>, permission: Permission) -> Check {
    let decision = match undecidable(case, workload, &permission) {
        Some(why) => Decision::unknown(Layer::Identity, BTreeSet::from([why])),
        None => {
            let name = permission.role.name().unwrap_or_default();
            decide(&request(case, workload, &permission), &layers(case, name, &permission.policy))
        }
    };
    Check { permission, decision }
}

/// Why nothing can be decided about a call, whatever the policies say.
fn undecidable(case: &Case, workload: &Workload<'_>, permission: &Permission) -> Option<String> {
    match role::find(case, workload, &permission.role) {
        RoleFact::Absent(why) | RoleFact::Nameless(why) => Some(why),
        RoleFact::Found(_) | RoleFact::Unread(_) => permission.doubt.clone(),
    }
}

/// Whether nothing can be decided about a call, whatever the policies say.
pub(super) fn is_undecidable(case: &Case, workload: &Workload<'_>, permission: &Permission) -> bool {
    undecidable(case, workload, permission).is_some()
}

/// The request that a permission stands for, with what is known of its condition keys.
pub(super) fn request(case: &Case, workload: &Workload<'_>, permission: &Permission) -> Request<'static> {
    let (principal, principal_id) = match role::find(case, workload, &permission.role) {
        RoleFact::Found(role) if !role.arn.is_empty() => (role.arn.clone(), Some(role.role_id.clone())),
        _ => (permission.role.arn.clone().unwrap_or_default(), None),
    };
    let account = principal.parse::<Arn>().map_or_else(|_| workload.account.clone(), |arn| arn.account);
    let context = Context::default()
        .with("aws:PrincipalArn", principal.clone())
        .with("aws:PrincipalAccount", account.clone())
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:ResourceAccount", permission.resource_account.clone())
        .with("aws:SecureTransport", "true")
        .with("aws:CurrentTime", case.taken_at.to_string())
        .with("aws:EpochTime", case.taken_at.as_second().to_string())
        .without("aws:MultiFactorAuthPresent")
        .without("aws:MultiFactorAuthAge")
        .without("aws:username");
    let context = match requested_region(workload, &permission.resource) {
        Some(region) => context.with("aws:RequestedRegion", region),
        None => context,
    };
    let context =
        permission.context.iter().fold(context, |context, (key, value)| context.with(key.clone(), value.clone()));
    Request {
        principal: principal.into(),
        principal_id: principal_id.filter(|id| !id.is_empty()).map(Into::into),
        account: account.into(),
        action: permission.action.clone().into(),
        resource: permission.resource.clone().into(),
        resource_account: permission.resource_account.clone().into(),
        context,
    }
}

/// The Region that a call goes to; a bucket's does not show in its ARN.
fn requested_region(workload: &Workload<'_>, resource: &str) -> Option<String> {
    match resource.parse::<Arn>() {
        Ok(arn) if !arn.region.is_empty() => Some(arn.region),
        Ok(arn) if arn.service == "s3" => None,
        _ => Some(workload.region.clone()),
    }
}

/// Whether ECS may assume the role for this very task.
fn trust(case: &Case, workload: &Workload<'_>, role: RoleRef, arn: &str) -> Check {
    let permission = assumption(workload, role, arn);
    let unknown = |why| Decision::unknown(Layer::Trust, BTreeSet::from([why]));
    let decision = match role::find(case, workload, &permission.role) {
        RoleFact::Found(role) => trust_decision(workload, &permission, &role.assume_role_policy_document),
        RoleFact::Absent(why) | RoleFact::Nameless(why) => unknown(why),
        RoleFact::Unread(gap) => unknown(unread("the trust policy", "iam:GetRole", gap)),
    };
    Check { permission, decision }
}

fn assumption(workload: &Workload<'_>, role: RoleRef, arn: &str) -> Permission {
    Permission {
        action: "sts:AssumeRole".to_owned(),
        resource: arn.to_owned(),
        resource_account: workload.account.clone(),
        because: format!("ECS assumes the {} role for the task", role.kind.name()),
        container: None,
        context: BTreeMap::new(),
        policy: PolicySide::None,
        reference: TRUST_PAGE.to_owned(),
        doubt: None,
        role,
    }
}

/// AWS documents `aws:SourceArn` for a whole account and Region only. What the decision would be for another task of
/// theirs must be the same, or it is not known.
fn trust_decision(workload: &Workload<'_>, permission: &Permission, document: &str) -> Decision {
    let policy = document_set("trust policy", document);
    let own = workload.task.map(|t| t.task_arn.clone());
    let other = any_task(workload);
    let decide_for =
        |source: String| decide_trust(&trust_request(workload, permission, ECS_TASKS, source), policy.clone());
    let decision = decide_for(other.clone());
    if decide_for(own.unwrap_or(other)).outcome == decision.outcome {
        return decision;
    }
    Decision::unknown(Layer::Trust, BTreeSet::from(["aws:SourceArn".to_owned()]))
}

/// Its trust policy alone says whether a service may assume a role.
fn decide_trust(request: &Request<'_>, policy: PolicySet<'_>) -> Decision {
    decide(request, &Layers { resource: ResourcePolicy::Trust(policy), ..Layers::default() })
}

fn any_task(workload: &Workload<'_>) -> String {
    Arn::new("ecs", &workload.region, &workload.account, "any").to_string()
}

/// Whether a service may assume a role that is known.
pub fn assumed_by(case: &Case, workload: &Workload<'_>, role: &RoleRef, service: &str) -> Option<Outcome> {
    let RoleFact::Found(found) = role::find(case, workload, role) else { return None };
    Some(trusts(workload, &found.arn, &found.assume_role_policy_document, service))
}

/// Whether a trust policy lets a service assume the role of that ARN.
pub(super) fn trusts(workload: &Workload<'_>, arn: &str, document: &str, service: &str) -> Outcome {
    let permission = assumption(workload, RoleRef { kind: RoleKind::Task, arn: Some(arn.to_owned()) }, arn);
    let request = trust_request(workload, &permission, service, any_task(workload));
    decide_trust(&request, document_set("trust policy", document)).outcome
}

fn trust_request<'c>(
    workload: &'c Workload<'_>,
    permission: &'c Permission,
    service: &'c str,
    source: String,
) -> Request<'c> {
    let context = Context::default()
        .with("aws:SourceArn", source)
        .with("aws:SourceAccount", workload.account.clone())
        .with("aws:RequestedRegion", workload.region.clone())
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", service)
        .without("sts:ExternalId");
    Request {
        principal: service.into(),
        principal_id: None,
        account: "".into(),
        action: permission.action.as_str().into(),
        resource: permission.resource.as_str().into(),
        resource_account: workload.account.as_str().into(),
        context,
    }
}

/// A layer that nothing here can read may have denied a call that every readable layer allows: if ECS's message says so,
/// the decision is not ours.
fn respect_statement(workload: &Workload<'_>, symptoms: &[Symptom], check: &mut Check) {
    let about = symptoms.iter().filter(|symptom| concerns(workload, symptom, check));
    let side = &check.permission.policy;
    let unread = about.filter_map(Symptom::denial).find_map(|denial| unread_layer(&denial, side));
    if let Some(layer) = unread.filter(|_| check.is_allowed()) {
        let why = format!("the message names a {} policy, which is not read", layer_words(layer));
        check.decision = Decision::unknown(layer, BTreeSet::from([why]));
    }
}

fn unread_layer(denial: &Denial, side: &PolicySide) -> Option<Layer> {
    match denial.layer? {
        DenialLayer::ServiceControl => Some(Layer::Scp),
        DenialLayer::ResourceControl => Some(Layer::Rcp),
        DenialLayer::Endpoint => Some(Layer::Endpoint),
        DenialLayer::Session => Some(Layer::Session),
        DenialLayer::Resource if *side == PolicySide::None => Some(Layer::ResourcePolicy),
        DenialLayer::Identity | DenialLayer::Resource | DenialLayer::Boundary => None,
    }
}

fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "service control",
        Layer::Rcp => "resource control",
        Layer::Endpoint => "VPC endpoint",
        Layer::ResourcePolicy => "resource-based",
        _ => "session",
    }
}
