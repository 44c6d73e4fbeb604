//! What each output may hold of a text from outside, and where.
//!
//! Given an answer and the string that was planted, gives what is wrong. All outputs are free of what acts or hides, of
//! secrets and of floods; beyond that each is read as its receiver reads it.

use ecs_why::report::{
    Answer, Look,
    agent::{self, Detail},
    quiet_line,
};
use serde_json::Value;

use super::strings::{Hostile, MARK};
use crate::{agents, catalogue, chat, github, markdown};

/// Holds every output of the answer.
pub fn hold(answer: &Answer<'_>, hostile: &Hostile) -> Result<(), String> {
    let json = answer.json().unwrap();
    harmless("json", &json, hostile)?;
    serde_json::from_str::<Value>(&json).map_err(|error| format!("json: {error}"))?;
    // The other outputs see nothing but what is in this one.
    if !json.contains(MARK) && hostile.gone.is_empty() && hostile.attack != "size" {
        return Ok(());
    }
    text(answer, hostile)?;
    documents(answer, hostile)?;
    messages(answer, hostile)?;
    assistant(answer, hostile)
}

fn text(answer: &Answer<'_>, hostile: &Hostile) -> Result<(), String> {
    let plain = answer.text();
    harmless("text", &plain, hostile)?;
    begins_no_line(&plain)?;
    let loud = answer.shown(Look { colour: true, links: true, ..Look::PLAIN });
    harmless("text in colour", &ours_removed(&loud), hostile)?;
    let line = quiet_line(&answer.brief());
    harmless("line", &line, hostile)?;
    if line.lines().count() == 1 { Ok(()) } else { Err(format!("several lines of one: {line}")) }
}

fn documents(answer: &Answer<'_>, hostile: &Hostile) -> Result<(), String> {
    let document = answer.markdown();
    harmless("markdown", &document, hostile)?;
    if let Some(strange) = markdown::strange(&document).first() {
        return Err(format!("markdown: {strange}"));
    }
    let annotations = answer.github();
    harmless("github", &annotations, hostile)?;
    match annotations.lines().find(|line| line.contains("##[") || !github::is_ours(line)) {
        Some(line) => Err(format!("github: {line}")),
        None => Ok(()),
    }
}

/// The walkers of the chats' tests know where each form may hold which text; they stop the test themselves.
fn messages(answer: &Answer<'_>, hostile: &Hostile) -> Result<(), String> {
    let messages = chat::held(&answer.brief());
    messages.iter().try_for_each(|message| harmless("message", &message.to_string(), hostile))
}

/// A language model can tell our words from all others.
fn assistant(answer: &Answer<'_>, hostile: &Hostile) -> Result<(), String> {
    let view = match answer {
        Answer::Report { report, .. } => serde_json::to_value(agent::diagnosis(report, catalogue(), Detail::Full)),
        Answer::Explanation(explanation) => serde_json::to_value(agent::explanation(explanation, catalogue(), false)),
        Answer::Requirements(_) => return Ok(()),
    };
    let view = view.unwrap();
    harmless("assistant", &view.to_string(), hostile)?;
    let ours = agents::ours(&view).to_string();
    if ours.contains(MARK) || !agents::is_marked(&view) { Err(format!("assistant: {ours}")) } else { Ok(()) }
}

/// Bytes of any output, whatever was planted.
const MOST: usize = 4 << 20;

fn harmless(name: &str, output: &str, hostile: &Hostile) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{name}: {what} in:\n{}", around(output)));
    if let Some(c) = output.chars().find(|c| acts(*c)) {
        return wrong(format!("{c:?}"));
    }
    if let Some(leak) = hostile.gone.iter().find(|secret| output.contains(secret.as_str())) {
        return wrong(format!("the secret {leak}"));
    }
    if output.len() > MOST { wrong(format!("{} bytes", output.len())) } else { Ok(()) }
}

/// What is worth reading of an output that is wrong.
fn around(output: &str) -> String {
    let lines = output.lines().filter(|line| line.contains(MARK));
    lines.take(12).map(|line| line.chars().take(400).collect::<String>() + "\n").collect()
}

/// Characters that act, hide or reorder text: C0 but for tab and line feed, DEL, C1, bidirectional controls, what has no
/// width, line and paragraph separators, tags.
fn acts(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A text in colour without the styles and links that we write: those of the sixteen colours, and pages of the console.
fn ours_removed(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = without_style(after).or_else(|| without_link(after)).unwrap_or_else(|| {
            out.push('\u{1b}');
            after
        });
    }
    out + rest
}

fn without_style(after: &str) -> Option<&str> {
    let (style, rest) = after.strip_prefix('[')?.split_once('m')?;
    (style.len() <= 2 && style.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

fn without_link(after: &str) -> Option<&str> {
    let (address, rest) = after.strip_prefix("]8;;")?.split_once("\u{1b}\\")?;
    let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    let is_ours = |host: &str| host == "console.aws.amazon.com" || host.ends_with(".console.aws.amazon.com");
    (address.is_empty() || host.is_some_and(is_ours)).then_some(rest)
}

/// No text from outside begins a line, where our labels stand; the verdict is one line.
fn begins_no_line(output: &str) -> Result<(), String> {
    let begins = |line: &&str| line.starts_with(MARK) || line.starts_with("NOT FAILED") || line.starts_with(':');
    match output.lines().skip(1).find(begins) {
        Some(line) => Err(format!("text: a line of ours is '{line}'")),
        None => Ok(()),
    }
}
