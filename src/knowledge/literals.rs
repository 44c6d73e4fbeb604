//! The texts that must occur for a pattern to match at all: what makes it cheap to rule most patterns out.
//!
//! Given a regular expression, reads it once from left to right; gives lower-case literals. It reads the common part of
//! the syntax of the crate `regex` only. What it does not understand requires nothing, so that a pattern is never ruled
//! out wrongly. Its own reader, since syntax trees of all patterns take longer to build than all else that one message
//! costs.

use std::{iter::Peekable, str::Chars};

/// Shorter literals occur everywhere and rule nothing out.
pub const SHORTEST: usize = 3;

/// Most literals that a part of a pattern is spelt out into.
const MOST: usize = 32;

/// Deepest nesting of groups that is read.
const DEEPEST: usize = 50;

/// What a text must contain for a pattern to match, ignoring case.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Required {
    /// Of each set one literal must occur.
    pub sets: Vec<Vec<String>>,
    /// Whether nothing else is required and nothing is caught: then the pattern need not be tried.
    pub exact: bool,
}

/// What a pattern requires.
pub fn required(pattern: &str) -> Required {
    let mut reader = Reader { rest: pattern.chars().peekable(), depth: 0, has_names: false };
    match reader.alternation() {
        Some(part) if reader.rest.peek().is_none() => part.required(reader.has_names),
        _ => Required::default(),
    }
}

/// What is known of a part of a pattern.
enum Part {
    /// It matches these texts and no other.
    Texts(Vec<String>),
    /// Whatever it matches has one literal of each set.
    Hole(Vec<Vec<String>>),
}

impl Part {
    fn required(self, has_names: bool) -> Required {
        let exact = matches!(self, Self::Texts(_)) && !has_names;
        let sets = self.sets();
        Required { exact: exact && !sets.is_empty(), sets }
    }

    fn sets(self) -> Vec<Vec<String>> {
        match self {
            Self::Texts(texts) => telling(texts).into_iter().collect(),
            Self::Hole(sets) => sets,
        }
    }
}

/// The texts as a set of which one is required, without those that begin or end with another.
fn telling(mut texts: Vec<String>) -> Option<Vec<String>> {
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
    Some(kept)
}

/// A sequence as far as it was read: what it requires, and the texts that its last parts spell out.
struct Sequence {
    sets: Vec<Vec<String>>,
    texts: Vec<String>,
    has_hole: bool,
}

impl Sequence {
    fn new() -> Self {
        Self { sets: Vec::new(), texts: vec![String::new()], has_hole: false }
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
            Part::Hole(sets) => {
                self.interrupt();
                self.sets.extend(sets);
            }
        }
    }

    fn literal(&mut self, c: char) {
        self.texts.iter_mut().for_each(|text| text.push(c.to_ascii_lowercase()));
    }

    /// What follows does not touch what came before.
    fn interrupt(&mut self) {
        self.has_hole = true;
        self.sets.extend(telling(std::mem::replace(&mut self.texts, vec![String::new()])));
    }

    fn end(mut self) -> Part {
        if !self.has_hole {
            return Part::Texts(self.texts);
        }
        self.interrupt();
        Part::Hole(self.sets)
    }
}

/// Every function gives `None` for what it does not understand.
struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    depth: usize,
    has_names: bool,
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
            _ => Part::Hole(Vec::new()),
        };
        let mut open = false;
        while let Some(least) = self.repetition()? {
            part = match (least, part) {
                (Least::Optional, Part::Texts(mut texts)) => {
                    texts.push(String::new());
                    Part::Texts(texts)
                }
                (Least::Once, part) => part,
                _ => Part::Hole(Vec::new()),
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
        if self.depth > DEEPEST || (self.eat('?') && !self.opening()) {
            return None;
        }
        let part = self.alternation()?;
        self.depth -= 1;
        self.eat(')').then_some(part)
    }

    /// What follows `(?`: a colon or a name; flags are not understood.
    fn opening(&mut self) -> bool {
        self.eat(':') || {
            self.eat('P');
            self.has_names = true;
            self.eat('<') && self.rest.by_ref().any(|c| c == '>')
        }
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
        Some(if is_hole || texts.len() > FEW { Part::Hole(Vec::new()) } else { Part::Texts(texts) })
    }
}

/// Most characters of a class that is spelt out.
const FEW: usize = 4;

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
    let best = |part: Part| part.sets().into_iter().max_by_key(|set| tells(set));
    let sets: Option<Vec<Vec<String>>> = branches.into_iter().map(best).collect();
    Part::Hole(sets.map(|sets| sets.concat()).and_then(telling).into_iter().collect())
}

/// How much a set rules out: the more, the longer its shortest literal and the fewer they are.
pub fn tells(set: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (set.iter().map(String::len).min().unwrap_or(0), std::cmp::Reverse(set.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::matcher::compile;

    #[test]
    fn what_must_occur_is_found() {
        for (pattern, sets, exact) in [
            (
                "not authorized to perform:? ecr:",
                &[&["not authorized to perform ecr:", "not authorized to perform: ecr:"][..]][..],
                true,
            ),
            (r"(?:dial (?:tcp|udp)|i/o timeout)\b", &[&["dial tcp", "dial udp", "i/o timeout"]], false),
            (r"cancel+ed (?P<x>\S+)", &[&["cancel"], &["ed "]], false),
            (r"(?:abc)?x*", &[], false),
            (r"\d+|abc", &[], false),
            ("a.b", &[], false),
            (r"no space left(?: on device)?", &[&["no space left"]], true),
            (r"[Nn]o space\[1\]", &[&["no space[1]"]], true),
            (r"(?:abc|[^d]+efg).*hij{2}k?", &[&["abc", "efg"], &["hij"]], false),
            (r"(?P<x>abc|def)", &[&["abc", "def"]], false),
            (r"(?i)abc", &[], false),
            (r"\d{12}\.dkr\S{2,}ecr", &[&[".dkr"], &["ecr"]], false),
            (r"\b{start}abc", &[], false),
            (r"\x41bc", &[], false),
            ("[[:alpha:]]bcd", &[], false),
            ("ab", &[], false),
        ] {
            let sets = sets.iter().map(|set| set.iter().map(|l| (*l).to_owned()).collect()).collect();
            assert_eq!(required(pattern), Required { sets, exact }, "{pattern}");
        }
        assert_eq!(required(&("(".repeat(100_000) + "abcd" + &")".repeat(100_000))), Required::default());
    }

    fn holds(required: &Required, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        required.sets.iter().all(|set| set.iter().any(|literal| text.contains(literal.as_str())))
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
                inner.prop_map(|part| format!("(?P<x>{part})b+|")),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_pattern_is_ruled_out_wrongly(pattern in patterns(), texts in prop::collection::vec("[abAB.é -]{0,12}", 8)) {
            // Two groups of one name do not compile.
            if let Ok(regex) = compile(&pattern) {
                let required = required(&pattern);
                for text in texts {
                    let matches = regex.is_match(text.as_bytes());
                    prop_assert!(!matches || holds(&required, &text), "{pattern} on {text}");
                    prop_assert!(!required.exact || matches == holds(&required, &text), "{pattern} on {text}");
                }
            }
        }
    }
}
