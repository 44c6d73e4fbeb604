//! A role as IAM knows it, by the ARN that the task definition names: the same name elsewhere is another role.

use crate::{
    case::{Case, Gap, Role},
    require::{RoleKind, RoleRef, Workload},
};

/// What is known of a role.
#[derive(Debug, Clone, PartialEq)]
pub enum RoleFact<'a> {
    Found(&'a Role),
    /// IAM has no such role; why that is said.
    Absent(String),
    /// IAM was not asked, or did not answer.
    Unread(&'a Gap),
    /// There is nothing to ask for, in words for the report.
    Nameless(String),
}

/// Looks a role up.
pub fn find<'a>(case: &'a Case, workload: &Workload<'_>, role: &RoleRef) -> RoleFact<'a> {
    let (Some(arn), Some(name)) = (role.arn.as_deref(), role.name()) else {
        return RoleFact::Nameless(nameless(role.kind).to_owned());
    };
    let Some(local) = role.name_in(&workload.account) else {
        return RoleFact::Nameless(format!("role {arn} is of another account and is not read"));
    };
    match case.role(local) {
        // A denial names the instance's role without its path.
        Ok(found) if found.arn == arn || role.kind == RoleKind::Instance || found.arn.is_empty() => {
            RoleFact::Found(found)
        }
        Ok(found) => RoleFact::Absent(format!("role {arn} does not exist; the role of that name is {}", found.arn)),
        Err(Gap::NotFound { .. }) => RoleFact::Absent(format!("role {name} does not exist")),
        Err(gap) => RoleFact::Unread(gap),
    }
}

fn nameless(kind: RoleKind) -> &'static str {
    match kind {
        RoleKind::Execution => "the task definition names no execution role",
        RoleKind::Task => "the task definition names no task role",
        RoleKind::Instance => "which role the container instance has is not known",
    }
}
