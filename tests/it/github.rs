//! `-o github` as the runner of GitHub Actions reads it: a command a line, and every text as it was.

use std::collections::BTreeMap;

use ecs_why::report::{Answer, Report};

use crate::{
    cases::report,
    catalogue, fixtures,
    untrusted::{HOSTILE, explanation_of, huge, report_of},
};

/// Whether a line is a command that we mean.
pub fn is_ours(line: &str) -> bool {
    ["error", "warning", "notice"].contains(&&*read(line).kind)
}

/// An annotation as the runner takes it from a line.
#[derive(Debug)]
struct Annotation {
    kind: String,
    title: String,
    message: String,
}

/// As `actions/runner` reads a line: a command between colons, its properties parted by commas, then the message.
fn read(line: &str) -> Annotation {
    let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (kind, properties) = command.split_once(' ').unwrap();
    let [property] = properties.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let title = property.strip_prefix("title=").unwrap();
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let title = data(title).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    Annotation { kind: kind.to_owned(), title, message: data(message).replace("%25", "%") }
}

fn annotations(report: &Report) -> Vec<Annotation> {
    Answer::Report { report, with_surplus: false }.github().lines().map(read).collect()
}

fn case(name: &str) -> Report {
    report(fixtures().iter().find(|fixture| fixture.name == name).unwrap())
}

#[test]
fn every_case_has_an_annotation_of_its_kind_for_each_finding() {
    for fixture in fixtures() {
        let report = report(&fixture);
        let all = annotations(&report);
        let mended = report.findings.first().is_some_and(|first| first.state == "resolved");
        let kind = match report.status {
            "diagnosed" if !mended => "error",
            "inconclusive" | "not-found" => "warning",
            _ => "notice",
        };
        assert_eq!((all[0].kind.as_str(), all.len()), (kind, report.findings.len().max(1)), "{}", fixture.name);
        assert!(all[0].message.starts_with(&report.summary), "{}: {all:?}", fixture.name);
        for (finding, told) in report.findings.iter().zip(&all) {
            assert!(told.title.ends_with(&finding.cause), "{}: {told:?}", fixture.name);
            let proven = finding.fixes.iter().find(|fix| fix.verified == Some(true));
            if let Some(command) = proven.and_then(|fix| fix.commands.first()) {
                assert!(told.message.lines().any(|line| line == command), "{}: {told:?}", fixture.name);
            }
        }
    }
}

#[test]
fn nothing_but_our_commands_is_obeyed() {
    let report = case("acl-drops-the-answers");
    for text in HOSTILE {
        let (hostile, explanation) = (report_of(&report, text), explanation_of(text));
        let of_report = Answer::Report { report: &hostile, with_surplus: false }.github();
        for out in [of_report, Answer::Explanation(&explanation).github()] {
            assert!(!out.contains("##[") && !out.contains('\r'), "{text:?}: {out}");
            assert!(out.lines().all(is_ours), "{text:?}: {out}");
        }
        let message = &annotations(&hostile)[0].message;
        assert!(message.contains(&text.trim().replace("##[", "# #[")), "{text:?}: {message}");
    }
}

#[test]
fn a_huge_report_stays_below_what_github_shows() {
    let mut report = huge(&case("acl-drops-the-answers"));
    report.summary = format!("{}:%,\n", "é".repeat(400)).repeat(20);
    report.findings.iter_mut().for_each(|finding| finding.cause = "x:".repeat(400));
    let out = Answer::Report { report: &report, with_surplus: false }.github();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in out.lines() {
        let message = line.splitn(3, "::").last().unwrap();
        assert!(message.chars().count() <= 4_000, "{}", message.len());
        *kinds.entry(read(line).kind).or_default() += 1;
    }
    assert!(kinds.values().all(|count| *count < 10), "{kinds:?}");
    assert!(out.ends_with("::And 43 more findings; -o json has them.\n"), "{out}");
}

/// As the runner reads the file: `NAME<<MARK`, lines, `MARK`.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut lines) = (BTreeMap::new(), text.split('\n'));
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let (name, mark) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != mark).collect();
        assert!(found.insert(name.to_owned(), value.join("\n")).is_none(), "{text}");
    }
    found
}

#[test]
fn a_later_step_reads_status_cause_and_summary() {
    let report = case("secret-is-denied");
    let values = outputs(&Answer::Report { report: &report, with_surplus: false }.github_outputs());
    let expected = [("cause", "secret-permission"), ("status", "diagnosed"), ("summary", &report.summary)];
    assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let explanation = ecs_why::explain::explain(catalogue(), "OutOfMemoryError: Container killed due to memory usage");
    let values = outputs(&Answer::Explanation(&explanation).github_outputs());
    assert_eq!((values["status"].as_str(), values["cause"].as_str()), ("explained", "oom-container"));
}

#[test]
fn no_value_ends_itself() {
    for text in ["a\nECS_WHY_END\nstatus=forged", "ECS_WHY_END_\nECS_WHY_END__", "", "x<<y\n"] {
        let report = Report { summary: text.to_owned(), ..case("secret-is-denied") };
        let values = outputs(&Answer::Report { report: &report, with_surplus: false }.github_outputs());
        assert_eq!((values.len(), values["summary"].as_str()), (3, text));
    }
}
