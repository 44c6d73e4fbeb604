//! A TOML file whose every key and value knows where it stands.
//!
//! Given a text, gives its tables with the problems of its syntax. Values are looked up here by name, so that the lints
//! speak of keys and not of TOML.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::super::{Place, Problem, problem::shown};
use crate::case::plain;

pub type Table<'a> = DeTable<'a>;
pub type Value<'a> = Spanned<DeValue<'a>>;

/// A string and where it stands.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    pub value: &'a str,
    pub span: Range<usize>,
}

/// Collects the problems of one file.
pub struct Reporter<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub problems: Vec<Problem>,
}

impl<'a> Reporter<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    pub fn at(&mut self, span: &Range<usize>, what: &str, expected: &str, hint: &str) {
        self.problems.push(Problem {
            file: shown(self.file),
            place: Some(Place::of(self.text, span)),
            what: plain(what).replace('\n', " "),
            expected: plain(expected).replace('\n', " "),
            hint: plain(hint).replace('\n', " "),
        });
    }

    /// The bytes of a part of a string, or the whole string where escapes hide the part.
    pub fn within(&self, text: &Text<'_>, part: Range<usize>) -> Range<usize> {
        let raw = self.text.get(text.span.clone()).unwrap_or_default();
        match raw.find(text.value) {
            Some(at) => text.span.start + at + part.start..text.span.start + at + part.end,
            None => text.span.clone(),
        }
    }

    /// The bytes of the first occurrence of a piece in a string as it is written in the file.
    pub fn piece(&self, text: &Text<'_>, piece: &str) -> Range<usize> {
        let raw = self.text.get(text.span.clone()).unwrap_or_default();
        match raw.find(piece) {
            Some(at) => text.span.start + at..text.span.start + at + piece.len(),
            None => text.span.clone(),
        }
    }
}

/// Without the byte order mark that some editors write.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Most syntax errors of one file that are told: the later ones follow from the earlier.
const MOST_OF_SYNTAX: usize = 5;

/// The tables of a text, unless its syntax is wrong.
pub fn parse<'a>(reporter: &mut Reporter<'a>) -> Option<Spanned<Table<'a>>> {
    let (table, errors) = DeTable::parse_recoverable(reporter.text);
    for error in errors.iter().take(MOST_OF_SYNTAX) {
        let span = error.span().unwrap_or_default();
        reporter.at(&span, &format!("this is no TOML: {}", error.message()), "", syntax_hint(error.message()));
    }
    errors.is_empty().then_some(table)
}

/// What the likeliest reason of an error is.
fn syntax_hint(message: &str) -> &'static str {
    if message.contains("escape") {
        "patterns stand in single quotes, where a backslash is a backslash: 'a\\.b'"
    } else if message.contains("string") {
        "a text of several lines stands between three quotes: \"\"\"…\"\"\""
    } else {
        "the rest of this file is checked once it is TOML"
    }
}

pub fn text<'a>(table: &'a Table<'_>, key: &str) -> Option<Text<'a>> {
    table.get(key).and_then(as_text)
}

pub fn as_text<'a>(value: &'a Value<'_>) -> Option<Text<'a>> {
    Some(Text { value: value.get_ref().as_str()?, span: value.span() })
}

/// The strings of a list; what is no string has been reported by its form.
pub fn texts<'a>(table: &'a Table<'_>, key: &str) -> Vec<Text<'a>> {
    array(table, key).iter().filter_map(as_text).collect()
}

/// The values of a list.
pub fn array<'a>(table: &'a Table<'a>, key: &str) -> &'a [Value<'a>] {
    table.get(key).and_then(|v| v.get_ref().as_array()).map_or(&[], |array| array)
}

/// The tables of `[[key]]`, each with its place.
pub fn tables<'a>(table: &'a Table<'a>, key: &str) -> Vec<(&'a Table<'a>, Range<usize>)> {
    array(table, key).iter().filter_map(|v| Some((v.get_ref().as_table()?, v.span()))).collect()
}
