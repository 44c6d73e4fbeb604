//! What a chat is told of an answer, in the order in which somebody who was woken up wants it: what it is and where,
//! the cause, what shows it, the command that mends it; then the rest, in few lines.
//!
//! Given a brief, gives parts of bounded length with no markup. Their texts are from outside, labels of parts excepted.

use super::cut::{cut, cut_within, length};
use crate::report::{
    Brief, Coverage, Finding, Fix, Link, Outcome,
    v1::{Check, RoleRef},
};

/// Stands for one element of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Facts(Vec<(&'static str, String)>),
    Prose {
        label: &'static str,
        text: String,
    },
    /// Text as it stood: a message, a line of a log, a path. The source is one of our words, or a name.
    Quoted {
        source: String,
        text: String,
    },
    Fix {
        title: String,
        proven: bool,
        commands: Vec<String>,
    },
    Links(Vec<Link>),
    /// Small print.
    Note {
        label: &'static str,
        text: String,
    },
}

/// Length of a name, an ARN, a line of a list.
const NAME: usize = 300;
const PROSE: usize = 900;
/// Length of evidence; the JSON output has it whole.
const QUOTED: usize = 700;
/// Length to which a part is cut where room is short.
const SHORT: usize = 240;
const SHORT_NAME: usize = 80;
/// Length of all commands of a fix. A command is never cut: where they are longer, they are left to the text output.
const COMMANDS: usize = 4000;

const MOST_EVIDENCE: usize = 3;
const MOST_FIXES: usize = 2;
const MOST_OTHERS: usize = 4;
const MOST_CHECKS: usize = 10;
const MOST_EVENTS: usize = 12;
const MOST_UNSEEN: usize = 8;
const MOST_LINKS: usize = 5;
/// Length of the addresses of all links.
const ADDRESSES: usize = 2500;

/// Where what is left out can be seen.
const WHOLE: &str = "-o text has the rest";

/// Says that parts are missing.
pub fn left_out(count: usize) -> Option<String> {
    (count > 0).then(|| format!("left out for want of room: {count}; {WHOLE}"))
}

/// As a message begins.
pub fn headline(brief: &Brief) -> String {
    format!("{}: {}", brief.outcome.word(), brief.summary.replace(['\n', '\t'], " "))
}

/// Everything under the headline but the footer.
pub fn parts(brief: &Brief) -> Vec<Part> {
    let mut parts = vec![facts(brief.place.clone())];
    if let Some((first, others)) = brief.findings.split_first() {
        parts.extend(cause(first, brief));
        parts.push(Part::Links(links(brief)));
        parts.extend(others.iter().take(MOST_OTHERS).map(|other| other_cause(other, brief.outcome)));
        parts.extend(more("causes", others.len(), MOST_OTHERS));
    } else {
        parts.push(Part::Links(links(brief)));
    }
    parts.extend([checks(brief), timeline(brief), unseen(&brief.unseen)]);
    parts.retain(says_something);
    parts
}

impl Part {
    /// The part as it is, and what it may be cut to.
    pub fn forms(self) -> Vec<Self> {
        let shorter = match &self {
            Self::Facts(facts) => {
                let short = facts.iter().map(|(label, value)| (*label, cut_within(value, SHORT_NAME)));
                Some(Self::Facts(short.collect()))
            }
            Self::Prose { label, text } => Some(Self::Prose { label, text: cut(text, SHORT) }),
            Self::Quoted { source, text } => {
                Some(Self::Quoted { source: source.clone(), text: cut_within(text, SHORT) })
            }
            Self::Fix { title, proven, commands } if !commands.is_empty() => {
                Some(Self::Fix { title: apart(title), proven: *proven, commands: Vec::new() })
            }
            Self::Note { label, text } => Some(Self::Note { label, text: cut(text, SHORT) }),
            _ => None,
        };
        std::iter::once(self).chain(shorter).collect()
    }
}

/// A title whose commands are not shown.
fn apart(title: &str) -> String {
    format!("{} (its commands are too long for here; -o text has them)", cut(title, SHORT - 80))
}

fn says_something(part: &Part) -> bool {
    match part {
        Part::Facts(facts) => !facts.is_empty(),
        Part::Links(links) => !links.is_empty(),
        Part::Prose { text, .. } | Part::Quoted { text, .. } | Part::Note { text, .. } => !text.is_empty(),
        Part::Fix { title, .. } => !title.is_empty(),
    }
}

