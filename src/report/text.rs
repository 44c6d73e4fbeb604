//! Text: what a tired person reads from the top in ten seconds. Cause, where, evidence, fix; then the permission table,
//! the timeline and what could not be seen.

mod not_seen;
mod path;
mod permissions;

pub use not_seen::gaps;

use super::{
    console::links,
    look::{Look, Tone},
    sheet::{Sheet, Span},
    v1::{Check, ExplainedCause, Explanation, Finding, Fix, Meta, PathView, Report, Requirements},
};
use crate::id::short_name;

/// A report as plain text.
pub fn report_text(report: &Report) -> String {
    report_sheet(report, false, Look::PLAIN)
}

/// A report as plain text that also tells what the execution role grants beyond need, and how to tighten it.
pub fn report_text_with_surplus(report: &Report) -> String {
    report_sheet(report, true, Look::PLAIN)
}

/// A report as it looks where it is read.
pub fn report_sheet(report: &Report, with_surplus: bool, look: Look) -> String {
    let mut sheet = Sheet::new(look, if look.links { links(report) } else { Vec::new() });
    headline(report, &mut sheet);
    for (at, finding) in report.findings.iter().enumerate() {
        sheet.blank();
        let to_draw = drawn(report).filter(|(of, _)| *of == at).map(|(_, path)| path);
        finding_text(&Shown { report, finding, first: at == 0, to_draw }, &mut sheet);
    }
    permissions::decisions(&report.permissions, &mut sheet);
    for role in report.permissions.iter().filter(|role| with_surplus && role.role.kind == "execution") {
        permissions::surplus(role, &mut sheet);
    }
    path::others(&report.paths, drawn(report).map(|(_, path)| path), &mut sheet);
    timeline(report, &mut sheet);
    not_seen::not_seen(&report.coverage, &mut sheet);
    cost(&report.meta, &mut sheet);
    sheet.finish()
}

/// The path that is drawn, with the place of its finding: the first that is about one.
fn drawn(report: &Report) -> Option<(usize, &PathView)> {
    report.findings.iter().enumerate().find_map(|(at, finding)| Some((at, finding.path.as_ref()?)))
}

/// The path that is drawn, on one line.
pub fn broken_path(report: &Report) -> Option<String> {
    drawn(report).map(|(_, path)| path::on_a_line(path))
}

/// Column at which the texts of a finding stand.
const INDENT: usize = 12;
/// Column at which what is told of a check or a path stands.
const TOLD: usize = 11;
/// Lines of a diff that are shown.
const MOST_DIFF: usize = 60;
/// Characters of a message that are shown; the JSON has it whole.
const LONGEST_EVIDENCE: usize = 600;

fn headline(report: &Report, sheet: &mut Sheet) {
    let (verdict, tone) = match report.status {
        "diagnosed" => ("FAILED", Tone::Bad),
        "inconclusive" => ("UNCLEAR", Tone::Doubtful),
        "benign" => ("STOPPED IN ORDER", Tone::Good),
        "not-failed" => ("NOT FAILED", Tone::Good),
        _ => ("NOT FOUND", Tone::Doubtful),
    };
    sheet.record(verdict.len() + 2, &[Span::new(tone, verdict), format!("  {}", report.summary).into()]);
    let task = &report.task;
    let place = [
        task.arn.as_deref().map(|arn| ("task ", Span::about(short_name(arn), arn))),
        task.cluster.as_deref().map(|cluster| ("cluster ", cluster.into())),
        task.service.as_deref().map(|service| ("service ", Span::about(service, service))),
        task.task_definition.as_deref().map(|definition| ("definition ", short_name(definition).into())),
        task.region.as_deref().map(|region| ("", region.into())),
        task.account.as_deref().map(|account| ("", account.into())),
    ];
    let parts = place.into_iter().flatten().enumerate();
    let named = parts.flat_map(|(at, (kind, name))| [if at > 0 { ", " } else { "  " }.into(), kind.into(), name]);
    sheet.record(4, &named.collect::<Vec<_>>());
}

/// A finding with what decides how it is shown.
struct Shown<'r> {
    report: &'r Report,
    finding: &'r Finding,
    first: bool,
    to_draw: Option<&'r PathView>,
}

