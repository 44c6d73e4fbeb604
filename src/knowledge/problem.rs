//! What is wrong with a file that a user wrote, and where: file, line, column and the line itself.
//!
//! A [`Problem`] carries all that a rendering needs, so that the file need not be read again. Texts are cleaned here: a
//! file may hold anything.

use std::ops::Range;

use crate::case::plain;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// As the user knows it.
    pub file: String,
    /// `None` where the file as a whole is meant.
    pub place: Option<Place>,
    pub what: String,
    /// What was expected there; may be empty.
    pub expected: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Problem {
    pub fn of_file(file: &str, what: &str, hint: &str) -> Self {
        Self { file: shown(file), place: None, what: plain(what), expected: String::new(), hint: hint.to_owned() }
    }
}

/// A file's name on one line of a terminal.
pub fn shown(file: &str) -> String {
    plain(file).replace(['\n', '\t'], " ")
}

/// A stretch of one line. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    /// The line as far as it is shown, with a visible mark for each character that a terminal must not get.
    pub text: String,
    /// Bytes of `text` that are meant.
    pub start: usize,
    pub end: usize,
}

/// Bytes of a line that are shown behind the start of what is meant.
const MOST_BEHIND: usize = 200;

impl Place {
    /// The place of some bytes of a text. Of several lines the first is meant.
    pub fn of(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let rest = rest.split(['\n', '\r']).next().unwrap_or_default();
        let length = floor(rest, span.end.saturating_sub(start).min(rest.len()));
        let (meant, behind) = rest.split_at_checked(floor(rest, length.min(MOST_BEHIND))).unwrap_or((rest, ""));
        let before = visible(before.get(line_start..).unwrap_or_default());
        let meant = visible(meant);
        let behind = visible(behind.get(..floor(behind, MOST_BEHIND)).unwrap_or_default());
        Self {
            line: text.get(..line_start).unwrap_or_default().matches('\n').count() + 1,
            column: before.chars().count() + 1,
            start: before.len(),
            end: before.len() + meant.len(),
            text: before + &meant + &behind,
        }
    }
}

/// The last boundary of a character that is not after a place.
fn floor(text: &str, place: usize) -> usize {
    let mut at = place.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// As many characters as there are, so that columns stay what they are.
fn visible(text: &str) -> String {
    text.chars().map(|c| if plain(c.encode_utf8(&mut [0; 4])).is_empty() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_as_editors_do() {
        for (text, meant, line, column) in [
            ("id = 1\n", "1", 1, 6),
            ("a\nid = 1", "1", 2, 6),
            ("a\r\nid = 1\r\n", "1", 2, 6),
            ("\t\tid = 1", "1", 1, 8),
            ("# é ü\nö = 1", "1", 2, 5),
            ("x = '日本' 1", "1", 1, 10),
            ("a\n\n\nb", "b", 4, 1),
        ] {
            let start = text.find(meant).unwrap();
            let place = Place::of(text, &(start..start + meant.len()));
            assert_eq!((place.line, place.column), (line, column), "{text:?}");
            assert_eq!(place.text.get(place.start..place.end).unwrap(), meant, "{text:?}");
        }
    }

    #[test]
    fn a_place_is_one_line_within_the_text() {
        let place = Place::of("a = '''x\r\ny'''\r\n", &(4..14));
        assert_eq!((place.text.as_str(), place.start, place.end), ("a = '''x", 4, 8));
        assert_eq!(Place::of("é", &(1..9)).column, 1);
        assert_eq!(Place::of("", &(5..7)).line, 1);
        let long = Place::of(&"é".repeat(5000), &(0..9999));
        assert!(long.text.len() <= 2 * MOST_BEHIND && long.end <= MOST_BEHIND);
        assert_eq!(Place::of("a\u{1b}[2Jb", &(5..6)).text, "a\u{fffd}[2Jb");
    }
}
