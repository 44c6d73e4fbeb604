//! Text: what a tired person reads from the top in ten seconds. Cause, where, evidence, fix; then the permission table,
//! the timeline and what could not be seen.

use std::fmt::Write as _;

use super::v1::{Check, Finding, Fix, Report, RolePermissions};
use crate::explain::Explanation;

/// A report as plain text.
pub fn report_text(report: &Report) -> String {
    let mut out = String::new();
    headline(report, &mut out);
    for (at, finding) in report.findings.iter().enumerate() {
        out.push('\n');
        finding_text(finding, at == 0, &mut out);
    }
    permissions(&report.permissions, &mut out);
    timeline(report, &mut out);
    coverage(report, &mut out);
    out
}

/// Writing to a `String` cannot fail, so the result says nothing.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

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
        task.arn.as_deref().map(|arn| format!("task {}", crate::id::short_name(arn))),
        task.cluster.as_ref().map(|c| format!("cluster {c}")),
        task.service.as_ref().map(|s| format!("service {s}")),
        task.task_definition.as_deref().map(|d| format!("definition {}", crate::id::short_name(d))),
        task.region.clone(),
        task.account.clone(),
    ];
    line!(out, "  {}", place.into_iter().flatten().collect::<Vec<_>>().join(" · "));
}

fn finding_text(finding: &Finding, first: bool, out: &mut String) {
    let state = match finding.state {
        "present" => ", still there",
        "resolved" => ", mended since",
        _ => "",
    };
    let lead = if first { "cause" } else { "also" };
    line!(out, "{lead}  {} ({}{state})", finding.cause, finding.confidence);
    if !first {
        line!(out, "  {}", finding.title);
    }
    if let Some(role) = &finding.role {
        line!(out, "  where     {} role {}", role.kind, role.arn);
    }
    if let Some(container) = &finding.container {
        line!(out, "  container {container}");
    }
    if let Some(resource) = &finding.resource {
        line!(out, "  resource  {resource}");
    }
    for evidence in &finding.evidence {
        line!(out, "  evidence  {}: {}", evidence.source, indented(&evidence.text));
    }
    line!(out, "  why       {}", indented(&finding.why));
    for fix in &finding.fixes {
        fix_text(fix, out);
    }
}

fn fix_text(fix: &Fix, out: &mut String) {
    line!(out, "  fix       {}", fix.title);
    for command in &fix.commands {
        line!(out, "\n    {command}\n");
    }
    if let Some(proof) = &fix.proof {
        let mark = if fix.verified == Some(true) { "proof" } else { "note " };
        line!(out, "  {mark}     {proof}");
    }
    for page in &fix.docs {
        line!(out, "  docs      {page}");
    }
}

/// Further lines of a text stand under its first.
fn indented(text: &str) -> String {
    text.trim().replace('\n', "\n            ")
}

fn permissions(roles: &[RolePermissions], out: &mut String) {
    for role in roles {
        let arn = if role.role.arn.is_empty() { "(not known)" } else { &role.role.arn };
        line!(out, "\npermissions of the {} role {arn}", role.role.kind);
        let width = role.checks.iter().map(|c| c.action.len()).max().unwrap_or(0);
        for check in &role.checks {
            line!(out, "  {:8} {:width$}  {}{}", check.decision, check.action, check.resource, reason(check));
        }
    }
}

fn reason(check: &Check) -> String {
    let by = check.by.as_ref().map(|by| format!("{} {}", by.policy, by.statement));
    let layer = check.layer.filter(|_| check.decision != "allowed").map(|l| format!("{l} layer"));
    let keys = (!check.unknown_keys.is_empty()).then(|| format!("depends on {}", check.unknown_keys.join(", ")));
    let parts: Vec<String> = [layer, by, keys, check.note.clone()].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("\n           {}", parts.join("; ")) }
}

fn timeline(report: &Report, out: &mut String) {
    if !report.timeline.is_empty() {
        line!(out, "\ntimeline");
    }
    for event in &report.timeline {
        line!(out, "  {}  {}", event.at, event.event);
    }
    if let Some(until) = &report.task.known_until {
        line!(out, "  ECS forgets the task from about {until}; --save FILE keeps what was read");
    }
}

fn coverage(report: &Report, out: &mut String) {
    let gaps: Vec<_> = report.coverage.iter().filter(|c| c.status != "ok").collect();
    if !gaps.is_empty() {
        line!(out, "\nnot seen");
    }
    for gap in gaps {
        line!(out, "  {:10} {}  {}", gap.status, gap.source, gap.note.as_deref().unwrap_or_default());
    }
    let meta = &report.meta;
    line!(
        out,
        "\n{} AWS calls in {} round trips, {} ms, ecs-why {}",
        meta.aws_calls,
        meta.aws_round_trips,
        meta.took_ms,
        meta.version
    );
}

/// An explanation as plain text, best cause first.
pub fn explanation_text(explanation: &Explanation) -> String {
    let mut out = String::new();
    for (at, cause) in explanation.causes.iter().enumerate() {
        let lead = if at == 0 { "" } else { "\nor: " };
        line!(out, "{lead}{}", cause.title);
        line!(out, "  cause  {}", cause.cause);
        if let Some(rule) = &cause.rule {
            line!(out, "  rule   {rule}");
        }
        line!(out, "  why    {}", cause.why);
        for fix in &cause.fixes {
            line!(out, "  fix    {}", fix.title);
        }
    }
    out
}
