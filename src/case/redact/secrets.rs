//! What a secret looks like in a text, and the text with a mask in its place.
//!
//! A form either is a secret by itself (a key that AWS made, a signed token) or stands behind a name that says so. What
//! ECS and runtimes say *about* secrets has the same names in it, so a value that is a word of such a sentence stays.

use std::{borrow::Cow, cell::LazyCell, sync::LazyLock};

use regex::bytes::{Captures, Match, Regex};
use smallvec::SmallVec;

use super::compile;

/// What stands in the place of a secret.
pub const MASK: &str = "[redacted]";

/// As many secrets as may hide behind one another, each seen once the one before it is masked.
const DEPTH: usize = 8;

/// The text with every secret masked. Doing it twice changes nothing.
pub fn mask(mut text: String) -> String {
    for _ in 0..DEPTH {
        match masked_once(&text) {
            Some(masked) if masked != text => text = masked,
            _ => break,
        }
    }
    text
}

/// The text after one pass; `None` where no form can apply.
fn masked_once(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let pairs = Pairs::of(lower.as_bytes());
    let holds = |hint: &&str| pairs.may_hold(hint.as_bytes()) && lower.contains(*hint);
    let is_named = LazyCell::new(|| NAMES.iter().any(holds) && NAMED.is_match(lower.as_bytes()));
    let may_apply = |form: &Form| match form.hint {
        Hint::Text(texts) => texts.iter().any(holds),
        Hint::Line(length) => lower.split('\n').any(|line| line.len() == length),
        Hint::Name => *is_named,
    };
    let likely: SmallVec<[&Form; FORMS.len()]> = FORMS.iter().filter(|form| may_apply(form)).collect();
    (!likely.is_empty()).then(|| likely.into_iter().fold(text.to_owned(), |text, form| form.apply(text)))
}

/// Which bytes follow each other in a text, by five bits of each: what has another pair is not in the text.
struct Pairs([u64; 16]);

impl Pairs {
    fn of(text: &[u8]) -> Self {
        let mut pairs = [0; 16];
        for (word, bit) in Self::places(text) {
            if let Some(word) = pairs.get_mut(word) {
                *word |= bit;
            }
        }
        Self(pairs)
    }

    fn may_hold(&self, text: &[u8]) -> bool {
        Self::places(text).all(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }

    /// The word and the bit of each pair.
    fn places(text: &[u8]) -> impl Iterator<Item = (usize, u64)> {
        let place = |(a, b): (&u8, &u8)| usize::from(a & 0x1f) << 5 | usize::from(b & 0x1f);
        text.iter().zip(text.iter().skip(1)).map(place).map(|at| (at / 64, 1 << (at % 64)))
    }
}

/// What must be there before a form is tried, since most texts have nothing of it.
enum Hint {
    /// One of these texts, in lower case.
    Text(&'static [&'static str]),
    /// A line of that length.
    Line(usize),
    /// The name of a secret with a value after it.
    Name,
}

/// A kind of secret: what hints at it, and when a match is one.
struct Form {
    hint: Hint,
    /// Of the groups, `value` is masked, or the whole match where there is none.
    regex: LazyLock<Regex>,
    is_secret: fn(&str) -> bool,
}

