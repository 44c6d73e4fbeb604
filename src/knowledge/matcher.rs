//! Which rules a symptom matches, and in which order.
//!
//! A message is searched once for the literals of all patterns. They and its source leave few blocks to try, and settle
//! most patterns of these; the others are compiled, each once in the life of the process. What holes catch is looked up
//! when it is asked for. Order: what says more (tier), then what its look-alikes give way to (`not`), then a user's
//! own, then more fixed text.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use regex::bytes::{Regex, RegexBuilder};
use regex_automata::{
    Input,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures},
    util::syntax,
};
use smallvec::{SmallVec, smallvec};

use super::{
    Rule, When,
    index::{Bits, Index},
    literals::{self, Needs, Verdict},
    prepared::{self, Block as Prepared},
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
    asking: Vec<SmallVec<[u32; 4]>>,
    /// Blocks that no literal rules out.
    always: Bits,
    /// By source: the blocks that hear it.
    hearing: [Bits; Source::ALL.len()],
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
    source: Cow<'static, str>,
    /// What it needs, in a row, by the numbers of literals.
    needs: Cow<'static, [u32]>,
    /// Apart, since it is large and most patterns never have it.
    test: OnceLock<Option<Box<Test>>>,
    /// What tells more than whether it matches; rarely needed, and several times as costly to make.
    regex: OnceLock<Option<Regex>>,
}

/// An automaton that tells whether a pattern matches, built state by state where texts lead.
#[derive(Debug)]
struct Test {
    automaton: DFA,
    cache: Mutex<Cache>,
}

impl Test {
    /// Nothing for what cannot be compiled.
    fn new(pattern: &str) -> Option<Self> {
        let syntax = syntax::Config::new().unicode(false).utf8(false).case_insensitive(true);
        let states =
            thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST)).which_captures(WhichCaptures::None);
        let automaton = DFA::builder().syntax(syntax).thompson(states).build(pattern).ok()?;
        let cache = Mutex::new(automaton.create_cache());
        Some(Self { automaton, cache })
    }

    /// Nothing where it cannot tell.
    fn is_match(&self, text: &[u8]) -> Option<bool> {
        let input = Input::new(text).earliest(true);
        let found = match self.cache.try_lock() {
            Ok(mut cache) => self.automaton.try_search_fwd(&mut cache, &input),
            Err(_) => self.automaton.try_search_fwd(&mut self.automaton.create_cache(), &input),
        };
        found.ok().map(|found| found.is_some())
    }
}

/// As `regex` limits the size of what it compiles.
const LARGEST: usize = 10 << 20;

impl Pattern {
    fn new(source: impl Into<Cow<'static, str>>, needs: impl Into<Cow<'static, [u32]>>) -> Self {
        Self { source: source.into(), needs: needs.into(), test: OnceLock::new(), regex: OnceLock::new() }
    }

    /// What the literals of a text say of the pattern.
    fn verdict(&self, occurring: &Bits) -> Verdict {
        literals::verdict(&self.needs, &|literal| occurring.has(literal as usize))
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// Whether it matches a text, given what its literals say.
    fn is_match(&self, verdict: Verdict, text: &[u8]) -> bool {
        verdict == Verdict::Yes || self.test(text)
    }

    fn test(&self, text: &[u8]) -> bool {
        let test = self.test.get_or_init(|| Test::new(&self.source).map(Box::new));
        let told = test.as_ref().and_then(|test| test.is_match(text));
        told.unwrap_or_else(|| self.regex().is_some_and(|regex| regex.is_match(text)))
    }

    fn has_holes(&self) -> bool {
        self.source.contains("(?P<") || self.source.contains("(?<")
    }
}

impl Matcher {
    /// Takes in the patterns of all rules; compiles none.
    pub fn new(rules: &[Rule]) -> Self {
        let mut matcher = Self {
            blocks: Vec::with_capacity(2 * rules.len()),
            index: Index::with(prepared::tables()),
            asking: Vec::new(),
            always: Bits::default(),
            hearing: Default::default(),
        };
        for (at, rule) in rules.iter().enumerate() {
            match prepared::blocks(rule) {
                Some(blocks) => matcher.take(at, rule, blocks),
                None => matcher.read(at, rule),
            }
        }
        matcher.index.finish(&[]);
        matcher
    }

    /// Adds the blocks of a rule whose patterns the build script has read.
    fn take(&mut self, at: usize, rule: &Rule, blocks: &'static [Prepared]) {
        let patterns = |of: &'static [(&str, &[u32])]| of.iter().map(|(source, needs)| Pattern::new(*source, *needs));
        for (place, (when, block)) in rule.when.iter().zip(blocks).enumerate() {
            let (text, none) = (patterns(block.text).collect(), patterns(block.none).collect());
            self.add(Block { rule: at, when: place, text, none, weight: OnceLock::new() }, when, block.key);
        }
    }

    /// Adds the blocks of a rule whose patterns have to be read.
    fn read(&mut self, at: usize, rule: &Rule) {
        for (place, when) in rule.when.iter().enumerate() {
            let needs: Vec<Needs> = when.text.iter().map(|pattern| literals::required(pattern)).collect();
            let key = literals::key(&needs, &literals::tells);
            let key: Option<Vec<u32>> = key.map(|key| key.iter().map(|literal| self.index.add(literal)).collect());
            let unwanted: Vec<Needs> = when.none.iter().map(|pattern| literals::required(pattern)).collect();
            let (text, none) = (self.patterns(&when.text, &needs), self.patterns(&when.none, &unwanted));
            self.add(Block { rule: at, when: place, text, none, weight: OnceLock::new() }, when, key.as_deref());
        }
    }

