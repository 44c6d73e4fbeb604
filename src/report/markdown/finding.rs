//! Findings, and the causes of a message: what it is, whose, what says so, why, and what to do.

use super::{
    Detail,
    escape::{autolink, code, fenced, shortened},
    name_of, paragraph, sentence,
};
use crate::report::{
    brief::Brief,
    v1::{Evidence, ExplainedCause, Finding, Fix, PathView, Report},
};

/// All findings, the one that explains the failure first; as many of the others as there is room for.
pub fn findings(report: &Report, brief: &Brief, detail: &Detail) -> Vec<String> {
    let mut blocks = Vec::new();
    let drawn = report.findings.iter().position(|finding| finding.path.is_some());
    for (at, finding) in report.findings.iter().enumerate().take(detail.others.saturating_add(1)) {
        blocks.push(lead(finding, at == 0));
        blocks.push(about(finding, at == 0));
        blocks.extend(evidence(&finding.evidence, detail));
        if drawn == Some(at) {
            blocks.extend(path(finding.path.as_ref(), brief.path.as_deref()));
        }
        blocks.push(paragraph(&finding.why));
        blocks.extend(finding.fixes.iter().flat_map(|fix| fix_blocks("Fix", fix, detail)));
    }
    blocks.extend(left_out(report.findings.len().saturating_sub(1), detail.others, "findings"));
    blocks
}

/// How many of something are not shown.
pub fn left_out(count: usize, shown: usize, what: &str) -> Option<String> {
    (count > shown).then(|| format!("And {} more {what}.", count - shown))
}

fn lead(finding: &Finding, first: bool) -> String {
    if first {
        format!("## Cause: {}", name_of(&finding.cause))
    } else {
        format!("## Also: {}", sentence(&finding.title))
    }
}

/// How sure it is, and whose. The heading of the first finding names its cause already.
fn about(finding: &Finding, first: bool) -> String {
    let state = finding.state_words().map(|words| format!(", {words}")).unwrap_or_default();
    let sure = format!("{}{state}", finding.confidence);
    let role = finding.role.as_ref().map(|role| format!("{} role {}", role.kind, name_of(&role.arn)));
    let parts = [
        Some(if first { sure } else { format!("{} ({sure})", name_of(&finding.cause)) }),
        role,
        finding.container.as_deref().map(|name| format!("container {}", name_of(name))),
        finding.resource.as_deref().map(|name| format!("resource {}", name_of(name))),
        finding.rule.as_deref().map(|rule| format!("rule {}", with_command(rule))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A rule with the command that shows it.
fn with_command(rule: &str) -> String {
    format!("{} ({})", name_of(rule), code(&format!("ecs-why rules show {rule}")))
}

fn evidence(all: &[Evidence], detail: &Detail) -> Vec<String> {
    let shown = all.iter().take(detail.messages);
    let mut blocks: Vec<String> = shown.map(|evidence| message(evidence, detail)).collect();
    blocks.extend(left_out(all.len(), detail.messages, "messages"));
    blocks
}

fn message(evidence: &Evidence, detail: &Detail) -> String {
    let text = shortened(&evidence.text, detail.evidence);
    format!("Evidence, {}:\n\n{}", name_of(&evidence.source), fenced("text", &text))
}

fn path(path: Option<&PathView>, drawn: Option<&str>) -> Option<String> {
    let path = path.filter(|path| !path.hops.is_empty())?;
    let mut text = format!("The path that breaks:\n\n{}", fenced("text", drawn?));
    if !path.sure {
        text.push_str("\n\nSo in one of the subnets that the service may use; not in all of them.");
    }
    for unused in &path.unused {
        text.push_str(&format!("\n\n{} is not taken: {}", name_of(&unused.endpoint), sentence(unused.because)));
    }
    Some(text)
}

/// Characters of a command that is shown. A longer one is left out: cut it would be another command.
const LONGEST_COMMAND: usize = 16_000;

/// A change with its proof, under a heading that says what it is.
pub fn fix_blocks(label: &str, fix: &Fix, detail: &Detail) -> Vec<String> {
    let label = if is_proven(fix) { format!("{label}, proven") } else { "Advice".to_owned() };
    let mut blocks = vec![format!("### {label}: {}", sentence(&fix.title))];
    blocks.extend(fix.diffs.iter().map(|diff| fenced("diff", &first_lines(diff, detail.diff))));
    blocks.extend(fix.commands.iter().map(|command| runnable(command)));
    blocks.extend(proof(fix));
    blocks.extend(docs(&fix.docs));
    blocks
}

fn runnable(command: &str) -> String {
    match command.chars().count() {
        count if count > LONGEST_COMMAND => {
            format!("A command of {count} characters is left out; `-o json` has it.")
        }
        _ => fenced("sh", command),
    }
}

fn first_lines(diff: &str, most: usize) -> String {
    let count = diff.lines().count();
    let mut shown: Vec<&str> = diff.lines().take(most).collect();
    let rest = format!("[…] {} more lines; -o json has them all", count.saturating_sub(most));
    if count > most {
        shown.push(&rest);
    }
    shown.join("\n")
}

fn is_proven(fix: &Fix) -> bool {
    fix.verified == Some(true)
}

fn proof(fix: &Fix) -> Option<String> {
    let label = if is_proven(fix) { "Proof" } else { "Note" };
    fix.proof.as_deref().map(|text| format!("{label}: {}", paragraph(text)))
}

/// Pages that are named at most; a rule has one or two.
const MOST_PAGES: usize = 10;

fn docs(pages: &[String]) -> Option<String> {
    let pages: Vec<String> = pages.iter().take(MOST_PAGES).map(|page| autolink(&shortened(page, 600))).collect();
    (!pages.is_empty()).then(|| format!("Documentation: {}", pages.join(", ")))
}

/// Every cause that a message may have, and what only follows from it.
pub fn causes(causes: &[ExplainedCause], detail: &Detail) -> Vec<String> {
    let why_is_known = causes.first().is_some_and(|cause| !cause.symptom);
    let mut blocks = Vec::new();
    for (at, cause) in causes.iter().enumerate() {
        let lead = match at {
            0 => "",
            _ if cause.symptom && why_is_known => "Which only follows from it: ",
            _ => "Or: ",
        };
        blocks.push(format!("## {lead}{}", sentence(&cause.title)));
        let rule = cause.rule.as_deref().map(|rule| format!(", rule {}", with_command(rule))).unwrap_or_default();
        blocks.push(format!("Cause {}{rule}", name_of(&cause.cause)));
        blocks.extend(cause.line.as_deref().map(|line| fenced("text", &shortened(line, detail.evidence))));
        blocks.push(paragraph(&cause.why));
        blocks.extend(cause.fixes.iter().flat_map(|fix| fix_blocks("Fix", fix, detail)));
    }
    blocks
}
