//! Which rules a symptom matches, and in which order.
//!
//! A message is searched once for the literals of all patterns, which leaves few blocks to try; of these only the
//! patterns that are more than literals are compiled, each once in the life of the process. What holes catch is looked
//! up when it is asked for. Order: what says more (tier), then what its look-alikes give way to (`not`), then a user's
//! own, then more fixed text.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use regex::bytes::{Regex, RegexBuilder};
use smallvec::{SmallVec, smallvec};

use super::{
    Rule, When,
    index::{Index, Occurring},
    literals::{self, Required},
};
use crate::symptom::{Source, Symptom};

/// A rule that a symptom matches.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    pub rule: &'a Rule,
    /// The blocks that match, in the order of the file, and the text that they match.
    blocks: SmallVec<[&'a Block; 2]>,
    text: Arc<str>,
    /// What facts put into holes, whatever the patterns caught.
    told: BTreeMap<String, String>,
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
    index: Index,
    /// By literal: the blocks to try where it occurs.
    asking: Vec<Vec<usize>>,
    /// Blocks that no literal rules out.
    always: Vec<usize>,
}

/// One `[[when]]`, by its rule and its place.
#[derive(Debug)]
struct Block {
    rule: usize,
    when: usize,
    text: Vec<Pattern>,
    none: Vec<Pattern>,
    /// Characters of fixed text, counted when it first matches.
    weight: OnceLock<usize>,
}

/// A pattern that is compiled when first needed. One that cannot be compiled matches nothing; the lint reports it.
#[derive(Debug)]
struct Pattern {
    source: String,
    /// Of each set of literals one must occur.
    required: Vec<Vec<u32>>,
    /// Whether that is all that the pattern says.
    exact: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(source: &str, required: &Required, index: &mut Index) -> Self {
        let mut numbers = |set: &Vec<String>| set.iter().map(|literal| index.add(literal)).collect();
        let sets = required.sets.iter().map(&mut numbers).collect();
        Self { source: source.to_owned(), required: sets, exact: required.exact, regex: OnceLock::new() }
    }

