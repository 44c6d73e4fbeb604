//! All rules and causes, read from TOML and checked once; with those of a user, which may take the place of ours.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, OnceLock},
};

use serde::Deserialize;

use super::{
    Cause, Match, Origin, Problem, Ranked, Rule, Tier,
    lint::{self, Known},
    matcher::Matcher,
    problem::shown,
};
use crate::{
    embedded::{self, FILES},
    symptom::Symptom,
};

/// Rules in order of their ids, the causes that they name, and the matcher, made when the first text is matched.
pub struct Catalogue {
    rules: Vec<Rule>,
    causes: BTreeMap<String, Cause>,
    matcher: OnceLock<Matcher>,
    /// Texts of a user's files, by the names that rules give as their file.
    texts: BTreeMap<String, String>,
}

/// A knowledge file that cannot be used, with the place where that can be told.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("{file}: {source}")]
    Toml { file: String, source: Box<toml::de::Error> },
}

/// A file of a user's folder.
#[derive(Debug, Clone)]
pub struct UserFile {
    /// As the user knows it.
    pub file: String,
    /// Name of the folder within the user's folder that it stands in; empty where it stands there itself.
    pub folder: String,
    pub text: String,
}

impl UserFile {
    fn is_causes(&self) -> bool {
        self.file.rsplit(['/', '\\']).next() == Some("causes.toml")
    }

    fn content(&self) -> &str {
        lint::without_mark(&self.text)
    }
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
    /// The first file that is no TOML of the right form. What else may be wrong with a rule, the lint says.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let mut causes = BTreeMap::new();
        let mut rules = Vec::new();
        for (path, text) in files {
            if *path == "causes.toml" {
                let read: Causes = parse(path, text)?;
                causes.extend(read.cause.into_iter().map(|c| (c.id.clone(), c)));
            } else if let Some(place) = path.strip_prefix("rules/") {
                let mut rule: Rule = parse(path, text)?;
                rule.family = place.split('/').next().unwrap_or_default().to_owned();
                rule.file = format!("knowledge/{path}");
                rules.push(rule);
            }
        }
        Ok(Self::new(rules, causes, BTreeMap::new()))
    }

    /// This knowledge with that of a user's folders, a later folder before an earlier one; and every problem of their
    /// files. A file with a problem is left out, as if it were not there.
    pub fn with_folders(&self, folders: &[Vec<UserFile>]) -> (Self, Vec<Problem>) {
        let mut causes = self.causes.clone();
        let mut problems = Vec::new();
        for file in causes_files(folders) {
            problems.extend(add_causes(file, &self.causes, &mut causes));
        }
        let mut rules: BTreeMap<String, Rule> = self.rules.iter().map(|r| (r.id.clone(), r.clone())).collect();
        let ids: BTreeSet<String> =
            folders.iter().flatten().filter_map(stated_id).chain(rules.keys().cloned()).collect();
        let stated: Vec<String> = causes_files(folders).flat_map(|file| lint::stated_causes(file.content())).collect();
        let known = Known {
            causes: causes.keys().chain(&stated).map(String::as_str).collect(),
            rules: ids.iter().map(String::as_str).collect(),
        };
        for folder in folders {
            problems.extend(add_rules(folder, &known, &mut rules));
        }
        let texts = folders.iter().flatten().map(|file| (shown(&file.file), file.content().to_owned())).collect();
        problems.sort();
        problems.dedup();
        (Self::new(rules.into_values().collect(), causes, texts), problems)
    }

    fn new(mut rules: Vec<Rule>, causes: BTreeMap<String, Cause>, texts: BTreeMap<String, String>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules, causes, matcher: OnceLock::new(), texts }
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

    /// The rules whose ids come near to a name, nearest first.
    pub fn nearest_rules(&self, name: &str) -> Vec<&str> {
        lint::nearest(name, &self.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>())
    }

    /// The line of the text of the n-th example of a user's rule. Of ours the binary has only the data.
    pub fn example_line(&self, rule: &Rule, at: usize) -> Option<usize> {
        lint::example_line(self.texts.get(&rule.file)?, at)
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

fn causes_files(folders: &[Vec<UserFile>]) -> impl Iterator<Item = &UserFile> {
    folders.iter().flatten().filter(|file| file.is_causes())
}

/// The id that a file's name states: a rule may name one that is broken.
fn stated_id(file: &UserFile) -> Option<String> {
    let name = file.file.rsplit(['/', '\\']).next()?;
    (!file.is_causes()).then(|| name.strip_suffix(".toml").unwrap_or(name).to_owned())
}

fn add_causes(
    file: &UserFile,
    built_in: &BTreeMap<String, Cause>,
    causes: &mut BTreeMap<String, Cause>,
) -> Vec<Problem> {
    let problems = lint::check_causes(&file.file, file.content());
    if !problems.is_empty() {
        return problems;
    }
    let read: Causes = match toml::from_str(file.content()) {
        Ok(read) => read,
        Err(error) => return vec![Problem::of_file(&file.file, error.message(), "")],
    };
    let mut problems = Vec::new();
    for (at, cause) in read.cause.into_iter().map(Cause::cleaned).enumerate() {
        let taken = built_in.get(&cause.id).is_some_and(|known| *known != cause);
        if taken {
            let what = format!("the cause '{}' is built in", cause.id);
            let hint = "give your own cause another id; a rule may name built-in causes without any causes.toml";
            problems.extend(lint::at_cause(&file.file, file.content(), at, &what, hint));
        } else {
            causes.insert(cause.id.clone(), cause);
        }
    }
    problems
}

/// Adds the good rules of a folder; what it has twice is a problem of the second file.
fn add_rules(folder: &[UserFile], known: &Known<'_>, rules: &mut BTreeMap<String, Rule>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for file in folder.iter().filter(|file| !file.is_causes()) {
        match read_rule(file, known) {
            Err(wrong) => problems.extend(wrong),
            Ok(rule) => {
                if let Some(other) = seen.insert(rule.id.clone(), &file.file) {
                    let what = format!("another rule of this folder has the id '{}': {}", rule.id, shown(other));
                    problems.extend(lint::at_id(&file.file, file.content(), &what, "give one of them another id"));
                } else {
                    rules.insert(rule.id.clone(), rule);
                }
            }
        }
    }
    problems
}

