//! An answer as GitHub Flavored Markdown, ready for an issue, a pull request, a job summary or a wiki.
//!
//! Given a report, an explanation or requirements, gives a document of at most 60,000 characters. Whatever a log, a name
//! or a message holds is put where it can do nothing (`escape`); the only links are pages of the console, whose addresses
//! we build, and pages of documentation that a rule names.

mod escape;
mod finding;
mod fit;
mod permission;
mod table;
mod word;

use self::{
    escape::{code, link, prose, shortened},
    fit::{Detail, fitting},
};
use super::{
    brief::Brief,
    console::Link,
    v1::{Explanation, Meta, Report, Requirements},
};

/// A diagnosis; with the surplus of the execution role, if that was asked for.
pub fn report_markdown(report: &Report, with_surplus: bool) -> String {
    let brief = Brief::of_report(report);
    fitting(|detail| {
        let mut blocks = head(&brief, detail);
        blocks.extend(finding::findings(report, &brief, detail));
        blocks.extend(permission::roles(&report.permissions, detail));
        if with_surplus {
            blocks.extend(permission::surplus(&report.permissions, detail));
        }
        blocks.extend(table::paths(report, detail));
        blocks.extend(table::timeline(report));
        blocks.extend(table::not_seen(&brief.unseen, detail));
        blocks.push(footer(&brief));
        blocks
    })
}

/// The causes of a message, best first.
pub fn explanation_markdown(explanation: &Explanation) -> String {
    let brief = Brief::of_explanation(explanation);
    fitting(|detail| {
        let mut blocks = vec!["# What the message says".to_owned()];
        blocks.extend(finding::causes(&explanation.causes, detail));
        blocks.push(footer(&brief));
        blocks
    })
}

/// What starting a task definition needs: each call with why it is needed, and what decides it.
pub fn requirements_markdown(requirements: &Requirements) -> String {
    let brief = Brief::of_requirements(requirements);
    fitting(|detail| {
        let mut blocks = vec![needed_by(&requirements.task_definition)];
        blocks.extend(permission::needed(requirements, detail));
        if is_asked(&requirements.meta) {
            blocks.extend(table::not_seen(&brief.unseen, detail));
        } else if !requirements.permissions.is_empty() {
            blocks.push("No role was read: whether it may make these calls is not known.".to_owned());
        }
        blocks.push(footer(&brief));
        blocks
    })
}

/// Whether AWS was asked at all.
fn is_asked(meta: &Meta) -> bool {
    meta.aws_calls > 0
}

fn needed_by(definition: &str) -> String {
    match definition {
        "" => "# What starting the task definition needs".to_owned(),
        name => format!("# What starting {} needs", name_of(name)),
    }
}

/// Characters of one sentence, of a paragraph and of one name; ours are far shorter.
const LONGEST_SENTENCE: usize = 1_000;
const LONGEST_PARAGRAPH: usize = 4_000;
const LONGEST_NAME: usize = 600;

fn sentence(text: &str) -> String {
    prose(&shortened(text, LONGEST_SENTENCE))
}

fn paragraph(text: &str) -> String {
    prose(&shortened(text, LONGEST_PARAGRAPH))
}

fn name_of(text: &str) -> String {
    code(&shortened(text, LONGEST_NAME))
}

fn head(brief: &Brief, detail: &Detail) -> Vec<String> {
    let mut blocks = vec![format!("# {}: {}", brief.outcome.word(), sentence(&brief.summary))];
    let known = brief.place.iter().filter(|(_, value)| !value.trim().is_empty());
    let place: Vec<String> = known.map(|(label, value)| format!("{label} {}", name_of(value))).collect();
    if !place.is_empty() {
        blocks.push(place.join(", "));
    }
    blocks.extend(console(&brief.links, detail));
    blocks
}

/// Links that are shown at most: a task of many containers has a log for each.
const MOST_LINKS: usize = 16;

fn console(links: &[Link], detail: &Detail) -> Option<String> {
    let shown: Vec<String> =
        links.iter().take(MOST_LINKS.min(detail.rows)).map(|page| link(&sentence(&page.title), &page.url)).collect();
    (!shown.is_empty()).then(|| format!("AWS console: {}", shown.join(", ")))
}

fn footer(brief: &Brief) -> String {
    sentence(&brief.footer)
}
