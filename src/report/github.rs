//! An answer as workflow commands of GitHub Actions: one annotation for each finding, and the outputs of the step.
//!
//! Given a digest, gives lines that the runner obeys, each of which begins with a command of ours. Escaped as the runner
//! reads them back (`actions/toolkit`, `command.ts`; the old form `##[…]` is obeyed anywhere in a line):
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::{
    brief::{Brief, Outcome},
    v1::{Finding, Fix},
};

/// Characters of a message as it is written; GitHub cuts what is longer than 4 KiB.
const LONGEST_MESSAGE: usize = 4_000;
const LONGEST_TITLE: usize = 200;
/// Annotations beside the first. GitHub shows ten of a kind for a step.
const MOST_OTHERS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn of(brief: &Brief) -> Self {
        let lacking = || brief.refused.iter().any(|(_, check)| matches!(check.decision, "missing" | "denied"));
        match brief.outcome {
            Outcome::Failed => Self::Error,
            Outcome::Unclear | Outcome::NotFound => Self::Warning,
            Outcome::Listed if lacking() => Self::Warning,
            Outcome::Mended | Outcome::InOrder | Outcome::NotFailed | Outcome::Explained | Outcome::Listed => {
                Self::Notice
            }
        }
    }

    /// What did not cause the failure is no error.
    fn of_others(self) -> Self {
        if self == Self::Notice { Self::Notice } else { Self::Warning }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One line for the answer with its first finding, and one for each of the others.
pub fn annotations(brief: &Brief) -> String {
    let kind = Kind::of(brief);
    let mut lines = vec![first(kind, brief)];
    let others = brief.findings.iter().skip(1);
    lines.extend(others.take(MOST_OTHERS).map(|finding| other(kind.of_others(), finding)));
    let more = brief.findings.len().saturating_sub(1 + MOST_OTHERS);
    if more > 0 {
        lines.push(annotation(Kind::Notice, "more", &[format!("And {more} more findings; -o json has them.")]));
    }
    lines.concat()
}

fn first(kind: Kind, brief: &Brief) -> String {
    let cause = brief.findings.first().map(|finding| format!(": {}", finding.cause)).unwrap_or_default();
    let place: Vec<String> = brief.place.iter().map(|(label, value)| format!("{label} {value}")).collect();
    let mut lines = vec![brief.summary.clone(), place.join(", ")];
    lines.extend(refusals(brief));
    lines.extend(brief.findings.first().into_iter().flat_map(told));
    annotation(kind, &format!("{}{cause}", brief.outcome.word()), &lines)
}

/// Of requirements, how many calls are refused; a finding says it of a failure.
fn refusals(brief: &Brief) -> Option<String> {
    let refused = brief.refused.iter().filter(|(_, check)| check.decision != "unknown").count();
    (brief.outcome == Outcome::Listed && refused > 0).then(|| format!("{refused} of the calls are not allowed."))
}

fn other(kind: Kind, finding: &Finding) -> String {
    let lead = if finding.confidence.is_empty() { "or" } else { "also" };
    let resource = finding.resource.as_deref().map(|name| format!(": {name}")).unwrap_or_default();
    let title = format!("{}{resource}", finding.title);
    let lines: Vec<String> = std::iter::once(title).chain(told(finding)).collect();
    annotation(kind, &format!("{lead}: {}", finding.cause), &lines)
}

/// Why, and the change that is proven; else the first advice.
fn told(finding: &Finding) -> Vec<String> {
    let proven = finding.fixes.iter().find(|fix| fix.verified == Some(true));
    let change = proven.map(change).or_else(|| finding.fixes.first().map(advice));
    std::iter::once(finding.why.clone()).chain(change.into_iter().flatten()).collect()
}

fn change(fix: &Fix) -> Vec<String> {
    let title = format!("Fix, proven: {}", fix.title);
    std::iter::once(title).chain(fix.commands.first().cloned()).collect()
}

fn advice(fix: &Fix) -> Vec<String> {
    vec![format!("Advice: {}", fix.title)]
}

/// A command of the runner. A line for which there is no room is left out whole, but for the first.
fn annotation(kind: Kind, title: &str, lines: &[String]) -> String {
    let mut message = String::new();
    for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
        let (room, line) = (LONGEST_MESSAGE - message.len().min(LONGEST_MESSAGE), escaped(line, data));
        if message.is_empty() {
            message = cut(line, LONGEST_MESSAGE);
        } else if line.iter().map(String::len).sum::<usize>() + LINE_BREAK.len() <= room {
            message.push_str(LINE_BREAK);
            message.push_str(&line.concat());
        }
    }
    let title = cut(escaped(title, property), LONGEST_TITLE);
    format!("::{} title={title}::{message}\n", kind.word())
}

const LINE_BREAK: &str = "%0A";

/// Each character as it is written.
fn escaped(text: &str, one: fn(char) -> Option<&'static str>) -> Vec<String> {
    let harmless = text.replace("##[", "# #[");
    harmless.chars().map(|c| one(c).map_or_else(|| c.to_string(), str::to_owned)).collect()
}

fn data(c: char) -> Option<&'static str> {
    match c {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some(LINE_BREAK),
        _ => None,
    }
}

fn property(c: char) -> Option<&'static str> {
    match c {
        ':' => Some("%3A"),
        ',' => Some("%2C"),
        other => data(other),
    }
}

/// As much as has room, and no half of an escaped character.
fn cut(pieces: Vec<String>, most: usize) -> String {
    const MARK: &str = "…";
    if pieces.iter().map(String::len).sum::<usize>() <= most {
        return pieces.concat();
    }
    let mut out = String::new();
    for piece in pieces {
        if out.len() + piece.len() + MARK.len() > most {
            break;
        }
        out.push_str(&piece);
    }
    out + MARK
}

/// What a step of a workflow can read: name and value, in the form of the file that the runner names.
pub fn step_outputs(status: &str, cause: &str, summary: &str) -> String {
    [("status", status), ("cause", cause), ("summary", summary)].map(|(name, value)| output(name, value)).concat()
}

/// The mark that ends a value does not occur in it, whatever it holds.
fn output(name: &str, value: &str) -> String {
    let mut mark = String::from("ECS_WHY_END");
    while value.contains(&mark) {
        mark.push('_');
    }
    format!("{name}<<{mark}\n{value}\n{mark}\n")
}
