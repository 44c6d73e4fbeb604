//! All rules and causes, read from TOML and checked once.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{Cause, FILES, Rule, lint, matcher::Matcher};

/// Rules in order of their ids, the causes that they name, and the compiled matcher.
pub struct Catalogue {
    rules: Vec<Rule>,
    causes: BTreeMap<String, Cause>,
    matcher: Matcher,
}

/// Rules with the paths of their files, and causes by their ids.
type Parsed<'a> = (Vec<(&'a str, Rule)>, BTreeMap<String, Cause>);

/// A knowledge file that cannot be used, with the place where that can be told.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("{file}: {source}")]
    Toml { file: String, source: Box<toml::de::Error> },
    #[error("{file}: {problem}")]
    Rule { file: String, problem: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Causes {
    cause: Vec<Cause>,
}

static EMBEDDED: LazyLock<Result<Catalogue, CatalogueError>> =
    LazyLock::new(|| Catalogue::read(FILES).and_then(Catalogue::build));

impl Catalogue {
    /// The knowledge that is part of the binary. A test lints it, so that no run has to.
    ///
    /// # Errors
    /// Never in a released binary: tests read the same files.
    pub fn embedded() -> Result<&'static Self, &'static CatalogueError> {
        EMBEDDED.as_ref()
    }

    /// Reads (path, text) pairs: `causes.toml` and `rules/FAMILY/ID.toml`; other paths are for other readers.
    ///
    /// # Errors
    /// The first file that is no TOML of the right form or fails a lint.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let (rules, causes) = Self::read(files)?;
        lint::check(&rules, &causes)?;
        Self::build((rules, causes))
    }

    fn read<'a>(files: &[(&'a str, &str)]) -> Result<Parsed<'a>, CatalogueError> {
        let mut causes = BTreeMap::new();
        let mut rules = Vec::new();
        for (path, text) in files {
            if *path == "causes.toml" {
                let read: Causes = parse(path, text)?;
                causes.extend(read.cause.into_iter().map(|c| (c.id.clone(), c)));
            } else if let Some(place) = path.strip_prefix("rules/") {
                let mut rule: Rule = parse(path, text)?;
                rule.family = place.split('/').next().unwrap_or_default().to_owned();
                rules.push((*path, rule));
            }
        }
        Ok((rules, causes))
    }

    fn build((rules, causes): Parsed<'_>) -> Result<Self, CatalogueError> {
        let mut rules: Vec<Rule> = rules.into_iter().map(|(_, rule)| rule).collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let matcher = Matcher::new(&rules).map_err(|problem| CatalogueError::Rule { file: "rules".into(), problem })?;
        Ok(Self { rules, causes, matcher })
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }

    pub fn cause(&self, id: &str) -> Option<&Cause> {
        self.causes.get(id)
    }

    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.values()
    }

    /// The rules that a symptom matches, best first.
    pub fn matches(&self, symptom: &crate::symptom::Symptom) -> Vec<super::Match<'_>> {
        self.matcher.matches(&self.rules, symptom)
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Result<T, CatalogueError> {
    toml::from_str(text).map_err(|source| CatalogueError::Toml { file: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symptom::{Source, Symptom};

    #[test]
    fn the_embedded_knowledge_passes_every_lint() {
        Catalogue::from_files(FILES).unwrap();
    }

    /// Messages as ECS, Docker and common runtimes build them, each with the cause that must come first.
    #[test]
    fn every_template_is_explained() {
        let catalogue = Catalogue::embedded().unwrap();
        for line in include_str!("../../fixtures/messages/templates.jsonl").lines() {
            let row: BTreeMap<String, String> = serde_json::from_str(line).unwrap();
            let symptom = Symptom::new(Source::named(&row["field"]), &row["text"]);
            let matches = catalogue.matches(&symptom);
            let cause = matches.first().map_or("unknown", |m| m.rule.cause.as_str());
            assert_eq!(cause, row["cause"], "{}", row["text"]);
        }
    }

    /// What programs print when nothing is wrong.
    #[test]
    fn ordinary_logs_are_no_failure() {
        let catalogue = Catalogue::embedded().unwrap();
        for line in include_str!("../../fixtures/messages/healthy.txt").lines() {
            let matches = catalogue.matches(&Symptom::new(Source::ContainerLog, line));
            assert_eq!(matches.first().map(|m| m.rule.id.as_str()), None, "{line}");
        }
    }
}
