//! Which rules a symptom matches, and in which order.
//!
//! One pass finds the literals that patterns require; only patterns whose literals occur are compiled and tried, each
//! once in the life of the process. Order: what says more (tier), then what its look-alikes give way to (`not`), then
//! more fixed text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder};

use super::{Rule, When, literals};
use crate::symptom::{Source, Symptom};

/// A rule that a symptom matches, with what its holes caught.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    pub rule: &'a Rule,
    pub captures: BTreeMap<String, String>,
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

/// The blocks of all rules, and what rules most of them out.
pub struct Matcher {
    blocks: Vec<Block>,
    /// Finds the literals that patterns require.
    finder: AhoCorasick,
    /// For each literal, the pattern that requires it: block and place in the block.
    owners: Vec<(usize, usize)>,
}

/// One `[[when]]`, by its rule and its place.
struct Block {
    rule: usize,
    when: usize,
    text: Vec<Pattern>,
    none: Vec<Pattern>,
}

/// A pattern that is compiled when first needed. One that cannot be compiled matches nothing; the lint reports it.
struct Pattern {
    source: String,
    required: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(source: &str, required: bool) -> Self {
        Self { source: source.to_owned(), required, regex: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Matcher {
    /// Prepares the patterns of all rules; compiles none.
    ///
    /// # Errors
    /// More literals than the search for them can hold.
    pub fn new(rules: &[Rule]) -> Result<Self, String> {
        let mut blocks = Vec::new();
        let (mut found, mut owners) = (Vec::new(), Vec::new());
        for (rule_at, rule) in rules.iter().enumerate() {
            for (when_at, when) in rule.when.iter().enumerate() {
                let mut text = Vec::new();
                for (place, source) in when.text.iter().enumerate() {
                    let required = literals::required(source);
                    text.push(Pattern::new(source, required.is_some()));
                    for literal in required.into_iter().flatten() {
                        found.push(literal);
                        owners.push((blocks.len(), place));
                    }
                }
                let none = when.none.iter().map(|source| Pattern::new(source, false)).collect();
                blocks.push(Block { rule: rule_at, when: when_at, text, none });
            }
        }
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(&found).map_err(|e| e.to_string())?;
        Ok(Self { blocks, finder, owners })
    }

    pub fn matches<'a>(&self, rules: &'a [Rule], symptom: &Symptom) -> Vec<Match<'a>> {
        let occurring = self.occurring(&symptom.text);
        let mut best: BTreeMap<usize, Match<'a>> = BTreeMap::new();
        for (at, block) in self.blocks.iter().enumerate() {
            let possible = |(place, pattern): (usize, &Pattern)| !pattern.required || occurring.contains(&(at, place));
            let Some(rule) = rules.get(block.rule) else { continue };
            let Some(when) = rule.when.get(block.when).filter(|when| fits(when, symptom)) else { continue };
            if !block.text.iter().enumerate().all(possible) {
                continue;
            }
            if let Some(matched) = block.matched(rule, when, symptom)
                && best.get(&block.rule).is_none_or(|known| known.weight < matched.weight)
            {
                best.insert(block.rule, matched);
            }
        }
        ranked(best.into_values().collect())
    }

    /// The patterns of which a required literal occurs in a text.
    fn occurring(&self, text: &str) -> BTreeSet<(usize, usize)> {
        let found = self.finder.find_overlapping_iter(text);
        found.filter_map(|literal| self.owners.get(literal.pattern().as_usize()).copied()).collect()
    }
}

impl Block {
    fn matched<'a>(&self, rule: &'a Rule, when: &When, symptom: &Symptom) -> Option<Match<'a>> {
        let text = symptom.text.as_bytes();
        let holds = self.text.iter().all(|p| p.is_match(text)) && !self.none.iter().any(|p| p.is_match(text));
        holds.then(|| {
            let captures = self.text.iter().filter_map(Pattern::regex).flat_map(|regex| captures(regex, text)).collect();
            let weight = when.text.iter().map(|pattern| fixed_characters(pattern)).sum();
            Match { rule, captures, weight }
        })
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
        .map(|m| (m.rule.tier, gives_way(m), Reverse(m.weight), m.rule.id.clone()))
        .zip(matches.clone())
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.into_iter().map(|(_, m)| m).collect()
}
