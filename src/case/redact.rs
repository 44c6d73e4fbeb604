//! Cleaning of untrusted text, once, where it enters a case.
//!
//! Given anything that AWS, a log, an event or a file says, gives it without terminal control sequences, control and
//! bidirectional characters, credentials, tokens and the signatures of pre-signed URLs. Cleaning twice changes nothing.

use std::{borrow::Cow, sync::LazyLock};

use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;

use super::Fact;

mod secrets;

pub use secrets::MASK;
use secrets::mask;

/// Longest text that is kept; a policy document or a stopped reason is far shorter, a log line may not be.
const LONGEST: usize = 64 * 1024;

/// Cleans every string of a fact. Facts are plain data, so they pass through their JSON form.
pub fn fact(fact: Fact) -> Fact {
    match fact {
        Fact::Known(answer, origin) => {
            let cleaned = serde_json::to_value(&answer).map(clean_value).and_then(serde_json::from_value);
            match cleaned {
                Ok(answer) => Fact::Known(answer, origin),
                Err(error) => {
                    Fact::Missing(super::Gap::Failed { message: format!("the answer could not be kept: {error}") })
                }
            }
        }
        Fact::Missing(gap) => {
            let cleaned = serde_json::to_value(&gap).map(clean_value).and_then(serde_json::from_value);
            Fact::Missing(cleaned.unwrap_or(super::Gap::Failed { message: String::new() }))
        }
    }
}

/// The text of a policy: an operator's key or a value in it is no secret, and masked it would be no policy.
const DOCUMENTS: [&str; 2] = ["document", "assumeRolePolicyDocument"];

/// What a log, an event or an error says. Every rule is tried on it, so it is kept short.
const MESSAGE: &str = "message";

/// What may have several lines. Whatever else there is are names, and none of AWS's has a line break: one from a file could
/// pass for a line of our own wherever it is printed.
const PROSE: [&str; 6] = [MESSAGE, "reason", "stoppedReason", "rolloutStateReason", "command", "entryPoint"];

/// Every text in a value but a policy's may hold a secret, whatever its name.
pub fn clean_value(value: Value) -> Value {
    clean_named("", value)
}

fn clean_named(key: &str, value: Value) -> Value {
    let entry = |(key, value): (String, Value)| (on_a_line(clean(&key)), clean_named(&key, value));
    match value {
        Value::String(text) if DOCUMENTS.contains(&key) => Value::String(plain_document(&text)),
        Value::String(text) if key == MESSAGE => Value::String(clean_line(&text)),
        Value::String(text) if PROSE.contains(&key) => Value::String(clean(&text)),
        Value::String(text) => Value::String(on_a_line(clean(&text))),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| clean_named(key, item)).collect()),
        Value::Object(entries) => entries.into_iter().map(entry).collect(),
        other => other,
    }
}

fn on_a_line(text: String) -> String {
    if text.contains(['\n', '\t']) { text.replace(['\n', '\t'], " ") } else { text }
}

/// Whether cleaning changes what a policy document in a fact says, not only how it is laid out: such a document is not
/// the one that stands in the account.
pub fn alters_policy(fact: &Fact) -> bool {
    let Fact::Known(answer, _) = fact else { return false };
    serde_json::to_value(answer).is_ok_and(|value| has_altered(&value))
}

fn has_altered(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_altered),
        Value::Object(entries) => entries.iter().any(|(key, value)| match value {
            Value::String(text) => DOCUMENTS.contains(&key.as_str()) && is_altered(text),
            other => has_altered(other),
        }),
        _ => false,
    }
}

fn is_altered(document: &str) -> bool {
    let plain = plain_document(document);
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    plain != document && parsed(&plain) != parsed(document)
}

/// Without what moves the cursor or reorders text; nothing is masked, so that names stay what they are. A policy's text
/// is left to [`fact`], which is to see what stood there.
pub fn plain_value(value: Value) -> Value {
    plain_named("", value)
}

fn plain_named(key: &str, value: Value) -> Value {
    let entry = |(key, value): (String, Value)| (on_a_line(without_controls(&key)), plain_named(&key, value));
    match value {
        Value::String(text) if DOCUMENTS.contains(&key) => Value::String(text),
        Value::String(text) if PROSE.contains(&key) => Value::String(without_controls(&text)),
        Value::String(text) => Value::String(on_a_line(without_controls(&text))),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| plain_named(key, item)).collect()),
        Value::Object(entries) => entries.into_iter().map(entry).collect(),
        other => other,
    }
}

/// JSON may also write such characters as escapes.
fn plain_document(text: &str) -> String {
    let plain = without_controls(cut(text));
    if !plain.contains("\\u") {
        return plain;
    }
    let replaced = ESCAPED.replace_all(plain.as_bytes(), &b"$1"[..]);
    String::from_utf8_lossy(&replaced).into_owned()
}

