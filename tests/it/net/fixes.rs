//! What mends broken paths: every break of every row is tried, and whatever is shown as proven is judged again here.

use std::collections::BTreeMap;

use ecs_why::{
    case::{Answer, Case, Fact, Need, Origin, network::VpcEndpoint},
    fix::{Fix, apply, fixes, in_turn},
    judge::{Confidence, Diagnosis, Fault, FaultSubject, Finding, Reach, State, diagnose},
    net::{Hop, Summary, Verdict},
};

use serde_json::{Value, json};

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
    command.starts_with("aws ") && command.ends_with(" --region eu-central-1") && quotes.is_multiple_of(2)
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
    assert!(proven > 200, "only {proven} proven: {tally:#?}");
    assert!(tally.values().all(|[_, _, _, nothing]| *nothing == 0), "{tally:#?}");
    insta::assert_debug_snapshot!(tally);
}

/// What is shown for the break that a row is about.
fn shown(row: &Value) -> Vec<String> {
    let Some(case) = case(&World::of(row), row["call"].as_str().unwrap()) else { return Vec::new() };
    let diagnosis = diagnose(&case, catalogue());
    let is_it = |hop: &Hop| row["expect"] == format!("broken:{}:{}", hop.kind.word(), hop.subject);
    let Some((fault, _)) = of_paths(&diagnosis).find(|(_, hop)| is_it(hop)) else { return Vec::new() };
    told(&fixes(&case, &diagnosis, &finding(fault), catalogue()))
}

fn told(fixes: &[Fix]) -> Vec<String> {
    let mut told = Vec::new();
    for fix in fixes {
        told.push(fix.title.clone());
        told.extend(fix.commands.iter().cloned());
        told.extend(fix.proof.iter().map(|proof| format!("= {proof}")));
    }
    told
}

#[test]
fn breaks_are_mended_by_their_reason() {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, row) in rows() {
        let reason = row["reason"].as_str().unwrap_or_default().to_owned();
        let unused = row["unused"].as_array().map(|all| format!(" {all:?}")).unwrap_or_default();
        let told = if reason.is_empty() { Vec::new() } else { shown(&row) };
        if !told.is_empty() {
            seen.entry(reason + &unused)
                .or_insert_with(|| [vec![row["about"].as_str().unwrap().to_owned()], told].concat());
        }
    }
    insta::assert_debug_snapshot!(seen);
}

/// The fixes of a world's first broken path.
fn mended(world: &World, alter: impl Fn(&mut Case)) -> Vec<Fix> {
    let mut case = case(world, "ecr.api").unwrap();
    alter(&mut case);
    let diagnosis = diagnose(&case, catalogue());
    let (fault, _) = of_paths(&diagnosis).next().unwrap();
    fixes(&case, &diagnosis, &finding(fault), catalogue())
}

/// Edits every answer of a case.
fn altered(case: &mut Case, edit: impl Fn(&mut Answer)) {
    let facts: Vec<(Need, Fact)> = case.facts().map(|(need, fact)| (need.clone(), fact.clone())).collect();
    for (need, mut fact) in facts {
        if let Fact::Known(answer, _) = &mut fact {
            edit(answer);
        }
        case.admit(need, fact);
    }
}

#[test]
fn a_break_behind_another_is_mended_with_it() {
    let mut world = World::base("isolated");
    assert!(world.set("securityGroups/sg-task/egress", &json!([])));
    let fix = mended(&world, |_| {}).remove(0);
    assert_eq!(fix.verified, Some(true), "{fix:#?}");
    let kinds = ["authorize-security-group-egress", "create-vpc-endpoint"];
    assert!(kinds.iter().all(|kind| fix.commands.iter().any(|c| c.contains(kind))), "{:#?}", fix.commands);
}

#[test]
fn endpoints_that_are_there_are_used_before_more_are_made() {
    let mut world = World::base("endpoints");
    assert!(world.set("endpoints/vpce-ecr-api/privateDnsEnabled", &json!(false)));
    assert!(world.set("endpoints/vpce-ecr-dkr", &Value::Null));
    let fix = mended(&world, |_| {}).remove(0);
    assert_eq!((fix.verified, fix.commands.len()), (Some(true), 2), "{fix:#?}");
    assert!(fix.commands[0].contains("--vpc-endpoint-id vpce-ecr-api --private-dns-enabled"), "{:#?}", fix.commands);
    assert!(
        fix.commands[1].contains("ecr.dkr --subnet-ids subnet-private --security-group-ids sg-endpoint"),
        "{:#?}",
        fix.commands
    );
}

