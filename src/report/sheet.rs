//! A text as it is written: spans of text with tones, laid out on lines of a width.
//!
//! Given spans, which may quote anybody, gives lines. Only here styles and links are written, around text without
//! control characters; so no text can colour, move or link. A style begins and ends within one word or one line, so
//! nothing runs on where a line is broken. Links are those of
//! <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>.

use std::borrow::Cow;

use super::{
    console::Link,
    look::{Look, Tone},
};

/// A text with what it is and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'t> {
    text: Cow<'t, str>,
    tone: Tone,
    /// What the page is about that the text leads to, if there is such a page.
    about: Option<&'t str>,
}

impl<'t> Span<'t> {
    pub fn new(tone: Tone, text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), tone, about: None }
    }

    pub fn plain(text: impl Into<Cow<'t, str>>) -> Self {
        Self::new(Tone::Plain, text)
    }

    pub fn about(text: impl Into<Cow<'t, str>>, of: &'t str) -> Self {
        Self { about: Some(of), ..Self::plain(text) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// How wide it is, as far as can be told without knowing the font.
    pub fn columns(&self) -> usize {
        textwrap::core::display_width(&self.text)
    }
}

impl<'t, T: Into<Cow<'t, str>>> From<T> for Span<'t> {
    fn from(text: T) -> Self {
        Self::plain(text)
    }
}

pub struct Sheet {
    look: Look,
    pages: Vec<Link>,
    out: String,
}

impl Sheet {
    /// An empty sheet; names lead to these pages where the look has links.
    pub fn new(look: Look, pages: Vec<Link>) -> Self {
        Self { look, pages, out: String::new() }
    }

    pub fn finish(self) -> String {
        self.out
    }

    pub fn width(&self) -> usize {
        self.look.width
    }

    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line as it is, however long.
    pub fn line(&mut self, spans: &[Span<'_>]) {
        let line: String = spans.iter().map(|span| self.painted(span, &span.text)).collect();
        self.push(&line);
    }

    /// A line that is a record of its own; where records are folded, the rest stands at a column below it.
    pub fn record(&mut self, hang: usize, spans: &[Span<'_>]) {
        if !self.look.folds {
            return self.line(spans);
        }
        let indent = " ".repeat(hang);
        let options = wrapping(self.look.width).subsequent_indent(&indent);
        for part in textwrap::wrap(&self.by_words(spans), options) {
            self.push(&part);
        }
    }

    /// Prose beside its lead, wrapped under itself.
    pub fn hanging(&mut self, lead: &[Span<'_>], text: &[Span<'_>]) {
        let columns = lead.iter().map(Span::columns).sum();
        let mut before: String = lead.iter().map(|span| self.painted(span, &span.text)).collect();
        for paragraph in self.by_words(text).trim().lines() {
            for part in textwrap::wrap(paragraph, wrapping(self.look.width.saturating_sub(columns))) {
                self.push(&format!("{before}{part}"));
                before = " ".repeat(columns);
            }
        }
    }

    fn push(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Spans whose every word is painted by itself, so that a line may end after any.
    fn by_words(&self, spans: &[Span<'_>]) -> String {
        let mut out = String::new();
        for span in spans {
            for piece in span.text.split_inclusive([' ', '\n']) {
                let word = piece.trim_end_matches([' ', '\n']);
                out.push_str(&self.painted(span, word));
                out.extend(piece.chars().skip(word.chars().count()));
            }
        }
        out
    }

    fn painted(&self, span: &Span<'_>, text: &str) -> String {
        let text = shown(text);
        if text.trim().is_empty() {
            return text.into_owned();
        }
        let style = if self.look.colour { span.tone.style() } else { anstyle::Style::new() };
        let styled = format!("{style}{text}{style:#}");
        match span.about.and_then(|of| self.page(of)) {
            Some(url) => format!("\u{1b}]8;;{url}\u{1b}\\{styled}\u{1b}]8;;\u{1b}\\"),
            None => styled,
        }
    }

    fn page(&self, of: &str) -> Option<&str> {
        let page = self.pages.iter().find(|page| page.of == of).filter(|_| self.look.links);
        page.map(|page| page.url.as_str()).filter(|url| url.chars().all(|c| c.is_ascii_graphic()))
    }
}

/// Words are never broken, so that names, addresses and patterns can be copied.
fn wrapping<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
}

/// A text without what a terminal would obey.
fn shown(text: &str) -> Cow<'_, str> {
    let is_obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.contains(is_obeyed) { text.replace(is_obeyed, "").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: Look = Look { width: 20, folds: true, colour: true, links: true };

    fn sheet(look: Look) -> Sheet {
        let page = |url: &str, of: &str| Link { title: String::new(), url: url.to_owned(), of: of.to_owned() };
        Sheet::new(look, vec![page("https://a.example/r", "role"), page("https://a.example/\u{1b}\\x", "bad")])
    }

    fn stripped(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_style_never_runs_over_the_end_of_a_line() {
        let mut loud = sheet(LOUD);
        loud.hanging(&[Span::new(Tone::Label, "why"), " ".into()], &[Span::new(Tone::Bad, "one two three four five")]);
        let out = loud.finish();
        for line in out.lines() {
            let begun = line.matches("\u{1b}[1m").count() + line.matches("\u{1b}[2m").count();
            assert_eq!(line.matches("\u{1b}[0m").count(), begun, "{line:?}");
            assert!(line.ends_with("\u{1b}[0m"), "{line:?}");
        }
        assert_eq!(stripped(&out), "why one two three\n    four five\n");
    }

    #[test]
    fn records_are_folded_only_where_the_look_folds() {
        for (folds, expected) in [(true, "one two three four\n  five\n"), (false, "one two three four five\n")] {
            let mut sheet = sheet(Look { folds, ..LOUD });
            sheet.record(2, &["one two".into(), Span::new(Tone::Good, " three four five")]);
            assert_eq!(stripped(&sheet.finish()), expected);
        }
    }

    #[test]
    fn a_text_cannot_colour_or_link() {
        let hostile = "a\u{1b}[31mb\u{9b}32mc\u{1b}]8;;https://evil.example\u{7}d\re";
        for look in [Look::PLAIN, LOUD] {
            let mut sheet = sheet(look);
            sheet.line(&[hostile.into()]);
            sheet.hanging(&[], &[hostile.into()]);
            sheet.record(0, &[hostile.into()]);
            assert_eq!(sheet.finish(), "a[31mb32mc]8;;https://evil.examplede\n".repeat(3));
        }
    }

    #[test]
    fn a_name_leads_to_its_page_where_there_is_one() {
        let text = |look, about| {
            let mut sheet = sheet(look);
            sheet.line(&[Span::about("name", about)]);
            sheet.finish()
        };
        assert_eq!(text(LOUD, "role"), "\u{1b}]8;;https://a.example/r\u{1b}\\name\u{1b}]8;;\u{1b}\\\n");
        assert_eq!(text(LOUD, "other"), "name\n");
        assert_eq!(text(LOUD, "bad"), "name\n");
        assert_eq!(text(Look { links: false, ..LOUD }, "role"), "name\n");
    }
}
