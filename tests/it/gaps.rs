//! What is not known never turns a verdict: each fact of each case is taken away, in every way in which it can be missing.

use ecs_why::{
    case::{Case, Fact, Gap, Need},
    iam::Outcome,
    judge::{Confidence, Diagnosis, Status, diagnose},
};

use crate::{catalogue, fixtures};

fn gaps() -> Vec<Gap> {
    let message = || "x".to_owned();
    vec![
        Gap::NotAsked,
        Gap::Denied { message: message() },
        Gap::Throttled { message: message() },
        Gap::TimedOut,
        Gap::Unreachable { message: message() },
        Gap::Failed { message: message() },
    ]
}

fn without(case: &Case, need: &Need, gap: &Gap) -> Case {
    let mut gapped = case.clone();
    gapped.admit(need.clone(), Fact::Missing(gap.clone()));
    gapped
}

fn cause(diagnosis: &Diagnosis<'_>) -> Option<String> {
    diagnosis.findings.first().map(|f| f.cause.clone()).filter(|cause| cause != "unknown")
}

/// Without the fact under it, only what everybody sees is left: that the application ended, say.
fn is_symptom(cause: &str) -> bool {
    catalogue().cause(cause).is_some_and(|cause| cause.symptom)
}

/// The likeliest cause of a message that covers several, which only the fact told apart.
fn is_likeliest_of_the_same(partial: &Diagnosis<'_>, whole: &Diagnosis<'_>) -> bool {
    let rule = |d: &Diagnosis<'_>| d.findings.first().and_then(|f| f.rule.clone());
    let sure = partial.findings.first().is_some_and(|f| f.confidence == Confidence::Confirmed);
    rule(partial).is_some() && rule(partial) == rule(whole) && !sure
}

/// What ECS itself says of the stop, with what it leaves open.
fn is_stop_with_a_doubt(diagnosis: &Diagnosis<'_>) -> bool {
    let doubts = diagnosis.findings.first().is_some_and(|f| f.why.contains("is not ruled out"));
    diagnosis.status == Status::Benign && doubts
}

/// Action and resource of each denied call.
fn broken(diagnosis: &Diagnosis<'_>) -> Vec<(String, String)> {
    let denied = diagnosis.ground.checks.iter().filter(|c| c.is_broken());
    denied.map(|c| (c.permission.action.clone(), c.permission.resource.clone())).collect()
}

#[test]
fn a_gap_never_turns_a_verdict() {
    for fixture in fixtures() {
        let whole = diagnose(&fixture.case, catalogue());
        let needs: Vec<Need> = fixture.case.facts().map(|(need, _)| need.clone()).collect();
        for need in &needs {
            for gap in gaps() {
                let gapped = without(&fixture.case, need, &gap);
                let partial = diagnose(&gapped, catalogue());
                let what = format!("{} without {need:?} ({gap:?})", fixture.name);
                let new = cause(&partial);
                let stays = new.as_ref().is_none_or(|new| is_symptom(new))
                    || new == cause(&whole)
                    || is_stop_with_a_doubt(&partial)
                    || is_likeliest_of_the_same(&partial, &whole);
                assert!(stays, "{what}: {:?} became {new:?}", cause(&whole));
                for call in broken(&partial) {
                    assert!(broken(&whole).contains(&call), "{what}: {call:?} is denied now");
                }
            }
        }
    }
}

#[test]
fn a_healthy_task_stays_healthy_whatever_is_not_seen() {
    for fixture in fixtures() {
        let whole = diagnose(&fixture.case, catalogue());
        if whole.status != Status::NotFailed {
            continue;
        }
        for (need, _) in fixture.case.facts().filter(|(need, _)| !matches!(need, Need::Tasks { .. })) {
            let gapped = without(&fixture.case, need, &Gap::Denied { message: "no".to_owned() });
            let partial = diagnose(&gapped, catalogue());
            assert_eq!(
                (partial.status, partial.findings.len()),
                (Status::NotFailed, 0),
                "{} without {need:?}",
                fixture.name
            );
        }
    }
}

/// A role whose policies could not all be read is allowed nothing for certain.
#[test]
fn unread_policies_leave_decisions_open() {
    let all = fixtures();
    let fixture = all.iter().find(|f| f.name == "secret-is-denied").unwrap();
    let names =
        fixture.case.facts().map(|(need, _)| need.clone()).filter(|n| matches!(n, Need::RolePolicyNames { .. }));
    let gapped =
        names.fold(fixture.case.clone(), |case, need| without(&case, &need, &Gap::Denied { message: "no".into() }));
    let partial = diagnose(&gapped, catalogue());
    let outcomes: Vec<Outcome> =
        partial.ground.checks.iter().filter(|c| !c.is_trust()).map(|c| c.decision.outcome).collect();
    assert!(!outcomes.is_empty() && outcomes.iter().all(|o| *o == Outcome::Unknown), "{outcomes:?}");
}