impl Form {
    fn apply(&self, text: String) -> String {
        let arns = LazyCell::new(|| ARN.find_iter(text.as_bytes()).collect::<Vec<_>>());
        let replaced = self.regex.replace_all(text.as_bytes(), |found: &Captures<'_>| self.replaced(found, &arns));
        match replaced {
            Cow::Borrowed(_) => text,
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    fn replaced(&self, found: &Captures<'_>, arns: &[Match<'_>]) -> Vec<u8> {
        let Some(whole) = found.get(0) else { return Vec::new() };
        let value = found.name("value").unwrap_or(whole);
        let said = String::from_utf8_lossy(value.as_bytes());
        // An ARN may name a key `password` between its colons.
        let named = arns.iter().any(|arn| arn.start() < value.start() && value.start() < arn.end());
        let bare = said.trim_matches(['"', '\'', '\\']);
        if named || bare.is_empty() || bare == MASK || bare.starts_with("arn:aws") || !(self.is_secret)(&said) {
            return whole.as_bytes().to_vec();
        }
        let (opening, closing) = quotes(&said);
        let part = |from: usize, to: usize| found.get(0).and_then(|w| w.as_bytes().get(from..to)).unwrap_or_default();
        let start = value.start() - whole.start();
        let mut replaced = part(0, start).to_vec();
        replaced.extend(opening.bytes().chain(MASK.bytes()).chain(closing.bytes()));
        replaced.extend(part(start + value.len(), whole.len()));
        replaced
    }
}

/// The quotes around a value, escaped or not; none where it is cut or bare.
fn quotes(value: &str) -> (&str, &str) {
    let opening = value.find(['"', '\'']).filter(|at| value.chars().take(*at).all(|c| c == '\\'));
    let opening = opening.and_then(|at| value.get(..=at)).unwrap_or_default();
    let closing = if value.len() > opening.len() && value.ends_with(opening) { opening } else { "" };
    (opening, closing)
}

fn always(_: &str) -> bool {
    true
}

/// What stands for no value at all.
const NOTHING: &[&str] = &["false", "nil", "no", "none", "null", "true", "undefined", "yes"];

/// Words with which a sentence about a secret goes on where the secret itself would stand.
const WORDS: &[&str] = &[
    "and",
    "are",
    "argument",
    "auth",
    "authentication",
    "authorization",
    "cannot",
    "can't",
    "could",
    "credentials",
    "does",
    "empty",
    "expected",
    "expired",
    "failed",
    "field",
    "flag",
    "has",
    "invalid",
    "is",
    "malformed",
    "may",
    "missing",
    "must",
    "not",
    "option",
    "or",
    "realm",
    "rejected",
    "required",
    "requires",
    "should",
    "token",
    "unset",
    "was",
];

fn is_set(value: &str) -> bool {
    !NOTHING.contains(&word(value).as_str())
}

fn is_no_prose(value: &str) -> bool {
    // What is in quotes is a value, whatever its words are.
    let quoted = value.starts_with(['"', '\'', '\\']);
    let first = word(value.split_whitespace().next().unwrap_or_default());
    (quoted || !first.is_empty()) && is_set(value) && (quoted || (is_set(&first) && !WORDS.contains(&first.as_str())))
}

fn word(text: &str) -> String {
    text.trim_matches(|c: char| c.is_ascii_punctuation()).to_ascii_lowercase()
}

/// Whether no sentence has it as a word: digits, padding, or capitals within.
fn is_random(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'', '\\']);
    let first = bare.split_whitespace().next().unwrap_or_default();
    let capital_within =
        first.bytes().zip(first.bytes().skip(1)).any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase());
    let odd = first.bytes().any(|b| b.is_ascii_digit()) || first.ends_with('=') || capital_within;
    is_no_prose(value) && (odd || first.len() >= 20)
}

