//! Text: what a tired person reads from the top in ten seconds. Cause, where, evidence, fix; then the permission table,
//! the timeline and what could not be seen.

mod not_seen;
mod path;

use std::fmt::Write as _;

pub use not_seen::gaps;

use super::v1::{
    Check, Explanation, Finding, Fix, Meta, PathView, Report, Requirements, RolePermissions, RoleRef, Surplus,
};
use crate::id::short_name;

/// A report as plain text.
pub fn report_text(report: &Report) -> String {
    text(report, false)
}

/// A report as plain text that also tells what the execution role grants beyond need, and how to tighten it.
pub fn report_text_with_surplus(report: &Report) -> String {
    text(report, true)
}

fn text(report: &Report, with_surplus: bool) -> String {
    let mut out = String::new();
    headline(report, &mut out);
    for (at, finding) in report.findings.iter().enumerate() {
        out.push('\n');
        let to_draw = drawn(report).filter(|(of, _)| *of == at).map(|(_, path)| path);
        finding_text(finding, at == 0, to_draw, &mut out);
    }
    permissions(&report.permissions, &|check| reason(check).into_iter().chain(disagreement(check)).collect(), &mut out);
    second_opinion(&report.permissions, &mut out);
    for role in report.permissions.iter().filter(|role| with_surplus && role.role.kind == "execution") {
        surplus(role, &mut out);
    }
    path::others(&report.paths, drawn(report).map(|(_, path)| path), &mut out);
    timeline(report, &mut out);
    not_seen::not_seen(&report.coverage, &mut out);
    cost(&report.meta, &mut out);
    out
}

/// The path that is drawn, with the place of its finding: the first that is about one.
fn drawn(report: &Report) -> Option<(usize, &PathView)> {
    report.findings.iter().enumerate().find_map(|(at, finding)| Some((at, finding.path.as_ref()?)))
}

/// The path that is drawn, on one line.
pub fn broken_path(report: &Report) -> Option<String> {
    drawn(report).map(|(_, path)| path::on_a_line(path))
}

/// Columns that prose is wrapped to; commands and names are never broken.
const WIDTH: usize = 100;
/// Column at which the texts of a finding stand.
const INDENT: usize = 12;
/// Lines of a diff that are shown.
const MOST_DIFF: usize = 60;
/// Characters of a message that are shown; the JSON has it whole.
const LONGEST_EVIDENCE: usize = 600;

fn headline(report: &Report, out: &mut String) {
    let verdict = match report.status {
        "diagnosed" => "FAILED",
        "inconclusive" => "UNCLEAR",
        "benign" => "STOPPED IN ORDER",
        "not-failed" => "NOT FAILED",
        _ => "NOT FOUND",
    };
    line!(out, "{verdict}  {}", report.summary);
    let task = &report.task;
    let place = [
        task.arn.as_deref().map(|arn| format!("task {}", short_name(arn))),
        task.cluster.as_ref().map(|c| format!("cluster {c}")),
        task.service.as_ref().map(|s| format!("service {s}")),
        task.task_definition.as_deref().map(|d| format!("definition {}", short_name(d))),
        task.region.clone(),
        task.account.clone(),
    ];
    line!(out, "  {}", place.into_iter().flatten().collect::<Vec<_>>().join(", "));
}

fn finding_text(finding: &Finding, first: bool, to_draw: Option<&PathView>, out: &mut String) {
    let state = match finding.state {
        "present" => ", still there",
        "resolved" => ", mended since",
        _ => "",
    };
    let lead = if first { "cause" } else { "also" };
    row(out, lead, &format!("{} ({}{state})", finding.cause, finding.confidence));
    if !first {
        row(out, "", &finding.title);
    }
    if let Some(role) = &finding.role {
        row(out, "role", &format!("{}, {}", role.kind, role.arn));
    }
    if let Some(container) = &finding.container {
        row(out, "container", container);
    }
    if let Some(resource) = finding.resource.as_ref().filter(|_| !first) {
        row(out, "resource", resource);
    }
    for evidence in &finding.evidence {
        row(out, "evidence", &format!("{}: {}", evidence.source, shortened(&evidence.text)));
    }
    if let Some(path) = to_draw {
        path::picture(path, out);
    }
    row(out, "why", &finding.why);
    if let Some(rule) = &finding.rule {
        row(out, "rule", &with_command(rule));
    }
    for fix in &finding.fixes {
        fix_text(fix, out);
    }
}

