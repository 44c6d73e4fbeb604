//! What the literals of our own patterns are, read by the build script, so that no start of the program reads them.
//!
//! Gives for a rule what its patterns need; nothing for a user's rule, whose patterns are read at run time.

use super::{
    When,
    index::{Entry, Tables},
    rule::Rule,
};

/// A pattern, and the row of what it needs.
pub type Prepared = (&'static str, &'static [u32]);

/// What one `[[when]]` says.
pub struct Block {
    /// The literals of which one must occur, if that can be said.
    pub key: Option<&'static [u32]>,
    pub text: &'static [Prepared],
    pub none: &'static [Prepared],
}

/// Tables of all these literals.
struct Ready {
    bytes: &'static [u8],
    ends: &'static [u32],
    known: &'static [u64],
    before: &'static [u32],
    starts: &'static [u32],
    entries: &'static [Entry],
}

include!(concat!(env!("OUT_DIR"), "/prepared.rs"));

pub fn tables() -> Tables {
    Tables {
        bytes: READY.bytes.to_vec(),
        ends: READY.ends.to_vec(),
        known: READY.known.to_vec(),
        before: READY.before.to_vec(),
        starts: READY.starts.to_vec(),
        entries: READY.entries.to_vec(),
    }
}

/// The blocks of a rule that is ours as it stands.
pub fn blocks(rule: &Rule) -> Option<&'static [Block]> {
    let at = RULES.binary_search_by_key(&rule.id.as_str(), |(id, _)| id).ok()?;
    let (_, blocks) = RULES.get(at)?;
    let same = blocks.len() == rule.when.len() && blocks.iter().zip(&rule.when).all(|(block, when)| block.is(when));
    same.then_some(*blocks)
}

impl Block {
    fn is(&self, when: &When) -> bool {
        let same = |ours: &[Prepared], theirs: &[String]| ours.iter().map(|(pattern, _)| *pattern).eq(theirs);
        same(self.text, &when.text) && same(self.none, &when.none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Catalogue, literals};

    #[test]
    fn every_pattern_of_ours_is_prepared_as_it_would_be_read() {
        let literal = |number: u32| {
            let end = |at: u32| READY.ends[at as usize] as usize;
            let start = number.checked_sub(1).map_or(0, end);
            std::str::from_utf8(&READY.bytes[start..end(number)]).unwrap()
        };
        let numbers: std::collections::HashMap<&str, u32> =
            (0..READY.ends.len() as u32).map(|number| (literal(number), number)).collect();
        for rule in Catalogue::embedded().unwrap().rules() {
            let blocks = blocks(rule).unwrap();
            for (pattern, row) in blocks.iter().flat_map(|block| block.text.iter().chain(block.none)) {
                assert_eq!(*row, literals::required(pattern).row(&mut |text| numbers[text]), "{pattern}");
            }
        }
    }

    #[test]
    fn a_changed_rule_is_not_ours() {
        let mut rule = Catalogue::embedded().unwrap().rules()[0].clone();
        rule.when[0].none.push("more".to_owned());
        assert!(blocks(&rule).is_none());
    }
}
