//! AWS's policy simulator beside our own decisions: what it is asked, and that what it says is told and changes nothing.

use std::{collections::BTreeSet, time::Duration};

use ecs_why::{
    case::{
        Answer, Case, Fact, Gap, Loaded, Need, Origin, PolicyDocument, SimulatedCall, SimulatedCalls,
        SimulatedDecision, Simulation, load, save,
    },
    collect::Collector,
    diagnose::{Cost, collect, collect_with_second_opinion, judge},
    fix::{Change, apply},
    judge::simulations,
    report::{Check, Report, report_text},
};
use serde_json::json;

use crate::{catalogue, fixtures};

fn case(name: &str) -> Case {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap().case
}

fn report(case: &Case) -> Report {
    judge(case, catalogue(), Cost::default(), Duration::ZERO)
}

fn checks(report: &Report) -> Vec<&Check> {
    report.permissions.iter().flat_map(|role| &role.checks).collect()
}

fn check<'r>(report: &'r Report, action: &str) -> &'r Check {
    checks(report).into_iter().find(|check| check.action == action).unwrap()
}

fn said(action: &str, decision: SimulatedDecision) -> SimulatedCall {
    SimulatedCall {
        action: action.to_owned(),
        decision,
        missing_context: Vec::new(),
        allowed_by_organizations: None,
        allowed_by_boundary: None,
    }
}

/// AWS as a collector: allows everything, but what it is told to say of an action.
#[derive(Default)]
struct Simulator {
    told: Vec<SimulatedCall>,
    asked: Vec<SimulatedCalls>,
}

impl Collector for Simulator {
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
        needs.iter().map(|need| (need.clone(), self.fact(need))).collect()
    }

    fn calls(&self) -> usize {
        self.asked.len()
    }
}

impl Simulator {
    fn fact(&mut self, need: &Need) -> Fact {
        let Need::Simulation(calls) = need else { return Fact::Missing(Gap::NotAsked) };
        self.asked.push(calls.clone());
        let told = |action: &String| {
            let told = self.told.iter().find(|call| call.action == *action);
            told.cloned().unwrap_or_else(|| said(action, SimulatedDecision::Allowed))
        };
        let results = calls.actions.iter().map(told).collect();
        Fact::Known(Answer::Simulation(Simulation { results }), Origin::Aws)
    }
}

fn verified(case: &Case, told: Vec<SimulatedCall>) -> Case {
    let mut case = case.clone();
    collect_with_second_opinion(&mut case, &mut Simulator { told, asked: Vec::new() });
    case
}

/// Everything that must be as if nobody had asked.
fn own_view(report: &Report) -> Report {
    let mut own = report.clone();
    own.coverage.retain(|line| line.source != "iam:SimulatePrincipalPolicy");
    for check in own.permissions.iter_mut().flat_map(|role| &mut role.checks) {
        check.second_opinion = None;
    }
    own
}

const SECRET: &str = "secretsmanager:GetSecretValue";
const DENIED: SimulatedDecision = SimulatedDecision::ImplicitDeny;

#[test]
fn agreement_is_counted_and_its_limits_are_told() {
    let verified = report(&verified(&case("secret-is-denied"), vec![said(SECRET, DENIED)]));
    let opinion = check(&verified, SECRET).second_opinion.clone().unwrap();
    assert_eq!((opinion.decision, opinion.agrees, opinion.note), ("implicitDeny", Some(true), None));
    let text = report_text(&verified);
    let asked = checks(&verified).iter().filter(|check| check.second_opinion.is_some()).count();
    assert!(asked > 3);
    assert!(text.contains(&format!("simulator agrees on {asked} of {asked} decisions by identity policies")), "{text}");
    assert!(
        text.replace('\n', " ").contains("it leaves out policies of resources and keys, trust, sessions"),
        "{text}"
    );
    assert!(!text.contains("DISAGREEMENT"), "{text}");
}

#[test]
fn without_the_question_nothing_is_said() {
    for fixture in fixtures() {
        let plain = report(&fixture.case);
        assert!(checks(&plain).iter().all(|check| check.second_opinion.is_none()), "{}", fixture.name);
        assert!(!report_text(&plain).contains("simulator"), "{}", fixture.name);
    }
}

