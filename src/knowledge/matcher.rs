//! Which rules a symptom matches, and in which order.
//!
//! One `RegexSet` over all patterns finds candidates in a single pass; captures and exclusions are compiled when a
//! candidate first needs them. Order: what says more (tier), then what is for this kind of text, then what its
//! look-alikes give way to (`not`), then more fixed text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::OnceLock,
};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::{Rule, When};
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

/// The compiled patterns; each knows which block of which rule it belongs to.
pub struct Matcher {
    set: RegexSet,
    patterns: Vec<Place>,
    /// Blocks without a text pattern, which exit or stop codes decide.
    textless: Vec<(usize, usize)>,
    compiled: HashMap<String, OnceLock<Option<Regex>>>,
}

struct Place {
    rule: usize,
    block: usize,
}

const SIZE_LIMIT: usize = 256 << 20;

impl Matcher {
    /// Compiles the patterns of all rules.
    ///
    /// # Errors
    /// A pattern that the regex engine refuses.
    pub fn new(rules: &[Rule]) -> Result<Self, String> {
        let mut patterns = Vec::new();
        let mut sources = Vec::new();
        let mut textless = Vec::new();
        let mut compiled = HashMap::new();
        for (rule_at, rule) in rules.iter().enumerate() {
            for (block_at, block) in rule.when.iter().enumerate() {
                if block.text.is_empty() {
                    textless.push((rule_at, block_at));
                }
                for text in block.text.iter().chain(&block.none) {
                    compiled.insert(text.clone(), OnceLock::new());
                }
                for text in &block.text {
                    patterns.push(Place { rule: rule_at, block: block_at });
                    sources.push(text.as_str());
                }
            }
        }
        let set = RegexSetBuilder::new(sources).unicode(false).case_insensitive(true).size_limit(SIZE_LIMIT).build();
        Ok(Self { set: set.map_err(|e| e.to_string())?, patterns, textless, compiled })
    }

    pub fn matches<'a>(&self, rules: &'a [Rule], symptom: &Symptom) -> Vec<Match<'a>> {
        let mut hits: BTreeMap<(usize, usize), usize> = self.textless.iter().map(|key| (*key, 0)).collect();
        for place in self.set.matches(symptom.text.as_bytes()).into_iter().filter_map(|at| self.patterns.get(at)) {
            *hits.entry((place.rule, place.block)).or_default() += 1;
        }
        let mut best: BTreeMap<usize, Match<'a>> = BTreeMap::new();
        for ((rule_at, block_at), found) in hits {
            let Some(rule) = rules.get(rule_at) else { continue };
            let Some(block) = rule.when.get(block_at).filter(|b| b.text.len() == found) else { continue };
            let Some(matched) = self.matched(rule, block, symptom) else { continue };
            match best.get_mut(&rule_at) {
                Some(known) => known.join(matched),
                None => drop(best.insert(rule_at, matched)),
            }
        }
        ranked(best.into_values().collect())
    }

    fn matched<'a>(&self, rule: &'a Rule, block: &When, symptom: &Symptom) -> Option<Match<'a>> {
        let text = symptom.text.as_bytes();
        let excluded = || block.none.iter().any(|pattern| self.compiled(pattern).is_some_and(|r| r.is_match(text)));
        if !fits(block, symptom) || excluded() {
            return None;
        }
        let captures = block.text.iter().filter_map(|pattern| self.compiled(pattern)).flat_map(|r| captures(r, text));
        let weight = block.text.iter().map(|pattern| fixed_characters(pattern)).sum();
        let foreign = symptom.source == Source::Text && block.source == [Source::ContainerLog];
        Some(Match { rule, captures: captures.collect(), foreign, weight })
    }

    fn compiled(&self, pattern: &str) -> Option<&Regex> {
        self.compiled.get(pattern)?.get_or_init(|| compile(pattern).ok()).as_ref()
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
        .map(|m| (m.rule.tier, m.foreign, gives_way(m), Reverse(m.weight), m.rule.id.clone()))
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
        let found = Matcher::new(rules).unwrap().matches(rules, &Symptom::new(source, text));
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
        let found = Matcher::new(&rules).unwrap().matches(&rules, &symptom);
        let caught = &found.first().unwrap().captures;
        assert_eq!(caught.get("path").map(String::as_str), Some("/var/lib/a"));
        assert_eq!(caught.get("rest").map(String::as_str), Some("/var/lib/a: no space"));
    }
}
