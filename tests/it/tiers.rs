//! A caller who may not read a part of the world: every fact of a tier is denied, in every shipped case.

use std::time::Duration;

use ecs_why::{
    case::{Case, Fact, Gap, Need, Tier},
    diagnose::{Cost, judge},
    judge::{Confidence, Diagnosis, Evidence, FaultSubject, Status, diagnose},
    needs::needs,
    report::Report,
};

use crate::{catalogue, fixtures};

/// What a caller without core cannot do is read the task: the first thing that is asked stays readable.
fn is_readable_by_all(need: &Need) -> bool {
    matches!(need, Need::Tasks { .. } | Need::Services { .. } | Need::TaskDefinition { .. })
}

fn denied(need: &Need) -> Fact {
    let message = format!("User: x is not authorized to perform: {}", need.action());
    Fact::Missing(Gap::Denied { message })
}

/// The case as a caller gets it whose policy lacks these tiers: what is asked of them anew is denied too.
fn without(case: &Case, lacks: &[Tier]) -> Case {
    let is_denied = |need: &Need| lacks.contains(&need.tier()) && !is_readable_by_all(need);
    let mut gapped = case.clone();
    for (need, _) in case.facts().filter(|(need, _)| is_denied(need)) {
        gapped.admit(need.clone(), denied(need));
    }
    for _ in 0..12 {
        let asked = gapped.unasked(needs(&gapped));
        for need in asked.into_iter().filter(|need| is_denied(need)) {
            let fact = denied(&need);
            gapped.admit(need, fact);
        }
    }
    gapped
}

const TIERS: [&[Tier]; 4] = [&[Tier::Core], &[Tier::Network], &[Tier::Resources], &[Tier::Network, Tier::Resources]];

fn each(check: impl Fn(&str, &Case, &Case, &[Tier])) {
    for fixture in fixtures() {
        for lacks in TIERS {
            let gapped = without(&fixture.case, lacks);
            check(&format!("{} without {lacks:?}", fixture.name), &fixture.case, &gapped, lacks);
        }
    }
}

fn report(case: &Case) -> Report {
    judge(case, catalogue(), Cost::default(), Duration::ZERO)
}

fn is_denied(case: &Case, need: &Need) -> bool {
    matches!(case.answer(need), Err(Gap::Denied { .. }))
}

#[test]
fn every_denied_question_is_reported_with_its_action() {
    each(|what, _, gapped, _| {
        let report = report(gapped);
        for (need, _) in gapped.facts().filter(|(need, _)| is_denied(gapped, need)) {
            let told = |line: &&ecs_why::report::Coverage| line.source == need.action() && line.status == "denied";
            let line = report.coverage.iter().find(told).unwrap_or_else(|| panic!("{what}: {need:?} is not reported"));
            assert!(line.note.as_deref().is_some_and(|note| note.contains(&need.subject())), "{what}: {line:?}");
        }
    });
}

/// A failure that a message or a fact of another tier shows is still shown; another one is not made up.
#[test]
fn a_denied_tier_makes_nothing_worse_than_inconclusive() {
    each(|what, case, gapped, _| {
        let (whole, partial) = (diagnose(case, catalogue()), diagnose(gapped, catalogue()));
        let expected = match whole.status {
            Status::Diagnosed => partial.status == Status::Diagnosed || partial.status == Status::Inconclusive,
            status => partial.status == status || partial.status == Status::Inconclusive,
        };
        assert!(expected, "{what}: {:?} became {:?}", whole.status, partial.status);
    });
}

/// What the confirmed findings rest on besides the message.
fn confirmed<'d>(diagnosis: &'d Diagnosis<'_>) -> impl Iterator<Item = (&'d FaultSubject, &'d Vec<Evidence>)> {
    let sure = diagnosis.findings.iter().filter(|finding| finding.confidence == Confidence::Confirmed);
    sure.filter_map(|finding| Some((&finding.fault.as_ref()?.subject, &finding.evidence)))
}

/// The tier whose facts a fault is made of.
fn tier_of(subject: &FaultSubject) -> Option<Tier> {
    match subject {
        FaultSubject::Path(_) | FaultSubject::EndpointPolicy(_) => Some(Tier::Network),
        FaultSubject::Thing(ecs_why::require::Thing::LogGroup { .. }) => Some(Tier::Core),
        FaultSubject::Thing(_) => Some(Tier::Resources),
        FaultSubject::Role(_) => Some(Tier::Core),
        _ => None,
    }
}

#[test]
fn nothing_is_confirmed_by_what_was_denied() {
    each(|what, _, gapped, lacks| {
        let partial = diagnose(gapped, catalogue());
        for (subject, evidence) in confirmed(&partial) {
            let tier = tier_of(subject);
            assert!(tier.is_none_or(|tier| !lacks.contains(&tier)), "{what}: {subject:?} by {evidence:?}");
        }
    });
}

/// A decision that counts as made needs the role's policies, which are of the core.
#[test]
fn without_the_core_no_call_is_decided() {
    for fixture in fixtures() {
        let gapped = without(&fixture.case, &[Tier::Core]);
        let partial = diagnose(&gapped, catalogue());
        let broken: Vec<_> = partial.ground.checks.iter().filter(|check| check.is_broken()).collect();
        let by_resource =
            |check: &&&ecs_why::judge::Check| check.decision.by.is_some() || !check.decision.lacking.is_empty();
        assert!(broken.iter().all(|check| by_resource(&check)), "{}: {broken:?}", fixture.name);
    }
}

#[test]
fn without_network_facts_no_path_is_broken_or_followed_to_its_end() {
    for fixture in fixtures() {
        let gapped = without(&fixture.case, &[Tier::Network]);
        for path in report(&gapped).paths {
            assert!(matches!(path.verdict, "unknown" | "leaves"), "{}: {path:?}", fixture.name);
        }
    }
}
