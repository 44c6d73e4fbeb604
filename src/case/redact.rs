//! Cleaning of untrusted text, once, where it enters a case.
//!
//! Given anything that AWS, a log, an event or a file says, gives it without terminal control sequences, control and
//! bidirectional characters, credentials, tokens and the signatures of pre-signed URLs. Cleaning twice changes nothing.

use std::{borrow::Cow, sync::LazyLock};

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde_json::Value;

use super::Fact;

/// What stands in the place of a secret.
pub const MASK: &str = "[redacted]";

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

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(clean_value).collect()),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (clean(&key), clean_value(value))).collect(),
        other => other,
    }
}

/// Cleans one text.
pub fn clean(text: &str) -> String {
    let plain = without_controls(cut(text));
    PATTERNS.iter().fold(plain, |text, pattern| pattern.apply(text))
}

fn cut(text: &str) -> &str {
    let mut end = LONGEST.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn without_controls(text: &str) -> String {
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
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{61c}' | '\u{ad}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// CSI sequences, and OSC strings up to their terminator.
static ESCAPES: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?"));

/// A kind of secret: literals of which one must occur before the regex is tried, and what the match becomes.
struct Pattern {
    hints: &'static [&'static str],
    regex: LazyLock<Regex>,
    replacement: &'static str,
}

impl Pattern {
    fn apply(&self, text: String) -> String {
        let lower = text.to_ascii_lowercase();
        if !self.hints.iter().any(|hint| lower.contains(hint)) {
            return text;
        }
        let replaced = self.regex.replace_all(text.as_bytes(), |found: &Captures<'_>| match found.name("arn") {
            Some(arn) => arn.as_bytes().to_vec(),
            None => self.replaced(found),
        });
        String::from_utf8_lossy(&replaced).into_owned()
    }

    fn replaced(&self, found: &Captures<'_>) -> Vec<u8> {
        let mut replaced = Vec::new();
        found.expand(self.replacement.as_bytes(), &mut replaced);
        replaced
    }
}

macro_rules! pattern {
    ($hints:expr, $regex:expr, $replacement:expr) => {
        Pattern { hints: $hints, regex: LazyLock::new(|| compile($regex)), replacement: $replacement }
    };
}

static PATTERNS: [Pattern; 9] = [
    pattern!(
        &["-----begin"],
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
        "[redacted]"
    ),
    pattern!(
        &["="],
        r#"(?i)([?&](?:x-amz-(?:signature|credential|security-token)|signature|awsaccesskeyid|sig|token|access_token|api_?key|key)=)[^&\s"'<>\[]+"#,
        "${1}[redacted]"
    ),
    pattern!(&["akia", "asia"], r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", "[redacted]"),
    pattern!(&["://"], r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@?#]*:)[^\s/@\[][^\s/@]*@", "${1}[redacted]@"),
    pattern!(&["bearer", "basic"], r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{20,}", "${1} [redacted]"),
    pattern!(&["eyj"], r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "[redacted]"),
    pattern!(
        &["gh", "glpat", "xox", "sk_", "sk-", "npm_", "aiza"],
        r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{20,}|AIza[0-9A-Za-z_-]{30,})",
        "[redacted]"
    ),
    pattern!(
        &["secret", "token", "passw", "pwd", "key"],
        concat!(
            r#"(?i)((?:aws_?)?(?:secret_?access_?key|session_?token|access_?token|auth_?token|refresh_?token|api[_-]?key"#,
            r#"|private_?key|client_?secret|secret_?key|password|passwd|passphrase|pwd)["']?\s*=\s*["']?)[^\s"',;&\[][^\s"',;&]*"#
        ),
        "${1}[redacted]"
    ),
    // With a colon, prose looks alike ("fetching password: AuthorizationData is malformed"): a secret ends its clause. An
    // ARN may name a key `password` between its colons, and stays.
    pattern!(
        &["secret", "token", "passw", "pwd", "key"],
        concat!(
            r#"(?im)(?P<arn>\barn:aws[a-z-]*:[^\s"',;)]+)|"#,
            r#"((?:aws_?)?(?:secret_?access_?key|session_?token|access_?token|auth_?token|refresh_?token|api[_-]?key"#,
            r#"|private_?key|client_?secret|secret_?key|password|passwd|passphrase|pwd)["']?\s*:\s*)"#,
            r#"(?:"[^"\[][^"]*"|'[^'\[][^']*'|[^\s"',;\[{][^\s"',;]*(?P<end>[,;}]|\s*$))"#
        ),
        "${2}[redacted]${end}"
    ),
];

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
        for pattern in &PATTERNS {
            assert_ne!(pattern.regex.as_str(), "[a&&b]", "{:?}", pattern.hints);
        }
        assert_ne!(ESCAPES.as_str(), "[a&&b]");
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
