//! Whatever stands in a policy or a request: no panic, no hang, and the same answer twice.
//!
//! A moment of it runs with the other tests; `PROPTEST_CASES=20000000 cargo test --release --no-default-features --test it
//! hostile` goes on for half an hour. What it once found stays in `hostile.txt` beside this file.

use std::{
    path::Path,
    sync::LazyLock,
    time::{Duration, Instant},
};

use ecs_why::iam::{EvalCase, Policy, action_matches};
use proptest::prelude::*;

/// Far more than any of these takes, and far less than a person would wait.
const PATIENCE: Duration = Duration::from_secs(2);

static ROWS: LazyLock<Vec<String>> = LazyLock::new(|| crate::tables::rows().into_iter().map(|(_, row)| row).collect());

/// What policies are made of, and what breaks those who read them.
const WORDS: [&str; 40] = [
    "*",
    "?",
    "**",
    "*?",
    "*a",
    "a?",
    ":",
    "::",
    "arn:",
    "arn:aws:",
    "arn:aws:s3:::",
    "${",
    "}",
    "${*}",
    "${$}",
    "${aws:username}",
    "${aws:username, 'x'}",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "é",
    "\u{202e}",
    "{",
    "}",
    "[",
    "]",
    ",",
    "null",
    "true",
    "1e999",
    "-0",
    "Deny",
    "NotAction",
    "NotResource",
    "NotPrincipal",
    "ForAllValues:",
    "IfExists",
    "999999999999999999999",
    "0.0.0.0/33",
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Edit {
    Cut(usize, usize),
    Put(usize, &'static str),
    Repeat(usize, usize, usize),
    Swap(usize, char),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = 0..4096_usize;
    prop_oneof![
        (place.clone(), 1..40_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        (place.clone(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Edit::Put(at, word)),
        (place.clone(), 1..30_usize, 1..60_usize).prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        (place, any::<char>()).prop_map(|(at, c)| Edit::Swap(at, c)),
    ]
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for edit in edits {
        let length = characters.len().max(1);
        let range =
            |at: usize, count: usize| (at % length).min(characters.len())..(at % length + count).min(characters.len());
        match *edit {
            Edit::Cut(at, count) => drop(characters.drain(range(at, count))),
            Edit::Put(at, word) => drop(characters.splice(range(at, 0), word.chars())),
            Edit::Repeat(at, count, times) => {
                let part: Vec<char> = characters[range(at, count)].to_vec();
                let place = range(at, 0);
                drop(characters.splice(place, part.repeat(times)));
            }
            Edit::Swap(at, c) => {
                if let Some(there) = characters.get_mut(at % length) {
                    *there = c;
                }
            }
        }
    }
    characters.into_iter().collect()
}

/// Decides a case if it is one, and reads it as a policy as well.
fn survives(text: &str) {
    let began = Instant::now();
    if let Ok(case) = EvalCase::parse(text) {
        assert_eq!(case.decide(), case.decide(), "{text}");
    }
    let _ = Policy::parse(text);
    assert!(began.elapsed() < PATIENCE, "{:?} for {text}", began.elapsed());
}

fn case_of(action: &str, resource: &str, pattern: &str) -> String {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": pattern}]});
    serde_json::json!({
        "identity_policies": [policy],
        "request": {"principal": "arn:aws:iam::123456789012:role/r", "action": action, "resource": resource, "context": {"aws:username": ["a*:"]}}
    })
    .to_string()
}

fn pattern() -> impl Strategy<Value = String> {
    prop::collection::vec((prop::sample::select(&WORDS[..]), 1..80_usize), 0..12)
        .prop_map(|parts| parts.into_iter().map(|(word, times)| word.repeat(times)).collect())
}

#[test]
fn what_was_found_once_stays_mended() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hostile.txt");
    std::fs::read_to_string(found).unwrap().lines().for_each(survives);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_cases_are_survived(row in any::<prop::sample::Index>(), edits in prop::collection::vec(edit(), 1..8)) {
        survives(&edited(row.get::<String>(&ROWS), &edits));
    }

    #[test]
    fn hostile_patterns_are_survived(action in pattern(), resource in pattern(), pattern in pattern()) {
        let began = Instant::now();
        action_matches(&pattern, &action);
        survives(&case_of(&action, &resource, &pattern));
        prop_assert!(began.elapsed() < PATIENCE);
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,200}") {
        survives(&text);
    }
}
