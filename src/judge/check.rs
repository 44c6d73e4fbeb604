//! Permissions decided: each call that the workload needs, and whether the roles may be assumed at all.

use std::collections::{BTreeMap, BTreeSet};

use super::policies::{document_set, layers, unread};
use crate::{
    case::{Case, Gap},
    iam::{Context, Decision, Layer, Outcome, Request, decide, decide_trust},
    id::Arn,
    require::{Permission, PolicySide, Requirements, RoleKind, RoleRef, Workload},
    symptom::{Denial, DenialLayer, Symptom},
};

const ECS_TASKS: &str = "ecs-tasks.amazonaws.com";
const TRUST_PAGE: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html";
const DENIAL_PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";

/// A requirement with the decision on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub permission: Permission,
    pub decision: Decision,
}

impl Check {
    pub fn is_trust(&self) -> bool {
        self.permission.action == "sts:AssumeRole"
    }

    pub fn is_broken(&self) -> bool {
        matches!(self.decision.outcome, Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied)
    }

    pub fn is_allowed(&self) -> bool {
        self.decision.outcome == Outcome::Allowed
    }

    /// Whether two checks ask the same question.
    pub fn same_question(&self, other: &Self) -> bool {
        let key = |c: &Self| (c.permission.role.clone(), c.permission.action.clone(), c.permission.resource.clone());
        key(self) == key(other)
    }
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
        respect_statement(symptoms, check);
    }
    checks
}

/// Calls that ECS says were denied although the task definition does not show that they are needed.
fn denied_elsewhere(workload: &Workload<'_>, known: &[Permission], symptoms: &[Symptom]) -> Vec<Permission> {
    let mut new: Vec<Permission> = Vec::new();
    let denials = symptoms.iter().filter_map(|s| Some((s.denial()?, s.container.as_deref())));
    for permission in denials.filter_map(|(denial, container)| of_denial(workload, &denial, container)) {
        let same =
            |k: &Permission| k.action.eq_ignore_ascii_case(&permission.action) && k.role.kind == permission.role.kind;
        let twice = |k: &Permission| same(k) && k.resource == permission.resource;
        if !known.iter().any(same) && !new.iter().any(twice) {
            new.push(permission);
        }
    }
    new
}

/// The permission that a denial lacks, for the role that it names; `None` if that is none of the task's roles.
fn of_denial(workload: &Workload<'_>, denial: &Denial, container: Option<&str>) -> Option<Permission> {
    let (name, _) = denial.role_session()?;
    let roles = [workload.execution_role(), workload.task_role(), workload.instance_role()];
    let resource = denial.resource.clone()?;
    let role = roles.into_iter().find(|role| role.name() == Some(name))?;
    let account = resource.parse::<Arn>().map(|arn| arn.account).ok().filter(|a| !a.is_empty());
    Some(Permission {
        role,
        action: denial.action.clone(),
        resource_account: account.unwrap_or_else(|| workload.account.clone()),
        resource,
        because: "the message says that this call was denied".to_owned(),
        container: container.map(str::to_owned),
        context: BTreeMap::new(),
        policy: PolicySide::None,
        reference: DENIAL_PAGE.to_owned(),
    })
}

/// Decides one permission with what is known of its role.
pub fn decided(case: &Case, workload: &Workload<'_>, permission: Permission) -> Check {
    let decision = match role_gap(case, &permission.role) {
        Some(why) => Decision::unknown(Layer::Identity, BTreeSet::from([why])),
        None => {
            let name = permission.role.name().unwrap_or_default();
            decide(&request(case, workload, &permission), &layers(case, name, &permission.policy))
        }
    };
    Check { permission, decision }
}

/// Why nothing can be decided about a role.
fn role_gap(case: &Case, role: &RoleRef) -> Option<String> {
    let Some(name) = role.name() else {
        return Some(match role.kind {
            RoleKind::Execution => "the task definition names no execution role".to_owned(),
            RoleKind::Task => "the task definition names no task role".to_owned(),
            RoleKind::Instance => "which role the container instance has is not known".to_owned(),
        });
    };
    match case.role(name) {
        Err(Gap::NotFound { .. }) => Some(format!("role {name} does not exist")),
        _ => None,
    }
}