fn read_rule(file: &UserFile, known: &Known<'_>) -> Result<Rule, Vec<Problem>> {
    let problems = lint::check_rule(&file.file, file.content(), known);
    if !problems.is_empty() {
        return Err(problems);
    }
    let read: Result<Rule, _> = toml::from_str(file.content());
    let rule = read.map_err(|error| vec![Problem::of_file(&file.file, error.message(), "")])?;
    let family = if file.folder.is_empty() { "user" } else { &file.folder };
    Ok(Rule { family: family.to_owned(), file: shown(&file.file), origin: Origin::User, ..rule }.cleaned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_passes_the_lint() {
        let catalogue = Catalogue::embedded().unwrap();
        let known = Known {
            causes: catalogue.causes.keys().map(String::as_str).collect(),
            rules: catalogue.rules.iter().map(|rule| rule.id.as_str()).collect(),
        };
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        for (path, _) in FILES {
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            let problems = match *path {
                "causes.toml" => lint::check_causes(path, &text),
                path if path.starts_with("rules/") => lint::check_rule(path, &text, &known),
                _ => Vec::new(),
            };
            assert!(problems.is_empty(), "{problems:#?}");
        }
    }

    #[test]
    fn no_embedded_id_stands_twice() {
        let catalogue = Catalogue::embedded().unwrap();
        let ids: BTreeSet<&str> = catalogue.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), catalogue.rules.len());
        assert!(catalogue.rules.iter().all(|rule| !rule.since.is_empty()));
    }
}
