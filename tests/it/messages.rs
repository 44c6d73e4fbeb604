//! Messages as they are built and as they come, held against every rule: what must come first, what a rule must leave
//! alone, and what programs print when nothing is wrong.

use std::{collections::BTreeMap, fs, path::Path};

use ecs_why::symptom::{LaunchType, Source, Symptom};
use serde::Deserialize;

use crate::catalogue;

/// A row of `fixtures/messages/templates`: a message whose cause must come first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub cause: String,
    #[serde(flatten)]
    pub message: Message,
}

/// A row of `fixtures/messages/near-misses`: a message that the rule `not` must leave alone, and its true cause.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NearMiss {
    not: String,
    cause: String,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
pub struct Message {
    field: String,
    pub text: String,
    launch_type: Option<String>,
    pub exit_code: Option<i64>,
    pub stop_code: Option<String>,
}

impl Message {
    fn symptom(&self) -> Symptom {
        Symptom {
            launch_type: self.launch_type.as_deref().map_or(LaunchType::Unknown, LaunchType::named),
            exit_code: self.exit_code,
            stop_code: self.stop_code.clone(),
            ..Symptom::new(Source::named(&self.field), &self.text)
        }
    }
}

/// The rows of every file of a folder, with the file's name and the line.
fn rows<T: for<'de> Deserialize<'de>>(folder: &str) -> Vec<(String, T)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages").join(folder);
    let mut files: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = files.iter().flat_map(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.into_iter().enumerate().map(move |(at, line)| {
            let place = format!("{name}:{}", at + 1);
            let row = serde_json::from_str(&line).map_err(|e| format!("{place}: {e}")).unwrap();
            (place, row)
        })
    });
    read.collect()
}

/// Every template.
pub fn templates() -> Vec<Template> {
    rows("templates").into_iter().map(|(_, row)| row).collect()
}

/// The rules that near misses are there for, one for each row.
pub fn spared() -> Vec<String> {
    rows::<NearMiss>("near-misses").into_iter().map(|(_, row)| row.not).collect()
}

/// Every message, whatever it is there for.
pub fn texts() -> Vec<String> {
    let templates = templates().into_iter().map(|row| row.message.text);
    templates.chain(rows::<NearMiss>("near-misses").into_iter().map(|(_, row)| row.message.text)).collect()
}

fn first_cause(message: &Message) -> &'static str {
    catalogue().matches(&message.symptom()).first().map_or("unknown", |m| m.rule.cause.as_str())
}

#[test]
fn every_template_has_its_cause_first() {
    let wrong: Vec<String> = rows::<Template>("templates")
        .into_iter()
        .filter(|(_, row)| first_cause(&row.message) != row.cause)
        .map(|(at, row)| format!("{at}: {} and not {}: {}", first_cause(&row.message), row.cause, row.message.text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_near_miss_is_left_alone() {
    let wrong: Vec<String> = rows::<NearMiss>("near-misses")
        .into_iter()
        .filter_map(|(at, row)| {
            assert!(catalogue().rule(&row.not).is_some(), "{at}: there is no rule '{}'", row.not);
            let matches = catalogue().matches(&row.message.symptom());
            if matches.iter().any(|m| m.rule.id == row.not) {
                return Some(format!("{at}: {} matches: {}", row.not, row.message.text));
            }
            let first = first_cause(&row.message);
            (first != row.cause).then(|| format!("{at}: {first} and not {}: {}", row.cause, row.message.text))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_near_miss_stands_twice() {
    let mut seen: BTreeMap<(String, String), String> = BTreeMap::new();
    for (at, row) in rows::<NearMiss>("near-misses") {
        if let Some(other) = seen.insert((row.not, row.message.text), at.clone()) {
            panic!("{at} repeats {other}");
        }
    }
}

/// What programs print when nothing is wrong.
#[test]
fn ordinary_logs_are_no_failure() {
    for line in include_str!("../../fixtures/messages/healthy.txt").lines() {
        let matches = catalogue().matches(&Symptom::new(Source::ContainerLog, line));
        assert_eq!(matches.first().map(|m| m.rule.id.as_str()), None, "{line}");
    }
}
