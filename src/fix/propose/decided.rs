//! Which layers decide against calls, in words: where one besides the identity policies does, to be told to allow the
//! call there would be wrong.

use super::{
    Advice,
    deny::PAGE,
    words::{in_words, layer},
};
use crate::{
    iam::{DecidedBy, Layer},
    judge::{Check, FaultSubject, Finding},
};

/// The calls that a finding is about.
fn calls(finding: &Finding) -> &[Check] {
    match finding.fault.as_ref().map(|fault| &fault.subject) {
        Some(FaultSubject::Calls(calls)) => calls,
        _ => &[],
    }
}

/// Whether something other than what the role's policies, or its trust, leave out decides against a call: what the
/// catalogue says of the cause does not fit then.
pub fn beyond_identity(finding: &Finding) -> bool {
    calls(finding).iter().any(Check::is_decided_elsewhere)
}

/// Each statement that denies and each layer that lacks an allow, with the calls that it decides.
pub fn deciding(finding: &Finding) -> Vec<Advice> {
    let mut parts: Vec<(Part, Vec<&Check>)> = Vec::new();
    for call in calls(finding) {
        for part in parts_of(call) {
            match parts.iter_mut().find(|(known, _)| *known == part) {
                Some((_, calls)) => calls.push(call),
                None => parts.push((part, vec![call])),
            }
        }
    }
    parts.iter().map(|(part, calls)| part.told(calls)).collect()
}

/// What decides against a call.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Denies(Layer, DecidedBy),
    Lacks(Layer),
}

fn parts_of(call: &Check) -> Vec<Part> {
    let denies = call.decision.deniers.iter().map(|denier| Part::Denies(denier.layer, denier.by.clone()));
    denies.chain(call.decision.lacking.iter().copied().map(Part::Lacks)).collect()
}

impl Part {
    fn told(&self, calls: &[&Check]) -> Advice {
        let words = in_words(calls);
        let title = match self {
            Self::Denies(at, by) => format!(
                "Statement {} of {} ({} layer) denies {words}: have it spare this, no allow elsewhere outweighs it",
                by.statement,
                by.policy,
                layer(*at)
            ),
            Self::Lacks(at) => {
                format!("Nothing in the {} layer allows {words}: it has to be allowed there", layer(*at))
            }
        };
        (title, vec![PAGE.to_owned()])
    }
}
