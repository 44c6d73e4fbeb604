//! The texts that must occur for a pattern to match at all: what makes it cheap to rule most patterns out.
//!
//! Given a regular expression, reads it once from left to right; gives lower-case literals. It reads the common part of
//! the syntax of the crate `regex` only. What it does not understand requires nothing, so that a pattern is never ruled
//! out wrongly. Its own reader, since syntax trees of all patterns take longer to build than all else that one message
//! costs. The build script reads our own patterns with it, so that only those of a user are read at run time.

use std::{iter::Peekable, str::Chars};

/// Shorter literals occur everywhere and rule nothing out.
pub const SHORTEST: usize = 3;

/// Most literals that a part of a pattern is spelt out into.
const MOST: usize = 32;

/// Deepest nesting of groups that is read.
const DEEPEST: usize = 50;

/// What a text must contain for a pattern to match, ignoring case.
#[derive(Debug, PartialEq, Eq)]
pub enum Needs {
    /// A literal, which is all that this part of the pattern says.
    Text(String),
    /// One of these parts.
    Any(Vec<Needs>),
    /// Each of these, and more that no literal tells.
    All(Vec<Needs>),
}

/// What the literals of a text say of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    No,
    /// The pattern has to be tried.
    Maybe,
    Yes,
}

impl Needs {
    /// What requires nothing.
    const NOTHING: Self = Self::All(Vec::new());

    fn is_nothing(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// The same in a row, literals by number.
    pub fn row(&self, number: &mut impl FnMut(&str) -> u32) -> Vec<u32> {
        let mut row = Vec::new();
        self.write(number, &mut row);
        row
    }

    fn write(&self, number: &mut impl FnMut(&str) -> u32, row: &mut Vec<u32>) {
        let (kind, parts) = match self {
            Self::Text(literal) => return row.push(number(literal) & COUNT),
            Self::Any(parts) => (ANY, parts),
            Self::All(parts) => (ALL, parts),
        };
        let head = row.len();
        row.push(kind);
        parts.iter().for_each(|part| part.write(number, row));
        let length = row.len() - head - 1;
        if let (Some(word), Ok(length)) = (row.get_mut(head), u32::try_from(length)) {
            *word |= length & COUNT;
        }
    }
}

/// What tells the words of a row apart: the number of a literal has neither, a choice or a list says how many words hold
/// its parts.
const ANY: u32 = 1 << 30;
const ALL: u32 = 1 << 31;
const COUNT: u32 = ANY - 1;

/// What the literals that occur say of what needs a row.
pub fn verdict(mut row: &[u32], occurs: &impl Fn(u32) -> bool) -> Verdict {
    if row.is_empty() { Verdict::Maybe } else { first(&mut row, occurs) }
}

/// The verdict on the first part of a row, which is taken off.
fn first(row: &mut &[u32], occurs: &impl Fn(u32) -> bool) -> Verdict {
    let Some((&word, rest)) = row.split_first() else { return Verdict::Maybe };
    if word < ANY {
        *row = rest;
        return if occurs(word) { Verdict::Yes } else { Verdict::No };
    }
    let (parts, after) = rest.split_at_checked((word & COUNT) as usize).unwrap_or((rest, &[]));
    *row = after;
    if word < ALL { any(parts, occurs) } else { all(parts, occurs) }
}

/// The best verdict; nothing is better than `Yes`.
fn any(mut parts: &[u32], occurs: &impl Fn(u32) -> bool) -> Verdict {
    let mut best = Verdict::No;
    while best != Verdict::Yes && !parts.is_empty() {
        best = best.max(first(&mut parts, occurs));
    }
    best
}

fn all(mut parts: &[u32], occurs: &impl Fn(u32) -> bool) -> Verdict {
    while !parts.is_empty() {
        if first(&mut parts, occurs) == Verdict::No {
            return Verdict::No;
        }
    }
    Verdict::Maybe
}

/// Literals of which one must occur where all patterns match: the choice that is worth most.
pub fn key<'n, W: Ord>(patterns: &'n [Needs], worth: &impl Fn(&[&str]) -> W) -> Option<Vec<&'n str>> {
    patterns.iter().filter_map(|needs| choice(needs, worth)).max_by_key(|choice| worth(choice))
}

fn choice<'n, W: Ord>(needs: &'n Needs, worth: &impl Fn(&[&str]) -> W) -> Option<Vec<&'n str>> {
    match needs {
        Needs::Text(literal) => Some(vec![literal]),
        Needs::Any(parts) => {
            let choices: Option<Vec<_>> = parts.iter().map(|part| choice(part, worth)).collect();
            choices.map(|choices| choices.concat())
        }
        Needs::All(parts) => key(parts, worth),
    }
}

