//! One form for texts that say the same: quotes, white space, escapes, and the sentences that ECS, its console and its
//! service events put before a reason.

use std::{borrow::Cow, sync::LazyLock};

use regex::bytes::{Regex, RegexBuilder};

/// Sentences that carry a reason and say nothing themselves, each anchored at the start of what is left.
const WRAPPERS: &[&str] = &[
    r"(?:task )?(?:status|stopped|stop|failure|container)[ _-]?reasons?\s*[:=]\s*",
    r"reasons?\s*:\s*",
    r"stopped \(",
    r"task failed to start - ",
    r"essential container in task exited - ",
    r"taskfailedtostart\s*:\s*(?:task failed to start\s*[-:]?\s*)?",
    r"\(?service [^\s)]+\)? was unable to place a task\.? reason: ",
    r"\(?service [^\s)]+\)? failed to launch a task with \(error ",
    r"was unable to place a task\.? reason: ",
    r"failed to launch a task with \(error ",
    r"\[[^\]\s]+\] (?:exited|stopped) - ",
];

static WRAPPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = format!(r#"^[\s"']*(?:{})"#, WRAPPERS.join("|"));
    RegexBuilder::new(&pattern).unicode(false).case_insensitive(true).build().ok()
});

/// Text as rules match it. Doing it twice changes nothing.
pub fn normalise(raw: &str) -> String {
    let joined = if is_plain(raw) { Cow::Borrowed(raw) } else { Cow::Owned(respelt(raw)) };
    unwrap(&joined).into_owned()
}

/// Whether it has no character that is written in several ways, as most messages have none.
fn is_plain(raw: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'&' && byte != b'\\';
    raw.bytes().all(is_plain) && !raw.starts_with(' ') && !raw.ends_with(' ') && !raw.contains("  ")
}

fn respelt(raw: &str) -> String {
    let mut plain: String = raw.chars().map(straight).collect();
    for (from, to) in SPELLINGS {
        if plain.contains(from) {
            plain = plain.replace(from, to);
        }
    }
    let mut joined = String::with_capacity(plain.len());
    for word in plain.split_whitespace() {
        joined.extend((!joined.is_empty()).then_some(' '));
        joined.push_str(word);
    }
    joined
}

/// Escapes that a console or a log leaves in a text, and what they stand for.
const SPELLINGS: [(&str, &str); 6] =
    [("&quot;", "\""), ("&#39;", "'"), ("\\\"", "\""), ("\u{2026}", "..."), ("\\n", " "), ("\\t", " ")];

fn straight(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' => '"',
        '\u{2013}' | '\u{2014}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{202f}' => ' ',
        other => other,
    }
}

/// Takes wrappers off as long as something is left under them.
fn unwrap(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    while let Some(inner) = WRAPPER.as_ref().and_then(|w| w.find(rest.as_bytes())).and_then(|m| rest.get(m.end()..)) {
        if inner.trim().is_empty() {
            break;
        }
        rest = inner;
    }
    if rest.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(closed(rest).to_owned()) }
}

/// Without the bracket that closed a wrapper.
fn closed(text: &str) -> &str {
    let opened = text.matches('(').count();
    let trimmed = text.trim_end_matches(['.', '"', '\'']);
    match trimmed.strip_suffix(')') {
        Some(inner) if text.matches(')').count() > opened => inner,
        _ => text,
    }
}

/// ECS cuts reasons at 1024 bytes; a page or a chat cuts with an ellipsis; a text that ends in a colon says nothing.
pub fn is_truncated(text: &str) -> bool {
    const CUT_AT: usize = 1000;
    let end = text.trim_end();
    end.len() >= CUT_AT || end.ends_with("...") || end.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_come_off() {
        for (raw, text) in [
            ("Stopped reason: CannotPullContainerError: x", "CannotPullContainerError: x"),
            ("STOPPED (CannotPullContainerError: x)", "CannotPullContainerError: x"),
            ("Task failed to start - ResourceInitializationError: y", "ResourceInitializationError: y"),
            (
                "(service web) was unable to place a task. Reason: ResourceInitializationError: y.",
                "ResourceInitializationError: y.",
            ),
            (
                "(service web) failed to launch a task with (error ECS was unable to assume the role 'r').",
                "ECS was unable to assume the role 'r'",
            ),
            ("The task can’t  pull\nthe image", "The task can't pull the image"),
            ("Stopped reason:", "Stopped reason:"),
        ] {
            assert_eq!(normalise(raw), text);
            assert_eq!(normalise(text), text);
        }
    }

    #[test]
    fn cut_ends_are_seen() {
        assert!(is_truncated(&normalise("ResourceInitializationError: unable to pull secrets or…")));
        assert!(is_truncated(&"x".repeat(1024)));
        assert!(!is_truncated("OutOfMemoryError: Container killed due to memory usage"));
    }
}
