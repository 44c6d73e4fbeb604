//! A report far larger than any that a task gives rise to: every output holds its limits, and says what it leaves out.

use std::{fs, path::Path, sync::LazyLock, time::Duration};

use ecs_why::{
    case::{Case, Loaded, load},
    diagnose::{Cost, judge},
    report::{Brief, Evidence, Report},
};
use serde_json::{Value, json};

use crate::{catalogue, chat};

const CONTAINERS: usize = 50;
/// Of each container.
const SECRETS: usize = 4;
const LONG_REASONS: usize = 2;
const FINDINGS: usize = 300;
/// Lines of a log that each finding shows as evidence.
const LINES: usize = 4;
/// Longest text that a case keeps.
const LONGEST: usize = 64 * 1024;

/// A text of the greatest length, of characters that each output has to treat in its own way.
pub fn long_text(start: &str) -> String {
    let filler = "\"<!channel>` & \\ ä😀*_~|\n".repeat(LONGEST / 20);
    let text = format!("{start} {filler}");
    let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    text.get(..end).unwrap().to_owned()
}

/// The shipped case of a secret that may not be read, with many containers, each with secrets of its own.
pub fn large_case() -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/secret-is-denied/case.json");
    let mut case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for fact in case["facts"].as_array_mut().unwrap() {
        if let Some(task) = fact.pointer_mut("/known/tasks/tasks/0") {
            task["stoppedReason"] = long_text(task["stoppedReason"].as_str().unwrap()).into();
            multiply(&mut task["containers"], |at, container| {
                // Every rule is tried on every reason: a few of the greatest length are enough.
                let reason = format!("OutOfMemoryError: container {at}");
                container["reason"] = if at < LONG_REASONS { long_text(&reason) } else { reason }.into();
                container["exitCode"] = 137.into();
            });
        }
        if let Some(definition) = fact.pointer_mut("/known/taskDefinition") {
            multiply(&mut definition["containerDefinitions"], |at, container| {
                let secrets: Vec<Value> = (0..SECRETS).map(|number| secret(at, number)).collect();
                container["secrets"].as_array_mut().unwrap().extend(secrets);
            });
        }
    }
    let Loaded::Snapshot(case) = load(&case.to_string()).unwrap() else { panic!("no snapshot") };
    *case
}

/// Makes many of the first, with names of their own; the first keeps its name.
fn multiply(containers: &mut Value, change: impl Fn(usize, &mut Value)) {
    let first = containers[0].clone();
    let made = (0..CONTAINERS).map(|at| {
        let mut container = first.clone();
        if at > 0 {
            container["name"] = format!("container-{at}").into();
        }
        change(at, &mut container);
        container
    });
    *containers = made.collect();
}

fn secret(container: usize, number: usize) -> Value {
    let arn = format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:large/{container}/{number}-AbCdEf");
    json!({"name": format!("SECRET_{number}"), "valueFrom": arn})
}

/// What the engine says of the large case, and of everything that is a list or a text more than it would.
pub fn large_report() -> Report {
    static LARGE: LazyLock<Report> = LazyLock::new(|| {
        let mut report = judge(&large_case(), catalogue(), Cost::default(), Duration::ZERO);
        let first = report.findings[0].clone();
        report.findings.resize(FINDINGS, first);
        for (at, finding) in report.findings.iter_mut().enumerate() {
            let lines = (0..LINES)
                .map(|line| Evidence { source: "container.log".to_owned(), text: long_text(&format!("{at} {line}")) });
            finding.evidence.extend(lines);
            finding.why = long_text(&finding.why);
        }
        report.timeline = vec![report.timeline.clone(); 50].concat();
        report
    });
    LARGE.clone()
}

#[test]
fn the_large_report_is_large() {
    let report = large_report();
    assert_eq!(report.status, "diagnosed");
    assert_eq!(report.task.containers.len(), CONTAINERS);
    let checks: usize = report.permissions.iter().map(|role| role.checks.len()).sum();
    assert!(checks >= CONTAINERS * SECRETS, "{checks} checks");
    assert!(report.findings.iter().map(|finding| finding.evidence.len()).sum::<usize>() > 1000);
}

#[test]
fn messages_of_the_large_report_hold_their_limits() {
    let messages = chat::held(&Brief::of_report(&large_report()));
    for message in messages {
        let text = message.to_string();
        assert!(text.contains("secret-permission"), "the cause is missing: {text}");
        assert!(text.contains("-o text has"), "nothing says that something is missing: {text}");
    }
}