/// What a pattern requires.
pub fn required(pattern: &str) -> Needs {
    let mut reader = Reader { rest: pattern.chars().peekable(), depth: 0 };
    match reader.alternation() {
        Some(part) if reader.rest.peek().is_none() => part.needs(),
        _ => Needs::NOTHING,
    }
}

/// What is known of a part of a pattern.
enum Part {
    /// It matches these texts and no other.
    Texts(Vec<String>),
    /// Whatever it matches has what it needs.
    Hole(Needs),
}

impl Part {
    fn needs(self) -> Needs {
        match self {
            Self::Texts(texts) => telling(texts).unwrap_or(Needs::NOTHING),
            Self::Hole(needs) => needs,
        }
    }

    /// The part where something else than its texts decides as well.
    fn hedged(self) -> Self {
        let needs = self.needs();
        Self::Hole(if needs.is_nothing() { needs } else { Needs::All(vec![needs]) })
    }
}

/// The texts as a set of which one is required, without those that begin or end with another.
fn telling(mut texts: Vec<String>) -> Option<Needs> {
    if texts.iter().any(|text| text.len() < SHORTEST) {
        return None;
    }
    texts.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let mut kept: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        let says_less = |shorter: &String| text.starts_with(shorter.as_str()) || text.ends_with(shorter.as_str());
        if !kept.iter().any(says_less) {
            kept.push(text);
        }
    }
    let mut parts: Vec<Needs> = kept.into_iter().map(Needs::Text).collect();
    if parts.len() == 1 { parts.pop() } else { Some(Needs::Any(parts)) }
}

/// A sequence as far as it was read: what it requires, and the texts that its last parts spell out.
struct Sequence {
    needs: Vec<Needs>,
    texts: Vec<String>,
    has_hole: bool,
}

impl Sequence {
    fn new() -> Self {
        Self { needs: Vec::new(), texts: vec![String::new()], has_hole: false }
    }

    fn push(&mut self, part: Part) {
        match part {
            Part::Texts(next) => {
                if self.texts.len() * next.len() > MOST {
                    self.interrupt();
                }
                self.texts = match self.texts.as_slice() {
                    [nothing] if nothing.is_empty() => next,
                    texts => texts.iter().flat_map(|a| next.iter().map(move |b| [a.as_str(), b].concat())).collect(),
                };
            }
            Part::Hole(needs) => {
                self.interrupt();
                match needs {
                    Needs::All(parts) => self.needs.extend(parts),
                    needs => self.needs.push(needs),
                }
            }
        }
    }

    fn literal(&mut self, c: char) {
        self.texts.iter_mut().for_each(|text| text.push(c.to_ascii_lowercase()));
    }

    /// What follows does not touch what came before.
    fn interrupt(&mut self) {
        self.has_hole = true;
        self.needs.extend(telling(std::mem::replace(&mut self.texts, vec![String::new()])));
    }

    fn end(mut self) -> Part {
        if !self.has_hole {
            return Part::Texts(self.texts);
        }
        self.interrupt();
        Part::Hole(Needs::All(self.needs))
    }
}

