//! Which of many literals occur in a text, ignoring case: one pass over the text, whatever their number.
//!
//! Given literals of at least three bytes, keeps each under one of its runs of three bytes, the one that fewest others
//! have; gives the set of those that occur. A run is looked up in a table that a processor keeps in its nearest cache, and
//! only where it is known there are literals compared. Cheap to build, since one message may be all that is asked.

use std::collections::HashMap;

use super::literals::SHORTEST;

/// Literals by number.
#[derive(Default)]
pub struct Index {
    literals: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
    /// One bit a slot: whether its bucket holds anything.
    known: Vec<u64>,
    /// Where the bucket of each slot begins, and after the last one where it ends.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// A literal, and where in it the run stands under which it is kept.
#[derive(Clone, Copy, Default)]
struct Entry {
    literal: u32,
    at: u32,
}

/// The literals of an index that occur in a text.
pub struct Occurring(Vec<u64>);

/// Five bits of each byte: letters keep theirs whatever their case.
const SLOTS: usize = 1 << (5 * SHORTEST);

impl Index {
    /// The number of a lower-case literal, new or known.
    pub fn add(&mut self, literal: &str) -> u32 {
        if let Some(number) = self.numbers.get(literal.as_bytes()) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(literal.as_bytes().into(), number);
        number
    }

    /// Makes the table when every literal is there.
    pub fn finish(&mut self) {
        let mut numbered: Vec<_> = std::mem::take(&mut self.numbers).into_iter().collect();
        numbered.sort_unstable_by_key(|(_, number)| *number);
        self.literals = numbered.into_iter().map(|(literal, _)| literal).collect();
        let mut load = vec![0_u32; SLOTS];
        for slot in self.literals.iter().flat_map(|literal| slots(literal)) {
            bump(&mut load, slot);
        }
        let placed: Vec<(usize, Entry)> = (0..).zip(&self.literals).filter_map(|(n, l)| place(n, l, &load)).collect();
        self.fill(placed);
    }

    /// Sorts the entries into buckets that stand one after the other.
    fn fill(&mut self, mut placed: Vec<(usize, Entry)>) {
        placed.sort_by_key(|(slot, entry)| (*slot, entry.literal));
        self.known = vec![0; SLOTS / 64];
        self.starts = vec![0; SLOTS + 1];
        for (slot, _) in &placed {
            set(&mut self.known, *slot);
            bump(&mut self.starts, slot + 1);
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.entries = placed.into_iter().map(|(_, entry)| entry).collect();
    }

    /// Finds the literals of a text and tells each once, when it is first seen.
    pub fn search(&self, text: &[u8], mut found: impl FnMut(u32)) -> Occurring {
        let mut occurring = Occurring(vec![0; self.literals.len().div_ceil(64)]);
        for (end, slot) in slots(text).enumerate().filter(|(_, slot)| has(&self.known, *slot)) {
            for entry in self.bucket(slot) {
                if !occurring.has(entry.literal) && self.stands(*entry, text, end) {
                    set(&mut occurring.0, entry.literal as usize);
                    found(entry.literal);
                }
            }
        }
        occurring
    }

    fn bucket(&self, slot: usize) -> &[Entry] {
        let bound = |slot: usize| self.starts.get(slot).map_or(0, |start| *start as usize);
        self.entries.get(bound(slot)..bound(slot + 1)).unwrap_or_default()
    }

    /// Whether a literal stands where its run begins at a place of the text.
    fn stands(&self, entry: Entry, text: &[u8], run: usize) -> bool {
        let Some(literal) = self.literals.get(entry.literal as usize) else { return false };
        let start = run.checked_sub(entry.at as usize);
        let there = start.and_then(|start| text.get(start..start + literal.len()));
        there.is_some_and(|there| there.eq_ignore_ascii_case(literal))
    }
}

impl Occurring {
    pub fn has(&self, literal: u32) -> bool {
        has(&self.0, literal as usize)
    }
}

/// Where to keep a literal: under the run that fewest literals have.
fn place(number: u32, literal: &[u8], load: &[u32]) -> Option<(usize, Entry)> {
    let rarest = (0..).zip(slots(literal)).min_by_key(|(_, slot)| load.get(*slot).copied());
    rarest.map(|(at, slot)| (slot, Entry { literal: number, at }))
}

/// The slot of each run, in the order of the text.
fn slots(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut slot = 0;
    let passing = text.iter().map(move |byte| {
        slot = ((slot << 5) | usize::from(byte & 0x1f)) % SLOTS;
        slot
    });
    passing.skip(SHORTEST - 1)
}

fn bump(counts: &mut [u32], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn occurring<'l>(literals: &[&'l str], text: &str) -> Vec<&'l str> {
        let mut index = Index::default();
        let numbers: Vec<u32> = literals.iter().map(|literal| index.add(literal)).collect();
        index.finish();
        let mut told = Vec::new();
        let found = index.search(text.as_bytes(), |literal| told.push(literal));
        told.sort_unstable();
        let mut all: Vec<u32> = numbers.iter().copied().filter(|n| found.has(*n)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(told, all);
        literals.iter().zip(&numbers).filter(|(_, n)| found.has(**n)).map(|(l, _)| *l).collect()
    }

    #[test]
    fn literals_are_found_wherever_they_stand() {
        let literals = ["resourceinit", "i/o timeout", "ets,", "oom", "toomanyrequests", "resourceinit", "ror"];
        let text = "ResourceInitializationError: unable to pull secrets, i/o TIMEOUT";
        assert_eq!(occurring(&literals, text), ["resourceinit", "i/o timeout", "ets,", "resourceinit", "ror"]);
        assert_eq!(occurring(&literals, ""), [""; 0]);
        assert_eq!(occurring(&[], text), [""; 0]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_is_contained(
            literals in prop::collection::vec("[ab:@é]{3,6}", 1..12),
            text in "[abAB:@`é]{0,30}",
        ) {
            let lower = text.to_ascii_lowercase();
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let contained: Vec<&str> = literals.iter().copied().filter(|l| lower.contains(l)).collect();
            prop_assert_eq!(occurring(&literals, &text), contained);
        }
    }
}
