//! Denied calls: every deny narrowed and every layer that lacks an allow given one, together.

use super::{
    Advice, Remedy, deny,
    draft::Draft,
    grant::{Grant, Manner},
    pattern, trust,
};
use crate::{case::Case, judge::Check, require::Workload};

/// Changes that let one role make all of these calls, the smaller one first.
pub fn propose(case: &Case, workload: &Workload<'_>, calls: &[Check], cause: &str) -> Remedy {
    let Some(first) = calls.first() else { return Remedy::default() };
    if first.is_trust() {
        return trust::propose(case, workload, first);
    }
    if let Some(advice) = pattern::advice(&calls.iter().collect::<Vec<_>>()) {
        return Remedy { advice: vec![advice], ..Remedy::default() };
    }
    let role = &first.permission.role;
    let mut remedy = Remedy::default();
    for manner in [Manner::Smallest, Manner::Added] {
        let grant = Grant { workload, role, calls, cause, manner };
        match drafted(case, &grant) {
            Ok(draft) => remedy.add(draft.proposal(docs(&grant))),
            Err(advice) => remedy.advice = advice,
        }
    }
    if remedy.advice.is_empty() {
        remedy.advice = deny::named(case, calls);
    }
    remedy
}

/// A deny and an allow that is missing behind it are mended in one: either alone would change nothing.
fn drafted<'a>(case: &'a Case, grant: &Grant<'_>) -> Result<Draft<'a>, Vec<Advice>> {
    let mut draft = Draft::new(case);
    let narrowed = deny::narrow_all(&mut draft, grant.calls);
    let granted = grant.everywhere(&mut draft);
    match (narrowed, granted) {
        (Ok(()), Ok(())) => Ok(draft),
        (narrowed, granted) => {
            let denied = narrowed.err().unwrap_or_else(|| deny::named(case, grant.calls));
            Err([denied, granted.err().unwrap_or_default()].concat())
        }
    }
}

fn docs(grant: &Grant<'_>) -> Vec<String> {
    let denied = grant.calls.iter().any(|call| !call.decision.deniers.is_empty());
    if denied { vec![deny::PAGE.to_owned()] } else { grant.docs() }
}
