//! Causes of a pasted text for a language model: the catalogue's words, and beside them what the text put into them.
//!
//! Given an explanation and the catalogue, gives the same causes in the same order.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Untrusted, advice, headline, meaning};
use crate::{
    knowledge::Catalogue,
    report::v1::{self, ExplainedCause},
};

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Best first. The one cause `unknown` says that the text states no known failure.
    pub causes: Vec<CauseView>,
    /// Whether only the end of a long text was read.
    pub cut: bool,
    /// What was left out to keep the answer short.
    pub omitted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CauseView {
    /// Id of the cause, as `ecs-why://rules` lists them.
    pub cause: String,
    pub title: String,
    /// What such a failure means.
    pub meaning: String,
    /// The rule that recognised it; `ecs-why://rules/{id}` has its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether it says only that something failed, not why.
    pub symptom: bool,
    /// What to do, in general words.
    pub advice: Vec<Advice>,
    pub untrusted: Untrusted<CauseText>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CauseText {
    /// What it means, with the names of the text in it.
    pub why: String,
    /// Of several lines the one that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What to do, with the names of the text in it.
    pub advice: Vec<String>,
}

/// The view of an explanation; `cut` says that the text was too long to be read whole.
pub fn explanation(explanation: &v1::Explanation, catalogue: &Catalogue, cut: bool) -> Explanation {
    let causes = explanation.causes.iter().map(|cause| view(cause, catalogue));
    Explanation { causes: causes.collect(), cut, omitted: Vec::new() }
}

/// The cause `unknown` is none of the catalogue: its prose has no holes.
fn view(cause: &ExplainedCause, catalogue: &Catalogue) -> CauseView {
    let rule = cause.rule.as_deref().filter(|id| catalogue.rule(id).is_some());
    CauseView {
        cause: cause.cause.clone(),
        title: headline(&cause.cause, rule, catalogue).unwrap_or_else(|| cause.title.clone()),
        meaning: meaning(&cause.cause, rule, catalogue).unwrap_or_else(|| cause.why.clone()),
        rule: rule.map(str::to_owned),
        symptom: cause.symptom,
        advice: if cause.fixes.is_empty() { Vec::new() } else { advice(rule, catalogue) },
        untrusted: CauseText {
            why: cause.why.clone(),
            line: cause.line.clone(),
            advice: cause.fixes.iter().map(|fix| fix.title.clone()).collect(),
        }
        .into(),
    }
}
