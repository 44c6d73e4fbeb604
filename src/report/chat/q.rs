//! A custom notification of Amazon Q Developer in chat applications, to be published to the SNS topic of a channel.
//!
//! The text is in the Markdown of whatever chat the channel is in, Slack's or that of Teams. So words of ours are bare,
//! and text from outside stands in code: without backticks, so that nothing closes it, and with `&`, `<` and `>`
//! escaped, from which mentions and links are made.
//! <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    cut::{cut, cut_within, length},
    digest::{Part, left_out, parts},
    document::{document, fitting},
};
use crate::{
    id::{Arn, short_name},
    report::{Brief, Link, Outcome},
};

/// Characters of a title. The page names no limit; a header of Slack has this one.
const TITLE: usize = 150;
/// Characters of the description, which becomes a section of a Slack message: it has 3000.
const DESCRIPTION: usize = 2800;
const STEP: usize = 1800;
const MOST_STEPS: usize = 4;
const MOST_KEYWORDS: usize = 6;
const MOST_RESOURCES: usize = 10;
/// Characters of a value that a custom action may take as a variable.
/// <https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionAttachment.html>
const VARIABLE: usize = 1024;

#[derive(Serialize)]
struct Notification {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: String,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_resources: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    additional_context: BTreeMap<&'static str, String>,
}

/// The notification as JSON, which is the message to publish.
///
/// # Errors
/// Only if serialisation itself fails, which plain data does not cause.
pub fn q(brief: &Brief) -> Result<String, serde_json::Error> {
    let title = title(brief);
    document(&Notification {
        version: "1.0",
        source: "custom",
        id: id(brief),
        content: Content {
            text_type: "client-markdown",
            title: title.clone(),
            description: description(brief),
            next_steps: steps(brief),
            keywords: keywords(brief),
        },
        metadata: Metadata {
            thread_id: brief.key.clone(),
            summary: title,
            event_type: event_type(brief.outcome),
            related_resources: resources(brief),
            additional_context: context(brief),
        },
    })
}

/// One for a task and a cause: the same answer is the same event.
fn id(brief: &Brief) -> String {
    let task = brief.task_arn.as_deref().map(short_name);
    task.map_or_else(|| brief.key.clone(), |task| format!("{}:{}", brief.key, cut(task, TITLE)))
}

fn title(brief: &Brief) -> String {
    let word = brief.outcome.word();
    format!("{word}: {}", code_within(&brief.summary, TITLE - length(word) - 2))
}

fn event_type(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "ecs-why-failed",
        Outcome::Mended => "ecs-why-mended",
        Outcome::Unclear => "ecs-why-unclear",
        Outcome::InOrder => "ecs-why-in-order",
        Outcome::NotFailed => "ecs-why-not-failed",
        Outcome::NotFound => "ecs-why-not-found",
        Outcome::Explained => "ecs-why-explained",
        Outcome::Listed => "ecs-why-required",
    }
}

fn description(brief: &Brief) -> String {
    let told = parts(brief).into_iter().filter(|part| !matches!(part, Part::Fix { .. }));
    let forms = told.map(|part| part.forms().iter().map(markdown).collect());
    let (mut said, too_large) = fitting(forms, DESCRIPTION, |text: &String| length(text) + 1);
    said.extend(left_out(too_large));
    said.push(code(&brief.footer));
    said.join("\n")
}

fn markdown(part: &Part) -> String {
    match part {
        Part::Facts(facts) => {
            facts.iter().map(|(label, value)| format!("{label}: {}", code(value))).collect::<Vec<_>>().join("\n")
        }
        Part::Prose { label, text } => format!("{label}:\n{}", fence(text)),
        Part::Quoted { source, text } => format!("{}:\n{}", code(source), fence(text)),
        Part::Fix { title, .. } => code(title),
        Part::Links(links) => links.iter().map(link).collect::<Vec<_>>().join("\n"),
        Part::Note { label, text } => format!("{label}: {}", code(text)),
    }
}

