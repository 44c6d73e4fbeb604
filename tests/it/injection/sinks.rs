//! What each output may hold of a text from outside, and where.

use ecs_why::report::Answer;

use super::strings::{Hostile, MARK};

/// An output with what must hold of it.
pub struct Sink {
    name: &'static str,
    pub render: fn(&Answer<'_>) -> String,
    /// What is wrong with where the mark came out.
    place: fn(&str) -> Result<(), String>,
    /// Bytes, whatever was planted.
    most: usize,
}

pub const JSON: Sink = Sink { name: "json", render: |answer| answer.json().unwrap(), place: is_json, most: 4 << 20 };

pub const OTHERS: [Sink; 1] =
    [Sink { name: "text", render: |answer| answer.text(), place: is_indented, most: 1 << 20 }];

impl Sink {
    pub fn check(&self, output: &str, hostile: &Hostile) -> Result<(), String> {
        let wrong = |what: String| format!("{}: {what} in:\n{}", self.name, around(output));
        if let Some(c) = output.chars().find(|c| is_forbidden(*c)) {
            return Err(wrong(format!("{:?}", c)));
        }
        if let Some(leak) = hostile.gone.iter().find(|secret| output.contains(secret.as_str())) {
            return Err(wrong(format!("the secret {leak}")));
        }
        if output.len() > self.most {
            return Err(wrong(format!("{} bytes", output.len())));
        }
        (self.place)(output).map_err(wrong)
    }
}

/// What is worth reading of an output that is wrong.
fn around(output: &str) -> String {
    let lines = output.lines().filter(|line| line.contains(MARK));
    lines.take(12).map(|line| line.chars().take(400).collect::<String>() + "\n").collect()
}

/// Characters that act, hide or reorder text: C0 but for tab and line feed, DEL, C1, bidirectional controls, what has no
/// width, line and paragraph separators, tags.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn is_json(output: &str) -> Result<(), String> {
    serde_json::from_str::<serde_json::Value>(output).map(drop).map_err(|error| error.to_string())
}

/// No text from outside begins a line, where our labels stand; the verdict is one line.
fn is_indented(output: &str) -> Result<(), String> {
    let begins = |line: &&str| line.starts_with(MARK) || line.starts_with("NOT FAILED") || line.starts_with(':');
    match output.lines().skip(1).find(begins) {
        Some(line) => Err(format!("a line of ours is '{line}'")),
        None => Ok(()),
    }
}