    /// Whether the pattern is worth trying on a text with these literals.
    fn may_match(&self, occurring: &Occurring) -> bool {
        self.required.iter().all(|set| set.iter().any(|literal| occurring.has(*literal)))
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// Whether it matches a text in which it may.
    fn is_match(&self, text: &[u8]) -> bool {
        self.exact || self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Matcher {
    /// Reads the patterns of all rules; compiles none.
    pub fn new(rules: &[Rule]) -> Self {
        let mut matcher = Self { blocks: Vec::new(), index: Index::default(), asking: Vec::new(), always: Vec::new() };
        for (rule_at, rule) in rules.iter().enumerate() {
            for (when_at, when) in rule.when.iter().enumerate() {
                matcher.add(rule_at, when_at, when);
            }
        }
        matcher.index.finish();
        matcher
    }

    fn add(&mut self, rule: usize, when: usize, block: &When) {
        let required: Vec<Required> = block.text.iter().map(|pattern| literals::required(pattern)).collect();
        let key = required.iter().flat_map(|r| &r.sets).max_by_key(|set| literals::tells(set));
        match key {
            Some(set) => set.iter().for_each(|literal| self.ask(literal)),
            None => self.always.push(self.blocks.len()),
        }
        let mut patterns = |sources: &[String], required: Vec<Required>| {
            sources.iter().zip(required).map(|(source, r)| Pattern::new(source, &r, &mut self.index)).collect()
        };
        let none = block.none.iter().map(|pattern| literals::required(pattern)).collect();
        let (text, none) = (patterns(&block.text, required), patterns(&block.none, none));
        self.blocks.push(Block { rule, when, text, none, weight: OnceLock::new() });
    }

    /// Has the block that comes next tried where a literal occurs.
    fn ask(&mut self, literal: &str) {
        let number = self.index.add(literal) as usize;
        self.asking.resize_with(self.asking.len().max(number + 1), Vec::new);
        if let Some(asking) = self.asking.get_mut(number) {
            asking.push(self.blocks.len());
        }
    }

    /// The rules that a symptom matches, best first; the rules are those that the matcher was made of.
    pub fn matches<'a>(&'a self, rules: &'a [Rule], symptom: &Symptom) -> Vec<Match<'a>> {
        let mut found: Vec<Match<'a>> = Vec::new();
        let mut shared: Option<Arc<str>> = None;
        let (candidates, occurring) = self.candidates(symptom.text.as_bytes());
        for block in candidates.iter().filter_map(|at| self.blocks.get(*at)) {
            let Some(rule) = rules.get(block.rule) else { continue };
            let Some(when) = rule.when.get(block.when).filter(|when| fits(when, symptom)) else { continue };
            if !block.is_match(symptom.text.as_bytes(), &occurring) {
                continue;
            }
            let foreign = symptom.source == Source::Text && when.source == [Source::ContainerLog];
            let text = shared.get_or_insert_with(|| symptom.text.as_str().into()).clone();
            let matched =
                Match { told: BTreeMap::new(), rule, blocks: smallvec![block], text, foreign, weight: block.weight() };
            match found.last_mut().filter(|known| std::ptr::eq(known.rule, rule)) {
                Some(known) => known.join(matched),
                None => found.push(matched),
            }
        }
        ranked(found)
    }

    /// The blocks that are worth trying on a text, in order, and the literals that occur in it.
    fn candidates(&self, text: &[u8]) -> (Vec<usize>, Occurring) {
        let mut candidates = self.always.clone();
        let occurring = self.index.search(text, |literal| {
            candidates.extend(self.asking.get(literal as usize).into_iter().flatten());
        });
        candidates.sort_unstable();
        candidates.dedup();
        (candidates, occurring)
    }
}

impl Block {
    fn is_match(&self, text: &[u8], occurring: &Occurring) -> bool {
        self.text.iter().all(|p| p.may_match(occurring))
            && self.text.iter().all(|p| p.is_match(text))
            && !self.none.iter().any(|p| p.may_match(occurring) && p.is_match(text))
    }

    fn weight(&self) -> usize {
        *self.weight.get_or_init(|| self.text.iter().map(|pattern| fixed_characters(&pattern.source)).sum())
    }
}

impl Match<'_> {
    /// What the holes of the patterns caught, by name; a hole keeps what the earlier block caught.
    pub fn captures(&self) -> BTreeMap<String, String> {
        let mut caught = self.told.clone();
        for block in &self.blocks {
            let patterns = block.text.iter().filter(|pattern| !pattern.exact);
            let own: BTreeMap<String, String> =
                patterns.filter_map(Pattern::regex).flat_map(|regex| captures(regex, self.text.as_bytes())).collect();
            for (name, value) in own {
                caught.entry(name).or_insert(value);
            }
        }
        caught
    }

    /// Puts a fact into a hole; nothing leaves it as it is.
    pub fn set(&mut self, hole: &str, value: &str) {
        if !value.is_empty() {
            self.told.insert(hole.to_owned(), value.to_owned());
        }
    }

    /// Puts a fact into a hole in which no pattern caught anything.
    pub fn offer(&mut self, hole: &str, value: &str) {
        if !self.captures().contains_key(hole) {
            self.set(hole, value);
        }
    }

    /// Takes in what another block of the same rule found.
    fn join(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.foreign &= other.foreign;
        self.weight = self.weight.max(other.weight);
    }
}

fn fits(block: &When, symptom: &Symptom) -> bool {
    let source = match symptom.source {
        Source::Text => true,
        Source::ContainerLog => block.source.contains(&Source::ContainerLog),
        Source::ExitCode => block.source.contains(&Source::ExitCode),
        Source::HealthStatus => block.source.contains(&Source::HealthStatus),
        other => block.source.is_empty() || block.source.contains(&other) || block.source.contains(&other.repeats()),
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

fn ranked(mut matches: Vec<Match<'_>>) -> Vec<Match<'_>> {
    let present: SmallVec<[&str; 8]> = matches.iter().map(|m| m.rule.id.as_str()).collect();
    let gives_way = |m: &Match<'_>| m.rule.not.iter().filter(|id| present.contains(&id.as_str())).count();
    matches.sort_by_cached_key(|m| {
        (m.rule.tier, m.foreign, gives_way(m), m.rule.origin, Reverse(m.weight), m.rule.id.as_str())
    });
    matches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(files: &[&str]) -> Vec<Rule> {
        files.iter().map(|text| toml::from_str(text).unwrap()).collect()
    }

    fn ids(rules: &[Rule], source: Source, text: &str) -> Vec<String> {
        let matcher = Matcher::new(rules);
        let found = matcher.matches(rules, &Symptom::new(source, text));
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
        let matcher = Matcher::new(&rules);
        let found = matcher.matches(&rules, &symptom);
        let caught = found.first().unwrap().captures();
        assert_eq!(caught.get("path").map(String::as_str), Some("/var/lib/a"));
        assert_eq!(caught.get("rest").map(String::as_str), Some("/var/lib/a: no space"));
    }
}
