//! Which change would mend a finding, by the fault under it. A proposal is an attempt: only its proof lets it be shown.

pub(super) mod calls;
mod deny;
pub(super) mod managed;
mod role;

use super::Change;
use crate::{
    case::Case,
    judge::{Diagnosis, FaultSubject, Finding},
    require::{Thing, Workload},
};

/// The cause of a fault that no cause of the catalogue covers.
const UNKNOWN: &str = "unknown";

/// Changes that belong together, and what they do in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub title: String,
    pub changes: Vec<Change>,
    pub docs: Vec<String>,
}

/// The least change for the fault of a finding, where one is known.
pub fn propose(case: &Case, workload: &Workload<'_>, finding: &Finding, diagnosis: &Diagnosis<'_>) -> Option<Proposal> {
    // What the catalogue has no name for, it has no remedy for either.
    let fault = finding.fault.as_ref().filter(|fault| fault.cause != UNKNOWN)?;
    match &fault.subject {
        FaultSubject::Calls(calls) => calls::propose(case, workload, calls, &fault.cause),
        FaultSubject::Role(role) => role::propose(workload, role, &diagnosis.ground.checks),
        FaultSubject::Thing(Thing::LogGroup { region, group }) => Some(log_group(region, group)),
        FaultSubject::Thing(Thing::Secret { region, secret, .. }) => restored_secret(case, region, secret),
        FaultSubject::Thing(Thing::Image(_) | Thing::Parameter { .. } | Thing::Key { .. })
        | FaultSubject::Reference
        | FaultSubject::End => None,
    }
}

fn log_group(region: &str, group: &str) -> Proposal {
    Proposal {
        title: format!("Create log group {group} in {region}"),
        changes: vec![Change::CreateLogGroup { region: region.to_owned(), group: group.to_owned() }],
        docs: vec!["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html".to_owned()],
    }
}

fn restored_secret(case: &Case, region: &str, secret: &str) -> Option<Proposal> {
    let found = case.secret(region, secret).ok().filter(|s| s.deleted_date.is_some())?;
    Some(Proposal {
        title: format!("Restore secret {}, whose deletion is scheduled", found.name),
        changes: vec![Change::RestoreSecret { region: region.to_owned(), secret: secret.to_owned() }],
        docs: vec!["https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html".to_owned()],
    })
}