fn finding_text(shown: &Shown<'_>, sheet: &mut Sheet) {
    let Shown { finding, first, .. } = *shown;
    row(sheet, if first { "cause" } else { "also" }, &cause(finding));
    if !first {
        row(sheet, "", &[(&finding.title).into()]);
    }
    if let Some(role) = &finding.role {
        row(sheet, "role", &[format!("{}, ", role.kind).into(), Span::about(&role.arn, &role.arn)]);
    }
    if let Some(container) = &finding.container {
        row(sheet, "container", &[Span::about(container, stream(shown.report, container))]);
    }
    if let Some(resource) = finding.resource.as_ref().filter(|_| !first) {
        row(sheet, "resource", &[resource.into()]);
    }
    for evidence in &finding.evidence {
        row(sheet, "evidence", &[format!("{}: {}", evidence.source, shortened(&evidence.text)).into()]);
    }
    if let Some(path) = shown.to_draw {
        path::picture(path, sheet);
    }
    row(sheet, "why", &[(&finding.why).into()]);
    if let Some(rule) = &finding.rule {
        row(sheet, "rule", &[with_command(rule).into()]);
    }
    for fix in &finding.fixes {
        change_text("fix", fix, sheet);
    }
}

/// The cause with how sure it is and whether it is still there.
fn cause(finding: &Finding) -> [Span<'_>; 5] {
    let state = match finding.state {
        "present" => Span::plain(", still there"),
        "resolved" => Span::new(Tone::Good, ", mended since"),
        _ => Span::plain(""),
    };
    let tone = match finding.confidence {
        "confirmed" => Tone::Strong,
        "possible" => Tone::Doubtful,
        _ => Tone::Plain,
    };
    [Span::new(Tone::Strong, &finding.cause), " (".into(), Span::new(tone, finding.confidence), state, ")".into()]
}

/// The log stream of a container; empty where it has none that is known.
fn stream<'r>(report: &'r Report, container: &str) -> &'r str {
    let container = report.task.containers.iter().find(|one| one.name == container);
    container.and_then(|one| one.logs.as_ref()?.stream.as_deref()).unwrap_or_default()
}

/// A rule with the command that shows it.
fn with_command(rule: &str) -> String {
    format!("{rule} (ecs-why rules show {rule})")
}

fn change_text(label: &str, fix: &Fix, sheet: &mut Sheet) {
    row(sheet, label, &[(&fix.title).into()]);
    for diff in &fix.diffs {
        diff_text(diff, sheet);
    }
    for command in &fix.commands {
        sheet.blank();
        sheet.line(&["    ".into(), Span::new(Tone::Strong, command)]);
    }
    if !fix.commands.is_empty() {
        sheet.blank();
    }
    if let Some(proof) = &fix.proof {
        row(sheet, if fix.verified == Some(true) { "proof" } else { "note" }, &[proof.into()]);
    }
    for page in &fix.docs {
        row(sheet, "docs", &[page.into()]);
    }
}

/// A diff as it is, but for what is past all reading.
fn diff_text(diff: &str, sheet: &mut Sheet) {
    let count = diff.lines().count();
    let shown = if count > MOST_DIFF { MOST_DIFF } else { count };
    sheet.blank();
    for text in diff.lines().take(shown) {
        sheet.line(&["    ".into(), Span::new(tone_in_diff(text), text)]);
    }
    if count > shown {
        sheet.line(&[format!("    […] {} more lines; -o json has them all", count - shown).into()]);
    }
}

fn tone_in_diff(line: &str) -> Tone {
    match line.chars().next() {
        Some('+') => Tone::Good,
        Some('-') => Tone::Removed,
        Some('@') => Tone::Place,
        _ => Tone::Plain,
    }
}

/// A label and its text, wrapped under itself.
fn row(sheet: &mut Sheet, label: &str, text: &[Span<'_>]) {
    let padding = " ".repeat((INDENT - 2).saturating_sub(label.len()));
    sheet.hanging(&["  ".into(), Span::new(Tone::Label, label), padding.into()], text);
}

/// What opens a part of the text.
fn heading(sheet: &mut Sheet, title: &str) {
    sheet.blank();
    sheet.record(4, &[Span::new(Tone::Strong, title)]);
}

/// The start and the end of a long message: ECS puts what it tried first, and what AWS said last.
fn shortened(text: &str) -> String {
    let characters: Vec<char> = text.trim().chars().collect();
    if characters.len() <= LONGEST_EVIDENCE {
        return text.trim().to_owned();
    }
    let half = LONGEST_EVIDENCE / 2;
    let start: String = characters.iter().take(half).collect();
    let end: String = characters.iter().skip(characters.len() - half).collect();
    format!("{start} […] {end}")
}

/// A file may have line breaks where AWS has none.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

fn timeline(report: &Report, sheet: &mut Sheet) {
    if !report.timeline.is_empty() {
        heading(sheet, "timeline");
    }
    for event in &report.timeline {
        sheet.record(4, &[format!("  {}  {}", to_the_second(&event.at), event.event).into()]);
    }
    // A replay reads nothing that could still be lost.
    if let Some(until) = report.task.known_until.as_ref().filter(|_| report.meta.aws_calls > 0) {
        let until = to_the_second(until);
        sheet
            .record(4, &[format!("  ECS may forget the task from {until} on; --save FILE keeps what was read").into()]);
    }
}

/// An instant without what no person reads of it.
pub fn to_the_second(instant: &str) -> String {
    match instant.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => instant.to_owned(),
    }
}

