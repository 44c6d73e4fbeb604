//! Rules and causes as their renderings see them, and as JSON. Fields may be added; none is renamed or dropped.

use serde::Serialize;

use crate::{
    case::plain,
    knowledge::{Catalogue, Cause, Example, Origin, Owner, Phase, Rule, Tier, When, best_match},
    symptom::{LaunchType, Source},
};

/// A rule in a list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleEntry {
    pub id: String,
    pub family: String,
    pub cause: String,
    pub alternatives: Vec<String>,
    pub tier: Tier,
    pub title: String,
    /// `null` for a rule that does not say.
    pub since: Option<String>,
    pub references: Vec<String>,
    pub origin: Origin,
}

impl RuleEntry {
    pub fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            family: rule.family.clone(),
            cause: rule.cause.clone(),
            alternatives: rule.alternatives.clone(),
            tier: rule.tier,
            title: rule.title.clone(),
            since: since(rule),
            references: rule.references.clone(),
            origin: rule.origin,
        }
    }

    /// Whether each word stands in the id, the cause, the title or the family.
    pub fn has_words(&self, words: &[String]) -> bool {
        let text = [&self.id, &self.cause, &self.title, &self.family].map(|part| part.to_lowercase()).join("\n");
        words.iter().flat_map(|word| word.split_whitespace()).all(|word| text.contains(&word.to_lowercase()))
    }
}

fn since(rule: &Rule) -> Option<String> {
    Some(rule.since.clone()).filter(|since| !since.is_empty())
}

/// Everything that a rule says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    pub id: String,
    pub family: String,
    pub title: String,
    pub tier: Tier,
    pub since: Option<String>,
    pub origin: Origin,
    /// Where it was read.
    pub file: String,
    /// Its generated page; `null` for a user's own rule.
    pub page: Option<String>,
    pub cause: CauseEntry,
    pub alternatives: Vec<CauseEntry>,
    pub why: String,
    pub fixes: Vec<Advice>,
    pub when: Vec<Block>,
    pub examples: Vec<ExampleView>,
    pub look_alikes: Vec<ExampleView>,
    pub gives_way_to: Vec<String>,
    pub references: Vec<String>,
}

/// A cause by its id, with what is known of it.
#[derive(Debug, Clone, Serialize)]
pub struct CauseEntry {
    pub id: String,
    pub title: Option<String>,
    pub meaning: Option<String>,
    pub phase: Option<Phase>,
    pub owner: Option<Owner>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Advice {
    pub title: String,
    pub docs: Vec<String>,
}

/// A `[[when]]`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Empty: anywhere but in a log and an exit code.
    pub source: Vec<Source>,
    pub text: Vec<String>,
    pub none: Vec<String>,
    pub exit_code: Vec<i64>,
    pub stop_code: Vec<String>,
    pub launch_type: Vec<LaunchType>,
    pub cross_account: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExampleView {
    pub source: Source,
    pub text: String,
    pub exit_code: Option<i64>,
    pub stop_code: Option<String>,
    pub launch_type: Option<LaunchType>,
    /// The rule that explains it best; `null` if none does.
    pub rule: Option<String>,
}

impl RuleView {
    pub fn of(rule: &Rule, catalogue: &Catalogue) -> Self {
        let advice = rule.general_advice().into_iter().zip(&rule.fix);
        Self {
            id: rule.id.clone(),
            family: rule.family.clone(),
            title: rule.title.clone(),
            tier: rule.tier,
            since: since(rule),
            origin: rule.origin,
            file: rule.file.clone(),
            page: rule.page(),
            cause: CauseEntry::of(&rule.cause, catalogue),
            alternatives: rule.alternatives.iter().map(|id| CauseEntry::of(id, catalogue)).collect(),
            why: rule.general_why(),
            fixes: advice.map(|(title, fix)| Advice { title, docs: fix.docs.clone() }).collect(),
            when: rule.when.iter().map(Block::of).collect(),
            examples: examples(rule, catalogue, |example| example.matches.as_ref()),
            look_alikes: examples(rule, catalogue, |example| example.no_match.as_ref()),
            gives_way_to: rule.not.clone(),
            references: rule.references.clone(),
        }
    }
}

fn examples(rule: &Rule, catalogue: &Catalogue, text: fn(&Example) -> Option<&String>) -> Vec<ExampleView> {
    let texts = rule.example.iter().filter_map(|example| Some((example, text(example)?)));
    let views = texts.map(|(example, text)| ExampleView {
        source: example.source,
        text: text.clone(),
        exit_code: example.exit_code,
        stop_code: example.stop_code.as_deref().map(plain),
        launch_type: example.launch_type,
        rule: best_match(catalogue, example, text).map(|rule| rule.id.clone()),
    });
    views.collect()
}

impl CauseEntry {
    fn of(id: &str, catalogue: &Catalogue) -> Self {
        let cause: Option<&Cause> = catalogue.cause(id);
        Self {
            id: id.to_owned(),
            title: cause.map(|c| c.title.clone()),
            meaning: cause.map(|c| c.meaning.clone()),
            phase: cause.map(|c| c.phase),
            owner: cause.map(|c| c.owner),
        }
    }
}

impl Block {
    fn of(when: &When) -> Self {
        let cleaned = |texts: &[String]| texts.iter().map(|text| plain(text)).collect();
        Self {
            source: when.source.clone(),
            text: cleaned(&when.text),
            none: cleaned(&when.none),
            exit_code: when.exit_code.clone(),
            stop_code: cleaned(&when.stop_code),
            launch_type: when.launch_type.clone(),
            cross_account: when.cross_account,
        }
    }
}

/// A cause with the rules that name it.
#[derive(Debug, Clone, Serialize)]
pub struct CauseView {
    pub cause: CauseEntry,
    /// Those that name it first, then those that name it as an alternative.
    pub rules: Vec<RuleEntry>,
}

impl CauseView {
    pub fn of(id: &str, catalogue: &Catalogue) -> Option<Self> {
        catalogue.cause(id)?;
        let first = catalogue.rules().iter().filter(|rule| rule.cause == id);
        let others = catalogue.rules().iter().filter(|rule| rule.cause != id && rule.causes().any(|c| c == id));
        let rules = first.chain(others).map(RuleEntry::of).collect();
        Some(Self { cause: CauseEntry::of(id, catalogue), rules })
    }
}
