//! Wildcard matching in a time of pattern × text / 64 at most, whatever the pattern: there is no backtracking.
//!
//! A pattern is a row of [`Token`]s. All the places in it that the text read so far may have led to are one set of bits,
//! which each byte of the text moves on at once.

use smallvec::{SmallVec, smallvec};

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Byte(u8),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters.
    Any,
}

/// A pattern; nearly every one is short.
pub type Tokens = SmallVec<[Token; 128]>;

/// What a wildcard may run over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anything: condition values, actions.
    Text,
    /// A resource ARN: wildcards stay in their segment of the first five, but a `*` that ends one "can expand to match
    /// beyond the colon boundaries"
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
    Resource,
    /// An ARN under an ARN operator, compared segment by segment.
    Segments,
}

/// Segments of an ARN that are followed by a colon.
const BOUNDED_SEGMENTS: usize = 5;

/// The tokens of a text in which `*` and `?` are wildcards.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> {
    text.bytes().map(|byte| match byte {
        b'*' => Token::Any,
        b'?' => Token::One,
        byte => Token::Byte(byte),
    })
}

/// Whether the whole of `text` matches; `fold` ignores the case of ASCII letters.
pub fn matches(pattern: &[Token], text: &str, reach: Reach, fold: bool) -> bool {
    let literal = pattern.iter().take_while(|token| matches!(token, Token::Byte(_))).count();
    let (start, rest) = pattern.split_at(literal);
    let Some((read, left)) = text.as_bytes().split_at_checked(literal) else { return false };
    if !start.iter().zip(read).all(|(token, byte)| is_byte(*token, *byte, fold)) {
        return false;
    }
    match rest {
        [] => left.is_empty(),
        [Token::Any] => reach != Reach::Segments || colons(start) >= BOUNDED_SEGMENTS || !left.contains(&b':'),
        _ if rest.iter().filter(|token| **token != Token::Any).count() > left.len() => false,
        _ => Machine::of(rest, colons(start), reach, fold, text.is_ascii()).accepts(left),
    }
}

fn is_byte(token: Token, byte: u8, fold: bool) -> bool {
    match token {
        Token::Byte(wanted) if fold => wanted.eq_ignore_ascii_case(&byte),
        Token::Byte(wanted) => wanted == byte,
        Token::One | Token::Any => false,
    }
}

fn colons(tokens: &[Token]) -> usize {
    tokens.iter().filter(|token| **token == Token::Byte(b':')).count()
}

/// Rows of a machine's masks: one for each byte of text, then where wildcards stand, by the kind of byte that is read.
const STEP: [usize; 3] = [256, 257, 258];
const STAY: [usize; 3] = [259, 260, 261];
/// Wildcards that may be left without reading.
const SKIP: usize = 262;
const ROWS: usize = 263;

/// Kinds of byte, as far as wildcards tell them apart.
const ORDINARY: usize = 0;
const COLON: usize = 1;
/// Within a character of several bytes.
const CONTINUATION: usize = 2;

fn kind(byte: u8) -> usize {
    match byte {
        b':' => COLON,
        0x80..=0xBF => CONTINUATION,
        _ => ORDINARY,
    }
}

/// Sets of places in a pattern, `words` long each; place `n` is that after the first `n` elements.
struct Machine {
    words: usize,
    elements: usize,
    /// The places from which a byte leads to the next, and those at which it is passed over.
    masks: SmallVec<[u64; ROWS]>,
}

impl Machine {
    fn of(pattern: &[Token], colons_before: usize, reach: Reach, fold: bool, ascii: bool) -> Self {
        // A character of several bytes is its first byte and what continues it.
        let most = pattern.len() + if ascii { 0 } else { pattern.iter().filter(|t| **t == Token::One).count() };
        let words = most / 64 + 1;
        let mut machine = Self { words, elements: 0, masks: smallvec![0; ROWS * words] };
        let mut segment = colons_before;
        for (at, token) in pattern.iter().enumerate() {
            let bounded = reach != Reach::Text && segment < BOUNDED_SEGMENTS;
            match token {
                Token::Byte(byte) => {
                    machine.literal(*byte, fold);
                    segment += usize::from(*byte == b':');
                }
                Token::One => machine.one(bounded, ascii),
                // A row of stars is as good as its last.
                Token::Any if pattern.get(at + 1) == Some(&Token::Any) => {}
                Token::Any => {
                    let ends_segment = matches!(pattern.get(at + 1), None | Some(Token::Byte(b':')));
                    machine.any(!bounded || (reach == Reach::Resource && ends_segment));
                }
            }
        }
        machine
    }

    fn literal(&mut self, byte: u8, fold: bool) {
        self.put(usize::from(byte));
        if fold {
            self.put(usize::from(byte.to_ascii_lowercase()));
            self.put(usize::from(byte.to_ascii_uppercase()));
        }
        self.elements += 1;
    }

    fn one(&mut self, bounded: bool, ascii: bool) {
        self.put(STEP[ORDINARY]);
        if !bounded {
            self.put(STEP[COLON]);
        }
        self.elements += 1;
        if !ascii {
            self.put(STAY[CONTINUATION]);
            self.put(SKIP);
            self.elements += 1;
        }
    }

