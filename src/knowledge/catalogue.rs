//! All rules and causes, read from TOML and checked once.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use serde::Deserialize;

use super::{Cause, Match, Ranked, Rule, Tier, lint, matcher::Matcher};
use crate::{
    embedded::{self, FILES},
    symptom::Symptom,
};

/// Rules in order of their ids, the causes that they name, and the matcher, made when the first text is matched.
pub struct Catalogue {
    rules: Vec<Rule>,
    causes: BTreeMap<String, Cause>,
    matcher: OnceLock<Matcher>,
}

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

static EMBEDDED: LazyLock<Result<Catalogue, CatalogueError>> = LazyLock::new(|| Catalogue::from_files(FILES));

impl Catalogue {
    /// The knowledge that is part of the binary.
    ///
    /// # Errors
    /// Never in a released binary: tests read the same files.
    pub fn embedded() -> Result<&'static Self, &'static CatalogueError> {
        EMBEDDED.as_ref()
    }

    /// Reads (path, text) pairs: `causes.toml` and `rules/FAMILY/ID.toml`; other paths are for other readers.
    ///
    /// # Errors
    /// The first file that is no TOML of the right form. What else may be wrong with a rule, [`Catalogue::checked`] says.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let (rules, causes) = read(files)?;
        Ok(Self::new(rules, causes))
    }

    /// Like [`Catalogue::from_files`], with every rule linted: for rules that no test of ours has seen.
    ///
    /// # Errors
    /// The first file that cannot be read or fails a lint.
    pub fn checked(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let (rules, causes) = read(files)?;
        lint::check(&rules, &causes)?;
        Ok(Self::new(rules, causes))
    }

    fn new(rules: Vec<(&str, Rule)>, causes: BTreeMap<String, Cause>) -> Self {
        let mut rules: Vec<Rule> = rules.into_iter().map(|(_, rule)| rule).collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules, causes, matcher: OnceLock::new() }
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
    pub fn matches(&self, symptom: &Symptom) -> Vec<Match<'_>> {
        self.matcher.get_or_init(|| Matcher::new(&self.rules)).matches(&self.rules, symptom)
    }

    /// The matches of several symptoms: what says more first, then the better match, then the earlier symptom.
    pub fn rank(&self, symptoms: &[Symptom]) -> Vec<Ranked<'_>> {
        let mut ranked: Vec<((Tier, usize, usize), Ranked<'_>)> = Vec::new();
        for (at, symptom) in symptoms.iter().enumerate() {
            for (place, matched) in self.matches(symptom).into_iter().enumerate() {
                ranked.push(((matched.rule.tier, place, at), Ranked { matched, symptom: at }));
            }
        }
        ranked.sort_by_key(|(key, _)| *key);
        ranked.into_iter().map(|(_, ranked)| ranked).collect()
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Result<T, CatalogueError> {
    embedded::read(text).map_err(|source| CatalogueError::Toml { file: path.to_owned(), source: Box::new(source) })
}

type Read<'a> = (Vec<(&'a str, Rule)>, BTreeMap<String, Cause>);

fn read<'a>(files: &[(&'a str, &str)]) -> Result<Read<'a>, CatalogueError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_passes_the_lint() {
        assert!(Catalogue::checked(FILES).map_err(|e| e.to_string()).is_ok());
    }
}
