//! A message for a Workflows webhook of Microsoft Teams: an Adaptive Card.
//!
//! Text from outside stands in text runs alone: a `TextBlock` and a `FactSet` read Markdown, so they hold nothing but
//! words of ours. The whole is at most 28 KB.
//! <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>,
//! <https://adaptivecards.io/explorer/RichTextBlock.html>

use serde::Serialize;

use super::{
    cut::cut,
    digest::{Part, headline, left_out, links, parts},
    document::{document, fitting, pretty_size},
};
use crate::report::{Brief, Link, Outcome};

/// Bytes of the elements of a card; Teams takes 28 KB of everything, some of which its own envelope may need.
const ROOM: usize = 17_000;
/// Spaces before an element of the body in the document.
const INDENT: usize = 10;
/// Characters of the summary and of the footer.
const SUMMARY: usize = 400;
/// Characters of a button.
const BUTTON: usize = 60;
/// Lines of a quoted text that stand by themselves.
const MOST_LINES: usize = 14;

#[derive(Serialize)]
struct Message {
    r#type: &'static str,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    content: Card,
}

#[derive(Serialize)]
struct Card {
    r#type: &'static str,
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    msteams: Width,
    body: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<OpenUrl>,
}

/// Commands are long: a card may be as wide as the channel.
#[derive(Serialize)]
struct Width {
    width: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Element {
    TextBlock { text: &'static str, size: &'static str, weight: &'static str, color: &'static str },
    RichTextBlock { inlines: Vec<TextRun>, spacing: &'static str },
    Container { style: &'static str, items: Vec<Element> },
}

#[derive(Serialize, Default)]
#[serde(tag = "type", rename_all = "camelCase")]
struct TextRun {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    font_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_subtle: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "Action.OpenUrl")]
struct OpenUrl {
    title: String,
    url: String,
}

/// The message as JSON.
///
/// # Errors
/// Only if serialisation itself fails, which plain data does not cause.
pub fn teams(brief: &Brief) -> Result<String, serde_json::Error> {
    let content = Card {
        r#type: "AdaptiveCard",
        schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        version: "1.5",
        msteams: Width { width: "Full" },
        body: body(brief),
        actions: actions(brief),
    };
    let content_type = "application/vnd.microsoft.card.adaptive";
    document(&Message { r#type: "message", attachments: [Attachment { content_type, content }] })
}

fn body(brief: &Brief) -> Vec<Element> {
    let told = parts(brief).into_iter().filter(|part| !matches!(part, Part::Links(_)));
    let forms = told.map(|part| part.forms().iter().map(element).collect());
    let (taken, too_large) = fitting(forms, ROOM, |element| pretty_size(element, INDENT));
    let text = brief.outcome.word();
    let mut body = vec![Element::TextBlock { text, size: "Large", weight: "Bolder", color: color(brief.outcome) }];
    body.push(line(vec![run(&cut(&summary(brief), SUMMARY))], "Small"));
    body.extend(taken);
    body.extend(left_out(too_large).map(|text| small(&text)));
    body.push(small(&cut(&brief.footer, SUMMARY)));
    body
}

/// The headline without the word that stands above it.
fn summary(brief: &Brief) -> String {
    headline(brief).split_once(": ").map(|(_, summary)| summary.to_owned()).unwrap_or_default()
}

fn color(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "Attention",
        Outcome::Unclear | Outcome::NotFound => "Warning",
        Outcome::Mended | Outcome::InOrder | Outcome::NotFailed => "Good",
        Outcome::Explained | Outcome::Listed => "Default",
    }
}

fn element(part: &Part) -> Element {
    match part {
        Part::Facts(facts) => Element::Container { style: "default", items: facts.iter().map(fact).collect() },
        Part::Prose { label, text } => line(vec![bold(&format!("{label} ")), run(text)], "Default"),
        Part::Quoted { source, text } => {
            let lines = text.splitn(MOST_LINES, '\n').filter(|line| !line.trim().is_empty());
            let lines = lines.map(|text| line(vec![code(text)], "None"));
            container(std::iter::once(line(vec![bold(source)], "None")).chain(lines))
        }
        Part::Fix { title, proven, commands } => fix(title, *proven, commands),
        Part::Links(links) => line(links.iter().map(|link| run(&link.title)).collect(), "Default"),
        Part::Note { label, text } => small(&format!("{label}: {text}")),
    }
}

fn fact((label, value): &(&'static str, String)) -> Element {
    line(vec![bold(&format!("{label} ")), run(value)], "None")
}

fn fix(title: &str, proven: bool, commands: &[String]) -> Element {
    let label = if proven { "fix, proven " } else { "fix " };
    let said = line(vec![bold(label), run(title)], "None");
    container(std::iter::once(said).chain(commands.iter().map(|command| line(vec![code(command)], "Small"))))
}

fn container(items: impl Iterator<Item = Element>) -> Element {
    Element::Container { style: "emphasis", items: items.collect() }
}

fn line(inlines: Vec<TextRun>, spacing: &'static str) -> Element {
    Element::RichTextBlock { inlines, spacing }
}

fn small(text: &str) -> Element {
    line(vec![TextRun { text: text.to_owned(), is_subtle: Some(true), ..TextRun::default() }], "Small")
}

fn run(text: &str) -> TextRun {
    TextRun { text: text.to_owned(), ..TextRun::default() }
}

fn bold(text: &str) -> TextRun {
    TextRun { weight: Some("Bolder"), ..run(text) }
}

fn code(text: &str) -> TextRun {
    TextRun { font_type: Some("Monospace"), ..run(text) }
}

/// Teams shows six actions, and there are never more links than five.
fn actions(brief: &Brief) -> Vec<OpenUrl> {
    let action = |Link { title, url, .. }| OpenUrl { title: cut(&title, BUTTON), url };
    links(brief).into_iter().map(action).collect()
}