    fn patterns(&mut self, sources: &[String], needs: &[Needs]) -> Vec<Pattern> {
        let mut row = |needs: &Needs| needs.row(&mut |literal| self.index.add(literal));
        sources.iter().zip(needs).map(|(source, needs)| Pattern::new(source.clone(), row(needs))).collect()
    }

    /// Adds a block, which is tried where a literal of its key occurs, or always.
    fn add(&mut self, block: Block, when: &When, key: Option<&[u32]>) {
        let at = self.blocks.len();
        match key {
            Some(key) => key.iter().for_each(|literal| self.ask(*literal as usize)),
            None => self.always.set(at),
        }
        for (source, hearing) in Source::ALL.iter().zip(&mut self.hearing) {
            if hears(when, *source) {
                hearing.set(at);
            }
        }
        self.blocks.push(block);
    }

    /// Has the block that comes next tried where a literal occurs.
    fn ask(&mut self, literal: usize) {
        self.asking.resize_with(self.asking.len().max(literal + 1), SmallVec::new);
        if let (Some(asking), Ok(block)) = (self.asking.get_mut(literal), u32::try_from(self.blocks.len())) {
            asking.push(block);
        }
    }

    /// The rules that a symptom matches, best first; the rules are those that the matcher was made of.
    pub fn matches<'a>(&'a self, rules: &'a [Rule], symptom: &Symptom) -> Vec<Match<'a>> {
        let mut found: Vec<Match<'a>> = Vec::new();
        let mut shared: Option<Arc<str>> = None;
        let (candidates, occurring) = self.candidates(symptom.text.as_bytes());
        for block in candidates.both(self.hearing(symptom.source)).filter_map(|at| self.blocks.get(at)) {
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

    /// The blocks that are worth trying on a text, and the literals that occur in it.
    fn candidates(&self, text: &[u8]) -> (Bits, Bits) {
        let mut candidates = self.always.clone();
        let occurring = self.index.search(text, |literal| {
            for block in self.asking.get(literal as usize).into_iter().flatten() {
                candidates.set(*block as usize);
            }
        });
        (candidates, occurring)
    }

    fn hearing(&self, source: Source) -> &Bits {
        let at = Source::ALL.iter().position(|one| *one == source);
        at.and_then(|at| self.hearing.get(at)).unwrap_or(&self.always)
    }
}

impl Block {
    /// Asks the literals before any regular expression is run.
    fn is_match(&self, text: &[u8], occurring: &Bits) -> bool {
        let verdicts = |patterns: &[Pattern]| -> SmallVec<[Verdict; 4]> {
            patterns.iter().map(|pattern| pattern.verdict(occurring)).collect()
        };
        let wanted = verdicts(&self.text);
        if wanted.contains(&Verdict::No) {
            return false;
        }
        let unwanted = verdicts(&self.none);
        !unwanted.contains(&Verdict::Yes)
            && self.text.iter().zip(wanted).all(|(pattern, verdict)| pattern.is_match(verdict, text))
            && !self
                .none
                .iter()
                .zip(unwanted)
                .any(|(pattern, verdict)| verdict != Verdict::No && pattern.is_match(verdict, text))
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
            let patterns = block.text.iter().filter(|pattern| pattern.has_holes());
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

/// Whether a block is for what stands there.
fn hears(block: &When, source: Source) -> bool {
    match source {
        Source::Text => true,
        Source::ContainerLog | Source::ExitCode | Source::HealthStatus => block.source.contains(&source),
        other => block.source.is_empty() || block.source.contains(&other) || block.source.contains(&other.repeats()),
    }
}

/// Whether the facts beside the text are those that a block asks for.
fn fits(block: &When, symptom: &Symptom) -> bool {
    let stop_code = || symptom.stop_code.as_ref().is_some_and(|code| block.stop_code.contains(code));
    let exit_code = || symptom.exit_code.is_some_and(|code| block.exit_code.contains(&code));
    (block.stop_code.is_empty() || stop_code())
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

/// What only ECS writes: a pasted text with one of these is no line of an application's log.
const OF_ECS: [&str; 8] = [
    "CannotPull",
    "CannotStartContainer",
    "CannotCreateContainer",
    "ResourceInitializationError",
    "unable to pull secrets",
    "failed to validate logger args",
    "failed to initialize logging driver",
    "execution resource retrieval failed",
];

fn ranked(mut matches: Vec<Match<'_>>) -> Vec<Match<'_>> {
    let of_both = matches.iter().any(|m| m.foreign) && matches.iter().any(|m| !m.foreign);
    if of_both && matches.first().is_some_and(|m| OF_ECS.iter().any(|words| m.text.contains(words))) {
        matches.retain(|m| !m.foreign);
    }
    if matches.len() < 2 {
        return matches;
    }
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
        assert_eq!(ids(&rules, Source::Text, text), ["pull"]);
        assert_eq!(ids(&rules, Source::Text, "write /var/lib/a: no space left on device"), ["pull", "log"]);
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