fn request(case: &Case, workload: &Workload<'_>, permission: &Permission) -> Request {
    let principal = permission.role.arn.clone().unwrap_or_default();
    let account = principal.parse::<Arn>().map_or_else(|_| workload.account.clone(), |arn| arn.account);
    let region = permission.resource.parse::<Arn>().map(|arn| arn.region).ok().filter(|r| !r.is_empty());
    let context = Context::default()
        .with("aws:PrincipalArn", principal.clone())
        .with("aws:PrincipalAccount", account.clone())
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:ResourceAccount", permission.resource_account.clone())
        .with("aws:RequestedRegion", region.unwrap_or_else(|| workload.region.clone()))
        .with("aws:SecureTransport", "true")
        .with("aws:CurrentTime", case.taken_at.to_string())
        .with("aws:EpochTime", case.taken_at.as_second().to_string())
        .without("aws:MultiFactorAuthPresent")
        .without("aws:MultiFactorAuthAge")
        .without("aws:username");
    let context = permission.context.iter().fold(context, |context, (key, value)| context.with(key, value.clone()));
    Request {
        principal,
        account,
        action: permission.action.clone(),
        resource: permission.resource.clone(),
        resource_account: permission.resource_account.clone(),
        context,
    }
}

/// Whether ECS may assume the role for this very task.
fn trust(case: &Case, workload: &Workload<'_>, role: RoleRef, arn: &str) -> Check {
    let permission = Permission {
        action: "sts:AssumeRole".to_owned(),
        resource: arn.to_owned(),
        resource_account: workload.account.clone(),
        because: format!("ECS assumes the {} role for the task", role.kind.name()),
        container: None,
        context: BTreeMap::new(),
        policy: PolicySide::None,
        reference: TRUST_PAGE.to_owned(),
        role,
    };
    let name = permission.role.name().unwrap_or_default();
    let decision = match case.role(name) {
        Ok(role) => {
            let request = trust_request(workload, &permission);
            decide_trust(&request, &document_set("trust policy", &role.assume_role_policy_document))
        }
        Err(Gap::NotFound { .. }) => {
            Decision::unknown(Layer::Trust, BTreeSet::from([format!("role {name} does not exist")]))
        }
        Err(gap) => Decision::unknown(Layer::Trust, BTreeSet::from([unread("the trust policy", "iam:GetRole", gap)])),
    };
    Check { permission, decision }
}

fn trust_request(workload: &Workload<'_>, permission: &Permission) -> Request {
    let source = workload.task.map(|t| t.task_arn.clone());
    let source =
        source.unwrap_or_else(|| Arn::new("ecs", &workload.region, &workload.account, "task/unknown").to_string());
    let context = Context::default()
        .with("aws:SourceArn", source)
        .with("aws:SourceAccount", workload.account.clone())
        .with("aws:RequestedRegion", workload.region.clone())
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", ECS_TASKS)
        .without("sts:ExternalId");
    Request {
        principal: ECS_TASKS.to_owned(),
        account: workload.account.clone(),
        action: permission.action.clone(),
        resource: permission.resource.clone(),
        resource_account: workload.account.clone(),
        context,
    }
}

/// A layer that nothing here can read may have denied a call that every readable layer allows: if ECS's message says so,
/// the decision is not ours.
fn respect_statement(symptoms: &[Symptom], check: &mut Check) {
    let unread =
        symptoms.iter().filter_map(Symptom::denial).filter(|d| concerns(d, check)).find_map(|d| unread_layer(&d));
    if let Some(layer) = unread.filter(|_| check.is_allowed()) {
        let why = format!("the message names a {} policy, which is not read", layer_words(layer));
        check.decision = Decision::unknown(layer, BTreeSet::from([why]));
    }
}

fn unread_layer(denial: &Denial) -> Option<Layer> {
    match denial.layer? {
        DenialLayer::ServiceControl => Some(Layer::Scp),
        DenialLayer::ResourceControl => Some(Layer::Rcp),
        DenialLayer::Endpoint => Some(Layer::Endpoint),
        DenialLayer::Session => Some(Layer::Session),
        DenialLayer::Identity | DenialLayer::Resource | DenialLayer::Boundary => None,
    }
}

fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "service control",
        Layer::Rcp => "resource control",
        Layer::Endpoint => "VPC endpoint",
        _ => "session",
    }
}

/// Whether a denial is about a check: the same role and action, and the same resource where both name one.
pub fn concerns(denial: &Denial, check: &Check) -> bool {
    let role = denial.role_session().is_none_or(|(name, _)| check.permission.role.name().is_none_or(|n| n == name));
    let resource =
        denial.resource.as_deref().is_none_or(|r| r == check.permission.resource || r == "*" || r.contains("..."));
    role && resource && denial.action.eq_ignore_ascii_case(&check.permission.action)
}