fn facts(known: Vec<(&'static str, String)>) -> Part {
    let told = known.into_iter().map(|(label, value)| (label, cut_within(&value, NAME)));
    Part::Facts(told.filter(|(_, value)| !value.is_empty()).collect())
}

/// The finding that explains the failure.
fn cause(finding: &Finding, brief: &Brief) -> Vec<Part> {
    let prose = Part::Prose { label: "why", text: cut(&finding.why, PROSE) };
    let mut parts = vec![about(finding), prose];
    parts.extend(finding.evidence.iter().take(MOST_EVIDENCE).map(|evidence| Part::Quoted {
        source: cut(&evidence.source, NAME),
        text: cut_within(&evidence.text, QUOTED),
    }));
    parts.extend(more("pieces of evidence", finding.evidence.len(), MOST_EVIDENCE));
    let path = brief.path.as_deref().unwrap_or_default();
    parts.push(Part::Quoted { source: "path".to_owned(), text: cut_within(path, QUOTED) });
    parts.extend(finding.fixes.iter().take(MOST_FIXES).map(fix));
    parts.extend(more("fixes", finding.fixes.len(), MOST_FIXES));
    parts
}

fn about(finding: &Finding) -> Part {
    let known = [
        ("cause", Some(named_cause(finding))),
        ("container", finding.container.clone()),
        ("resource", finding.resource.clone()),
        ("role", finding.role.as_ref().map(|role| format!("{}, {}", role.kind, role.arn))),
        ("rule", finding.rule.clone()),
    ];
    facts(known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect())
}

/// A cause with how sure it is and whether it is still there.
fn named_cause(finding: &Finding) -> String {
    let state = finding.state_words().unwrap_or_default();
    [finding.cause.as_str(), finding.confidence, state]
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn fix(fix: &Fix) -> Part {
    let proven = fix.verified == Some(true);
    let fits = fix.commands.iter().map(|command| length(command)).sum::<usize>() <= COMMANDS;
    if fits {
        Part::Fix { title: cut(&fix.title, PROSE), proven, commands: fix.commands.clone() }
    } else {
        Part::Fix { title: apart(&fix.title), proven, commands: Vec::new() }
    }
}

fn other_cause(finding: &Finding, outcome: Outcome) -> Part {
    let label = if outcome == Outcome::Explained { "or" } else { "also" };
    let of = finding.resource.as_ref().or(finding.container.as_ref());
    let of = of.map(|name| format!(": {}", cut_within(name, NAME))).unwrap_or_default();
    Part::Prose { label, text: format!("{}{of} ({})", cut(&finding.title, NAME), cut(&named_cause(finding), NAME)) }
}

fn more(what: &str, count: usize, shown: usize) -> Option<Part> {
    let missing = count.saturating_sub(shown);
    let text = format!("{missing} more {what}; {WHOLE}");
    (missing > 0).then_some(Part::Note { label: "more", text })
}

/// The checks that are not allowed, a line each.
fn checks(brief: &Brief) -> Part {
    let lines = brief.refused.iter().take(MOST_CHECKS).map(check);
    let missing = brief.refused.len().saturating_sub(MOST_CHECKS);
    let missing = (missing > 0).then(|| format!("{missing} more; {WHOLE}"));
    let text = lines.chain(missing).collect::<Vec<_>>().join("\n");
    Part::Quoted { source: format!("permissions ({} are allowed)", brief.allowed), text }
}

fn check((role, check): &(RoleRef, Check)) -> String {
    let on = check.resource.replace(['\n', '\t'], " ");
    cut_within(&format!("{} {} of the {} role on {on}", check.decision, check.action, role.kind), NAME)
}

fn timeline(brief: &Brief) -> Part {
    let events = brief.timeline.iter().take(MOST_EVENTS).map(|event| format!("{} {}", event.event, event.at));
    Part::Note { label: "timeline", text: cut(&events.collect::<Vec<_>>().join(", "), PROSE) }
}

fn unseen(gaps: &[Coverage]) -> Part {
    let named = gaps.iter().take(MOST_UNSEEN).map(|gap| format!("{} ({})", gap.source, gap.status));
    let missing = gaps.len().saturating_sub(MOST_UNSEEN);
    let missing = (missing > 0).then(|| format!("{missing} more"));
    Part::Note { label: "not seen", text: cut(&named.chain(missing).collect::<Vec<_>>().join(", "), PROSE) }
}

/// Names as long as AWS takes them make addresses that no message has room for.
pub fn links(brief: &Brief) -> Vec<Link> {
    let mut left = ADDRESSES;
    let fits = |link: &&Link| match left.checked_sub(link.url.len()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    brief.links.iter().filter(fits).take(MOST_LINKS).cloned().collect()
}
