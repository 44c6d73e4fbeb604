//! What may be wrong with a regular expression of a rule: it does not compile, matches everything, or quotes a message.

use std::ops::Range;

use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind},
};

use super::{
    super::matcher,
    document::{Reporter, Text},
};

/// Longest run of fixed characters that a pattern may have: longer ones quote somebody's message whole.
pub const LONGEST_LITERAL: usize = 120;

/// Reports what is wrong with one pattern.
pub fn check(pattern: &Text<'_>, reporter: &mut Reporter<'_>) {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern.value);
    match (parsed, matcher::compile(pattern.value)) {
        (Err(error), _) => not_parsed(pattern, &error, reporter),
        (Ok(_), Err(error)) => {
            reporter.at(&pattern.span, &format!("this pattern cannot be used: {error}"), "", "make it smaller");
        }
        (Ok(_), Ok(regex)) if regex.is_match(b"") => {
            let hint = "say what must be there: '.*', 'x?' and '^' alone match any text";
            reporter.at(&pattern.span, "this pattern matches the empty text, so any text", "", hint);
        }
        (Ok(tree), Ok(_)) => check_literals(pattern, &tree, reporter),
    }
}

fn not_parsed(pattern: &Text<'_>, error: &regex_syntax::Error, reporter: &mut Reporter<'_>) {
    let (span, why): (Range<usize>, String) = match error {
        regex_syntax::Error::Parse(e) => (e.span().start.offset..e.span().end.offset, e.kind().to_string()),
        regex_syntax::Error::Translate(e) => (e.span().start.offset..e.span().end.offset, e.kind().to_string()),
        _ => (0..pattern.value.len(), "its syntax is wrong".to_owned()),
    };
    let place = reporter.within(pattern, span);
    let hint = "a bracket, dot, plus or star of the text itself takes a backslash, in single quotes: '\\(x\\.y\\)'; \
                the syntax is that of https://docs.rs/regex";
    reporter.at(&place, "this pattern is no regular expression", &why, hint);
}

fn check_literals(pattern: &Text<'_>, tree: &Hir, reporter: &mut Reporter<'_>) {
    let longest = longest_literal(tree);
    if longest > LONGEST_LITERAL {
        let what = format!("this pattern has {longest} fixed characters in a row; {LONGEST_LITERAL} are the most");
        let hint = "match the parts that the program writes, and leave holes for the rest: 'cannot open .+: denied'";
        reporter.at(&pattern.span, &what, "", hint);
    }
}

fn longest_literal(tree: &Hir) -> usize {
    match tree.kind() {
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Repetition(repetition) => longest_literal(&repetition.sub),
        HirKind::Capture(capture) => longest_literal(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(longest_literal).max().unwrap_or(0),
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => 0,
    }
}

/// The names of a pattern's holes; of one that is no pattern, those that it seems to have.
pub fn holes(pattern: &str) -> Vec<String> {
    match matcher::compile(pattern) {
        Ok(regex) => regex.capture_names().flatten().map(str::to_owned).collect(),
        Err(_) => {
            let named = pattern.split("(?P<").chain(pattern.split("(?<")).skip(1);
            named.filter_map(|rest| Some(rest.split_once('>')?.0.to_owned())).collect()
        }
    }
}