/// A rule with the command that shows it.
fn with_command(rule: &str) -> String {
    format!("{rule} (ecs-why rules show {rule})")
}

fn fix_text(fix: &Fix, out: &mut String) {
    change_text("fix", fix, out);
}

fn change_text(label: &str, fix: &Fix, out: &mut String) {
    row(out, label, &fix.title);
    for diff in &fix.diffs {
        diff_text(diff, out);
    }
    for command in &fix.commands {
        line!(out, "\n    {command}");
    }
    if !fix.commands.is_empty() {
        line!(out);
    }
    if let Some(proof) = &fix.proof {
        row(out, if fix.verified == Some(true) { "proof" } else { "note" }, proof);
    }
    for page in &fix.docs {
        row(out, "docs", page);
    }
}

/// A diff as it is, but for what is past all reading.
fn diff_text(diff: &str, out: &mut String) {
    let count = diff.lines().count();
    let shown = if count > MOST_DIFF { MOST_DIFF } else { count };
    line!(out);
    for text in diff.lines().take(shown) {
        line!(out, "    {text}");
    }
    if count > shown {
        line!(out, "    […] {} more lines; -o json has them all", count - shown);
    }
}

/// A label and its text, wrapped under itself.
fn row(out: &mut String, label: &str, text: &str) {
    let wrapping = textwrap::Options::new(WIDTH - INDENT)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    let mut label = label;
    for paragraph in text.trim().lines() {
        for part in textwrap::wrap(paragraph, &wrapping) {
            line!(out, "  {label:10}{part}");
            label = "";
        }
    }
}