/// A line of base64, which no word or hexadecimal digest is.
fn is_mixed(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Names of passwords, and names of anything secret: the last word of a name, whatever stands before it.
macro_rules! password {
    () => {
        r"(?:password|passwd|passphrase|passwort|pwd)"
    };
}
macro_rules! secret {
    () => {
        r"(?:secret|token|password|passwd|passphrase|passwort|pwd|(?:api|access|private|account|secret|shared|encryption|signing|master|license)[_-]?key|secret_key_base|client_?secret|(?:access|auth|refresh|session|id|api)_?token)"
    };
}
/// A value in quotes: of JSON within JSON, of JSON, of anything else. One that is cut ends with its line.
macro_rules! quoted {
    () => {
        r#"\\"(?:[^\\"\n]|\\\\\\"|\\\\|\\[^"\\\n])*(?:\\"|"|$)|"(?:[^"\\\n]|\\.)*(?:"|\\?$)|'(?:[^'\\\n]|\\.)*(?:'|\\?$)"#
    };
}
/// A value without quotes; a comma is part of it unless it ends it.
macro_rules! bare {
    () => {
        r#"(?:[^\s"',;&\\=:]|\\[^\s"'])(?:[^\s"',;&\\]|\\[^\s"']|,[^\s"',;&\\])*"#
    };
}

macro_rules! form {
    ($hint:expr, $regex:expr, $is_secret:expr) => {
        Form { hint: $hint, regex: LazyLock::new(|| compile($regex)), is_secret: $is_secret }
    };
}

static FORMS: [Form; 23] = [
    form!(
        Hint::Text(&["-----begin"]),
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
        always
    ),
    // Of a key that came line by line.
    form!(Hint::Line(64), r"(?m)^[A-Za-z0-9+/]{64}$", is_mixed),
    form!(
        Hint::Text(&["signature=", "credential=", "awsaccesskeyid=", "sig=", "code=", "token=", "key="]),
        r#"(?i)[?&](?:x-amz-(?:signature|credential|security-token)|signature|awsaccesskeyid|sig|code|token|access_token|api_?key|key)=(?P<value>[^&\s"'<>\\]+)"#,
        always
    ),
    form!(Hint::Text(&["akia", "asia"]), r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", always),
    form!(Hint::Text(&["@"]), r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@?#"']*:(?P<value>[^\s/@"'][^\s/"']*)@"#, always),
    form!(Hint::Text(&["hooks.slack"]), r#"(?i)hooks\.slack(?:-gov)?\.com/[a-z]+/(?P<value>[^\s"'<>\\)]+)"#, always),
    form!(Hint::Text(&["/api/webhooks/"]), r#"(?i)/api/webhooks/(?P<value>[0-9]+/[^\s"'<>\\)]+)"#, always),
    form!(Hint::Text(&["eyj"]), r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", always),
    form!(
        Hint::Text(&[
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "xox",
            "xapp-",
            "sk_",
            "rk_",
            "sk-",
            "npm_",
            "aiza",
            "sg.",
        ]),
        r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}|(?:xox[abeprs]|xapp)-[A-Za-z0-9-]{10,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{20,}|AIza[0-9A-Za-z_-]{30,}|SG\.[A-Za-z0-9_-]{3,}\.[A-Za-z0-9_-]{3,})",
        always
    ),
    // Headers. A cookie is a name and a value; prose about cookies has neither.
    form!(
        Hint::Text(&["cookie"]),
        r#"(?i)\b(?:set-)?cookie["'\\]*\s*[:=]\s*["'\\]*(?P<value>[^\s=;,"'\\]+=(?:"[^"\n]*"|[^"'\\\n])*)"#,
        always
    ),
    form!(
        Hint::Text(&["authorization"]),
        r#"(?i)\bauthorization["'\\]*\s*[:=]\s*["'\\]*(?:(?:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)\s+)(?P<value>[^\s"'\\][^"'\\\n]*)"#,
        is_no_prose
    ),
    form!(
        Hint::Text(&["authorization"]),
        r#"(?i)\bauthorization["'\\]*\s*[:=]\s*["'\\]*(?P<value>[^\s"',;\\]+)"#,
        is_random
    ),
    form!(
        Hint::Text(&["x-"]),
        r#"(?i)\bx-[a-z0-9-]*(?:key|token|secret|auth|signature|password)["'\\]*\s*[:=]\s*["'\\]*(?P<value>[^\s"',;\\]+)"#,
        is_no_prose
    ),
    form!(Hint::Text(&["bearer", "basic"]), r"(?i)\b(?:bearer|basic)\s+(?P<value>[A-Za-z0-9._~+/-]{4,}=*)", is_random),
    // Command lines.
    form!(
        Hint::Text(&["--"]),
        concat!(
            r#"(?im)--[a-z0-9_-]*?(?:"#,
            secret!(),
            r#"|pass)(?:\s+|["'\\]+\s*,\s*)(?P<value>"#,
            quoted!(),
            r#"|[^\s"'\\-][^\s"'\\]*)"#
        ),
        is_no_prose
    ),
    form!(
        Hint::Text(&["mysql", "mariadb", "sshpass", "redis-cli", "curl"]),
        r#"(?i)\b(?:(?:mysql[a-z]*|mariadb[a-z-]*)\b[^\n|;]*?\s-p|sshpass\s+-p\s*|redis-cli\b[^\n|;]*?\s-a\s*|curl\b[^\n|;]*?\s(?:-u|--user)\s*["']?[^\s:"']+:)(?P<value>[^\s]+)"#,
        always
    ),
    // Assignments.
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:"#,
            secret!(),
            r#"|_pass|\bpass)(?:_?[0-9]+|_value)?["'\\]*(?:\s*=>?\s*|\s*:=\s*)(?P<value>"#,
            quoted!(),
            "|",
            bare!(),
            ")"
        ),
        is_set
    ),
    // A quoted name with its value, as in JSON.
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:"#,
            secret!(),
            r#"|_pass|\bpass)(?:_?[0-9]+|_value)?\\*["']\s*:\s*(?P<value>"#,
            quoted!(),
            r#"|[^\s"',;&\\=:\[{}][^\s"',;&\\}]*)"#
        ),
        is_no_prose
    ),
    // A name and a colon. At the start of a line or of an entry, a password may have several words; within a sentence a
    // secret is one word that ends its clause, since prose looks alike ("fetching password: AuthorizationData is malformed").
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:^|[{,;(|\[])\s*(?:-\s+)?(?:[a-z0-9]+[_.-])*"#,
            password!(),
            r#"\s*:\s+(?P<value>"#,
            quoted!(),
            r#"|[^\s"',;\[{\\:][^"',;\n]*)"#
        ),
        is_no_prose
    ),
    form!(
        Hint::Name,
        concat!(r#"(?im)(?:^|[^a-z0-9])"#, password!(), r#"\s+(?:is\s+)?(?P<value>"#, quoted!(), ")"),
        is_no_prose
    ),
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:^|[^a-z0-9])"#,
            password!(),
            r#"\s*:\s*(?:(?P<value>"#,
            quoted!(),
            r#"|[^\s"',;\[{\\:][^\s"',;}]*)(?:[,;}]|\s*$))"#
        ),
        is_no_prose
    ),
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:^|[{,;(|])\s*(?:-\s+)?(?:[a-z0-9]+[_.-])*"#,
            secret!(),
            r#"\s*:\s+(?P<value>"#,
            quoted!(),
            r#"|[^\s"',;\[{\\:][^\s"',;}]*)(?:[,;}]|\s*$)"#
        ),
        is_no_prose
    ),
    form!(
        Hint::Name,
        concat!(
            r#"(?im)(?:^|[^a-z0-9])"#,
            secret!(),
            r#"\s*:\s*(?P<value>"#,
            quoted!(),
            r#"|[^\s"',;\[{\\:][^\s"',;}]*)(?:[,;}]|\s*$)"#
        ),
        is_random
    ),
];

