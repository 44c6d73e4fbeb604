//! Every shipped case against what a person pinned of it, and against its outputs as they were.

use std::{fs, time::Duration};

use ecs_why::{
    diagnose::{Cost, judge},
    report::{Meta, Report, report_text},
};
use serde::Deserialize;

use crate::{Fixture, catalogue, fixtures};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    status: String,
    /// Empty where no cause is named.
    cause: String,
    /// `decision role action` of every check that is missing or denied, sorted.
    broken: Vec<String>,
    /// Whether the first finding carries a proven fix.
    verified_fix: bool,
}

/// What is told of a case, without what differs from run to run.
pub fn report(fixture: &Fixture) -> Report {
    let report = judge(&fixture.case, catalogue(), Cost::default(), Duration::ZERO);
    Report { meta: Meta::default(), ..report }
}

fn pinned(report: &Report) -> Expected {
    let checks = report.permissions.iter().flat_map(|role| role.checks.iter().map(move |check| (role, check)));
    let broken = checks.filter(|(_, check)| ["missing", "denied"].contains(&check.decision));
    let mut broken: Vec<String> =
        broken.map(|(role, check)| format!("{} {} {}", check.decision, role.role.kind, check.action)).collect();
    broken.sort();
    Expected {
        status: report.status.to_owned(),
        cause: report.cause.clone().unwrap_or_default(),
        broken,
        verified_fix: report.findings.first().is_some_and(|f| f.fixes.iter().any(|fix| fix.verified == Some(true))),
    }
}

#[test]
fn every_case_comes_out_as_pinned() {
    for fixture in fixtures() {
        let expected: Expected =
            toml::from_str(&fs::read_to_string(fixture.folder.join("expect.toml")).unwrap()).unwrap();
        assert_eq!(pinned(&report(&fixture)), expected, "{}", fixture.name);
    }
}

#[test]
fn outputs_stay_as_they_were() {
    for fixture in fixtures() {
        let report = report(&fixture);
        insta::assert_snapshot!(format!("{}.txt", fixture.name), report_text(&report));
        insta::assert_snapshot!(format!("{}.json", fixture.name), serde_json::to_string_pretty(&report).unwrap());
    }
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    for fixture in fixtures() {
        assert_eq!(report_text(&report(&fixture)), report_text(&report(&fixture)), "{}", fixture.name);
    }
}

#[test]
fn only_the_user_s_own_names_are_pasted() {
    for fixture in fixtures() {
        for fix in report(&fixture).findings.iter().flat_map(|f| &f.fixes) {
            for command in &fix.commands {
                assert!(command.starts_with("aws "), "{}: {command}", fixture.name);
                assert!(!command.contains('<') && !command.contains("{{"), "{}: {command}", fixture.name);
            }
        }
    }
}
