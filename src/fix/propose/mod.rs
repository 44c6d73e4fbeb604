//! Which change would mend a finding, by the fault under it. A proposal is an attempt: only its proof lets it be shown.

pub(super) mod calls;
mod decided;
mod deny;
mod draft;
mod grant;
mod narrow;
mod near_miss;
pub(super) mod network;
mod pattern;
mod role;
mod thing;
mod trust;
mod wording;
mod words;

pub(super) use decided::{beyond_identity, deciding};

use super::Change;
use crate::{
    case::Case,
    judge::{self, Diagnosis, FaultSubject, Finding},
    require::Workload,
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

/// What to do, and the documentation of it.
pub type Advice = (String, Vec<String>);

/// Proposals in the order in which they are to be tried, and what to do where none holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Remedy {
    pub proposals: Vec<Proposal>,
    pub advice: Vec<Advice>,
    /// What may be done instead of a proposal that holds.
    pub beside: Vec<Advice>,
}

impl Remedy {
    /// Takes a proposal in, unless it is there already.
    fn add(&mut self, proposal: Option<Proposal>) {
        let new = proposal.filter(|p| self.proposals.iter().all(|known| known.changes != p.changes));
        self.proposals.extend(new);
    }

    fn of(proposal: Option<Proposal>) -> Self {
        Self { proposals: proposal.into_iter().collect(), ..Self::default() }
    }
}

/// The least changes for the fault of a finding, where they are known.
pub fn propose(case: &Case, workload: &Workload<'_>, finding: &Finding, diagnosis: &Diagnosis<'_>) -> Remedy {
    // What the catalogue has no name for, it has no remedy for either.
    let Some(fault) = finding.fault.as_ref().filter(|fault| fault.cause != UNKNOWN) else { return Remedy::default() };
    match &fault.subject {
        FaultSubject::Calls(calls) => {
            match network::policy::with_calls(case, workload, calls, &diagnosis.ground.reaches) {
                Some(proposal) => Remedy::of(Some(proposal)),
                None => calls::propose(case, workload, calls, &fault.cause),
            }
        }
        FaultSubject::EndpointPolicy(gate) => {
            let endpoint = judge::endpoint(case, &gate.region, &gate.endpoint);
            Remedy::of(endpoint.and_then(|endpoint| network::policy::with_layers(endpoint, &gate.region)))
        }
        FaultSubject::Path(broken) => network::propose(case, workload, broken),
        FaultSubject::Role(role) => role::propose(case, workload, role, &diagnosis.ground.checks),
        FaultSubject::Thing(thing) => {
            let mut remedy = thing::propose(case, workload, thing);
            // Where the rule of the message is about another cause, the catalogue's advice is not for this one.
            remedy.advice.extend(thing::advice(thing, &fault.cause).filter(|_| finding.advice.is_empty()));
            remedy
        }
        FaultSubject::Definition | FaultSubject::Reference | FaultSubject::End => Remedy::default(),
    }
}
