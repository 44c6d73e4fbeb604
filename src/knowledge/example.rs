//! Runs the examples that rules carry: the rule must match its own, and must not match its near misses.

use super::{Catalogue, Example, Rule};
use crate::symptom::{LaunchType, Source, Symptom};

/// An example that came out wrong.
#[derive(Debug)]
pub struct ExampleFailure {
    pub rule: String,
    /// Where the example stands.
    pub file: String,
    pub line: Option<usize>,
    pub source: Source,
    pub text: String,
    /// Whether the rule should have matched.
    pub expected: bool,
    /// The rule that came first instead, where the example should have matched best.
    pub first: Option<String>,
    /// Whether the rule matched at all.
    pub matched: bool,
    /// Whether it would match the text if that stood elsewhere: its `source` leaves out the example's.
    pub elsewhere: bool,
}

/// Runs every example; gives how many there are and those that failed. A `match` must be the best match as well.
pub fn run_examples(catalogue: &Catalogue) -> (usize, Vec<ExampleFailure>) {
    run_examples_of(catalogue, &|_| true)
}

/// Runs the examples of some rules, among all.
pub fn run_examples_of(catalogue: &Catalogue, chosen: &dyn Fn(&Rule) -> bool) -> (usize, Vec<ExampleFailure>) {
    let rules = catalogue.rules().iter().filter(|rule| chosen(rule));
    let examples = rules.flat_map(|rule| rule.example.iter().enumerate().map(move |(at, e)| (rule, at, e)));
    let results: Vec<_> = examples.flat_map(|(rule, at, example)| outcomes(catalogue, rule, at, example)).collect();
    (results.len(), results.into_iter().flatten().collect())
}

fn outcomes(catalogue: &Catalogue, rule: &Rule, at: usize, example: &Example) -> Vec<Option<ExampleFailure>> {
    let wanted = [(example.matches.as_deref(), true), (example.no_match.as_deref(), false)];
    wanted
        .into_iter()
        .filter_map(|(text, expected)| Some((text?, expected)))
        .map(|(text, expected)| {
            let matches = catalogue.matches(&symptom(example, text));
            let first = matches.first().map(|m| m.rule.id.clone());
            let matched = matches.iter().any(|m| m.rule.id == rule.id);
            let good = if expected { first.as_deref() == Some(rule.id.as_str()) } else { !matched };
            (!good).then(|| ExampleFailure {
                rule: rule.id.clone(),
                file: rule.file.clone(),
                line: catalogue.example_line(rule, at),
                source: example.source,
                text: text.to_owned(),
                expected,
                first,
                matched,
                elsewhere: !matched && matches_anywhere(catalogue, rule, example, text),
            })
        })
        .collect()
}

/// Whether a rule matches a text as one that is pasted: then it may stand anywhere.
fn matches_anywhere(catalogue: &Catalogue, rule: &Rule, example: &Example, text: &str) -> bool {
    let pasted = Symptom { source: Source::Text, ..symptom(example, text) };
    catalogue.matches(&pasted).iter().any(|matched| matched.rule.id == rule.id)
}

/// The rule that explains an example's text best.
pub fn best_match<'a>(catalogue: &'a Catalogue, example: &Example, text: &str) -> Option<&'a Rule> {
    catalogue.matches(&symptom(example, text)).first().map(|matched| matched.rule)
}

fn symptom(example: &Example, text: &str) -> Symptom {
    Symptom {
        exit_code: example.exit_code,
        stop_code: example.stop_code.clone(),
        launch_type: example.launch_type.unwrap_or(LaunchType::Unknown),
        ..Symptom::new(example.source, text)
    }
}
