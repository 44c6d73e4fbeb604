//! Wildcard matching in a time of pattern × text / 64 at most, whatever the pattern: there is no backtracking.
//!
//! A pattern is a row of [`Token`]s. All the places in it that the text read so far may have led to are one set of bits,
//! which each byte of the text moves on at once.

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Byte(u8),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters.
    Any,
}

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

/// Rows of a machine's masks: one for each byte of text, then those of the wildcards.
const ONE: usize = 256;
const ONE_IN_SEGMENT: usize = 257;
const ANY: usize = 258;
const ANY_IN_SEGMENT: usize = 259;
const CONTINUATION: usize = 260;
const ROWS: usize = 261;

/// Sets of places in a pattern, `words` long each; place `n` is that after the first `n` elements.
struct Machine {
    words: usize,
    elements: usize,
    /// For each byte the places from which it leads on; for each kind of wildcard the places where one stands.
    masks: Vec<u64>,
}

impl Machine {
    fn of(pattern: &[Token], colons_before: usize, reach: Reach, fold: bool, ascii: bool) -> Self {
        // A character of several bytes is its first byte and what continues it.
        let most = pattern.len() + if ascii { 0 } else { pattern.iter().filter(|t| **t == Token::One).count() };
        let words = most / 64 + 1;
        let mut machine = Self { words, elements: 0, masks: vec![0; ROWS * words] };
        let (mut segment, mut place) = (colons_before, 0);
        for (at, token) in pattern.iter().enumerate() {
            let bounded = reach != Reach::Text && segment < BOUNDED_SEGMENTS;
            match token {
                Token::Byte(byte) => {
                    machine.literal(*byte, place, fold);
                    segment += usize::from(*byte == b':');
                }
                Token::One => {
                    machine.put(if bounded { ONE_IN_SEGMENT } else { ONE }, place);
                    if !ascii {
                        place += 1;
                        machine.put(CONTINUATION, place);
                    }
                }
                // A row of stars is as good as its last.
                Token::Any if pattern.get(at + 1) == Some(&Token::Any) => continue,
                Token::Any => {
                    let ends_segment = matches!(pattern.get(at + 1), None | Some(Token::Byte(b':')));
                    let over_colons = !bounded || (reach == Reach::Resource && ends_segment);
                    machine.put(if over_colons { ANY } else { ANY_IN_SEGMENT }, place);
                }
            }
            place += 1;
        }
        machine.elements = place;
        machine
    }

    fn literal(&mut self, byte: u8, place: usize, fold: bool) {
        self.put(usize::from(byte), place);
        if fold {
            self.put(usize::from(byte.to_ascii_lowercase()), place);
            self.put(usize::from(byte.to_ascii_uppercase()), place);
        }
    }

    fn put(&mut self, row: usize, place: usize) {
        if let Some(word) = self.masks.get_mut(row * self.words + place / 64) {
            *word |= 1 << (place % 64);
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
        let (one, one_in_segment) = (row(ONE), row(ONE_IN_SEGMENT));
        let (any, any_in_segment, continuation) = (row(ANY), row(ANY_IN_SEGMENT), row(CONTINUATION));
        let mut places = vec![0_u64; words];
        if let Some(first) = places.first_mut() {
            *first = 1;
        }
        let skips = |word: usize| at(any, word) | at(any_in_segment, word) | at(continuation, word);
        skip(&mut places, words, skips);
        for byte in text {
            let starts = if is_continuation(*byte) { 0 } else { u64::MAX };
            let inside = if *byte == b':' { 0 } else { u64::MAX };
            let literal = row(usize::from(*byte));
            let (mut carry, mut alive) = (0, 0);
            for (word, place) in places.iter_mut().enumerate().take(words) {
                let step = at(literal, word) | (starts & (at(one, word) | (inside & at(one_in_segment, word))));
                let stay = at(any, word) | (inside & at(any_in_segment, word)) | (!starts & at(continuation, word));
                let moved = *place & step;
                let next = (moved << 1) | carry | (*place & stay);
                carry = moved >> 63;
                *place = next;
                alive |= next;
            }
            if alive == 0 {
                return false;
            }
            skip(&mut places, words, skips);
        }
        at(&places, self.elements / 64) >> (self.elements % 64) & 1 == 1
    }
}

/// Adds the places that are reached by leaving a wildcard without reading.
#[inline(always)]
fn skip(places: &mut [u64], words: usize, skips: impl Fn(usize) -> u64) {
    loop {
        let (mut carry, mut changed) = (0, 0);
        for (word, place) in places.iter_mut().enumerate().take(words) {
            let skipped = *place & skips(word);
            let next = *place | (skipped << 1) | carry;
            carry = skipped >> 63;
            changed |= next ^ *place;
            *place = next;
        }
        if changed == 0 {
            return;
        }
    }
}

#[inline(always)]
fn at(words: &[u64], index: usize) -> u64 {
    words.get(index).copied().unwrap_or_default()
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
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
