//! The texts of which one must occur for a pattern to match at all: what makes it cheap to rule most patterns out.
//!
//! Given a regular expression, walks its syntax tree; gives lower-case literals, or nothing where no useful set of them
//! is required. What is not understood requires nothing, so a pattern is never ruled out wrongly.

use regex_syntax::ast::{Ast, Concat, RepetitionKind, RepetitionRange, parse::Parser};

/// Shorter literals occur everywhere and rule nothing out.
const SHORTEST: usize = 3;

/// Literals of which every match of the pattern contains at least one, ignoring case.
pub fn required(pattern: &str) -> Option<Vec<String>> {
    let tree = Parser::new().parse(pattern).ok()?;
    of(&tree).filter(|literals| shortest(literals) >= SHORTEST)
}

fn of(tree: &Ast) -> Option<Vec<String>> {
    match tree {
        Ast::Literal(literal) if literal.c.is_ascii() => Some(vec![literal.c.to_ascii_lowercase().to_string()]),
        Ast::Group(group) => of(&group.ast),
        Ast::Repetition(repetition) if at_least_one(&repetition.op.kind) => of(&repetition.ast),
        Ast::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.asts.iter().map(of).collect();
            sets.map(|sets| sets.into_iter().flatten().collect())
        }
        Ast::Concat(concat) => of_concat(concat),
        _ => None,
    }
}

/// The most telling of a sequence's parts; neighbouring characters make one literal.
fn of_concat(concat: &Concat) -> Option<Vec<String>> {
    let mut sets: Vec<Vec<String>> = Vec::new();
    let mut run = String::new();
    for part in &concat.asts {
        match part {
            Ast::Literal(literal) if literal.c.is_ascii() => run.push(literal.c.to_ascii_lowercase()),
            other => {
                sets.push(vec![std::mem::take(&mut run)]);
                sets.extend(of(other));
            }
        }
    }
    sets.push(vec![run]);
    sets.into_iter().max_by_key(|set| shortest(set))
}

/// The runs of three bytes that occur in a text, ignoring case, in a filter that may say yes wrongly but never no.
pub struct Trigrams([u64; WORDS]);

const WORDS: usize = 1 << 9;

impl Trigrams {
    pub fn of(text: &str) -> Self {
        let mut filter = [0; WORDS];
        for trigram in text.as_bytes().windows(SHORTEST) {
            let (word, bit) = slot(trigram);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
        }
        Self(filter)
    }

    /// Whether the text may contain a literal of at least three bytes.
    pub fn may_contain(&self, literal: &str) -> bool {
        literal.as_bytes().windows(SHORTEST).all(|trigram| {
            let (word, bit) = slot(trigram);
            self.0.get(word).is_some_and(|word| word & bit != 0)
        })
    }
}

/// Five bits of each byte: letters keep theirs whatever their case.
fn slot(trigram: &[u8]) -> (usize, u64) {
    let hash = trigram.iter().fold(0usize, |hash, byte| (hash << 5) | usize::from(byte & 0x1f));
    (hash >> 6, 1 << (hash & 0x3f))
}

fn shortest(literals: &[String]) -> usize {
    literals.iter().map(String::len).min().unwrap_or(0)
}

fn at_least_one(kind: &RepetitionKind) -> bool {
    match kind {
        RepetitionKind::OneOrMore => true,
        RepetitionKind::Range(
            RepetitionRange::Exactly(n) | RepetitionRange::AtLeast(n) | RepetitionRange::Bounded(n, _),
        ) => *n > 0,
        RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_never_lose_a_literal() {
        let text = "ResourceInitializationError: unable to pull secrets, i/o TIMEOUT";
        let trigrams = Trigrams::of(text);
        for literal in ["resourceinit", "i/o timeout", "ets,", "unable to pull"] {
            assert!(trigrams.may_contain(literal), "{literal}");
        }
        assert!(!trigrams.may_contain("toomanyrequests"));
    }

    #[test]
    fn the_longest_required_part_is_taken() {
        for (pattern, literals) in [
            ("not authorized to perform:? ecr:", Some(vec!["not authorized to perform"])),
            (r"(?:dial (?:tcp|udp)|i/o timeout)\b", Some(vec!["dial ", "i/o timeout"])),
            (r"cancel+ed (?P<x>\S+)", Some(vec!["cance"])),
            (r"(?:abc)?x*", None),
            (r"\d+|abc", None),
            ("a.b", None),
            (r"no space left(?: on device)?", Some(vec!["no space left"])),
        ] {
            let expected = literals.map(|l| l.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(required(pattern), expected, "{pattern}");
        }
    }
}
