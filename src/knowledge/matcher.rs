//! Which rules a symptom matches, and in which order.
//!
//! Most patterns are ruled out by the literals that they require; only the others are compiled and tried, each compiled
//! once in the life of the process. Order: what says more (tier), then what its look-alikes give way to (`not`), then
//! a user's own, then more fixed text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use regex::bytes::{Regex, RegexBuilder};

use super::{
    Rule, When,
    literals::{self, Trigrams},
};
use crate::symptom::{Source, Symptom};

/// A rule that a symptom matches, with what its holes caught.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    pub rule: &'a Rule,
    pub captures: BTreeMap<String, String>,
    /// A pasted text, matched by patterns for application logs alone.
    foreign: bool,
    /// Characters of fixed text in the patterns that matched.
    weight: usize,
}

/// A match of one of several symptoms.
#[derive(Debug, Clone)]
pub struct Ranked<'a> {
    pub matched: Match<'a>,
    /// Index of the symptom.
    pub symptom: usize,
}

/// The blocks of all rules.
pub struct Matcher {
    blocks: Vec<Block>,
}

/// One `[[when]]`, by its rule and its place.
struct Block {
    rule: usize,
    when: usize,
    text: Vec<Pattern>,
    none: Vec<Pattern>,
}

/// A pattern that is looked into when first needed. One that cannot be compiled matches nothing; the lint reports it.
struct Pattern {
    source: String,
    /// Of these literals one must occur; `None` where there is no such set.
    required: OnceLock<Option<Vec<String>>>,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(source: &str) -> Self {
        Self { source: source.to_owned(), required: OnceLock::new(), regex: OnceLock::new() }
    }

    /// Whether the pattern is worth trying on a text with these trigrams.
    fn may_match(&self, trigrams: &Trigrams) -> bool {
        let required = self.required.get_or_init(|| literals::required(&self.source));
        required.as_ref().is_none_or(|literals| literals.iter().any(|literal| trigrams.may_contain(literal)))
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Matcher {
    /// Takes the patterns of all rules; looks into none.
    pub fn new(rules: &[Rule]) -> Self {
        let patterns = |sources: &[String]| sources.iter().map(|source| Pattern::new(source)).collect();
        let blocks = rules.iter().enumerate().flat_map(|(rule_at, rule)| {
            let block = move |(when_at, when): (usize, &When)| Block {
                rule: rule_at,
                when: when_at,
                text: patterns(&when.text),
                none: patterns(&when.none),
            };
            rule.when.iter().enumerate().map(block)
        });
        Self { blocks: blocks.collect() }
    }

    pub fn matches<'a>(&self, rules: &'a [Rule], symptom: &Symptom) -> Vec<Match<'a>> {
        let trigrams = Trigrams::of(&symptom.text);
        let mut best: BTreeMap<usize, Match<'a>> = BTreeMap::new();
        for block in &self.blocks {
            let Some(rule) = rules.get(block.rule) else { continue };
            let Some(when) = rule.when.get(block.when).filter(|when| fits(when, symptom)) else { continue };
            if !block.text.iter().all(|pattern| pattern.may_match(&trigrams)) {
                continue;
            }
            let Some(matched) = block.matched(rule, when, symptom, &trigrams) else { continue };
            match best.get_mut(&block.rule) {
                Some(known) => known.join(matched),
                None => drop(best.insert(block.rule, matched)),
            }
        }
        ranked(best.into_values().collect())
    }
}

impl Block {
    fn matched<'a>(&self, rule: &'a Rule, when: &When, symptom: &Symptom, trigrams: &Trigrams) -> Option<Match<'a>> {
        let text = symptom.text.as_bytes();
        let holds = self.text.iter().all(|p| p.is_match(text))
            && !self.none.iter().any(|p| p.may_match(trigrams) && p.is_match(text));
        holds.then(|| {
            let captures =
                self.text.iter().filter_map(Pattern::regex).flat_map(|regex| captures(regex, text)).collect();
            let weight = when.text.iter().map(|pattern| fixed_characters(pattern)).sum();
            let foreign = symptom.source == Source::Text && when.source == [Source::ContainerLog];
            Match { rule, captures, foreign, weight }
        })
    }
}

impl Match<'_> {
    /// Takes in what another block of the same rule found; a hole keeps what the earlier block caught.
    fn join(&mut self, other: Self) {
        for (name, value) in other.captures {
            self.captures.entry(name).or_insert(value);
        }
        self.foreign &= other.foreign;
        self.weight = self.weight.max(other.weight);
    }
}