/// Without terminal control sequences, control characters and those that reorder or hide text; nothing is masked.
pub fn plain(text: &str) -> String {
    without_controls(text)
}

/// Cleans one text.
pub fn clean(text: &str) -> String {
    let mut cleaned = mask(without_controls(cut(text)));
    // A mask may be longer than what it stands for.
    cleaned.truncate(cut(&cleaned).len());
    cleaned
}

/// Longest line that is kept whole, and what is kept of either end of a longer one.
const LONGEST_LINE: usize = 4 * 1024;
const END_OF_LINE: usize = 2000;

/// Cleans one line: of a very long one its start and its end stay, where a failure is named and where it is summed up.
pub fn clean_line(text: &str) -> String {
    let cleaned = clean_whole(text);
    if cleaned.len() <= LONGEST_LINE {
        return cleaned;
    }
    let start = cleaned.get(..boundary(&cleaned, END_OF_LINE)).unwrap_or_default();
    let end = cleaned.get(boundary(&cleaned, cleaned.len() - END_OF_LINE)..).unwrap_or_default();
    mask(format!("{start}…{end}"))
}

/// What is cleaned of either end of a very long line: more than is kept, so that a secret is seen from its start.
const END_TO_CLEAN: usize = 4 * 1024;

/// A line whose middle is left out before the costly part.
fn clean_whole(text: &str) -> String {
    if text.len() <= 2 * END_TO_CLEAN {
        return clean(text);
    }
    let start = text.get(..boundary(text, END_TO_CLEAN)).unwrap_or_default();
    let end = text.get(boundary(text, text.len() - END_TO_CLEAN)..).unwrap_or_default();
    clean(&format!("{start}…{end}"))
}

fn cut(text: &str) -> &str {
    text.get(..boundary(text, LONGEST)).unwrap_or_default()
}

/// The last boundary of a character that is not after a place.
fn boundary(text: &str, place: usize) -> usize {
    let mut at = place.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn without_controls(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    let bytes = if text.contains('\u{1b}') {
        ESCAPES.replace_all(text.as_bytes(), &b""[..])
    } else {
        Cow::Borrowed(text.as_bytes())
    };
    let text = String::from_utf8_lossy(&bytes);
    text.chars().filter_map(visible).collect()
}

/// Line breaks and tabs stay; other control characters, and those that reorder or hide text, go.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{61c}' | '\u{ad}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// CSI sequences, and OSC strings up to their terminator.
static ESCAPES: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?"));

/// JSON's escapes of characters that [`visible`] leaves out; an escaped backslash before a `u` is none.
static ESCAPED: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?i)(\\\\)|\\u(?:00[01][0-9a-f]|007f|00[89][0-9a-f]|00ad|20(?:0[b-f]|2[89a-e]|6[0-9a-f])|061c|feff|db40\\udc[0-7][0-9a-f])",
    )
});

fn compile(pattern: &str) -> Regex {
    let built = RegexBuilder::new(pattern).unicode(false).build();
    // A test compiles each pattern; an empty class matches nothing.
    built.unwrap_or_else(|_| Regex::new("[a&&b]").unwrap_or_else(|_| std::process::abort()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&ESCAPES, &ESCAPED] {
            assert_ne!(pattern.as_str(), "[a&&b]");
        }
    }

    #[test]
    fn secrets_go_and_stay_gone() {
        for (text, secret) in [
            ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
            (
                "GET https://b.s3.amazonaws.com/k?X-Amz-Credential=ABC%2F2026&X-Amz-Signature=deadbeef1234&x=1",
                "deadbeef1234",
            ),
            ("postgres://app:hunter2pass@db:5432/x", "hunter2pass"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
            (r#"{"password": "correct horse", "user": "x"}"#, "correct horse"),
            ("password: hunter2pass", "hunter2pass"),
            ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF-_x", "eyJzdWIi"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
            ("token ghp_0123456789abcdefABCDEF0123456789abcd", "ghp_0123"),
        ] {
            let once = clean(text);
            assert!(!once.contains(secret), "{once}");
            assert!(once.contains(MASK), "{once}");
            assert_eq!(clean(&once), once);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/main-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::",
            "failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:api_key:AWSCURRENT: from",
            "asm fetching password: AuthorizationData is malformed, empty field",
            "retrieved secret from Secrets Manager did not contain json key password",
            "no basic auth credentials",
            "unable to retrieve secret from asm: service call has been retried 1 time(s)",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/q?Action=SendMessage",
        ] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn nothing_moves_the_cursor_or_reorders() {
        assert_eq!(
            clean("a\u{1b}[31mred\u{1b}[0m\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}\rb\u{202e}c\n"),
            "aredlinkbc\n"
        );
        assert_eq!(clean(&"x".repeat(1 << 20)).len(), LONGEST);
    }
}
