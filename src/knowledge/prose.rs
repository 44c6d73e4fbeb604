//! Fills the holes of a rule's prose with what its patterns caught.

use minijinja::Environment;

use super::Match;

impl Match<'_> {
    /// The rule's reason with this match's names in it.
    pub fn why(&self) -> String {
        self.fill(&self.rule.why)
    }

    /// The rule's advice as (title, documentation), with this match's names in the titles.
    pub fn advice(&self) -> Vec<(String, Vec<String>)> {
        self.rule.fix.iter().map(|fix| (self.fill(&fix.title), fix.docs.clone())).collect()
    }

    /// A template that cannot be filled stays as it is: a test renders each of them.
    fn fill(&self, template: &str) -> String {
        let text = template.trim();
        Environment::new().render_str(text, &self.captures).unwrap_or_else(|_| text.to_owned())
    }
}