#[test]
fn a_task_of_no_service_is_run_again() {
    let mut world = World::base("public");
    assert!(world.set("interface/hasPublicIp", &json!(false)));
    assert!(mended(&world, |_| {})[0].commands[0].starts_with("aws ecs update-service "));
    let one_off = |answer: &mut Answer| match answer {
        Answer::Tasks(found) => found.tasks[0].group = Some("family:web".into()),
        Answer::VpcEndpoints(found) => found.push(VpcEndpoint {
            service_name: "com.amazonaws.eu-central-1.ecr.api".into(),
            vpc_id: "vpc-1".into(),
            vpc_endpoint_type: "Interface".into(),
            ..VpcEndpoint::default()
        }),
        _ => {}
    };
    let advised = mended(&world, |case| altered(case, one_off));
    assert!(advised[0].commands.is_empty() && advised[0].title.contains("assignPublicIp=ENABLED"), "{advised:#?}");
}

/// A service in two subnets of two tables: the task's interface is gone, so any of them may be next.
#[test]
fn every_subnet_of_a_service_is_mended() {
    let world = World::base("isolated");
    let two = |answer: &mut Answer| {
        if let Answer::Services(found) = answer {
            let configuration = found.services[0].network_configuration.as_mut().unwrap();
            configuration.awsvpc_configuration.as_mut().unwrap().subnets =
                vec!["subnet-private".into(), "subnet-endpoint".into()];
        }
    };
    let gone = |case: &mut Case| {
        altered(case, two);
        altered(case, |answer| {
            if let Answer::Tasks(found) = answer {
                found.tasks[0].attachments.clear();
            }
        });
        let subnets = vec!["subnet-private".to_owned(), "subnet-endpoint".to_owned()];
        let all = case.vpc_subnets("eu-central-1", "vpc-1").unwrap().clone();
        let found = all.into_iter().filter(|one| subnets.contains(&one.subnet_id)).collect();
        let need = Need::Subnets { region: "eu-central-1".into(), subnets };
        case.admit(need, Fact::Known(Answer::Subnets(found), Origin::Aws));
    };
    let fix = mended(&world, gone).remove(0);
    assert_eq!(fix.verified, Some(true), "{fix:#?}");
    let commands = fix.commands.join("\n");
    assert!(commands.contains("--subnet-ids subnet-private subnet-endpoint"), "{commands}");
    assert!(commands.contains("--route-table-ids rtb-private rtb-main"), "{commands}");
}

/// All commands of a diagnosis, run from above to below, mend all of it, and nothing is made twice.
#[test]
fn findings_are_mended_in_turn() {
    for base in ["isolated", "endpoints", "efs", "public"] {
        let mut world = World::base(base);
        for (place, value) in [("endpoints/vpce-ecr-api", Value::Null), ("interface/hasPublicIp", json!(false))] {
            world.set(place, &value);
        }
        let case = case(&world, "fs-1.efs.eu-central-1.amazonaws.com:2049").unwrap();
        let diagnosis = diagnose(&case, catalogue());
        let all: Vec<Fix> = in_turn(&case, &diagnosis, catalogue()).into_iter().flatten().collect();
        let mut commands: Vec<&String> = all.iter().flat_map(|fix| &fix.commands).collect();
        let count = commands.len();
        commands.sort();
        commands.dedup();
        assert_eq!(commands.len(), count, "{base}: {commands:#?}");
        assert!(count > 0, "{base}: {:#?}", diagnosis.findings);
        let changes: Vec<_> = all.iter().flat_map(|fix| fix.changes.clone()).collect();
        let after = reaches(&apply(&case, &changes));
        let ecr = |reach: &&Reach| reach.host().contains(".ecr.");
        assert!(after.iter().filter(ecr).all(gets_through), "{base}: {after:#?}");
    }
}

/// A rendering is there where all of the changes are whole, and can be read.
#[test]
fn proven_changes_can_be_rendered() {
    let (mut terraform, mut templates) = (0, 0);
    tally(|_, _, shown| {
        for fix in shown.iter().filter(|fix| fix.verified == Some(true)) {
            if let Some(text) = &fix.terraform {
                hcl::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
                terraform += 1;
            }
            if let Some(text) = &fix.cloudformation {
                let template: Value = serde_json::from_str(text).unwrap();
                assert_eq!(template["Resources"].as_object().unwrap().len(), fix.changes.len(), "{text}");
                templates += 1;
            }
        }
    });
    assert!(terraform > 150 && templates > 150, "{terraform} {templates}");
}
