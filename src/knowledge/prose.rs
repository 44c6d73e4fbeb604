//! Fills the holes of a rule's prose with what its patterns caught.

use std::collections::BTreeMap;

use minijinja::Environment;

use super::{Match, Rule};
use crate::{case::plain, symptom::Denial};

impl Match<'_> {
    /// With the refused call in its holes: `action` as policies write it, `also`, `lacking`, `elsewhere`, and what no pattern
    /// caught of `resource` and `principal`.
    #[must_use]
    pub fn naming(mut self, denial: &Denial) -> Self {
        self.set("action", &denial.action);
        self.set("also", &denial.also.join(", "));
        self.set("lacking", denial.lacking().unwrap_or_default());
        self.set("elsewhere", if denial.is_cross_account() { "another account" } else { "" });
        for (hole, value) in [("resource", &denial.resource), ("principal", &denial.principal)] {
            if let Some(value) = value {
                self.offer(hole, value);
            }
        }
        self
    }

    /// The rule's reason with this match's names in it.
    pub fn why(&self) -> String {
        self.fill(&self.rule.why)
    }

    /// The rule's advice as (title, documentation), with this match's names in the titles.
    pub fn advice(&self) -> Vec<(String, Vec<String>)> {
        self.rule.fix.iter().map(|fix| (self.fill(&fix.title), fix.docs.clone())).collect()
    }

    fn fill(&self, template: &str) -> String {
        // What holes caught is looked up for a template that has some.
        let captures = if template.contains('{') { self.captures() } else { BTreeMap::new() };
        fill(template, &captures)
    }
}

impl Rule {
    /// The rule's reason with general words in its holes.
    pub fn general_why(&self) -> String {
        fill(&self.why, &BTreeMap::new())
    }

    /// The titles of the rule's advice with general words in their holes.
    pub fn general_advice(&self) -> Vec<String> {
        self.fix.iter().map(|fix| fill(&fix.title, &BTreeMap::new())).collect()
    }
}

/// A template that cannot be filled stays as it is: the lint fills each of them. A template can write characters that
/// stand in no file, so what comes out is cleaned of those that move a terminal's cursor.
fn fill(template: &str, values: &BTreeMap<String, String>) -> String {
    let text = template.trim();
    plain(&environment().render_str(text, values).unwrap_or_else(|_| text.to_owned()))
}

/// Where templates are filled: with as many steps as prose takes, so that none of a user's runs on and on.
pub(super) fn environment() -> Environment<'static> {
    const STEPS: u64 = 20_000;
    let mut environment = Environment::new();
    environment.set_fuel(Some(STEPS));
    environment
}

#[cfg(test)]
mod tests {
    use crate::{knowledge::Catalogue, symptom::Symptom};

    #[test]
    fn every_hole_can_be_filled() {
        for rule in Catalogue::embedded().unwrap().rules() {
            for text in std::iter::once(rule.general_why()).chain(rule.general_advice()) {
                assert!(!text.contains("{{") && !text.contains("{%"), "{}: {text}", rule.id);
            }
        }
    }

    /// A template that fails only with a name in it would be shown as it is.
    #[test]
    fn holes_take_what_examples_have() {
        let catalogue = Catalogue::embedded().unwrap();
        let examples = catalogue.rules().iter().flat_map(|rule| &rule.example);
        for example in examples.filter(|example| example.matches.is_some()) {
            let symptom = Symptom::new(example.source, example.matches.as_deref().unwrap());
            for matched in catalogue.matches(&symptom) {
                let named = symptom.denial().map(|denial| matched.clone().naming(&denial));
                let all = std::iter::once(matched).chain(named);
                for text in
                    all.flat_map(|m| std::iter::once(m.why()).chain(m.advice().into_iter().map(|(title, _)| title)))
                {
                    assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
                }
            }
        }
    }
}
