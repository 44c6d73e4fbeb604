//! Causes of a message without any fact beside it: what `explain` answers.
//!
//! Given symptoms, gives causes best first, each with the rule that names it, and at most five. Touches no account.

use crate::{
    case::{clean, clean_line},
    knowledge::{Catalogue, Match, Rule},
    report::{ExplainedCause, Explanation, Fix},
    symptom::{Source, Symptom},
};

/// One cause that some rule supports for the symptoms.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub cause: &'a str,
    pub matched: Match<'a>,
    /// Index of the symptom that the match is of.
    pub symptom: usize,
}

/// The causes that the symptoms support, each once: those of the best match first, its own before its alternatives.
pub fn candidates<'a>(catalogue: &'a Catalogue, symptoms: &[Symptom]) -> Vec<Candidate<'a>> {
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for ranked in catalogue.rank(symptoms) {
        let rule: &'a Rule = ranked.matched.rule;
        for cause in rule.causes() {
            if found.iter().all(|c| c.cause != cause) {
                found.push(Candidate { cause, matched: ranked.matched.clone(), symptom: ranked.symptom });
            }
        }
    }
    found
}

const MOST_CAUSES: usize = 5;

/// Of a long paste the end is read, where what ended a process stands: so many lines, and so many bytes.
const MOST_LINES: usize = 2000;
const MOST_BYTES: usize = 512 * 1024;
/// Longest text that is a signal as a whole; a message that was broken into lines is far shorter.
const LONGEST_WHOLE: usize = 32 * 1024;

/// The last lines of a text that say something, each cleaned and of bounded length.
pub struct Paste {
    pub lines: Vec<String>,
    /// Whether more lines came before them.
    pub is_cut: bool,
}

impl Paste {
    /// Of more than [`MOST_LINES`] lines or [`MOST_BYTES`] bytes only the last count.
    pub fn read(text: &str) -> Self {
        let (mut lines, mut left) = (Vec::new(), MOST_BYTES);
        let mut said = text.lines().rev().filter(|line| !line.trim().is_empty());
        let mut is_cut = false;
        for line in said.by_ref().take(MOST_LINES) {
            let line = clean_line(line);
            let Some(rest) = left.checked_sub(line.len()) else {
                is_cut = true;
                break;
            };
            left = rest;
            lines.push(line);
        }
        lines.reverse();
        Self { lines, is_cut: is_cut || said.next().is_some() }
    }
}

/// Explains a pasted text: each line is a signal of its own, and the whole is one too.
pub fn explain(catalogue: &Catalogue, text: &str) -> Explanation {
    explain_paste(catalogue, &Paste::read(text))
}

/// Explains the lines of a text.
pub fn explain_paste(catalogue: &Catalogue, Paste { lines, .. }: &Paste) -> Explanation {
    let whole = ending(lines, LONGEST_WHOLE).join("\n");
    let mut symptoms = vec![Symptom::new(Source::Text, &clean(&whole))];
    if lines.len() > 1 {
        symptoms.extend(lines.iter().map(|line| Symptom::new(Source::Text, line)));
    }
    let found = candidates(catalogue, &symptoms);
    let mut causes: Vec<ExplainedCause> = found
        .into_iter()
        .take(MOST_CAUSES)
        .map(|candidate| explained(catalogue, named(candidate, &symptoms)))
        .collect();
    if causes.is_empty() {
        causes.push(unknown());
    }
    Explanation { schema: "ecs-why/explanation/v1", causes }
}

/// As many of the last lines as fit.
fn ending(lines: &[String], most: usize) -> &[String] {
    let mut length = 0;
    let fit = lines.iter().rev().take_while(|line| {
        length += line.len() + 1;
        length <= most
    });
    lines.get(lines.len() - fit.count()..).unwrap_or_default()
}

/// With the call that the text says was refused in the holes of the rule.
fn named<'a>(candidate: Candidate<'a>, symptoms: &[Symptom]) -> Candidate<'a> {
    match symptoms.get(candidate.symptom).and_then(Symptom::denial) {
        Some(denial) => Candidate { matched: candidate.matched.naming(&denial), ..candidate },
        None => candidate,
    }
}

fn explained(catalogue: &Catalogue, candidate: Candidate<'_>) -> ExplainedCause {
    let rule = candidate.matched.rule;
    let own = rule.cause == candidate.cause;
    let cause = catalogue.cause(candidate.cause);
    let title = if own { Some(rule.title.as_str()) } else { cause.map(|c| c.title.as_str()) };
    let why = if own { candidate.matched.why() } else { cause.map(|c| c.meaning.clone()).unwrap_or_default() };
    ExplainedCause {
        cause: candidate.cause.to_owned(),
        rule: Some(rule.id.clone()),
        rule_docs: rule.page(),
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
        rule_docs: None,
        title: "No known failure is stated in this text".to_owned(),
        why:
            "The text is cut, too general, or not from ECS. The container's reason and exit code, the service's events \
              and the last log lines say more."
                .to_owned(),
        fixes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> String {
        explain(Catalogue::embedded().unwrap(), text).causes[0].cause.clone()
    }

    #[test]
    fn the_end_of_a_long_paste_counts() {
        let end = "OutOfMemoryError: Container killed due to memory usage";
        let log = "2026-01-01 12:00:00 INFO request served\n".repeat(25_000) + end;
        assert_eq!(first(&log), "oom-container");
        assert_eq!(first(&format!("{} {end}", "x".repeat(1 << 20))), "oom-container");
    }

    #[test]
    fn only_the_end_is_read() {
        let many = Paste::read(&"a\n\n".repeat(MOST_LINES));
        assert_eq!((many.lines.len(), many.is_cut), (MOST_LINES, false));
        let more = Paste::read(&"a\n\n".repeat(MOST_LINES + 1));
        assert_eq!((more.lines.len(), more.is_cut), (MOST_LINES, true));
        let Paste { lines: wide, is_cut } = Paste::read(&("x".repeat(4000) + "\n").repeat(1000));
        assert!(is_cut);
        assert!(wide.iter().map(String::len).sum::<usize>() <= MOST_BYTES && wide.len() > 100);
        assert_eq!(ending(&wide, LONGEST_WHOLE).len(), 8);
    }
}