/// Slack and Teams write links in different ways; both make one of a bare address.
fn link(Link { title, url, .. }: &Link) -> String {
    format!("{}: {}", code(title), escaped(url))
}

/// What to do: each fix, and each of its commands by itself.
fn steps(brief: &Brief) -> Vec<String> {
    let fixes = parts(brief).into_iter().flat_map(|part| match part {
        Part::Fix { title, commands, .. } => {
            std::iter::once(code(&title)).chain(commands.iter().map(|text| command(text))).collect()
        }
        _ => Vec::new(),
    });
    fixes.take(MOST_STEPS).collect()
}

/// A command is shown as it is to be run, or not at all. A single backtick does not end a fence.
fn command(text: &str) -> String {
    let shown = if text.contains(['`', '\n']) { format!("```\n{}\n```", escaped(text)) } else { code(text) };
    let fits = !text.contains("``") && length(&shown) <= STEP;
    if fits { shown } else { "a command that has no room here; -o text has it".to_owned() }
}

/// Words that format nothing by themselves.
fn keywords(brief: &Brief) -> Vec<String> {
    let names = brief.place.iter().filter(|(label, _)| ["service", "cluster", "definition"].contains(label));
    let names = names.map(|(_, name)| name.split(':').next().unwrap_or_default());
    let cause = brief.findings.first().map(|finding| finding.cause.as_str());
    let mut words: Vec<String> =
        cause.into_iter().chain(names).filter(|word| is_plain(word)).map(str::to_owned).collect();
    words.dedup();
    words.truncate(MOST_KEYWORDS);
    words
}

fn is_plain(word: &str) -> bool {
    (1..=TITLE).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The ARNs that it is about.
fn resources(brief: &Brief) -> Vec<String> {
    let first = brief.findings.first();
    let role = first.and_then(|finding| finding.role.as_ref()).map(|role| &role.arn);
    let named = [brief.task_arn.as_ref(), role, first.and_then(|finding| finding.resource.as_ref())];
    let mut arns: Vec<String> = named.into_iter().flatten().filter(|arn| is_arn(arn)).cloned().collect();
    arns.dedup();
    arns.truncate(MOST_RESOURCES);
    arns
}

fn is_arn(text: &str) -> bool {
    is_variable(text) && !text.contains(['<', '>', '&', '`', '|']) && text.parse::<Arn>().is_ok()
}

/// What a custom action of the channel can put into a command.
fn context(brief: &Brief) -> BTreeMap<&'static str, String> {
    let place = |wanted| brief.place.iter().find(|(label, _)| *label == wanted).map(|(_, value)| value.clone());
    let known = [
        ("taskArn", brief.task_arn.clone()),
        ("cluster", place("cluster")),
        ("service", place("service")),
        ("region", place("Region")),
        ("account", place("account")),
        ("cause", brief.findings.first().map(|finding| finding.cause.clone())),
    ];
    known.into_iter().filter_map(|(key, value)| Some((key, value.filter(|value| is_variable(value))?))).collect()
}

fn is_variable(value: &str) -> bool {
    (1..=VARIABLE).contains(&value.len()) && value.chars().all(|c| c.is_ascii_graphic())
}

/// A text on one line of code.
fn code(text: &str) -> String {
    format!("`{}`", escaped(&without_ticks(text).replace(['\n', '\t'], " ")))
}

/// As [`code`], at most so long however much escaping adds.
fn code_within(text: &str, most: usize) -> String {
    let fits = |room: &usize| length(&code(&cut_within(text, *room))) <= most;
    (0..=most.saturating_sub(2)).rev().find(fits).map(|room| code(&cut_within(text, room))).unwrap_or_default()
}

fn fence(text: &str) -> String {
    format!("```\n{}\n```", escaped(&without_ticks(text)))
}

/// Neither Slack nor Teams has an escape for what ends code.
fn without_ticks(text: &str) -> String {
    text.replace('`', "'")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
