//! Which of many literals occur in a text, ignoring case: one pass over the text, whatever their number.
//!
//! Given literals of at least three bytes, keeps each under one of its runs of four bytes (or three, if it has no more),
//! the one that is rarest among them and in samples; gives the set of those that occur. A run is looked up in a table that a processor
//! keeps in its nearest cache, and only where it is known there are literals compared. Cheap to build, since one message
//! may be all that is asked.

use std::collections::HashMap;

/// Literals by number.
#[derive(Default)]
pub struct Index {
    tables: Tables,
    /// How many literals the tables had from the start.
    ready: u32,
    /// The literals that were added since.
    numbers: HashMap<Box<[u8]>, u32>,
}

/// What is looked up of literals; the build script makes those of our own.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// The literals, one after the other.
    pub bytes: Vec<u8>,
    /// By number: where the literal ends.
    pub ends: Vec<u32>,
    /// Slots whose bucket holds anything.
    pub known: Vec<u64>,
    /// How many slots are known before each word of `known`.
    pub before: Vec<u32>,
    /// Where the bucket of each known slot begins, and after the last one where it ends.
    pub starts: Vec<u32>,
    pub entries: Vec<Entry>,
}

/// A literal, and where in it the run stands under which it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What of the literal a window sees from there on, and which bytes of the window that is.
    pub window: u64,
    pub mask: u64,
    /// Where among all literals it begins.
    pub start: u32,
    pub literal: u32,
    pub at: u32,
    pub length: u32,
}

impl Entry {
    fn may_stand(self, window: u64) -> bool {
        window & self.mask == self.window
    }
}

/// A set of small numbers.
#[derive(Debug, Clone, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// An empty set with room for the numbers below one.
    fn below(end: usize) -> Self {
        Self(vec![0; end.div_ceil(64)])
    }

    pub fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    pub fn set(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// The numbers that are in both sets, in order.
    pub fn both<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> {
        self.0.iter().zip(&other.0).enumerate().flat_map(|(at, (a, b))| {
            let mut rest = a & b;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(64 * at + bit)
            })
        })
    }
}

/// Bytes that are looked at at once.
const WINDOW: usize = 8;

/// Lengths of runs.
const RUN: usize = 4;
const SHORT_RUN: usize = 3;

const SLOT_BITS: u32 = 16;
const SLOTS: usize = 1 << SLOT_BITS;

impl Index {
    /// With tables to begin with.
    pub fn with(tables: Tables) -> Self {
        let ready = u32::try_from(tables.ends.len()).unwrap_or(u32::MAX);
        Self { tables, ready, numbers: HashMap::new() }
    }

    /// The number of a lower-case literal, new or added before.
    pub fn add(&mut self, literal: &str) -> u32 {
        if let Some(number) = self.numbers.get(literal.as_bytes()) {
            return *number;
        }
        let number = self.ready.saturating_add(u32::try_from(self.numbers.len()).unwrap_or(u32::MAX));
        self.numbers.insert(literal.as_bytes().into(), number);
        self.tables.add(literal);
        number
    }

    /// Makes the tables when every literal is there, if any is new; samples of texts tell which runs are rare.
    pub fn finish(&mut self, samples: &[String]) -> &Tables {
        if !self.numbers.is_empty() || self.tables.known.is_empty() {
            self.tables.fill(samples);
        }
        &self.tables
    }

    /// Finds the literals of a text and tells each once, when it is first seen.
    pub fn search(&self, text: &[u8], found: impl FnMut(u32)) -> Bits {
        self.tables.search(text, found)
    }
}

impl Tables {
    fn add(&mut self, literal: &str) {
        self.bytes.extend(literal.as_bytes());
        self.ends.extend(u32::try_from(self.bytes.len()));
    }

