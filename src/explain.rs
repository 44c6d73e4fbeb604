//! Causes of a message without any fact beside it: what `explain` answers.
//!
//! Given symptoms, gives causes best first, each with the rule that names it, and at most five. Touches no account.

use std::collections::BTreeSet;

use crate::{
    case::{clean, clean_line},
    knowledge::{Catalogue, Match, Tier},
    report::{EXPLANATION_SCHEMA, ExplainedCause, Explanation, Fix},
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

/// The causes that the symptoms support, each once: the best of each message that says why something failed, then the other
/// causes of these texts, then what only says that something failed.
pub fn candidates<'a>(catalogue: &'a Catalogue, symptoms: &[Symptom]) -> Vec<Candidate<'a>> {
    let mut ranked = catalogue.rank(symptoms);
    ranked.sort_by_key(|r| {
        (r.matched.rule.tier == Tier::Symptom, symptoms.get(r.symptom).is_some_and(Symptom::is_passed))
    });
    let mut best_of = BTreeSet::new();
    let bests = ranked.iter().filter(|r| best_of.insert(r.symptom) && r.matched.rule.tier != Tier::Symptom);
    let own = bests.map(|r| (r, r.matched.rule.cause.as_str()));
    let all = ranked.iter().flat_map(|r| r.matched.rule.causes().map(move |cause| (r, cause.as_str())));
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for (from, cause) in own.collect::<Vec<_>>().into_iter().chain(all) {
        if found.iter().all(|c| c.cause != cause) {
            found.push(Candidate { cause, matched: from.matched.clone(), symptom: from.symptom });
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
    let symptoms = symptoms(lines);
    let found = candidates(catalogue, &symptoms);
    let mut causes: Vec<ExplainedCause> = found
        .into_iter()
        .take(MOST_CAUSES)
        .map(|candidate| {
            let line = line_of(catalogue, &candidate, &symptoms);
            ExplainedCause { line, ..explained(catalogue, named(candidate, &symptoms)) }
        })
        .collect();
    if causes.is_empty() {
        causes.push(unknown(symptoms.iter().any(|s| s.truncated)));
    }
    Explanation { schema: EXPLANATION_SCHEMA, causes }
}

/// Each line as a signal, and a message of several lines as one too. Lines of a log are signals from the last to the first: what
/// ended a process stands at the end.
pub fn symptoms(lines: &[String]) -> Vec<Symptom> {
    /// More lines than a message is broken into.
    const LOG: usize = 20;
    let last = lines.get(lines.len().saturating_sub(LOG)..).unwrap_or_default();
    let whole = ending(last, LONGEST_WHOLE).join("\n");
    let whole = Symptom::new(Source::Text, &clean(&whole));
    if lines.len() < 2 {
        return vec![whole];
    }
    let count = lines.len();
    let line = |(at, line): (usize, &String)| Symptom {
        lines_after: if count > LOG { count - at - 1 } else { 0 },
        ..Symptom::new(Source::Text, line)
    };
    let mut each: Vec<Symptom> = lines.iter().enumerate().map(line).collect();
    if count > LOG {
        each.reverse();
    }
    each.insert(0, whole);
    each
}

/// The line of several that a cause comes from: the candidate's own, or the first signal that its rule matches.
fn line_of(catalogue: &Catalogue, candidate: &Candidate<'_>, symptoms: &[Symptom]) -> Option<String> {
    const LONGEST: usize = 300;
    let (_, lines) = symptoms.split_first().filter(|(_, lines)| !lines.is_empty())?;
    let says = |line: &&Symptom| catalogue.matches(line).iter().any(|m| m.rule.id == candidate.matched.rule.id);
    let line = match candidate.symptom {
        0 => lines.iter().find(says)?,
        at => lines.get(at - 1)?,
    };
    let text = line.raw.trim();
    Some(match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    })
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
        symptom: cause.is_some_and(|c| c.symptom) || (own && rule.tier == Tier::Symptom),
        line: None,
        fixes: if own { advice(&candidate.matched) } else { Vec::new() },
    }
}

/// A rule's advice as fixes that claim no proof.
pub fn advice(matched: &Match<'_>) -> Vec<Fix> {
    let advice = matched.advice().into_iter();
    advice.map(|(title, docs)| Fix { title, docs, ..Default::default() }).collect()
}

fn unknown(truncated: bool) -> ExplainedCause {
    let why = if truncated {
        "The text is cut before it names a cause. The whole message is in stoppedReason of the task or in reason of its \
         container (aws ecs describe-tasks, for about an hour); CloudTrail has a denied call under the task's id as user name."
    } else {
        "The text is too general, or not from ECS. The reason and exit code of the container, the events of the service and \
         the last lines of the log say more."
    };
    ExplainedCause {
        cause: "unknown".to_owned(),
        rule: None,
        rule_docs: None,
        title: "No known failure is stated in this text".to_owned(),
        why: why.to_owned(),
        symptom: false,
        line: None,
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

    const PULL: &str = "CannotPullContainerError: manifest for web:9 not found: manifest unknown";

    fn brief(text: &str) -> Vec<(String, bool, bool)> {
        let causes = explain(Catalogue::embedded().unwrap(), text).causes;
        causes.into_iter().map(|c| (c.cause, c.symptom, c.line.as_deref() == Some(PULL))).collect()
    }

    #[test]
    fn each_of_several_messages_is_answered() {
        let causes = brief(&format!("{PULL}\nTaskFailedToStart: RESOURCE:GPU"));
        assert!(causes[..2].contains(&("image-not-found".to_owned(), false, true)), "{causes:?}");
        assert!(causes[..2].contains(&("placement-gpu".to_owned(), false, false)), "{causes:?}");
    }

    #[test]
    fn what_only_followed_comes_after_its_causes() {
        let causes =
            brief(&format!("(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.\n{PULL}"));
        assert_eq!(causes[0], ("image-not-found".to_owned(), false, true));
        assert!(causes.contains(&("circuit-breaker".to_owned(), true, false)), "{causes:?}");
    }

    #[test]
    fn the_last_words_of_a_log_count_and_not_an_attempt_that_was_repeated() {
        let served = "2026-01-01 12:00:00 INFO request served\n".repeat(60);
        let log = format!(
            "WARN connect ECONNREFUSED 10.0.0.3:6379, retrying in 1s\n{served}Error: Cannot find module 'express'"
        );
        let causes = brief(&log);
        assert_eq!(causes[0].0, "app-missing-module");
        assert!(causes.iter().any(|c| c.0 == "app-dependency-unreachable"), "{causes:?}");
    }

    #[test]
    fn one_message_has_no_line_of_its_own() {
        assert_eq!(explain(Catalogue::embedded().unwrap(), PULL).causes[0].line, None);
    }

    #[test]
    fn a_cut_text_says_where_the_whole_one_is() {
        let told = |text: &str| explain(Catalogue::embedded().unwrap(), text).causes[0].why.clone();
        assert!(told("Status reason: unable to…").contains("is cut"));
        assert!(told("it does not work").contains("too general"));
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
