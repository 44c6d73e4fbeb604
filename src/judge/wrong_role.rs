//! The permission is there, but on the other role: the mistake that costs the most time.

use super::{
    check::decided,
    fault::{Fault, FaultSubject},
    finding::{Confidence, Evidence, Finding, State},
};
use crate::{
    case::Case,
    knowledge::Catalogue,
    require::{Permission, RoleKind, RoleRef, Workload},
};

/// A finding of its own if the other role may make all the calls that this one may not.
pub fn find(case: &Case, workload: &Workload<'_>, fault: &Fault, catalogue: &Catalogue) -> Option<Finding> {
    let FaultSubject::Calls(calls) = &fault.subject else { return None };
    let lacking = fault.role.as_ref()?;
    let other = match lacking.kind {
        RoleKind::Execution => workload.task_role(),
        RoleKind::Task => workload.execution_role(),
        RoleKind::Instance => return None,
    };
    if other.arn.is_none() || other.arn == lacking.arn || calls.iter().any(super::Check::is_trust) {
        return None;
    }
    let allowed = calls.iter().all(|call| {
        let permission = Permission { role: other.clone(), ..call.permission.clone() };
        decided(case, workload, permission).is_allowed()
    });
    allowed
        .then(|| finding(calls.first().map_or("", |c| c.permission.action.as_str()), lacking, other, fault, catalogue))
}

fn finding(action: &str, lacking: &RoleRef, other: RoleRef, fault: &Fault, catalogue: &Catalogue) -> Finding {
    let uses = match lacking.kind {
        RoleKind::Execution => {
            "ECS makes this call to start the task, with the execution role; the task role is the application's."
        }
        _ => "The application makes this call, with the task role; the execution role is only for starting the task.",
    };
    let shows = format!(
        "the {} role {} allows {action}, the {} role {} does not",
        other.kind.name(),
        other.name().unwrap_or_default(),
        lacking.kind.name(),
        lacking.name().unwrap_or_default()
    );
    Finding {
        cause: "wrong-role".to_owned(),
        confidence: Confidence::Confirmed,
        state: State::Present,
        title: catalogue.cause("wrong-role").map_or("The permission is on the other role", |c| &c.title).to_owned(),
        why: format!("{uses} Moving the statement, rather than adding a second one, keeps the roles apart."),
        rule: None,
        container: fault.container.clone(),
        role: Some(other),
        resource: fault.resource.clone(),
        evidence: vec![Evidence { source: "iam".to_owned(), text: shows }],
        fault: None,
        advice: Vec::new(),
    }
}
