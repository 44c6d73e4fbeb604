//! Who made a call that a message says was refused. ECS makes its calls as the execution role, an application as the task
//! role, unless it finds other credentials first: keys in its variables, the container instance's, those of a role that
//! it assumed (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>).

use crate::{
    id::{Arn, is_account},
    require::{RoleKind, RoleRef, Workload},
    symptom::{ANONYMOUS, Denial, Source, Symptom},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// One of the roles that the task knows.
    Role(RoleRef),
    /// The container instance, by a role that no fact tells.
    Instance,
    /// Another role, or a user.
    Other,
    /// The call was not signed.
    Anonymous,
    /// The message does not say.
    Unnamed,
}

impl Caller {
    pub fn of(workload: &Workload<'_>, symptom: &Symptom, denial: &Denial) -> Self {
        match denial.principal.as_deref() {
            None => Self::Unnamed,
            Some(principal) if principal.eq_ignore_ascii_case(ANONYMOUS) => Self::Anonymous,
            Some(principal) => match session(workload, symptom, denial, principal) {
                Some(role) => Self::Role(role),
                None if denial.is_of_instance() => Self::Instance,
                None => Self::Other,
            },
        }
    }

    /// The role that needs the permission, if it is one of the task's: an application that names nobody is taken to have
    /// called as the task role.
    pub fn role(self, workload: &Workload<'_>, symptom: &Symptom) -> Option<RoleRef> {
        match self {
            Self::Role(role) => Some(role),
            Self::Unnamed if by_application(symptom) => Some(workload.task_role()).filter(|role| role.arn.is_some()),
            _ => None,
        }
    }
}

pub fn by_application(symptom: &Symptom) -> bool {
    symptom.source == Source::ContainerLog
}

/// The role whose session was refused. One role may be used as both: then the application was denied as the task role, and
/// ECS as the execution role; that one is never an application's otherwise.
fn session(workload: &Workload<'_>, symptom: &Symptom, denial: &Denial, principal: &str) -> Option<RoleRef> {
    let (name, _) = denial.role_session()?;
    let (execution, task) = (workload.execution_role(), workload.task_role());
    let roles = if by_application(symptom) { vec![task] } else { vec![execution, task] };
    let instance = workload.instance_role();
    let is_it =
        |role: &RoleRef| role.name() == Some(name) && (role.kind == RoleKind::Instance || in_account(role, principal));
    roles.into_iter().chain([instance]).find(is_it)
}

/// Whether a role is of the account of a session; a message may hide the account.
fn in_account(role: &RoleRef, principal: &str) -> bool {
    let account = |arn: &str| arn.parse::<Arn>().ok().map(|arn| arn.account).filter(|account| is_account(account));
    match (role.arn.as_deref().and_then(account), account(principal)) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    }
}
