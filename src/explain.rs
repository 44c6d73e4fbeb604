//! Causes of a message without any fact beside it: what `explain` answers.
//!
//! Given symptoms, gives causes best first, each with the rule that names it, and at most five. Touches no account.

use crate::{
    knowledge::{Catalogue, Match, Rule},
    report::{ExplainedCause, Explanation, Fix},
    symptom::{Source, Symptom},
};

/// One cause that some rule supports for the symptoms.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub cause: &'a str,
    pub matched: Match<'a>,
}

/// The causes that the symptoms support, each once: those of the best match first, its own before its alternatives.
pub fn candidates<'a>(catalogue: &'a Catalogue, symptoms: &[Symptom]) -> Vec<Candidate<'a>> {
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for ranked in catalogue.rank(symptoms) {
        let rule: &'a Rule = ranked.matched.rule;
        for cause in rule.causes() {
            if found.iter().all(|c| c.cause != cause) {
                found.push(Candidate { cause, matched: ranked.matched.clone() });
            }
        }
    }
    found
}

const MOST_CAUSES: usize = 5;

/// Explains a pasted text: each line is a signal of its own, and the whole is one too.
pub fn explain(catalogue: &Catalogue, text: &str) -> Explanation {
    let text = crate::case::clean(text);
    let mut symptoms = vec![Symptom::new(Source::Text, &text)];
    if text.lines().count() > 1 {
        symptoms.extend(text.lines().filter(|l| !l.trim().is_empty()).map(|l| Symptom::new(Source::Text, l)));
    }
    let found = candidates(catalogue, &symptoms);
    let mut causes: Vec<ExplainedCause> =
        found.iter().take(MOST_CAUSES).map(|candidate| explained(catalogue, candidate)).collect();
    if causes.is_empty() {
        causes.push(unknown());
    }
    Explanation { schema: "ecs-why/explanation/v1", causes }
}

fn explained(catalogue: &Catalogue, candidate: &Candidate<'_>) -> ExplainedCause {
    let rule = candidate.matched.rule;
    let own = rule.cause == candidate.cause;
    let cause = catalogue.cause(candidate.cause);
    let title = if own { Some(rule.title.as_str()) } else { cause.map(|c| c.title.as_str()) };
    let why = if own { candidate.matched.why() } else { cause.map(|c| c.meaning.clone()).unwrap_or_default() };
    ExplainedCause {
        cause: candidate.cause.to_owned(),
        rule: Some(rule.id.clone()),
        title: title.unwrap_or(candidate.cause).to_owned(),
        why,
        fixes: if own { advice(&candidate.matched) } else { Vec::new() },
    }
}

/// A rule's advice as fixes that claim no proof.
pub fn advice(matched: &Match<'_>) -> Vec<Fix> {
    let advice = matched.advice().into_iter();
    advice.map(|(title, docs)| Fix { title, docs, ..Default::default() }).collect()
}

fn unknown() -> ExplainedCause {
    ExplainedCause {
        cause: "unknown".to_owned(),
        rule: None,
        title: "No known failure is stated in this text".to_owned(),
        why:
            "The text is cut, too general, or not from ECS. The container's reason and exit code, the service's events \
              and the last log lines say more."
                .to_owned(),
        fixes: Vec::new(),
    }
}
