//! Runs the examples that rules carry: the rule must match its own, and must not match its near misses.

use super::{Catalogue, Example, Rule};
use crate::symptom::{LaunchType, Symptom};

/// An example that came out wrong.
#[derive(Debug)]
pub struct ExampleFailure {
    pub rule: String,
    pub text: String,
    /// Whether the rule should have matched.
    pub expected: bool,
    /// The rule that came first instead, where the example should have matched best.
    pub first: Option<String>,
}

/// Runs every example; gives how many there are and those that failed. A `match` must be the best match as well.
pub fn run_examples(catalogue: &Catalogue) -> (usize, Vec<ExampleFailure>) {
    let examples = catalogue.rules().iter().flat_map(|rule| rule.example.iter().map(move |e| (rule, e)));
    let results: Vec<_> = examples.flat_map(|(rule, example)| outcomes(catalogue, rule, example)).collect();
    (results.len(), results.into_iter().flatten().collect())
}

fn outcomes(catalogue: &Catalogue, rule: &Rule, example: &Example) -> Vec<Option<ExampleFailure>> {
    let wanted = [(example.matches.as_deref(), true), (example.no_match.as_deref(), false)];
    wanted
        .into_iter()
        .filter_map(|(text, expected)| Some((text?, expected)))
        .map(|(text, expected)| {
            let matches = catalogue.matches(&symptom(example, text));
            let first = matches.first().map(|m| m.rule.id.clone());
            let good = if expected {
                first.as_deref() == Some(rule.id.as_str())
            } else {
                matches.iter().all(|m| m.rule.id != rule.id)
            };
            (!good).then(|| ExampleFailure { rule: rule.id.clone(), text: text.to_owned(), expected, first })
        })
        .collect()
}

fn symptom(example: &Example, text: &str) -> Symptom {
    Symptom {
        exit_code: example.exit_code,
        stop_code: example.stop_code.clone(),
        launch_type: example.launch_type.unwrap_or(LaunchType::Unknown),
        ..Symptom::new(example.source, text)
    }
}
