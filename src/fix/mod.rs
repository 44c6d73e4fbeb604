//! The least change that mends a finding, applied in memory and judged again before it is shown.
//!
//! Given a case and a finding, gives [`Fix`]es: a change that was proven, or advice that claims no proof. A change whose
//! proof fails is not shown. Changes nothing outside of memory.

mod apply;
mod change;
mod cli;
mod cloudformation;
mod diff;
mod document;
mod execution_role;
mod least;
mod neighbours;
mod network;
mod paths;
mod place;
mod propose;
mod revision;
mod runner;
mod size;
mod statements;
mod terraform;
mod verify;

pub use apply::apply;
pub use change::{Change, Resource};
pub use cloudformation::template;
pub use execution_role::{ExecutionRole, doubts};
pub use least::least;
pub use network::{DnsAttribute, EndpointEdit, EndpointKind, NetworkChange, NetworkEdit, NewEndpoint};
use propose::Proposal;
pub use revision::{Revision, Text};
use runner::Runner;
pub use terraform::configuration;
pub use verify::Proof;
use verify::Trial;

use serde_json::Value;

use crate::{
    case::Case,
    judge::{Diagnosis, Fault, FaultSubject, Finding, Status, diagnose, is_attributed},
    knowledge::Catalogue,
};

/// A change with its proof and its renderings, or advice without either.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fix {
    pub title: String,
    /// What the commands change; none for advice.
    pub changes: Vec<Change>,
    pub commands: Vec<String>,
    pub policy: Option<Value>,
    /// What changes of documents that are there, as unified diffs.
    pub diffs: Vec<String>,
    pub terraform: Option<String>,
    pub cloudformation: Option<String>,
    pub docs: Vec<String>,
    /// `None`: advice, or a change whose outcome depends on what could not be read.
    pub verified: Option<bool>,
    pub proof: Option<String>,
}

/// What to do about each finding, such that all commands can be run in the order in which they are shown.
///
/// A policy is written whole: a fix that writes what a fix above it writes too would undo that one, so it is built on it.
pub fn in_turn(case: &Case, diagnosis: &Diagnosis<'_>, catalogue: &Catalogue) -> Vec<Vec<Fix>> {
    let mut above: Vec<Change> = Vec::new();
    let mut all = Vec::new();
    for finding in diagnosis.findings.iter().filter(|_| diagnosis.status != Status::Benign) {
        let alone = fixes(case, diagnosis, finding, catalogue);
        let own = match alone.iter().flat_map(|fix| &fix.changes).any(|change| above.iter().any(|a| a.meets(change))) {
            true => on_top(case, &above, finding, catalogue),
            false => alone,
        };
        above.extend(own.iter().flat_map(|fix| fix.changes.clone()));
        all.push(own);
    }
    all
}

/// What is left to do about a finding after the changes above.
fn on_top(case: &Case, above: &[Change], finding: &Finding, catalogue: &Catalogue) -> Vec<Fix> {
    let before = apply(case, above);
    let diagnosis = diagnose(&before, catalogue);
    let left = finding.fault.as_ref().and_then(|fault| fault.left_in(&diagnosis.ground.faults));
    let Some(fault) = left else { return vec![advice("The change above mends this as well", &[])] };
    let left = Finding { fault: Some(Fault::clone(fault)), ..finding.clone() };
    fixes(&before, &diagnosis, &left, catalogue).into_iter().map(after_those_above).collect()
}

fn after_those_above(fix: Fix) -> Fix {
    if fix.changes.is_empty() {
        return fix;
    }
    let proof = fix.proof.map(|proof| format!("after the changes above: {proof}"));
    Fix { title: format!("{}; on top of what is changed above, so run it after that", fix.title), proof, ..fix }
}

/// What to do about a finding on its own: the first proposed change that holds, else advice.
pub fn fixes(case: &Case, diagnosis: &Diagnosis<'_>, finding: &Finding, catalogue: &Catalogue) -> Vec<Fix> {
    if finding.state == crate::judge::State::Resolved {
        return Vec::new();
    }
    let workload = diagnosis.workload.as_ref();
    let remedy = workload.map(|w| propose::propose(case, w, finding, diagnosis)).unwrap_or_default();
    let trial = Trial { case, diagnosis, finding, catalogue };
    match best(&trial, remedy.proposals) {
        Ok(fix) => {
            let beside = remedy.beside.iter().map(|(title, docs)| advice(title, docs));
            std::iter::once(fix).chain(beside).collect()
        }
        Err(excess) => {
            let told = excess.into_iter().chain(remedy.advice).collect();
            let all = instead(finding, told);
            all.iter().map(|(title, docs)| advice(title, docs)).collect()
        }
    }
}

