//! Text from outside as Markdown in which it can do nothing: no format, mention, reference, link, image or HTML.
//!
//! Given raw text, gives prose, code or a fence. In prose only plain words stay as they are; every other word becomes
//! code, within which GitHub Flavored Markdown (<https://github.github.com/gfm/>) and GitLab's and GitHub's references
//! (`@x`, `#1`, commits) mean nothing. So no list of dangerous characters has to be complete.

use super::word::Word;

/// Where a piece of Markdown stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// A paragraph or a heading.
    Line,
    /// A cell of a table, which a bar would end even within code.
    Cell,
}

/// Prose of ours with names of others in it, as one paragraph.
pub fn prose(text: &str) -> String {
    prose_in(Sink::Line, text)
}

pub fn prose_in(sink: Sink, text: &str) -> String {
    let mut out = Vec::new();
    let words: Vec<Word<'_>> = text.split_whitespace().map(Word::of).collect();
    for group in words.chunk_by(Word::is_one_code_with) {
        out.push(group_in(sink, group));
    }
    not_a_list(out.join(" "))
}

/// Words that are one span of code, or a word by itself.
fn group_in(sink: Sink, group: &[Word<'_>]) -> String {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return String::new() };
    let core: Vec<&str> = group.iter().map(|word| word.core).collect();
    let core = core.join(" ");
    let core = if first.is_plain() { core } else { code_in(sink, &core) };
    format!("{}{core}{}", first.opening, last.closing)
}

/// A number with a full stop or a bracket begins a list.
fn not_a_list(line: String) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line.split_at_checked(digits) {
        Some((number, rest)) if digits > 0 && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ => line,
    }
}

/// A name, on a line.
pub fn code(text: &str) -> String {
    code_in(Sink::Line, text)
}

pub fn code_in(sink: Sink, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match sink {
        Sink::Line => span(&text),
        Sink::Cell => {
            cell_pieces(&text).iter().map(|piece| span(piece).replace('|', "\\|")).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Nothing within ends the span: the marks are longer than any run of backticks in it.
fn span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let marks = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{marks}{space}{text}{space}{marks}")
}

/// Readers of tables disagree on a backslash before an escaped bar, so no span has both side by side.
fn cell_pieces(text: &str) -> Vec<String> {
    text.replace("\\|", "\\\0|").split('\0').map(str::to_owned).collect()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A block that nothing within can end. The kind is a word of ours.
pub fn fenced(kind: &str, text: &str) -> String {
    let text = text.trim_end().replace("\r\n", "\n").replace('\r', "\n");
    let marks = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{marks}{kind}\n{text}\n{marks}")
}

/// A label that leads to an address, where that can be one; else the label alone.
pub fn link(label: &str, address: &str) -> String {
    if is_address(address) { format!("[{label}]({address})") } else { label.to_owned() }
}

/// An address that leads to itself, or as code where it cannot be one.
pub fn autolink(address: &str) -> String {
    if is_address(address) { format!("<{address}>") } else { code(address) }
}

/// HTTPS, a host by name, and nothing that could end the link or turn into another character.
fn is_address(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+,=%".contains(c);
    host.contains('.') && host.chars().all(named) && rest.chars().all(ordinary)
}

/// The start and the end of a long text: what was tried stands first, and what came of it last.
pub fn shortened(text: &str, most: usize) -> String {
    let text = text.trim_end();
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most / 2).collect();
    let end: String = text.chars().skip(count - most / 2).collect();
    format!("{start} […] {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_word_is_code() {
        for (text, expected) in [
            ("The task ended.", "The task ended."),
            ("ping @octocat, now", "ping `@octocat`, now"),
            ("fixes #12 and GH-7 (PROJ-9)", "fixes `#12` and `GH-7` (`PROJ-9`)"),
            ("see https://evil.example/x.", "see `https://evil.example/x`."),
            ("see www.evil.example or a@b.example", "see `www.evil.example` or `a@b.example`"),
            ("![x](y) <b>c</b> **d** _e_ ~~f~~", "`![x](y) <b>c</b> **d** _e_ ~~f~~`"),
            ("at 1b87a05f00d and deadbeef", "at `1b87a05f00d` and `deadbeef`"),
            ("a`b ``c`` `", "``` a`b ``c`` ` ```"),
            ("a\n\n# b\n> c", "a `#` b `>` c"),
            ("- a", "`-` a"),
            ("1. a", "1\\. a"),
            ("12) a", "12\\) a"),
            ("ports 1024-65535.", "ports 1024-65535."),
            ("&lt; \\* |", "`&lt`; `\\* |`"),
            ("end in -??????.", "end in `-??????`."),
            ("$x$ :smile: [[toc]] /close", "`$x$ :smile`: `[[toc]] /close`"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn code_holds_whatever_it_holds() {
        for (text, line, cell) in [
            ("a", "`a`", "`a`"),
            ("a`b", "``a`b``", "``a`b``"),
            ("`", "`` ` ``", "`` ` ``"),
            ("``a", "``` ``a ```", "``` ``a ```"),
            ("a|b", "`a|b`", "`a\\|b`"),
            ("a\\|b", "`a\\|b`", "`a\\` `\\|b`"),
            ("a\\\\|b", "`a\\\\|b`", "`a\\\\` `\\|b`"),
            ("a\n\n  b", "`a b`", "`a b`"),
            (" ", "", ""),
        ] {
            assert_eq!((code(text).as_str(), code_in(Sink::Cell, text).as_str()), (line, cell), "{text:?}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("text", "a\n"), "```text\na\n```");
        assert_eq!(fenced("text", "a\r\n```\rb"), "````text\na\n```\nb\n````");
        assert_eq!(fenced("sh", "```\n````` b\n~~~"), "``````sh\n```\n````` b\n~~~\n``````");
    }

    #[test]
    fn only_a_sound_address_is_a_link() {
        let page = "https://docs.aws.amazon.com/a/b.html#c";
        assert_eq!(autolink(page), format!("<{page}>"));
        assert_eq!(link("a", page), format!("[a]({page})"));
        for bad in [
            "http://docs.aws.amazon.com/",
            "javascript:alert(1)",
            "https://a.example/) ![x](https://b.example/c.png",
            "https://a.example/<b>",
            "https://a.example/x y",
            "https://a.example/&colon;",
            "https://docs.aws.amazon.com@evil.example/",
            "https://docs.aws.amazon.com:80/",
            "https://localhost/",
            "https://a.example/\\",
            "https://",
        ] {
            assert_eq!((autolink(bad), link("a", bad)), (code(bad), "a".to_owned()), "{bad}");
        }
    }

    #[test]
    fn a_long_text_keeps_both_ends() {
        assert_eq!(shortened(" ab ", 3), " ab");
        assert_eq!(shortened("äbcdefg", 4), "äb […] fg");
    }
}