    /// The literals by number: where each begins, and what it is.
    fn literals(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends);
        spans.map(|(start, end)| (start, self.bytes.get(start as usize..*end as usize).unwrap_or_default()))
    }

    fn fill(&mut self, samples: &[String]) {
        let mut load = vec![0_u32; SLOTS];
        let own = self.literals().flat_map(|(_, literal)| runs(literal)).map(|(_, slot, _)| slot);
        let passing = samples.iter().flat_map(|text| windows(text.as_bytes()));
        for slot in own.chain(passing.flat_map(|window| [slot(window, RUN), slot(window, SHORT_RUN)])) {
            bump(&mut load, slot);
        }
        let placed = (0..).zip(self.literals());
        let placed = placed.filter_map(|(number, (start, literal))| place(number, start, literal, &load)).collect();
        self.keep(placed);
    }

    /// Sorts the entries into buckets that stand one after the other.
    fn keep(&mut self, mut placed: Vec<(usize, Entry)>) {
        placed.sort_by_key(|(slot, entry)| (*slot, entry.literal));
        let mut known = Bits::below(SLOTS);
        self.starts.clear();
        for (at, (slot, _)) in (0..).zip(&placed) {
            if !known.has(*slot) {
                known.set(*slot);
                self.starts.push(at);
            }
        }
        self.starts.extend(u32::try_from(placed.len()));
        let mut sum = 0;
        self.before = known.0.iter().map(|word| (sum, sum += word.count_ones()).0).collect();
        self.known = known.0;
        self.entries = placed.into_iter().map(|(_, entry)| entry).collect();
    }

    fn search(&self, text: &[u8], mut found: impl FnMut(u32)) -> Bits {
        let mut occurring = Bits::below(self.ends.len());
        let mut folded = Vec::with_capacity(text.len() + WINDOW);
        folded.extend(text.iter().map(u8::to_ascii_lowercase));
        folded.extend([0; WINDOW]);
        for (at, window) in windows(&folded).enumerate() {
            let (slot, short) = (slot(window, RUN), slot(window, SHORT_RUN));
            // Mostly neither is known, so both are asked at once.
            if !(self.knows(slot) | self.knows(short)) {
                continue;
            }
            for entry in self.bucket(slot).iter().chain(self.bucket(short)) {
                let is_new = entry.may_stand(window) && !occurring.has(entry.literal as usize);
                if is_new && self.stands(*entry, &folded, at) {
                    occurring.set(entry.literal as usize);
                    found(entry.literal);
                }
            }
        }
        occurring
    }

    fn knows(&self, slot: usize) -> bool {
        self.known.get(slot / 64).is_some_and(|word| word & (1 << (slot % 64)) != 0)
    }

    /// What is kept under a slot.
    fn bucket(&self, slot: usize) -> &[Entry] {
        let Some(word) = self.known.get(slot / 64).filter(|word| *word & (1 << (slot % 64)) != 0) else { return &[] };
        let within = (word & ((1 << (slot % 64)) - 1)).count_ones();
        let place = self.before.get(slot / 64).map_or(0, |before| before + within) as usize;
        match self.starts.get(place..place + 2) {
            Some(&[start, end]) => self.entries.get(start as usize..end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Whether a literal whose window is there stands in a text that is followed by a window of nothing.
    fn stands(&self, entry: Entry, folded: &[u8], run: usize) -> bool {
        let (at, length) = (entry.at as usize, entry.length as usize);
        let Some(start) = run.checked_sub(at).filter(|start| start + length + WINDOW <= folded.len()) else {
            return false;
        };
        let is_seen = at == 0 && length <= WINDOW;
        let own = entry.start as usize;
        is_seen
            || self
                .bytes
                .get(own..own + length)
                .is_some_and(|literal| folded.get(start..start + length).is_some_and(|there| there == literal))
    }
}

/// Where to keep a literal: under the run that is least often there.
fn place(number: u32, start: u32, literal: &[u8], load: &[u32]) -> Option<(usize, Entry)> {
    let (at, slot, window) = runs(literal).min_by_key(|(_, slot, _)| load.get(*slot).copied())?;
    let (at, length) = (u32::try_from(at).ok()?, u32::try_from(literal.len()).ok()?);
    let mask = first_bytes((length - at) as usize);
    Some((slot, Entry { window, mask, start, literal: number, at, length }))
}

/// The runs of a literal: where each begins, its slot, and the window there, which ends with zeros where the literal does.
fn runs(literal: &[u8]) -> impl Iterator<Item = (usize, usize, u64)> {
    let length = literal.len().min(RUN);
    let window =
        |at: usize| literal.iter().skip(at).take(WINDOW).rev().fold(0, |window, b| window << 8 | u64::from(*b));
    (0..=literal.len() - length).map(window).enumerate().map(move |(at, window)| (at, slot(window, length), window))
}

fn windows(folded: &[u8]) -> impl Iterator<Item = u64> {
    let windows = folded.windows(WINDOW).filter_map(|window| window.first_chunk::<WINDOW>());
    windows.map(|window| u64::from_le_bytes(*window))
}

/// The slot of the run at the start of a window.
fn slot(window: u64, length: usize) -> usize {
    const SPREAD: u32 = 0x9e37_79b1;
    let run = (window & first_bytes(length)) as u32;
    (run.wrapping_mul(SPREAD) >> (32 - SLOT_BITS)) as usize
}

fn first_bytes(count: usize) -> u64 {
    if count >= WINDOW { u64::MAX } else { (1 << (8 * count)) - 1 }
}

fn bump(counts: &mut [u32], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn occurring<'l>(literals: &[&'l str], text: &str) -> Vec<&'l str> {
        let mut index = Index::default();
        let numbers: Vec<u32> = literals.iter().map(|literal| index.add(literal)).collect();
        index.finish(&[]);
        let mut told = Vec::new();
        let found = index.search(text.as_bytes(), |literal| told.push(literal));
        told.sort_unstable();
        let mut all: Vec<u32> = numbers.iter().copied().filter(|n| found.has(*n as usize)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(told, all);
        literals.iter().zip(&numbers).filter(|(_, n)| found.has(**n as usize)).map(|(l, _)| *l).collect()
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