    fn any(&mut self, over_colons: bool) {
        self.put(STAY[ORDINARY]);
        self.put(STAY[CONTINUATION]);
        if over_colons {
            self.put(STAY[COLON]);
        }
        self.put(SKIP);
        self.elements += 1;
    }

    /// Puts the place of the element that comes next into a row.
    fn put(&mut self, row: usize) {
        if let Some(word) = self.masks.get_mut(row * self.words + self.elements / 64) {
            *word |= 1 << (self.elements % 64);
        }
    }

    /// Nearly every pattern fits into a word or two; the compiler makes a copy for each of these widths.
    fn accepts(&self, text: &[u8]) -> bool {
        match self.words {
            1 => self.run(1, text),
            2 => self.run(2, text),
            words => self.run(words, text),
        }
    }

    #[inline(always)]
    fn run(&self, words: usize, text: &[u8]) -> bool {
        let row = |row: usize| self.masks.get(row * words..(row + 1) * words).unwrap_or_default();
        let (steps, stays, skips) = (STEP.map(row), STAY.map(row), row(SKIP));
        let mut places: SmallVec<[u64; 2]> = smallvec![0; words];
        places.first_mut().into_iter().for_each(|first| *first = 1);
        let mut carried = 0;
        for (place, skip) in places.iter_mut().zip(skips) {
            *place = skipped(*place, *skip, &mut carried);
        }
        for byte in text {
            let kind = kind(*byte);
            let (step, stay) =
                (steps.get(kind).copied().unwrap_or_default(), stays.get(kind).copied().unwrap_or_default());
            let masks = row(usize::from(*byte)).iter().zip(step).zip(stay).zip(skips);
            let (mut carry, mut carried, mut alive) = (0, 0, 0);
            for (place, (((literal, step), stay), skip)) in places.iter_mut().zip(masks) {
                let moved = *place & (literal | step);
                let next = (moved << 1) | carry | (*place & stay);
                carry = moved >> 63;
                *place = skipped(next, *skip, &mut carried);
                alive |= *place;
            }
            if alive == 0 {
                return false;
            }
        }
        places.get(self.elements / 64).is_some_and(|word| word >> (self.elements % 64) & 1 == 1)
    }
}

/// Adds the places that are reached by leaving wildcards without reading. Two stand in a row at most: what continues a
/// character, and a star.
#[inline(always)]
fn skipped(places: u64, skips: u64, carried: &mut u64) -> u64 {
    let once = places | *carried;
    let once = once | ((once & skips) << 1);
    let twice = once | ((once & skips) << 1);
    *carried = (twice & skips) >> 63;
    twice
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(pattern: &str, text: &str, reach: Reach) -> bool {
        matches(&tokens(pattern).collect::<Vec<_>>(), text, reach, false)
    }

    /// The definition, without any thought for time.
    fn by_definition(pattern: &[Token], text: &str, segment: usize, reach: Reach) -> bool {
        let bounded = reach != Reach::Text && segment < BOUNDED_SEGMENTS;
        let Some((token, rest)) = pattern.split_first() else { return text.is_empty() };
        let first = text.chars().next();
        let after = |c: char| text.strip_prefix(c).unwrap();
        match token {
            Token::Byte(byte) => {
                let after = text.strip_prefix(char::from(*byte));
                after.is_some_and(|after| by_definition(rest, after, segment + usize::from(*byte == b':'), reach))
            }
            Token::One => {
                first.is_some_and(|c| !(bounded && c == ':') && by_definition(rest, after(c), segment, reach))
            }
            Token::Any => {
                let ends = matches!(rest.iter().find(|t| **t != Token::Any), None | Some(Token::Byte(b':')));
                let over = !bounded || (reach == Reach::Resource && ends);
                let longer = |c: char| (over || c != ':') && by_definition(pattern, after(c), segment, reach);
                by_definition(rest, text, segment, reach) || first.is_some_and(longer)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn the_definition_is_met(pattern in "[ab:*?]{0,12}", text in "[ab:é]{0,12}", reach in 0..3_usize) {
            let reach = [Reach::Text, Reach::Resource, Reach::Segments][reach];
            let wanted = by_definition(&tokens(&pattern).collect::<Vec<_>>(), &text, 0, reach);
            prop_assert_eq!(all(&pattern, &text, reach), wanted);
        }

        #[test]
        fn the_width_does_not_matter(pattern in "[ab*?]{0,12}", text in "[ab]{0,12}", more in 50..200_usize) {
            let wide = all(&format!("{}{pattern}", "?".repeat(more)), &format!("{}{text}", "é".repeat(more)), Reach::Text);
            prop_assert_eq!(wide, all(&pattern, &text, Reach::Text));
        }
    }

    #[test]
    fn hostile_patterns_stay_quick() {
        let text = "a".repeat(4000);
        for pattern in ["*a".repeat(5000), format!("*{}b", "a?".repeat(1000)), format!("{}b", "*?a".repeat(900))] {
            let began = std::time::Instant::now();
            assert!(!all(&pattern, &format!("{text}c"), Reach::Text));
            assert!(began.elapsed().as_millis() < 500, "{:?}", began.elapsed());
        }
    }
}
