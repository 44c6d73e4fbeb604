//! The form of a rule file. Unknown keys are errors; `knowledge/README.md` explains each key.

use serde::{Deserialize, Serialize};

use crate::symptom::{LaunchType, Source};

/// One failure that can be recognised in what ECS or a container says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    /// Id of the cause, of `causes.toml`.
    pub cause: String,
    /// Other causes that give the same text, likeliest first; facts decide between them.
    #[serde(default)]
    pub alternatives: Vec<String>,
    pub title: String,
    #[serde(default)]
    pub tier: Tier,
    pub since: String,
    /// Prose with `{{ capture }}` holes.
    pub why: String,
    /// Rules that look alike and are better where both match.
    #[serde(default)]
    pub not: Vec<String>,
    #[serde(default)]
    pub references: Vec<String>,
    pub when: Vec<When>,
    #[serde(default)]
    pub fix: Vec<FixAdvice>,
    #[serde(default)]
    pub example: Vec<Example>,
    /// Folder that the file stands in.
    #[serde(skip)]
    pub family: String,
}

impl Rule {
    /// Every cause that the text covers, the likeliest first.
    pub fn causes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.cause).chain(&self.alternatives)
    }
}

/// How much a match says: the cause itself, a class of causes, or only that something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    #[default]
    Specific,
    General,
    Symptom,
}

/// A block of predicates: the rule matches if all keys of any block hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Where the text may stand; without it anywhere but in a container's log.
    #[serde(default)]
    pub source: Vec<Source>,
    /// Regular expressions that must all be found, ignoring case, ASCII classes.
    #[serde(default)]
    pub text: Vec<String>,
    /// Regular expressions of which none may be found.
    #[serde(default)]
    pub none: Vec<String>,
    #[serde(default)]
    pub stop_code: Vec<String>,
    #[serde(default)]
    pub exit_code: Vec<i64>,
    #[serde(default)]
    pub launch_type: Vec<LaunchType>,
    /// The text states a denial whose principal and resource are of different accounts.
    #[serde(default)]
    pub cross_account: bool,
}

/// What to do where the facts allow no proven fix.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixAdvice {
    /// Prose with `{{ capture }}` holes.
    pub title: String,
    #[serde(default)]
    pub docs: Vec<String>,
}

/// A text that the rule must match, or must not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub source: Source,
    #[serde(default, rename = "match")]
    pub matches: Option<String>,
    #[serde(default)]
    pub no_match: Option<String>,
    #[serde(default)]
    pub exit_code: Option<i64>,
    #[serde(default)]
    pub stop_code: Option<String>,
    #[serde(default)]
    pub launch_type: Option<LaunchType>,
}
