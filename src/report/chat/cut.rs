//! Texts cut to a length that a receiver takes, with a mark where something is missing.
//!
//! Lengths are counted in UTF-16 code units: no receiver says what it takes for a character, and a count of characters
//! never gives more. A cut is never within a character, and comes before any escaping, so it is never within an escape.

/// Stands where text is missing.
const MARK: &str = " […]";

/// Length in UTF-16 code units.
pub fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The start of a text; at most so long, mark included.
pub fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    if length(text) <= most {
        return text.to_owned();
    }
    let start = start(text, most.saturating_sub(length(MARK)));
    marked(start.trim_end(), "", most)
}

/// The start and the end of a text: ECS puts what it tried first, and what AWS said last.
pub fn cut_within(text: &str, most: usize) -> String {
    let text = text.trim();
    if length(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(length(MARK) + 1);
    let end = end(text, room / 2);
    marked(start(text, room - room / 2).trim_end(), end.trim_start(), most)
}

/// Where there is no room for the mark, there is none for a part of the text.
fn marked(start: &str, end: &str, most: usize) -> String {
    let gap = if end.is_empty() { "" } else { " " };
    let text = format!("{start}{MARK}{gap}{end}");
    if length(&text) <= most { text } else { String::new() }
}

fn start(text: &str, most: usize) -> &str {
    let end = fitting(text.char_indices().map(|(at, c)| (at + c.len_utf8(), c)), most).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

fn end(text: &str, most: usize) -> &str {
    let start = fitting(text.char_indices().rev(), most).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// The last place up to which the characters fit.
fn fitting(places: impl Iterator<Item = (usize, char)>, most: usize) -> Option<usize> {
    let mut taken = 0;
    let fits = |(_, c): &(usize, char)| {
        taken += c.len_utf16();
        taken <= most
    };
    places.take_while(fits).last().map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_fits_stays() {
        assert_eq!(cut(" whole ", 5), "whole");
        assert_eq!(cut_within("whole", 5), "whole");
    }

    #[test]
    fn a_mark_stands_where_text_is_missing() {
        assert_eq!(cut("0123456789", 8), "0123 […]");
        assert_eq!(cut_within("0123456789abcdef", 12), "0123 […] def");
        assert_eq!(cut("0123456789", 3), "");
    }

    #[test]
    fn a_character_of_two_units_is_not_cut() {
        assert_eq!(cut("😀😀😀😀", 7), "😀 […]");
        assert_eq!(cut_within("😀😀😀😀😀😀", 10), "😀 […] 😀");
    }

    proptest! {
        #[test]
        fn no_cut_is_longer_than_asked(text in "\\PC{0,80}", most in 0_usize..90) {
            prop_assert!(length(&cut(&text, most)) <= most);
            prop_assert!(length(&cut_within(&text, most)) <= most);
        }

        #[test]
        fn what_stays_stood_there(text in "[a-z😀\"\\\\<&`]{0,60}", most in 10_usize..60) {
            let text = text.trim();
            let cut = cut(text, most);
            prop_assert!(text.starts_with(cut.strip_suffix(MARK).unwrap_or(&cut)));
            let within = cut_within(text, most);
            let (start, end) = within.split_once(" […] ").unwrap_or((&within, ""));
            prop_assert!(text.starts_with(start) && text.ends_with(end));
        }
    }
}