fn fits(block: &When, symptom: &Symptom) -> bool {
    let source = match symptom.source {
        Source::Text => true,
        Source::ContainerLog => block.source.contains(&Source::ContainerLog),
        Source::ExitCode => block.source.contains(&Source::ExitCode),
        other => block.source.is_empty() || block.source.contains(&other),
    };
    let stop_code = || symptom.stop_code.as_ref().is_some_and(|code| block.stop_code.contains(code));
    let exit_code = || symptom.exit_code.is_some_and(|code| block.exit_code.contains(&code));
    source
        && (block.stop_code.is_empty() || stop_code())
        && (block.exit_code.is_empty() || exit_code())
        && (block.launch_type.is_empty() || block.launch_type.contains(&symptom.launch_type))
        && (!block.cross_account || symptom.denial().is_some_and(|denial| denial.is_cross_account()))
}

fn captures(regex: &Regex, text: &[u8]) -> Vec<(String, String)> {
    let Some(found) = regex.captures(text) else { return Vec::new() };
    let names = regex.capture_names().flatten();
    let caught = names.filter_map(|name| {
        let value = String::from_utf8_lossy(found.name(name)?.as_bytes()).into_owned();
        (!value.is_empty()).then(|| (name.to_owned(), value))
    });
    caught.collect()
}

/// A pattern as every part of the knowledge base compiles it.
///
/// # Errors
/// What the regex engine has against it.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build()
}

/// Letters and digits outside of classes, escapes and holes: a measure of how much a pattern insists on.
fn fixed_characters(pattern: &str) -> usize {
    let mut count = 0;
    let mut in_class = false;
    let mut escaped = false;
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            c if c.is_ascii_alphanumeric() && !in_class => count += 1,
            _ => {}
        }
    }
    count
}

fn ranked(matches: Vec<Match<'_>>) -> Vec<Match<'_>> {
    let present: BTreeSet<&str> = matches.iter().map(|m| m.rule.id.as_str()).collect();
    let gives_way = |m: &Match<'_>| m.rule.not.iter().filter(|id| present.contains(id.as_str())).count();
    let mut keyed: Vec<_> = matches
        .iter()
        .map(|m| (m.rule.tier, m.foreign, gives_way(m), m.rule.origin, Reverse(m.weight), m.rule.id.clone()))
        .zip(matches.clone())
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.into_iter().map(|(_, m)| m).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(files: &[&str]) -> Vec<Rule> {
        files.iter().map(|text| toml::from_str(text).unwrap()).collect()
    }

    fn ids(rules: &[Rule], source: Source, text: &str) -> Vec<String> {
        let found = Matcher::new(rules).matches(rules, &Symptom::new(source, text));
        found.iter().map(|m| m.rule.id.clone()).collect()
    }

    const PULL: &str = r#"
        id = "pull"
        cause = "disk-full"
        title = "t"
        since = "0.1.0"
        why = "w"
        [[when]]
        text = ['(?P<path>/\S+): no space']
        [[when]]
        text = ['CannotPull\w+: (?P<path>\S+) (?P<rest>.+)']
    "#;
    const LOG: &str = r#"
        id = "log"
        cause = "app-disk-full"
        title = "t"
        since = "0.1.0"
        why = "w"
        [[when]]
        source = ["container.log"]
        text = ['no space left on device|ENOSPC|disk quota exceeded|file system is full']
    "#;

    #[test]
    fn a_pasted_message_is_rather_of_ecs_than_of_an_application() {
        let rules = rules(&[LOG, PULL]);
        let text = "CannotPullContainerError: write /var/lib/a: no space left on device";
        assert_eq!(ids(&rules, Source::Text, text), ["pull", "log"]);
        assert_eq!(ids(&rules, Source::ContainerReason, text), ["pull"]);
        assert_eq!(ids(&rules, Source::ContainerLog, text), ["log"]);
        assert_eq!(ids(&rules, Source::Text, "ENOSPC: no space left on device"), ["log"]);
    }

    #[test]
    fn every_block_that_matches_fills_holes_and_the_first_has_its_way() {
        let rules = rules(&[PULL]);
        let symptom = Symptom::new(Source::ContainerReason, "CannotPullContainerError: write /var/lib/a: no space");
        let found = Matcher::new(&rules).matches(&rules, &symptom);
        let caught = &found.first().unwrap().captures;
        assert_eq!(caught.get("path").map(String::as_str), Some("/var/lib/a"));
        assert_eq!(caught.get("rest").map(String::as_str), Some("/var/lib/a: no space"));
    }
}
