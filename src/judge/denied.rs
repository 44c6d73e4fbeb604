//! Calls that a message says were refused, as permissions to decide, and which checks a message is about.

use std::collections::BTreeMap;

use super::{
    caller::{Caller, by_application},
    check::Check,
};
use crate::{
    iam,
    id::{Arn, is_account, partition_of_region},
    require::{Permission, PolicySide, RoleKind, RoleRef, Workload},
    symptom::{Denial, Symptom},
};

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";

/// Calls that a message says were denied although the task definition does not show that they are needed.
pub fn denied_elsewhere(workload: &Workload<'_>, known: &[Permission], symptoms: &[Symptom]) -> Vec<Permission> {
    let mut new: Vec<Permission> = Vec::new();
    for permission in symptoms.iter().filter_map(|symptom| of_denial(workload, symptom)) {
        let same = |k: &Permission| k.action.eq_ignore_ascii_case(&permission.action) && k.role == permission.role;
        let twice = |k: &Permission| same(k) && k.resource == permission.resource;
        if !known.iter().any(same) && !new.iter().any(twice) {
            new.push(permission);
        }
    }
    new
}

/// The permission that a denial lacks, for the role that was denied; `None` if that is none of the task's roles, or the
/// resource is not told.
fn of_denial(workload: &Workload<'_>, symptom: &Symptom) -> Option<Permission> {
    let denial = symptom.denial()?;
    let resource = resource(workload, &denial)?;
    let role = Caller::of(workload, symptom, &denial).role(workload, symptom)?;
    // An application that assumes its own role asks what only the trust policy answers.
    let itself = denial.action == "sts:AssumeRole" && role.arn.as_ref() == Some(&resource);
    let account = resource.parse::<Arn>().map(|arn| arn.account).ok().filter(|a| !a.is_empty());
    let permission = Permission {
        role,
        resource_account: account.unwrap_or_else(|| workload.account.clone()),
        because: "the message says that this call was denied".to_owned(),
        container: symptom.container.clone(),
        context: BTreeMap::new(),
        policy: side(&denial.action, &resource),
        reference: PAGE.to_owned(),
        doubt: None,
        action: denial.action,
        resource,
    };
    (!itself).then(|| Permission { doubt: doubt(workload, symptom, &permission), ..permission })
}

/// What was denied, by its whole name: a cut one names nothing.
fn resource(workload: &Workload<'_>, denial: &Denial) -> Option<String> {
    let only = || iam::is_wildcard_only(&denial.action).then(|| "*".to_owned());
    let named = denial.resource.clone().or_else(only)?;
    let Ok(arn) = named.parse::<Arn>() else { return Some(named) };
    if named.contains("...") {
        return None;
    }
    Some(located(workload, arn).to_string())
}

/// An ARN with what the message hides or does not know: API Gateway shows an account's last digits alone, and a bucket
/// has the partition of whoever calls.
fn located(workload: &Workload<'_>, arn: Arn) -> Arn {
    let shown = arn.account.trim_start_matches('*');
    if shown.len() < arn.account.len() && is_account(&workload.account) && workload.account.ends_with(shown) {
        return Arn { account: workload.account.clone(), ..arn };
    }
    match arn.service.as_str() {
        "s3" if arn.account.is_empty() => Arn { partition: partition_of_region(&workload.region).to_owned(), ..arn },
        _ => arn,
    }
}

/// Of the resources that decide for themselves too, a key's policy is the one that has to.
fn side(action: &str, resource: &str) -> PolicySide {
    match resource.parse::<Arn>() {
        Ok(arn) if action.starts_with("kms:") && arn.resource_of("key").is_some() => {
            PolicySide::Key { region: arn.region, key: resource.to_owned() }
        }
        _ => PolicySide::None,
    }
}

/// What an application's call depends on that is not read: who it is that is assumed must want it, and so must another
/// account.
fn doubt(workload: &Workload<'_>, symptom: &Symptom, permission: &Permission) -> Option<String> {
    let resource = &permission.resource;
    if !by_application(symptom) {
        return None;
    }
    if permission.action == "sts:AssumeRole" {
        return Some(format!("the trust policy of {resource}, which has to admit the task role, is not read"));
    }
    let elsewhere = permission.resource_account != workload.account && permission.policy == PolicySide::None;
    elsewhere
        .then(|| format!("the policy of {resource}, which is of account {}, is not read", permission.resource_account))
}

/// Whether a symptom says that the call of a check was denied: the same role and action, and the same resource where both
/// name one. An application's log that names no role is about the task role.
pub fn concerns(workload: &Workload<'_>, symptom: &Symptom, check: &Check) -> bool {
    symptom.denial().is_some_and(|denial| is_about(workload, symptom, &denial, check))
}

fn is_about(workload: &Workload<'_>, symptom: &Symptom, denial: &Denial, check: &Check) -> bool {
    let own = &check.permission.role;
    let role = match Caller::of(workload, symptom, denial) {
        Caller::Role(role) => role == *own,
        Caller::Unnamed => by_application(symptom) == (own.kind == RoleKind::Task),
        Caller::Instance | Caller::Other | Caller::Anonymous => false,
    };
    let named = resource(workload, denial);
    let cut = denial.resource.as_deref().is_some_and(|r| r == "*" || r.contains("..."));
    let resource = cut || named.is_none_or(|r| r == check.permission.resource);
    role && resource && !check.is_trust() && denial.action.eq_ignore_ascii_case(&check.permission.action)
}

/// Whether some message names a role's session as the caller of every one of these calls. What an application's log says
/// of a call without naming anybody may have been said to other credentials.
pub fn is_attributed(workload: &Workload<'_>, symptoms: &[Symptom], calls: &[Check]) -> bool {
    let named = |symptom: &&Symptom| symptom.denial().is_some_and(|denial| denial.principal.is_some());
    let by_name = |check: &Check| symptoms.iter().filter(named).any(|symptom| concerns(workload, symptom, check));
    calls.iter().all(|check| check.is_trust() || check.permission.role.kind != RoleKind::Task || by_name(check))
}

/// The name of the task role, for prose.
pub fn task_role(workload: &Workload<'_>) -> Option<String> {
    let role: RoleRef = workload.task_role();
    role.name().map(str::to_owned)
}
