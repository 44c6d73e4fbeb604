//! The proof: the case with the change applied, judged again.
//!
//! A change holds if every call that it is for comes out allowed, the fault is gone, every other check and every
//! neighbour of the calls is decided as before, and no new fault appears.

use super::{Change, neighbours};
use crate::{
    case::Case,
    iam::Outcome,
    judge::{Check, Diagnosis, Fault, FaultSubject, Finding, Ground},
    knowledge::Catalogue,
    subject::Subject,
};

/// The outcome of judging again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// In words for the report.
    Holds(String),
    /// The outcome depends on what could not be read.
    Open(String),
    Fails,
}

/// A finding on a case, for which changes are tried.
pub struct Trial<'a> {
    pub case: &'a Case,
    pub diagnosis: &'a Diagnosis<'a>,
    pub finding: &'a Finding,
    pub catalogue: &'a Catalogue,
}

impl Trial<'_> {
    /// Judges the case as it is after changes.
    pub fn verify(&self, after: &Case, changes: &[Change]) -> Proof {
        let Some(fault) = &self.finding.fault else { return Proof::Fails };
        let workload = Subject::of(after).workload(after);
        let ground = Ground::of(after, workload.as_ref(), &self.diagnosis.symptoms, self.catalogue);
        let (mended, others): (Vec<&Check>, Vec<&Check>) = ground.checks.iter().partition(|c| targets(fault, c));
        if self.is_harmed(fault, &ground, &others) || mended.iter().any(|check| check.is_broken()) {
            return Proof::Fails;
        }
        let Some(neighbours) = neighbours::unchanged(self.case, after, &mended, changes) else { return Proof::Fails };
        let open = mended.iter().filter(|c| !c.is_allowed()).flat_map(|c| &c.decision.unknown);
        let open: Vec<&str> = open.map(String::as_str).collect();
        if open.is_empty() {
            Proof::Holds(told(fault, &mended, others.len()) + &neighbours)
        } else {
            Proof::Open(format!("not proven: {}", open.join("; ")))
        }
    }

    /// Whether the fault is still there, another one is, or any other check is decided differently.
    fn is_harmed(&self, fault: &Fault, after: &Ground, others: &[&Check]) -> bool {
        let before = &self.diagnosis.ground;
        let changed = others.iter().any(|check| outcome_before(before, check) != Some(check.decision.outcome));
        let stays = after.faults.iter().any(|f| f.is_same(fault));
        let new = after.faults.iter().any(|f| !before.faults.iter().any(|b| b.is_same(f)));
        changed || stays || new
    }
}

/// Whether a check is what the change is for.
fn targets(fault: &Fault, check: &Check) -> bool {
    match &fault.subject {
        FaultSubject::Calls(calls) => calls.iter().any(|call| call.same_question(check)),
        FaultSubject::Role(role) => check.permission.role == *role,
        _ => false,
    }
}

fn outcome_before(before: &Ground, check: &Check) -> Option<Outcome> {
    before.checks.iter().find(|b| b.same_question(check)).map(|b| b.decision.outcome)
}

fn told(fault: &Fault, mended: &[&Check], others: usize) -> String {
    let calls = mended.iter().map(|c| format!("{} on {}", c.permission.action, c.permission.resource));
    let calls = calls.collect::<Vec<_>>().join(", ");
    let rest = match others {
        0 => String::new(),
        1 => "; the one other check is decided as before".to_owned(),
        n => format!("; the {n} other checks are decided as before"),
    };
    if mended.is_empty() {
        // What is told beside the fault itself follows a semicolon.
        let shows = fault.shows.split(';').next().unwrap_or_default();
        return format!("judged again with the change applied: {shows} is no longer so{rest}");
    }
    format!("judged again with the change applied: {calls} allowed{rest}")
}