/// Of these one stands in every name of a secret.
const NAMES: &[&str] = &["secret", "token", "pass", "pwd", "key"];

/// The name of a secret, and what stands before every value that a form with [`Hint::Name`] masks.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r#"(?i)(?:"#,
        secret!(),
        r#"|_pass|\bpass)(?:(?:_?[0-9]+|_value)?["'\\]*\s*[:=]|\s+(?:is\s+)?["'\\])"#
    ))
});

static ARN: LazyLock<Regex> = LazyLock::new(|| compile(r#"\barn:aws[a-z-]*:[^\s"',;)&?=]+"#));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for form in &FORMS {
            assert_ne!(form.regex.as_str(), "[a&&b]");
        }
        assert_ne!(ARN.as_str(), "[a&&b]");
        assert_ne!(NAMED.as_str(), "[a&&b]");
    }

    /// Whatever a form with a hint matches, its hint does.
    #[test]
    fn hints_lose_no_secret() {
        let parts =
            ["api_key", "PASS", "db-password", "Pwd", "token", "'", "\\\"", "\"", ":", "=", " ", "is ", "_value", "7"];
        let pick = |n: usize, place: u32| parts[n / parts.len().pow(place) % parts.len()];
        for n in 0..parts.len().pow(4) {
            let text = format!("{}{}{}{}x1", pick(n, 0), pick(n, 1), pick(n, 2), pick(n, 3));
            let found =
                FORMS.iter().filter(|f| matches!(f.hint, Hint::Name)).any(|f| f.regex.is_match(text.as_bytes()));
            assert!(!found || NAMED.is_match(text.as_bytes()), "{text}");
        }
    }
}