/// Prose that stands by itself.
fn paragraph(out: &mut String, text: &str) {
    for part in textwrap::wrap(text, WIDTH) {
        line!(out, "{part}");
    }
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

/// The checks of each role, with what is told under each.
fn permissions(roles: &[RolePermissions], told: &dyn Fn(&Check) -> Vec<String>, out: &mut String) {
    for RolePermissions { role, checks, .. } in roles {
        line!(out, "\npermissions of the {} role {}", role.kind, role_name(role));
        let width = checks.iter().map(|c| c.action.len()).max().unwrap_or(0);
        for check in checks {
            line!(out, "  {:8} {:width$}  {}", check.decision, check.action, one_line(&check.resource));
            for text in told(check) {
                line!(out, "           {text}");
            }
        }
    }
}

fn role_name(role: &RoleRef) -> String {
    match (role.arn.as_str(), role.kind) {
        ("", "execution") => "(the task definition names none)".to_owned(),
        ("", _) => "(not known)".to_owned(),
        (arn, _) => one_line(arn),
    }
}

/// A file may have line breaks where AWS has none.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

/// Grants of one statement that are shown; the JSON has them all.
const MOST_GRANTS: usize = 20;

fn surplus(role: &RolePermissions, out: &mut String) {
    line!(out, "\nsurplus of the execution role: what it grants beyond the needs of this task definition");
    match &role.surplus_unknown {
        Some(why) => line!(out, "  not known: {}", one_line(why)),
        None if role.surplus.is_empty() => line!(out, "  none is known"),
        None => {}
    }
    for grants in role.surplus.chunk_by(|a, b| (&a.policy, &a.statement) == (&b.policy, &b.statement)) {
        statement_surplus(grants, out);
    }
    if let Some(least) = &role.least {
        line!(out);
        change_text("least", least, out);
    }
}

fn statement_surplus(grants: &[Surplus], out: &mut String) {
    if let Some(Surplus { policy, statement, .. }) = grants.first() {
        line!(out, "  statement {statement} of {policy}");
    }
    let shown = || grants.iter().take(MOST_GRANTS);
    let width = shown().map(|s| s.action.chars().count()).max().unwrap_or(0);
    for Surplus { action, resource, .. } in shown() {
        line!(out, "    {action:width$}  {resource}");
    }
    if grants.len() > MOST_GRANTS {
        line!(out, "    and {} more", grants.len() - MOST_GRANTS);
    }
}

/// What AWS's policy simulator says otherwise than the table.
fn disagreement(check: &Check) -> Option<String> {
    let opinion = check.second_opinion.as_ref().filter(|opinion| opinion.agrees == Some(false))?;
    opinion.note.as_ref().map(|note| format!("DISAGREEMENT: {note}"))
}

const NOT_SIMULATED: &str = "it leaves out policies of resources and keys, trust, sessions, resource control policies, \
                             VPC endpoints and other accounts";

/// How far the simulator agrees, and what it does not look at.
fn second_opinion(roles: &[RolePermissions], out: &mut String) {
    let opinions: Vec<_> = roles.iter().flat_map(|r| &r.checks).filter_map(|c| c.second_opinion.as_ref()).collect();
    let compared = opinions.iter().filter(|opinion| opinion.agrees.is_some()).count();
    let agreed = opinions.iter().filter(|opinion| opinion.agrees == Some(true)).count();
    let others = match opinions.len() - compared {
        0 => String::new(),
        n => format!("; {n} cannot be compared"),
    };
    if !opinions.is_empty() {
        line!(out);
        let by = "decisions by identity policies and boundary";
        paragraph(
            out,
            &format!("AWS's policy simulator agrees on {agreed} of {compared} {by}{others}; {NOT_SIMULATED}"),
        );
    }
}

/// Why a call is not allowed; of an allowed one, what a layer that is not read says of it.
fn reason(check: &Check) -> Option<String> {
    if check.decision == "allowed" {
        return check.note.clone();
    }
    let layer = check.layer.map(|l| format!("{l} layer"));
    let by = check.by.as_ref().map(|by| format!("statement {} of {}", by.statement, by.policy));
    let keys = (!check.unknown_keys.is_empty()).then(|| format!("depends on {}", check.unknown_keys.join(", ")));
    let parts: Vec<String> = [layer, by, keys, check.note.clone()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn timeline(report: &Report, out: &mut String) {
    if !report.timeline.is_empty() {
        line!(out, "\ntimeline");
    }
    for event in &report.timeline {
        line!(out, "  {}  {}", to_the_second(&event.at), event.event);
    }
    // A replay reads nothing that could still be lost.
    if let Some(until) = report.task.known_until.as_ref().filter(|_| report.meta.aws_calls > 0) {
        line!(out, "  ECS may forget the task from {} on; --save FILE keeps what was read", to_the_second(until));
    }
}

fn to_the_second(instant: &str) -> String {
    match instant.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => instant.to_owned(),
    }
}

fn cost(meta: &Meta, out: &mut String) {
    line!(out, "\n{}", cost_of(meta));
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
    let mut out = String::new();
    let name = if requirements.task_definition.is_empty() { "(no family)" } else { &requirements.task_definition };
    line!(out, "what starting {} needs", one_line(name));
    if requirements.permissions.is_empty() {
        line!(out, "\nno permission, of any role");
    }
    let asked = requirements.meta.aws_calls > 0;
    let told = |check: &Check| {
        let decided = reason(check).filter(|_| asked);
        std::iter::once(one_line(&check.because)).chain(decided).collect()
    };
    permissions(&requirements.permissions, &told, &mut out);
    if asked {
        not_seen::not_seen(&requirements.coverage, &mut out);
    } else if !requirements.permissions.is_empty() {
        line!(out, "\nno role was read: whether it may make these calls is not known");
    }
    cost(&requirements.meta, &mut out);
    out
}

/// An explanation as plain text, best cause first.
pub fn explanation_text(explanation: &Explanation) -> String {
    let mut out = String::new();
    let why_is_known = explanation.causes.first().is_some_and(|c| !c.symptom);
    for (at, cause) in explanation.causes.iter().enumerate() {
        let lead = match at {
            0 => "",
            _ if cause.symptom && why_is_known => "\nwhich only follows from it  ",
            _ => "\nor  ",
        };
        line!(out, "{lead}{}", cause.title);
        row(&mut out, "cause", &cause.cause);
        if let Some(line) = &cause.line {
            row(&mut out, "line", line);
        }
        if let Some(rule) = &cause.rule {
            row(&mut out, "rule", &if at == 0 { with_command(rule) } else { rule.clone() });
        }
        row(&mut out, "why", &cause.why);
        for fix in &cause.fixes {
            fix_text(fix, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_diff_is_cut() {
        let mut out = String::new();
        diff_text(&"+a\n".repeat(MOST_DIFF + 7), &mut out);
        assert_eq!(out.lines().filter(|line| line.trim() == "+a").count(), MOST_DIFF);
        assert!(out.ends_with("    […] 7 more lines; -o json has them all\n"), "{out}");
    }
}