/// What to do where no change is shown. What the catalogue says of the cause is left out where the facts say otherwise;
/// which layer decides is told instead.
fn instead(finding: &Finding, mut told: Vec<propose::Advice>) -> Vec<propose::Advice> {
    let of_path = matches!(finding.fault.as_ref().map(|fault| &fault.subject), Some(FaultSubject::Path(_)));
    // The hop says what of all that the catalogue names is to be done.
    if of_path && !told.is_empty() {
        return told;
    }
    if !propose::beyond_identity(finding) {
        told.extend(finding.advice.iter().cloned());
    } else if told.is_empty() {
        told.extend(propose::deciding(finding));
    }
    told
}

/// The first proposal that is proven, else the first whose proof is open.
///
/// # Errors
/// What to do instead where only the size of its documents speaks against a proposal.
fn best(trial: &Trial<'_>, proposals: Vec<Proposal>) -> Result<Fix, Option<propose::Advice>> {
    let (mut open, mut too_large) = (None, None);
    for proposal in proposals.into_iter().flat_map(|proposal| paths::carried_on(trial, proposal)) {
        match shown(trial, proposal) {
            Some(Ok(fix)) if fix.verified == Some(true) => return Ok(fix),
            Some(Ok(fix)) => open = open.or(Some(fix)),
            Some(Err(advice)) => too_large = too_large.or(Some(advice)),
            None => {}
        }
    }
    open.ok_or(too_large)
}

/// A proposal with its proof, or what to do where AWS would not take its documents; `None` where the proof fails.
fn shown(trial: &Trial<'_>, proposal: Proposal) -> Option<Result<Fix, propose::Advice>> {
    let after = apply(trial.case, &proposal.changes);
    let excess = proposal.changes.iter().find_map(|change| size::excess(trial.case, &after, change));
    let proof = trial.verify(&after, &proposal.changes);
    let fix = rendered(proposal, proof, trial.diagnosis)?;
    if let Some(excess) = excess {
        return Some(Err((format!("{}: {}", fix.title, excess.told()), vec![size::PAGE.to_owned()])));
    }
    let fix = with_caller(trial, with_runner(trial, fix));
    let diffs = fix.changes.iter().filter_map(|change| diff::diff(trial.case, change)).collect();
    Some(Ok(Fix { diffs, ..fix }))
}

/// What nobody may run is not proven to mend anything.
fn with_runner(trial: &Trial<'_>, fix: Fix) -> Fix {
    let Some(fault) = &trial.finding.fault else { return fix };
    let after = |why: String| fix.proof.clone().map(|proof| format!("{proof}; {why}"));
    match runner::runner(trial.case, fault, &fix.changes) {
        Runner::Administrator => fix,
        Runner::Few(why) => Fix { proof: after(why), ..fix },
        Runner::Nobody(why) => Fix { proof: after(format!("but nobody may run it: {why}")), verified: None, ..fix },
    }
}

/// A change of a role proves nothing about calls that the role may not have made.
fn with_caller(trial: &Trial<'_>, fix: Fix) -> Fix {
    let calls = match trial.finding.fault.as_ref().map(|fault| &fault.subject) {
        Some(FaultSubject::Calls(calls)) => calls.as_slice(),
        _ => &[],
    };
    let workload = trial.diagnosis.workload.as_ref();
    if workload.is_none_or(|workload| is_attributed(workload, &trial.diagnosis.symptoms, calls)) {
        return fix;
    }
    let why = "the log does not say who called: keys of its own come before the task role";
    Fix { proof: fix.proof.map(|proof| format!("{proof}; {why}")), verified: None, ..fix }
}

fn rendered(proposal: Proposal, proof: Proof, diagnosis: &Diagnosis<'_>) -> Option<Fix> {
    let region = diagnosis.workload.as_ref().map(|w| w.region.clone()).unwrap_or_default();
    let (verified, proof) = match proof {
        Proof::Holds(proof) => (Some(true), proof),
        Proof::Open(why) => (None, why),
        Proof::Fails => return None,
    };
    let changes = &proposal.changes;
    let shared = changes.iter().find_map(Change::shared_policy);
    Some(Fix {
        title: proposal.title + shared.map_or("", |_| "; every principal that has the policy gets the change"),
        changes: changes.clone(),
        commands: changes.iter().flat_map(|change| cli::commands(change, &region)).collect(),
        diffs: Vec::new(),
        policy: changes.iter().find_map(|change| change.document().cloned()),
        terraform: configuration(changes),
        cloudformation: template(changes),
        docs: proposal.docs,
        verified,
        proof: Some(proof + versions(changes) + &shared.map(unjudged).unwrap_or_default()),
    })
}

/// IAM makes no sixth version of a policy, and how many there are is not asked.
fn versions(changes: &[Change]) -> &'static str {
    match changes.iter().any(|change| matches!(change, Change::SetPolicyVersion { .. })) {
        true => "; a policy keeps five versions: delete one first if AWS refuses",
        false => "",
    }
}

/// What the proof does not cover.
fn unjudged(policy: &str) -> String {
    format!("; other principals that have {policy} were not judged")
}

fn advice(title: &str, docs: &[String]) -> Fix {
    Fix { title: title.to_owned(), docs: docs.to_vec(), ..Fix::default() }
}
