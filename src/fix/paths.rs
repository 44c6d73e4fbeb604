//! The proof of a change for a broken path: what becomes of this path and of all others once it is applied.
//!
//! A break hides what comes behind it, so a change that mends the first hop is carried on to the next one that breaks.

use super::{
    Change, NetworkChange, NetworkEdit, apply,
    propose::{Proposal, network},
    verify::Trial,
};
use crate::{
    judge::{Break, FaultSubject, Ground, Reach},
    net::{Destination, Hop, Summary, Verdict},
    subject::Subject,
};

/// How many breaks behind the first a proposal is carried on to.
const FURTHER: usize = 3;
/// How many proposals are tried at each of them.
const TRIED: usize = 2;

/// What a change does to paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// In words.
    Mended(String),
    /// It depends on what was not read, or is out of sight.
    Open(String),
    Broken,
}

/// Holds the paths before and after a change against each other: those of the break, and all others.
pub fn outcome(broken: &Break, before: &[Reach], after: &[Reach]) -> Outcome {
    let (own, others): (Vec<&Reach>, Vec<&Reach>) = after.iter().partition(|reach| is_of(broken, reach));
    let all_judged = broken.reaches.iter().all(|reach| own.iter().any(|one| one.connection == reach.connection));
    if own.iter().any(|reach| is_broken(reach)) || others.iter().any(|reach| is_newly_broken(before, reach)) {
        return Outcome::Broken;
    }
    let open: Vec<String> = own.iter().filter_map(|reach| open_end(reach)).collect();
    match open.first() {
        Some(first) => Outcome::Open(first.clone()),
        None if !all_judged => Outcome::Open("the path was not judged again".to_owned()),
        None => Outcome::Mended(reached(&own)),
    }
}

/// How many of the other paths reach that did not, and how many are as they were.
pub fn others(broken: &Break, before: &[Reach], after: &[Reach]) -> (usize, usize) {
    let others = after.iter().filter(|reach| reach.path.is_some() && !is_of(broken, reach));
    let is_better = |reach: &&Reach| {
        let mut known = before.iter().filter(|known| known.connection == reach.connection);
        reach.gets_through() && known.any(|known| !known.gets_through())
    };
    let (better, same): (Vec<&Reach>, Vec<&Reach>) = others.partition(is_better);
    (better.len(), same.len())
}

fn is_of(broken: &Break, reach: &Reach) -> bool {
    broken.reaches.iter().any(|own| own.connection == reach.connection)
}

fn is_broken(reach: &Reach) -> bool {
    reach.broken_at().is_some()
}

fn is_newly_broken(before: &[Reach], reach: &Reach) -> bool {
    let was_broken = || before.iter().any(|known| known.connection == reach.connection && is_broken(known));
    is_broken(reach) && !was_broken()
}

/// Why it is not known whether a path reaches; `None` if it does.
fn open_end(reach: &Reach) -> Option<String> {
    let to = network::all_told([&reach.connection.destination]);
    match reach.path.as_ref()?.summary() {
        Summary::Unknown(Hop { verdict: Verdict::Unknown(missing), .. }) => {
            let subject = Some(missing.subject.as_str()).filter(|subject| !subject.is_empty());
            let subject = subject.map(|subject| format!(" ({subject})")).unwrap_or_default();
            Some(format!("the path to {to} depends on {}{subject}, which is not known", missing.what.word()))
        }
        Summary::LeavesView(hop) => {
            Some(format!("the path to {to} leaves by {}, and what comes then is not seen", hop.subject))
        }
        _ => None,
    }
}

fn reached(own: &[&Reach]) -> String {
    let destinations: Vec<&Destination> = own.iter().map(|reach| &reach.connection.destination).collect();
    let is_one = destinations.iter().all(|destination| Some(destination) == destinations.first());
    let (paths, reach) = if is_one { ("path", "reaches") } else { ("paths", "reach") };
    format!("the {paths} to {} {reach}", network::all_told(destinations))
}

/// A proposal for a broken path, carried on until the path reaches: with each change that the breaks behind it take.
pub fn carried_on(trial: &Trial<'_>, proposal: Proposal) -> Vec<Proposal> {
    match trial.finding.fault.as_ref().map(|fault| &fault.subject) {
        Some(FaultSubject::Path(broken)) => further(trial, broken, proposal, FURTHER),
        _ => vec![proposal],
    }
}

fn further(trial: &Trial<'_>, broken: &Break, proposal: Proposal, steps: usize) -> Vec<Proposal> {
    let after = apply(trial.case, &proposal.changes);
    let Some(workload) = Subject::of(&after).workload(&after) else { return vec![proposal] };
    let ground = Ground::of(&after, Some(&workload), &trial.diagnosis.symptoms, trial.catalogue);
    let Some(left) = left_of(broken, &ground.reaches) else { return vec![proposal] };
    if left.hop == broken.hop || steps == 0 {
        return Vec::new();
    }
    let next = network::propose(&after, &workload, &left).proposals.into_iter().take(TRIED);
    let joined = next.filter_map(|next| joined(&proposal, next));
    joined.flat_map(|joined| further(trial, &left, joined, steps - 1)).collect()
}

/// What of a break is still broken, by the hop at which the first of its paths ends now.
fn left_of(broken: &Break, after: &[Reach]) -> Option<Break> {
    let own: Vec<&Reach> = after.iter().filter(|reach| is_of(broken, reach)).collect();
    let hop = own.iter().find_map(|reach| reach.broken_at())?.clone();
    let reaches = own.into_iter().filter(|reach| reach.broken_at() == Some(&hop)).cloned().collect();
    Some(Break { hop, reaches })
}

/// Both proposals as one; `None` where the second is about something that only AWS will name.
fn joined(first: &Proposal, second: Proposal) -> Option<Proposal> {
    if second.changes.iter().any(names_what_is_new) {
        return None;
    }
    let mut joined = first.clone();
    joined.title = format!("{}; {}", first.title, second.title);
    joined.changes.extend(second.changes.into_iter().filter(|change| !first.changes.contains(change)));
    joined.docs.extend(second.docs.into_iter().filter(|page| !first.docs.contains(page)));
    Some(joined)
}

/// The ids of what a change makes are not known before it is made.
fn names_what_is_new(change: &Change) -> bool {
    let Change::Network(NetworkChange { edit, .. }) = change else { return false };
    match edit {
        NetworkEdit::ModifyEndpoint { endpoint, .. } => endpoint.starts_with("vpce-new-"),
        NetworkEdit::AuthorizeRule { rule, .. } => {
            rule.prefix_list_id.as_ref().is_some_and(|list| list.starts_with("pl-of-"))
        }
        _ => false,
    }
}
