//! What a log, a name or a message says never formats, mentions, runs, links or leaks: each hostile string of
//! `fixtures/injection`, in each field that comes from outside, through each output.
//!
//! A string is planted in the file as it would arrive, so that cleaning, judging and rendering are those of a real run. It
//! carries the word of [`strings::MARK`], by which a sink finds where it came out.

mod fields;
mod sinks;
mod strings;

use std::time::Duration;

use ecs_why::{
    case::{Case, Loaded, load, load_task_definition},
    diagnose::{Cost, judge},
    explain::explain,
    report::Answer,
};
use serde_json::Value;

use crate::catalogue;
use fields::Field;
use strings::Hostile;

/// Says on the way out of a test that stops what stood where.
struct At<'a>(&'a Hostile, &'a str);

impl Drop for At<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("that was the string {} in {}", self.0.id, self.1);
        }
    }
}

fn hold(answer: &Answer<'_>, hostile: &Hostile, field: &str) {
    let _at = At(hostile, field);
    assert_eq!(sinks::hold(answer, hostile), Ok(()));
}

fn snapshot(file: &Value) -> Option<Case> {
    match load(&file.to_string()) {
        Ok(Loaded::Snapshot(case)) => Some(*case),
        _ => None,
    }
}

/// The strings in a field of a snapshot: all of them at once, and each by itself where any comes out again.
fn hold_field(field: &Field, strings: &[Hostile], together: &Hostile) {
    let (around, own) = field.apart();
    let around = snapshot(&around).unwrap();
    let comes_out = hold_planted(&around, &own, together);
    for hostile in strings.iter().filter(|_| comes_out) {
        hold_planted(&around, &own, hostile);
    }
}

/// Whether an output told of the string. A file that is refused with it has no output.
fn hold_planted(around: &Case, field: &Field, hostile: &Hostile) -> bool {
    let Some(planted) = snapshot(&field.planted(&hostile.text)) else { return false };
    let mut case = around.clone();
    case.target = planted.target.clone();
    planted.facts().for_each(|(need, fact)| case.admit(need.clone(), fact.clone()));
    let report = judge(&case, catalogue(), Cost::default(), Duration::ZERO);
    let answer = Answer::Report { report: &report, with_surplus: true };
    hold(&answer, hostile, &field.name);
    answer.json().unwrap().contains(strings::MARK)
}

/// The threads that share the fields.
const SHARES: usize = 4;

fn hold_share(share: usize) {
    let (fields, strings) = (fields::all(), strings::all());
    assert!(fields.len() >= 250, "only {} fields", fields.len());
    assert!(strings.len() >= 40, "only {} strings", strings.len());
    let together = strings::together();
    fields.iter().skip(share).step_by(SHARES).for_each(|field| hold_field(field, &strings, &together));
}

#[test]
fn nothing_planted_in_a_fact_gets_out_first_share() {
    hold_share(0);
}

#[test]
fn nothing_planted_in_a_fact_gets_out_second_share() {
    hold_share(1);
}

#[test]
fn nothing_planted_in_a_fact_gets_out_third_share() {
    hold_share(2);
}

#[test]
fn nothing_planted_in_a_fact_gets_out_fourth_share() {
    hold_share(3);
}

#[test]
fn nothing_planted_in_a_pasted_message_gets_out() {
    const MESSAGE: &str = "CannotPullContainerError: manifest for web:9 not found: manifest unknown";
    for hostile in strings::all() {
        for text in
            [hostile.text.clone(), format!("{MESSAGE} {}", hostile.text), format!("{}\n{MESSAGE}", hostile.text)]
        {
            let explanation = explain(catalogue(), &text);
            hold(&Answer::Explanation(&explanation), &hostile, "a message");
        }
    }
}

#[test]
fn nothing_planted_in_a_task_definition_gets_out() {
    for (field, hostile) in
        fields::of_task_definitions().iter().flat_map(|field| strings::all().into_iter().map(move |h| (field, h)))
    {
        let Ok(definition) = load_task_definition(&field.planted(&hostile.text).to_string()) else { continue };
        let requirements = crate::require_command::view_of(definition);
        hold(&Answer::Requirements(&requirements), &hostile, &field.name);
    }
}
