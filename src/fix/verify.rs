//! The proof: the case with the change applied, judged again.
//!
//! A change holds if every call that it is for comes out allowed, the fault is gone, every other check and every
//! neighbour of the calls is decided as before, and no new fault appears. One for a broken path holds if that path reaches
//! and no other one breaks.

use super::{
    Change, neighbours,
    paths::{self, Outcome as Paths},
};
use crate::{
    case::Case,
    iam::Outcome,
    judge::{Break, Check, Diagnosis, Fault, FaultSubject, Finding, Ground},
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
        if let FaultSubject::Path(broken) = &fault.subject {
            return self.of_paths(broken, &ground, others.len());
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

    /// A network is judged by its paths: it decides nothing that a policy does.
    fn of_paths(&self, broken: &Break, after: &Ground, checks: usize) -> Proof {
        match paths::outcome(broken, &self.diagnosis.ground.reaches, &after.reaches) {
            Paths::Broken => Proof::Fails,
            Paths::Open(why) => Proof::Open(format!("not proven: {why}")),
            Paths::Mended(told) => {
                let rest = rest_of(paths::others(broken, &self.diagnosis.ground.reaches, &after.reaches), checks);
                Proof::Holds(format!("judged again with the change applied: {told}{rest}"))
            }
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
        FaultSubject::Thing(_)
        | FaultSubject::Definition
        | FaultSubject::Path(_)
        | FaultSubject::EndpointPolicy(_)
        | FaultSubject::Reference
        | FaultSubject::End => false,
    }
}

fn outcome_before(before: &Ground, check: &Check) -> Option<Outcome> {
    before.checks.iter().find(|b| b.same_question(check)).map(|b| b.decision.outcome)
}

/// What else was judged: paths that reach besides, and whatever is as it was.
fn rest_of((better, same): (usize, usize), checks: usize) -> String {
    let counted = |(count, word): (usize, &str)| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let gained = counted((better, "other path")).map(|paths| format!("; {paths} as well"));
    let same: Vec<String> = [(same, "other path"), (checks, "check")].into_iter().filter_map(counted).collect();
    let same = match (same.is_empty(), same.len()) {
        (true, _) => String::new(),
        (false, 1) if same.concat().starts_with("1 ") => format!("; {} is as before", same.concat()),
        _ => format!("; {} are as before", same.join(" and ")),
    };
    gained.unwrap_or_default() + &same
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
        return format!("judged again with the change applied: {} is no longer so{rest}", fault.shows);
    }
    format!("judged again with the change applied: {calls} allowed{rest}")
}
