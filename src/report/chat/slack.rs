//! A message for Slack, as an incoming webhook and `chat.postMessage` take it: Block Kit, and a text for the
//! notification.
//!
//! Text from outside stands in `plain_text` and `rich_text` alone, where nothing formats or mentions; mrkdwn has no
//! escape for its marks. Links are links in rich text: a button tells an app of the click, which a webhook has none
//! for. <https://docs.slack.dev/reference/block-kit/blocks>, <https://docs.slack.dev/messaging/formatting-message-text>

use serde::Serialize;

use super::{
    cut::{cut, length},
    digest::{Part, headline, left_out, parts},
    document::{document, fitting},
};
use crate::report::{Brief, Link};

/// Characters of a header.
const HEADER: usize = 150;
/// Characters of the text for notifications; Slack cuts it at 40,000.
const TEXT: usize = 3000;
/// Slack takes 50 blocks; header, summary, the note of what is left out and footer have their places.
const MOST_BLOCKS: usize = 46;
/// Bytes of all blocks but those four. Slack documents no limit of a whole message and refuses those of about 12,000
/// characters (`msg_blocks_too_long`, <https://github.com/slackapi/bolt-js/issues/2509>), whatever it counts: bytes of
/// JSON are the most that it can count.
const ROOM: usize = 9_000;
/// Characters of the summary and of the footer.
const SUMMARY: usize = 600;

#[derive(Serialize)]
struct Message {
    text: String,
    mrkdwn: bool,
    unfurl_links: bool,
    unfurl_media: bool,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Plain },
    Section { fields: Vec<Plain> },
    Context { elements: Vec<Plain> },
    RichText { elements: Vec<Rich> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "plain_text")]
struct Plain {
    text: String,
    emoji: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Rich {
    RichTextSection { elements: Vec<Inline> },
    RichTextPreformatted { elements: Vec<Inline> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Inline {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<Bold>,
    },
    Link {
        url: String,
        text: String,
    },
}

#[derive(Serialize)]
struct Bold {
    bold: bool,
}

/// The message as JSON.
///
/// # Errors
/// Only if serialisation itself fails, which plain data does not cause.
pub fn slack(brief: &Brief) -> Result<String, serde_json::Error> {
    let headline = headline(brief);
    document(&Message {
        text: escaped(&cut(&headline, TEXT)),
        mrkdwn: false,
        unfurl_links: false,
        unfurl_media: false,
        blocks: blocks(brief, &headline),
    })
}

fn blocks(brief: &Brief, headline: &str) -> Vec<Block> {
    let mut all = parts(brief);
    let beyond = all.split_off(all.len().min(MOST_BLOCKS)).len();
    let forms = all.into_iter().map(|part| part.forms().iter().map(block).collect());
    let (taken, too_large) = fitting(forms, ROOM, |block| serde_json::to_string(block).map_or(usize::MAX, |b| b.len()));
    let mut blocks = vec![Block::Header { text: plain(cut(headline, HEADER)) }];
    blocks.extend((length(headline) > HEADER).then(|| section(vec![text(&cut(&brief.summary, SUMMARY))])));
    blocks.extend(taken);
    blocks.extend(left_out(beyond + too_large).map(context));
    blocks.push(context(cut(&brief.footer, SUMMARY)));
    blocks
}

fn block(part: &Part) -> Block {
    match part {
        Part::Facts(facts) => Block::Section { fields: facts.iter().map(field).collect() },
        Part::Prose { label, text: prose } => section(vec![bold(&format!("{label} ")), text(prose)]),
        Part::Quoted { source, text } => {
            Block::RichText { elements: vec![Rich::RichTextSection { elements: vec![bold(source)] }, quoted(text)] }
        }
        Part::Fix { title, proven, commands } => fix(title, *proven, commands),
        Part::Links(links) => section(linked(links)),
        Part::Note { label, text } => context(format!("{label}: {text}")),
    }
}

/// Slack takes ten fields of 2000 characters; the digest has fewer and shorter ones.
fn field((label, value): &(&'static str, String)) -> Plain {
    plain(format!("{label}\n{value}"))
}

fn fix(title: &str, proven: bool, commands: &[String]) -> Block {
    let label = if proven { "fix, proven " } else { "fix " };
    let said = Rich::RichTextSection { elements: vec![bold(label), text(title)] };
    Block::RichText { elements: std::iter::once(said).chain(commands.iter().map(|command| quoted(command))).collect() }
}

fn linked(links: &[Link]) -> Vec<Inline> {
    let link = |link: &Link| [text("  "), Inline::Link { url: link.url.clone(), text: cut(&link.title, HEADER) }];
    std::iter::once(bold("console")).chain(links.iter().flat_map(link)).collect()
}

fn section(elements: Vec<Inline>) -> Block {
    Block::RichText { elements: vec![Rich::RichTextSection { elements }] }
}

fn quoted(words: &str) -> Rich {
    Rich::RichTextPreformatted { elements: vec![text(words)] }
}

fn text(text: &str) -> Inline {
    Inline::Text { text: text.to_owned(), style: None }
}

fn bold(text: &str) -> Inline {
    Inline::Text { text: text.to_owned(), style: Some(Bold { bold: true }) }
}

fn context(text: String) -> Block {
    Block::Context { elements: vec![plain(text)] }
}

fn plain(text: String) -> Plain {
    Plain { text, emoji: false }
}

/// What Slack asks to be escaped in a text, and nothing else; it also keeps mentions and links from forming.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
