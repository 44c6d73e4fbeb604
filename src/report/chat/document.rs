//! A message as the text of one JSON document, and what of it fits where room is short.
//!
//! Control characters beyond U+001F and those that reorder text do not pass raw: JSON lets them, so everything that is
//! not ASCII is escaped (RFC 8259, section 7).

use std::fmt::Write as _;

use serde::Serialize;

/// Pretty JSON of ASCII characters alone, ending in a line break.
pub fn document(message: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut out = ascii(&serde_json::to_string_pretty(message)?);
    out.push('\n');
    Ok(out)
}

/// Of a JSON text: what is not ASCII can only stand in a string.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            ' '..='~' | '\n' => out.push(character),
            _ => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    out
}

/// Bytes of a value in a pretty document, under an indentation of so many spaces.
pub fn pretty_size(value: &impl Serialize, indent: usize) -> usize {
    serde_json::to_string_pretty(value).map_or(usize::MAX, |json| {
        let comma_and_break = 2;
        ascii(&json).len() + json.lines().count() * indent + comma_and_break
    })
}

/// What fits, in its order, and how many do not: each is tried whole, then in its shorter forms.
pub fn fitting<T>(forms: impl Iterator<Item = Vec<T>>, room: usize, size: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    let (mut taken, mut left, mut left_out) = (Vec::new(), room, 0);
    for forms in forms {
        match forms.into_iter().map(|form| (size(&form), form)).find(|(size, _)| *size <= left) {
            Some((size, form)) => {
                left -= size;
                taken.push(form);
            }
            None => left_out += 1,
        }
    }
    (taken, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_ascii_is_raw() {
        let text = "a\u{7f}\u{9b}\u{202e}…😀\"\\\u{1b}\n";
        let json = document(&[text]).unwrap();
        assert_eq!(json, "[\n  \"a\\u007f\\u009b\\u202e\\u2026\\ud83d\\ude00\\\"\\\\\\u001b\\n\"\n]\n");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }

    #[test]
    fn the_size_is_that_in_the_document() {
        let (part, whole) = (["ä", "b"], [[["ä", "b"]], [["ä", "b"]]]);
        let ends = "[\n[\n],\n[\n]\n]\n".len() + "    ".len();
        assert!((document(&whole).unwrap().len() - ends).abs_diff(2 * pretty_size(&part, 4)) <= 2);
    }

    #[test]
    fn what_is_too_large_gives_way_to_its_shorter_form() {
        let forms = [vec!["long", "l"], vec!["mm", "m"], vec!["nnn"], vec!["o"]];
        let (taken, left_out) = fitting(forms.into_iter(), 4, |text: &&str| text.len());
        assert_eq!((taken, left_out), (vec!["long"], 3));
        let forms = [vec!["long", "l"], vec!["mm", "m"], vec!["nnn"], vec!["o"]];
        let (taken, left_out) = fitting(forms.into_iter(), 3, |text: &&str| text.len());
        assert_eq!((taken, left_out), (vec!["l", "mm"], 2));
    }
}
