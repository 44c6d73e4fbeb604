//! Fills the holes of a rule's prose with what its patterns caught.

use std::collections::BTreeMap;

use minijinja::Environment;

use super::{Match, Rule};
use crate::case::plain;

impl Match<'_> {
    /// The rule's reason with this match's names in it.
    pub fn why(&self) -> String {
        self.fill(&self.rule.why)
    }

    /// The rule's advice as (title, documentation), with this match's names in the titles.
    pub fn advice(&self) -> Vec<(String, Vec<String>)> {
        self.rule.fix.iter().map(|fix| (self.fill(&fix.title), fix.docs.clone())).collect()
    }

    fn fill(&self, template: &str) -> String {
        fill(template, &self.captures)
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
    plain(&Environment::new().render_str(text, values).unwrap_or_else(|_| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Catalogue;

    #[test]
    fn every_hole_can_be_filled() {
        for rule in Catalogue::embedded().unwrap().rules() {
            for text in std::iter::once(rule.general_why()).chain(rule.general_advice()) {
                assert!(!text.contains("{{") && !text.contains("{%"), "{}: {text}", rule.id);
            }
        }
    }
}