#[test]
fn a_disagreement_is_told_and_changes_nothing() {
    for mut fixture in fixtures() {
        // A hand-made case does not answer every question.
        collect(&mut fixture.case, &mut Simulator::default());
        let plain = report(&fixture.case);
        let all = checks(&plain).into_iter().map(|check| said(&check.action, SimulatedDecision::ExplicitDeny));
        let denied = report(&verified(&fixture.case, all.collect()));
        let allowed = report(&verified(&fixture.case, Vec::new()));
        for other in [&denied, &allowed] {
            assert_eq!(own_view(other), own_view(&plain), "{}", fixture.name);
        }
    }
    let allowed = report(&verified(&case("secret-is-denied"), Vec::new()));
    let check = check(&allowed, SECRET);
    let opinion = check.second_opinion.clone().unwrap();
    assert_eq!((check.decision, opinion.decision, opinion.agrees), ("missing", "allowed", Some(false)));
    let line = format!("DISAGREEMENT: {}", opinion.note.unwrap());
    assert!(line.contains("says allowed") && line.ends_with("ecs-why finds it missing"), "{line}");
    assert!(report_text(&allowed).contains(&line));
}

/// The simulator sees no key's policy and no resource's: what these deny is no disagreement.
#[test]
fn layers_that_the_simulator_does_not_see_are_left_out_of_the_comparison() {
    let mut healthy = case("secret-is-denied-healthy");
    let policy = healthy.facts().map(|(n, _)| n.clone()).find(|n| matches!(n, Need::SecretPolicy { .. })).unwrap();
    let statement = json!({"Effect": "Deny", "Principal": "*", "Action": SECRET, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    healthy.admit(policy, Fact::Known(Answer::SecretPolicy(PolicyDocument { document }), Origin::Aws));
    let report = report(&verified(&healthy, Vec::new()));
    let check = check(&report, SECRET);
    assert_eq!((check.decision, check.layer), ("denied", Some("resource-policy")));
    assert_eq!(check.second_opinion.as_ref().unwrap().agrees, Some(true));
}

#[test]
fn the_boundary_is_compared() {
    let by_boundary = SimulatedCall { allowed_by_boundary: Some(false), ..said(SECRET, DENIED) };
    let case = case("secret-denied-by-boundary");
    for (told, agrees) in [(vec![by_boundary], true), (Vec::new(), false)] {
        let report = report(&verified(&case, told));
        let check = check(&report, SECRET);
        assert_eq!((check.layer, check.second_opinion.as_ref().unwrap().agrees), (Some("boundary"), Some(agrees)));
    }
}

#[test]
fn keys_that_are_not_known_are_compared() {
    let statement = json!({"Effect": "Deny", "Action": SECRET, "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let healthy = case("secret-is-denied-healthy");
    let role = asked(&healthy)[0].principal.rsplit('/').next().unwrap().to_owned();
    let open = apply(&healthy, &[Change::PutRolePolicy { role, policy: "only-here".to_owned(), document }]);
    let missing = vec!["aws:SourceVpce".to_owned()];
    let lacking = SimulatedCall { missing_context: missing, ..said(SECRET, SimulatedDecision::ExplicitDeny) };
    for (told, agrees) in [(lacking, true), (said(SECRET, SimulatedDecision::ExplicitDeny), false)] {
        let report = report(&verified(&open, vec![told]));
        let check = check(&report, SECRET);
        assert_eq!((check.decision, check.unknown_keys.as_slice()), ("unknown", &["aws:SourceVpce".to_owned()][..]));
        let opinion = check.second_opinion.as_ref().unwrap();
        assert_eq!(opinion.agrees, Some(agrees));
        assert!(opinion.note.as_ref().unwrap().contains("without aws:SourceVpce"), "{opinion:?}");
    }
}

#[test]
fn what_an_organization_denies_is_its_layer_s() {
    let by_organization = SimulatedCall { allowed_by_organizations: Some(false), ..said(SECRET, DENIED) };
    let healthy = case("secret-is-denied-healthy");
    let plain = report(&healthy);
    let report = report(&verified(&healthy, vec![by_organization]));
    let check = check(&report, SECRET);
    let opinion = check.second_opinion.clone().unwrap();
    assert_eq!((check.decision, opinion.decision, opinion.agrees), ("allowed", "implicitDeny", None));
    assert_eq!(check.note, opinion.note);
    let note = opinion.note.unwrap();
    assert!(note.contains("service control policy"), "{note}");
    let text = report_text(&report);
    assert!(text.contains(&note) && !text.contains("DISAGREEMENT"), "{text}");
    assert!(text.replace('\n', " ").contains("; 1 cannot be compared"), "{text}");
    assert_eq!(report.status, plain.status);
}

#[test]
fn unread_policies_are_not_compared() {
    let mut gapped = case("secret-is-denied");
    let names: Vec<Need> =
        gapped.facts().map(|(n, _)| n.clone()).filter(|n| matches!(n, Need::RolePolicyNames { .. })).collect();
    names.into_iter().for_each(|n| gapped.admit(n, Fact::Missing(Gap::Denied { message: "no".to_owned() })));
    let report = report(&verified(&gapped, vec![said(SECRET, DENIED)]));
    let opinion = check(&report, SECRET).second_opinion.as_ref().unwrap();
    assert_eq!(opinion.agrees, None);
    assert!(opinion.note.as_ref().unwrap().contains("iam:ListRolePolicies"), "{opinion:?}");
}

#[test]
fn a_gap_is_in_coverage_and_nowhere_else() {
    let plain = case("secret-is-denied");
    for (gap, status, note) in [
        (
            Gap::Denied { message: "AccessDenied: no".to_owned() },
            "denied",
            "second opinion not possible: the caller lacks",
        ),
        (Gap::Failed { message: "InternalFailure: no".to_owned() }, "error", "InternalFailure: no"),
    ] {
        let mut gapped = plain.clone();
        let asked = simulations(&plain);
        asked.iter().for_each(|need| gapped.admit(need.clone(), Fact::Missing(gap.clone())));
        let gapped = report(&gapped);
        assert_eq!(own_view(&gapped), own_view(&report(&plain)));
        assert!(checks(&gapped).iter().all(|check| check.second_opinion.is_none()));
        let lines: Vec<_> = gapped.coverage.iter().filter(|c| c.source == "iam:SimulatePrincipalPolicy").collect();
        assert_eq!((lines.len(), lines[0].status), (1, status));
        assert!(lines[0].note.as_ref().unwrap().contains(note), "{lines:?}");
        assert!(report_text(&gapped).contains(note));
    }
}

fn asked(case: &Case) -> Vec<SimulatedCalls> {
    let calls = |need| match need {
        Need::Simulation(calls) => calls,
        other => panic!("{other:?}"),
    };
    simulations(case).into_iter().map(calls).collect()
}

#[test]
fn calls_are_asked_together_where_they_can_be() {
    for fixture in fixtures() {
        let all = asked(&fixture.case);
        let key = |calls: &SimulatedCalls| (calls.principal.clone(), calls.resource.clone(), calls.context.clone());
        assert_eq!(all.iter().map(key).collect::<BTreeSet<_>>().len(), all.len(), "{}", fixture.name);
        for calls in &all {
            assert!(calls.principal.contains(":role/") && !calls.actions.is_empty(), "{}: {calls:?}", fixture.name);
            assert!(!calls.actions.iter().any(|action| action == "sts:AssumeRole"), "{}: {calls:?}", fixture.name);
            assert_eq!(calls.context.get("aws:PrincipalArn"), Some(&calls.principal), "{}", fixture.name);
        }
    }
    let all = asked(&case("secret-is-denied"));
    let pull = all.iter().find(|calls| calls.resource.contains(":repository/")).unwrap();
    assert_eq!(pull.actions, ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
}

#[test]
fn what_the_simulator_cannot_know_is_not_asked() {
    assert_eq!(asked(&case("role-was-deleted")), []);
    let repository = |calls: &SimulatedCalls| calls.resource.contains(":repository/");
    assert!(!asked(&case("ecr-cross-account-not-admitted")).iter().any(repository));
    assert!(asked(&case("ecr-one-repository-denied")).iter().any(repository));
    let role = asked(&case("role-at-another-path"));
    assert!(role.is_empty(), "the role of that name is another: {role:?}");
}

#[test]
fn the_engine_asks_once_and_only_if_it_is_to() {
    let mut plain = case("secret-is-denied");
    let mut simulator = Simulator::default();
    assert_eq!(collect(&mut plain, &mut simulator), Cost::default());
    let cost = collect_with_second_opinion(&mut plain, &mut simulator);
    assert_eq!((cost.calls, cost.round_trips), (simulator.asked.len(), 1));
    assert!(cost.calls > 0);
    let again = collect_with_second_opinion(&mut plain, &mut Simulator::default());
    assert_eq!(again, Cost::default());
}

#[test]
fn a_snapshot_keeps_the_second_opinion() {
    let live = verified(&case("secret-is-denied"), vec![said(SECRET, DENIED)]);
    let Loaded::Snapshot(replayed) = load(&save(&live).unwrap()).unwrap() else { panic!("no snapshot") };
    assert_eq!(*replayed, live);
    assert!(check(&report(&replayed), SECRET).second_opinion.is_some());
    assert_eq!(report(&replayed), report(&live));
}