/// Every function gives `None` for what it does not understand.
struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }

    fn alternation(&mut self) -> Option<Part> {
        let mut branches = vec![self.sequence()?];
        while self.eat('|') {
            branches.push(self.sequence()?);
        }
        if branches.len() == 1 { branches.pop() } else { Some(either(branches)) }
    }

    fn sequence(&mut self) -> Option<Part> {
        let mut sequence = Sequence::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let literal = match c {
                '\\' => self.escaped()?,
                '.' | '^' | '$' | '(' | '[' => None,
                '*' | '+' | '?' | '{' => return None,
                c => Some(c).filter(char::is_ascii),
            };
            match (literal, self.rest.peek()) {
                (Some(literal), None) => sequence.literal(literal),
                (Some(literal), Some(next)) if !matches!(next, '*' | '+' | '?' | '{') => sequence.literal(literal),
                (literal, _) => self.repeated(c, literal, &mut sequence)?,
            }
        }
        Some(sequence.end())
    }

    /// A part that may be repeated, with its repetitions.
    fn repeated(&mut self, first: char, literal: Option<char>, sequence: &mut Sequence) -> Option<()> {
        let mut part = match (literal, first) {
            (Some(literal), _) => Part::Texts(vec![literal.to_ascii_lowercase().to_string()]),
            (None, '(') => self.group()?,
            (None, '[') => self.class()?,
            _ => Part::Hole(Needs::NOTHING),
        };
        let mut open = false;
        while let Some(least) = self.repetition()? {
            part = match (least, part) {
                (Least::Optional, Part::Texts(mut texts)) => {
                    texts.push(String::new());
                    Part::Texts(texts)
                }
                (Least::Once, part) => part,
                _ => Part::Hole(Needs::NOTHING),
            };
            open |= least != Least::Optional;
        }
        sequence.push(part);
        if open {
            sequence.interrupt();
        }
        Some(())
    }

    fn repetition(&mut self) -> Option<Option<Least>> {
        let Some(c) = self.rest.next_if(|c| matches!(c, '*' | '+' | '?' | '{')) else { return Some(None) };
        let least = match c {
            '*' => Least::Never,
            '+' => Least::Once,
            '?' => Least::Optional,
            _ => self.counted()?,
        };
        self.eat('?');
        Some(Some(least))
    }

    fn counted(&mut self) -> Option<Least> {
        let mut least = 0_u32;
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
            least = least.saturating_mul(10).saturating_add(digit);
        }
        let end = self.rest.by_ref().find(|c| !c.is_ascii_digit() && *c != ',');
        (end == Some('}')).then_some(if least == 0 { Least::Never } else { Least::Once })
    }

    fn group(&mut self) -> Option<Part> {
        self.depth += 1;
        let opening = if self.eat('?') { self.opening()? } else { Opening::Plain };
        if self.depth > DEEPEST {
            return None;
        }
        let part = self.alternation()?;
        self.depth -= 1;
        self.eat(')').then_some(if opening == Opening::ByCase { part.hedged() } else { part })
    }

    /// What follows `(?`: a colon, a name, or that case counts; other flags are not understood.
    fn opening(&mut self) -> Option<Opening> {
        if self.eat(':') {
            return Some(Opening::Plain);
        }
        if self.eat('-') {
            return (self.eat('i') && self.eat(':')).then_some(Opening::ByCase);
        }
        self.eat('P');
        (self.eat('<') && self.rest.by_ref().any(|c| c == '>')).then_some(Opening::Plain)
    }

    /// The literal that an escape stands for, if it stands for one.
    fn escaped(&mut self) -> Option<Option<char>> {
        match self.rest.next()? {
            // `\b{start}` is no repetition.
            'b' | 'B' => (self.rest.peek() != Some(&'{')).then_some(None),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'A' | 'z' | 'n' | 'r' | 't' => Some(None),
            c if c.is_ascii_alphanumeric() || matches!(c, '<' | '>') => None,
            c => Some(Some(c).filter(char::is_ascii)),
        }
    }

    /// A class of few characters is their choice.
    fn class(&mut self) -> Option<Part> {
        let mut is_hole = self.eat('^');
        let mut texts: Vec<String> = Vec::new();
        if self.eat(']') {
            texts.push("]".to_owned());
        }
        loop {
            match self.rest.next()? {
                ']' => break,
                // A class within a class, and what is done with two of them.
                '[' | '&' | '~' => return None,
                '\\' => {
                    is_hole = true;
                    self.rest.next()?;
                }
                '-' if self.rest.peek() == Some(&'-') => return None,
                '-' if !texts.is_empty() && self.rest.peek() != Some(&']') => is_hole = true,
                c if c.is_ascii() => texts.push(c.to_ascii_lowercase().to_string()),
                _ => is_hole = true,
            }
        }
        texts.sort();
        texts.dedup();
        Some(if is_hole || texts.len() > FEW { Part::Hole(Needs::NOTHING) } else { Part::Texts(texts) })
    }
}

/// Most characters of a class that is spelt out.
const FEW: usize = 4;

/// How a group begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Plain,
    /// `(?-i:`, in which case counts.
    ByCase,
}

/// How often a part occurs at least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Least {
    Never,
    /// Once or not at all.
    Optional,
    Once,
}

/// One of several parts: it requires something if each of them does.
fn either(branches: Vec<Part>) -> Part {
    let spelt: usize = branches.iter().map(|b| if let Part::Texts(texts) = b { texts.len() } else { MOST + 1 }).sum();
    if spelt <= MOST {
        let texts = branches.into_iter().flat_map(|b| if let Part::Texts(texts) = b { texts } else { Vec::new() });
        return Part::Texts(texts.collect());
    }
    let needs: Vec<Needs> = branches.into_iter().map(Part::needs).collect();
    Part::Hole(if needs.iter().any(Needs::is_nothing) { Needs::NOTHING } else { Needs::Any(needs) })
}

