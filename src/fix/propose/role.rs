//! A role that the task definition names and IAM does not know: made again, with what starting the task needs and no more.

use super::{Advice, Proposal, Remedy, pattern};
use crate::{
    case::Case,
    fix::{
        Change, document,
        statements::{statements, trust_statement},
    },
    judge::Check,
    require::{Permission, RoleKind, RoleRef, Workload},
};

const ROLE_PAGE: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html";
const NAMES_PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";

/// The role made again; advice where its name is taken, or where what it needs cannot be granted by name.
pub fn propose(case: &Case, workload: &Workload<'_>, role: &RoleRef, checks: &[Check]) -> Remedy {
    let own = checks.iter().filter(|c| c.permission.role == *role && !c.is_trust());
    let own: Vec<&Check> = own.collect();
    if let Some(advice) = taken(case, role).or_else(|| pattern::advice(&own)) {
        return Remedy { advice: vec![advice], ..Remedy::default() };
    }
    Remedy::of(made(workload, role, &own))
}

/// A role's name stands once in an account, whatever the path: where another role has it, no role can be made, and a
/// policy would be put on that other one.
fn taken(case: &Case, role: &RoleRef) -> Option<Advice> {
    let found = &case.role(role.name()?).ok().filter(|found| !found.arn.is_empty())?.arn;
    let element = match role.kind {
        RoleKind::Execution => "executionRoleArn",
        RoleKind::Task => "taskRoleArn",
        RoleKind::Instance => return None,
    };
    let title = format!(
        "Write {found} as {element} of the task definition if that role is meant: its name stands once in an account, \
         whatever the path, so no role can be made as {}",
        role.arn.as_deref()?
    );
    Some((title, vec![NAMES_PAGE.to_owned()]))
}

/// The role with its trust and, if it is to start the task, its permissions.
fn made(workload: &Workload<'_>, role: &RoleRef, own: &[&Check]) -> Option<Proposal> {
    let (arn, name) = (role.arn.clone()?, role.name()?);
    let own: Vec<&Permission> = own.iter().map(|check| &check.permission).collect();
    let trust = document::new(vec![trust_statement(workload)]);
    let mut changes = vec![Change::CreateRole { arn, trust }];
    if !own.is_empty() {
        let document = document::new(statements(&own));
        changes.push(Change::PutRolePolicy {
            role: name.to_owned(),
            policy: "ecs-why-task-start".to_owned(),
            document,
        });
    }
    Some(Proposal {
        title: format!("Create the {} role {name} again, with what this task definition needs", role.kind.name()),
        changes,
        docs: vec![ROLE_PAGE.to_owned()],
    })
}
