//! The form of a rule file. Unknown keys are errors; `knowledge/README.md` explains each key.

use serde::{Deserialize, Serialize};

use crate::{
    case::plain,
    symptom::{LaunchType, Source},
};

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
    /// Version of ecs-why that brought the rule; a user's own need not say.
    #[serde(default)]
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
    #[serde(skip)]
    pub origin: Origin,
    /// Where the rule was read, as a person finds it.
    #[serde(skip)]
    pub file: String,
}

/// Whose a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Read from a user's folder: it comes before a built-in one that says as much.
    User,
    #[default]
    BuiltIn,
}

impl Rule {
    /// Every cause that the text covers, the likeliest first.
    pub fn causes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.cause).chain(&self.alternatives)
    }

    /// The page that is generated for the rule, if it is one of ours.
    pub fn page(&self) -> Option<String> {
        (self.origin == Origin::BuiltIn).then(|| format!("docs/rules/{}.md", self.id))
    }

    /// Without characters that a terminal would obey. Patterns stay as they are: nothing prints them but what escapes them.
    pub fn cleaned(mut self) -> Self {
        let prose = [&mut self.title, &mut self.why, &mut self.since, &mut self.family, &mut self.file];
        let lists = self.references.iter_mut().chain(self.fix.iter_mut().flat_map(FixAdvice::texts));
        let examples = self.example.iter_mut().flat_map(|e| [&mut e.matches, &mut e.no_match]).flatten();
        for text in prose.into_iter().chain(lists).chain(examples) {
            *text = plain(text);
        }
        self
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

impl Tier {
    /// What a rule of that tier does.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Specific => "names the cause",
            Self::General => "names a class of causes",
            Self::Symptom => "says only that something failed",
        }
    }
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

impl FixAdvice {
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        std::iter::once(&mut self.title).chain(&mut self.docs)
    }
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
