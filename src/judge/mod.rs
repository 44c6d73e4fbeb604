//! From facts to causes: each requirement decided, each symptom matched, and the two joined.
//!
//! Given a case, gives a [`Diagnosis`]: findings with the one that explains the failure first, every permission check,
//! and nothing that the facts do not support. Pure: no I/O, no clock.

mod about;
mod application;
mod arrives;
mod caller;
mod check;
mod context;
mod denied;
mod endpoint_policy;
mod evidence;
mod exit;
mod fault;
mod finding;
mod hidden_absence;
mod join;
mod left_behind;
mod path;
mod policies;
mod reach;
mod role;
mod rollback;
mod second_opinion;
mod standing;
mod surplus;
mod surroundings;
mod symptoms;
mod target_health;
mod thing;
mod unsettled;
mod wrong_role;

pub use arrives::Arrives;
pub use check::{Check, ECS_TASKS, assumed_by, checks, decided, is_condition_key};
pub use denied::is_attributed;
pub use endpoint_policy::{Gate, endpoint, endpoint_of, layer_bucket};
pub use fault::{Fault, FaultSubject, faults};
pub use finding::{Confidence, Evidence, Finding, State};
pub use left_behind::{LeftBehind, left_behind};
pub use policies::{document_set, identity_policies};
pub use reach::{Break, Reach};
pub use second_opinion::{SecondOpinion, second_opinion, simulations};
pub use surplus::{Grant, Pair, Worth, grants};
pub use thing::{Near, missing_tags};

use std::collections::BTreeMap;

use crate::{
    case::Case,
    knowledge::Catalogue,
    require::{Requirements, Workload},
    subject::Subject,
    symptom::Symptom,
};

/// How a diagnosis ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Diagnosed,
    Inconclusive,
    Benign,
    NotFailed,
    NotFound,
}

/// Everything that the facts support.
#[derive(Debug, Clone)]
pub struct Diagnosis<'a> {
    pub subject: Subject<'a>,
    pub workload: Option<Workload<'a>>,
    pub status: Status,
    pub findings: Vec<Finding>,
    pub ground: Ground,
    pub symptoms: Vec<Symptom>,
}

/// What the facts say about permissions and things, before any symptom is looked at.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    pub requirements: Requirements,
    pub checks: Vec<Check>,
    pub faults: Vec<Fault>,
    pub reaches: Vec<Reach>,
}

impl Ground {
    /// Judges everything that the workload requires, and the calls that its symptoms say were denied.
    pub fn of(case: &Case, workload: Option<&Workload<'_>>, symptoms: &[Symptom], catalogue: &Catalogue) -> Self {
        let Some(workload) = workload else { return Self::default() };
        let requirements = Requirements::of(case, workload);
        let mut checks = checks(case, workload, &requirements, symptoms);
        let reaches = reach::reaches(case, workload, &requirements.connections, symptoms);
        endpoint_policy::respect(case, workload, &reaches, &mut checks);
        let mut faults = faults(case, workload, &requirements, &checks, catalogue);
        faults.extend(path::faults(&reaches));
        faults.extend(endpoint_policy::fault(case, workload, &reaches));
        faults.extend(exit::faults(workload));
        Self { requirements, checks, faults, reaches }
    }
}

/// Diagnoses a case.
pub fn diagnose<'a>(case: &'a Case, catalogue: &'a Catalogue) -> Diagnosis<'a> {
    let subject = Subject::of(case);
    let workload = subject.workload(case);
    let symptoms = symptoms::of(case, &subject, workload.as_ref());
    let ground = Ground::of(case, workload.as_ref(), &symptoms, catalogue);
    let standings = match (&subject, workload.as_ref()) {
        (Subject::Task(task), Some(workload)) => standing::standings(case, workload, task),
        _ => BTreeMap::new(),
    };
    let join =
        join::Join { case, workload: workload.as_ref(), ground: &ground, catalogue, symptoms: &symptoms, standings };
    let (status, findings) = join.findings(&subject);
    Diagnosis { subject, workload, status, findings, ground, symptoms }
}