/// How much a choice rules out: the more, the longer its shortest literal and the fewer they are.
pub fn tells(choice: &[&str]) -> (usize, std::cmp::Reverse<usize>) {
    (choice.iter().map(|literal| literal.len()).min().unwrap_or(0), std::cmp::Reverse(choice.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::matcher::compile;

    #[test]
    fn what_must_occur_is_found() {
        for (pattern, needs) in [
            ("not authorized to perform:? ecr:", "{not authorized to perform ecr:|not authorized to perform: ecr:}"),
            (r"(?:dial (?:tcp|udp)|i/o timeout)\b", "[{dial tcp|dial udp|i/o timeout}]"),
            (r"cancel+ed (?P<x>\S+)", "[cancel&ed ]"),
            (r"(?:abc)?x*", "[]"),
            (r"\d+|abc", "[]"),
            ("a.b", "[]"),
            (r"no space left(?: on device)?", "no space left"),
            (r"[Nn]o space\[1\]", "no space[1]"),
            (r"(?:abc|[^d]+efg).*hij{2}k?", "[{abc|[efg]}&hij]"),
            (r"abc|def\d+ghi|jkl", "{abc|[def&ghi]|jkl}"),
            (r"(?P<x>abc|def)", "{abc|def}"),
            (r"(?-i:ABC)|def|(?-i:[A-Z]+) ghi", "{[abc]|def|[ ghi]}"),
            (r"(?i)abc", "[]"),
            (r"(?s-i:abc)", "[]"),
            (r"\d{12}\.dkr\S{2,}ecr", "[.dkr&ecr]"),
            (r"\b{start}abc", "[]"),
            (r"\x41bc", "[]"),
            ("[[:alpha:]]bcd", "[]"),
            ("ab", "[]"),
        ] {
            assert_eq!(shown(&required(pattern)), needs, "{pattern}");
        }
        assert_eq!(required(&("(".repeat(100_000) + "abcd" + &")".repeat(100_000))), Needs::NOTHING);
    }

    fn shown(needs: &Needs) -> String {
        let joined = |parts: &[Needs], by| parts.iter().map(shown).collect::<Vec<_>>().join(by);
        match needs {
            Needs::Text(literal) => literal.clone(),
            Needs::Any(parts) => format!("{{{}}}", joined(parts, "|")),
            Needs::All(parts) => format!("[{}]", joined(parts, "&")),
        }
    }

    #[test]
    fn the_key_is_the_choice_that_tells_most() {
        for (pattern, key) in [
            (r"abc.*(?:defgh|ijklmn).*opqr", Some(vec!["defgh", "ijklmn"])),
            (r"abc\d+defg|hij", Some(vec!["defg", "hij"])),
            (r"abc|\d", None),
        ] {
            assert_eq!(super::key(&[required(pattern)], &|choice| tells(choice)), key, "{pattern}");
        }
    }

    fn verdict(needs: &Needs, text: &str) -> Verdict {
        let text = text.to_ascii_lowercase();
        let mut literals = Vec::new();
        let row = needs.row(&mut |literal| {
            literals.push(literal.to_owned());
            literals.len() as u32 - 1
        });
        super::verdict(&row, &|literal| text.contains(&literals[literal as usize]))
    }

    /// Patterns of few characters, so that texts of few characters match them.
    fn patterns() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            4 => "[abAB]{1,5}",
            1 => prop::sample::select(vec![".", r"\w", r"\b", "^", "$", "[ab]", "[^a]", "[a-b]", r"[\s]", "[a-]", r"\.", "é", "[]a]"])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let quantifier = prop::sample::select(vec!["*", "+", "?", "{2}", "{0,2}", "{1,}", "+?", "??"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner.clone(), quantifier).prop_map(|(part, q)| format!("(?:{part}){q}")),
                inner.clone().prop_map(|part| format!("(?P<x>{part})b+|")),
                inner.prop_map(|part| format!("(?-i:{part})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_verdict_is_wrong(pattern in patterns(), texts in prop::collection::vec("[abAB.é -]{0,12}", 8)) {
            // Two groups of one name do not compile.
            if let Ok(regex) = compile(&pattern) {
                let needs = required(&pattern);
                for text in texts {
                    let matches = if regex.is_match(text.as_bytes()) { Verdict::Yes } else { Verdict::No };
                    let verdict = verdict(&needs, &text);
                    prop_assert!(verdict == Verdict::Maybe || verdict == matches, "{pattern} on {text}");
                }
            }
        }
    }
}