fn cost(meta: &Meta, sheet: &mut Sheet) {
    sheet.blank();
    sheet.record(0, &[Span::new(Tone::Label, cost_of(meta))]);
}

/// What a run cost, and which version it was.
pub fn cost_of(meta: &Meta) -> String {
    let asked = match meta.aws_calls {
        0 => "no AWS call".to_owned(),
        calls => format!("{calls} AWS calls in {} round trips", meta.aws_round_trips),
    };
    format!("{asked}, {} ms, ecs-why {}", meta.took_ms, meta.version)
}

/// The requirements of a task definition as plain text: each call with why it is needed, and what decides it.
pub fn requirements_text(requirements: &Requirements) -> String {
    requirements_sheet(requirements, Look::PLAIN)
}

pub fn requirements_sheet(requirements: &Requirements, look: Look) -> String {
    let mut sheet = Sheet::new(look, Vec::new());
    let name = if requirements.task_definition.is_empty() { "(no family)" } else { &requirements.task_definition };
    sheet.record(2, &["what starting ".into(), Span::new(Tone::Strong, one_line(name)), " needs".into()]);
    if requirements.permissions.is_empty() {
        sheet.blank();
        sheet.line(&["no permission, of any role".into()]);
    }
    let asked = requirements.meta.aws_calls > 0;
    let told = |check: &Check| {
        let decided = permissions::reason(check).filter(|_| asked);
        std::iter::once(one_line(&check.because)).chain(decided).collect()
    };
    permissions::table(&requirements.permissions, &told, &mut sheet);
    if asked {
        not_seen::not_seen(&requirements.coverage, &mut sheet);
    } else if !requirements.permissions.is_empty() {
        sheet.blank();
        sheet.record(2, &["no role was read: whether it may make these calls is not known".into()]);
    }
    cost(&requirements.meta, &mut sheet);
    sheet.finish()
}

/// An explanation as plain text, best cause first.
pub fn explanation_text(explanation: &Explanation) -> String {
    explanation_sheet(explanation, Look::PLAIN)
}

pub fn explanation_sheet(explanation: &Explanation, look: Look) -> String {
    let mut sheet = Sheet::new(look, Vec::new());
    let why_is_known = explanation.causes.first().is_some_and(|c| !c.symptom);
    for (at, cause) in explanation.causes.iter().enumerate() {
        let lead = match at {
            0 => "",
            _ if cause.symptom && why_is_known => "which only follows from it  ",
            _ => "or  ",
        };
        if at > 0 {
            sheet.blank();
        }
        sheet.record(2, &[Span::new(Tone::Label, lead), Span::new(Tone::Strong, &cause.title)]);
        explained(cause, at == 0, &mut sheet);
    }
    sheet.finish()
}

fn explained(cause: &ExplainedCause, first: bool, sheet: &mut Sheet) {
    row(sheet, "cause", &[(&cause.cause).into()]);
    if let Some(line) = &cause.line {
        row(sheet, "line", &[line.into()]);
    }
    if let Some(rule) = &cause.rule {
        row(sheet, "rule", &[if first { with_command(rule) } else { rule.clone() }.into()]);
    }
    row(sheet, "why", &[(&cause.why).into()]);
    for fix in &cause.fixes {
        change_text("fix", fix, sheet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_diff_is_cut() {
        let mut sheet = Sheet::new(Look::PLAIN, Vec::new());
        diff_text(&"+a\n".repeat(MOST_DIFF + 7), &mut sheet);
        let out = sheet.finish();
        assert_eq!(out.lines().filter(|line| line.trim() == "+a").count(), MOST_DIFF);
        assert!(out.ends_with("    […] 7 more lines; -o json has them all\n"), "{out}");
    }
}
