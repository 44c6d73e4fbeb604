//! What mends broken paths: every break of every row is tried, and whatever is shown as proven is judged again here.

use std::collections::BTreeMap;

use ecs_why::{
    case::Case,
    fix::{Fix, apply, fixes},
    judge::{Confidence, Diagnosis, Fault, FaultSubject, Finding, Reach, State, diagnose},
    net::{Hop, Summary, Verdict},
};

use super::{
    case::case,
    world::{World, rows},
};
use crate::catalogue;

/// A finding about nothing but the fault.
fn finding(fault: &Fault) -> Finding {
    Finding {
        cause: fault.cause.clone(),
        confidence: Confidence::Confirmed,
        state: State::Present,
        title: String::new(),
        why: String::new(),
        rule: None,
        container: None,
        role: None,
        resource: fault.resource.clone(),
        evidence: Vec::new(),
        fault: Some(fault.clone()),
        advice: Vec::new(),
    }
}

fn of_paths<'d>(diagnosis: &'d Diagnosis<'_>) -> impl Iterator<Item = (&'d Fault, &'d Hop)> {
    diagnosis.ground.faults.iter().filter_map(|fault| match &fault.subject {
        FaultSubject::Path(broken) => Some((fault, &broken.hop)),
        _ => None,
    })
}

fn reason(hop: &Hop) -> String {
    let Verdict::Breaks(reason) = &hop.verdict else { panic!("{hop:?} does not break") };
    let text = format!("{reason:?}");
    text.split([' ', '(', '{']).next().unwrap().to_owned()
}

fn is_broken(reach: &Reach) -> bool {
    reach.path.as_ref().is_some_and(|path| matches!(path.summary(), Summary::Broken(_)))
}

fn gets_through(reach: &Reach) -> bool {
    reach.path.as_ref().is_some_and(|path| path.summary() == Summary::Reaches)
}

/// The reaches of a case, each under its connection.
fn reaches(case: &Case) -> Vec<Reach> {
    diagnose(case, catalogue()).ground.reaches
}

/// What a proven fix claims, held against the case with it applied.
fn refuted(case: &Case, fault: &Fault, fix: &Fix) -> Option<String> {
    let FaultSubject::Path(broken) = &fault.subject else { return None };
    let (before, after) = (reaches(case), reaches(&apply(case, &fix.changes)));
    let now = |reach: &Reach| after.iter().find(|other| other.connection == reach.connection);
    let left = broken.reaches.iter().find(|reach| !now(reach).is_some_and(gets_through));
    let harmed = before.iter().find(|reach| !is_broken(reach) && now(reach).is_none_or(is_broken));
    left.or(harmed).map(|reach| format!("{:?} after {:?}", reach.connection.destination, fix.commands))
}

/// A command stands alone: it is AWS's, says in which Region, and has no quote that is not closed.
fn is_whole(command: &str) -> bool {
    let quotes = command.matches('\'').count();
    command.starts_with("aws ") && command.ends_with(" --region eu-central-1") && quotes % 2 == 0
}

/// The breaks of all rows by their reason: how many were mended, advised on, or left alone.
fn tally(mut each: impl FnMut(&Case, &Fault, &[Fix])) -> BTreeMap<String, [usize; 4]> {
    let mut tally: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for (_, row) in rows() {
        let Some(case) = case(&World::of(&row), row["call"].as_str().unwrap()) else { continue };
        let diagnosis = diagnose(&case, catalogue());
        for (fault, hop) in of_paths(&diagnosis) {
            let shown = fixes(&case, &diagnosis, &finding(fault), catalogue());
            let outcome = match shown.first() {
                Some(fix) if fix.verified == Some(true) => 0,
                Some(fix) if !fix.changes.is_empty() => 1,
                Some(_) => 2,
                None => 3,
            };
            tally.entry(reason(hop)).or_default()[outcome] += 1;
            each(&case, fault, &shown);
        }
    }
    tally
}

#[test]
fn what_is_proven_holds() {
    let (mut wrong, mut proven) = (Vec::new(), 0);
    let tally = tally(|case, fault, shown| {
        for fix in shown.iter().filter(|fix| fix.verified == Some(true)) {
            proven += 1;
            wrong.extend(refuted(case, fault, fix));
            wrong.extend(fix.commands.iter().filter(|command| !is_whole(command)).cloned());
            assert!(fix.docs.iter().all(|page| page.starts_with("https://docs.aws.amazon.com/")), "{fix:?}");
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(proven > 100, "only {proven} proven: {tally:#?}");
    insta::assert_debug_snapshot!(tally);
}

/// What is shown of one row: titles and commands.
fn shown(about: &str) -> Vec<String> {
    let (_, row) = rows().into_iter().find(|(_, row)| row["about"] == about).unwrap();
    let case = case(&World::of(&row), row["call"].as_str().unwrap()).unwrap();
    let diagnosis = diagnose(&case, catalogue());
    let mut told = Vec::new();
    for (fault, _) in of_paths(&diagnosis) {
        for fix in fixes(&case, &diagnosis, &finding(fault), catalogue()) {
            told.push(format!("{}: {}", fault.cause, fix.title));
            told.extend(fix.commands.iter().cloned());
            told.extend(fix.proof.iter().map(|proof| format!("= {proof}")));
        }
    }
    told
}

#[test]
fn breaks_are_mended_by_their_reason() {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, row) in rows() {
        let reason = row["reason"].as_str().unwrap_or_default().to_owned();
        let about = row["about"].as_str().unwrap();
        if reason.is_empty() || seen.contains_key(&reason) || case(&World::of(&row), "ecr.api").is_none() {
            continue;
        }
        let told = shown(about);
        if !told.is_empty() {
            seen.insert(reason, [vec![about.to_owned()], told].concat());
        }
    }
    insta::assert_debug_snapshot!(seen);
}
