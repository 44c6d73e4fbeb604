//! What makes a file of rules or causes wrong: TOML that is none, unknown keys, causes and names, patterns that do not
//! compile or match everything, texts whose holes nothing fills, examples that are missing.
//!
//! Given texts, gives every problem of every file with its place. The files of the binary pass through the same lints in
//! a test.

mod document;
mod form;
mod nearest;
mod pattern;
mod template;

use std::{collections::BTreeSet, ops::Range};

pub use document::without_mark;
use document::{Reporter, Table, Text, parse, tables, text, texts};
pub use nearest::{did_you_mean, nearest};

use super::Problem;

/// The ids that a rule may name.
#[derive(Default)]
pub struct Known<'a> {
    pub causes: BTreeSet<&'a str>,
    pub rules: BTreeSet<&'a str>,
}

/// Everything that is wrong with a rule's file.
pub fn check_rule(file: &str, content: &str, known: &Known<'_>) -> Vec<Problem> {
    let mut reporter = Reporter::new(file, content);
    if let Some(root) = parse(&mut reporter) {
        form::check(root.get_ref(), &form::RULE, &(0..0), &mut reporter);
        rule(root.get_ref(), known, &mut reporter);
    }
    reporter.problems
}

/// Everything that is wrong with a `causes.toml`, but for ids that stand elsewhere too.
pub fn check_causes(file: &str, content: &str) -> Vec<Problem> {
    let mut reporter = Reporter::new(file, content);
    if let Some(root) = parse(&mut reporter) {
        form::check(root.get_ref(), &form::CAUSES, &(0..0), &mut reporter);
        for (cause, _) in tables(root.get_ref(), "cause") {
            not_empty(cause, &["title", "meaning"], &mut reporter);
            text(cause, "id").into_iter().for_each(|id| kebab(&id, &mut reporter));
        }
    }
    reporter.problems
}

/// The folders that a configuration file names, and everything that is wrong with it.
pub fn read_config(file: &str, content: &str) -> (Vec<String>, Vec<Problem>) {
    let mut reporter = Reporter::new(file, without_mark(content));
    let Some(root) = parse(&mut reporter) else { return (Vec::new(), reporter.problems) };
    form::check(root.get_ref(), &form::CONFIG, &(0..0), &mut reporter);
    let folders = texts(root.get_ref(), "rules").iter().map(|folder| folder.value.to_owned()).collect();
    (folders, reporter.problems)
}

/// The ids of a `causes.toml`, as far as it can be read: a rule may name a cause whose meaning is still missing.
pub fn stated_causes(content: &str) -> Vec<String> {
    let mut reporter = Reporter::new("", content);
    let root = parse(&mut reporter);
    let all = root.iter().flat_map(|root| tables(root.get_ref(), "cause"));
    all.filter_map(|(cause, _)| text(cause, "id")).map(|id| id.value.to_owned()).collect()
}

/// A problem at the id of the n-th `[[cause]]`.
pub fn at_cause(file: &str, content: &str, at: usize, what: &str, hint: &str) -> Vec<Problem> {
    let mut reporter = Reporter::new(file, content);
    if let Some(root) = parse(&mut reporter) {
        let all = tables(root.get_ref(), "cause");
        let span = all.get(at).and_then(|(cause, _)| text(cause, "id")).map_or(0..0, |id| id.span);
        reporter.at(&span, what, "", hint);
    }
    reporter.problems
}

/// A problem at the id of a rule.
pub fn at_id(file: &str, content: &str, what: &str, hint: &str) -> Vec<Problem> {
    let mut reporter = Reporter::new(file, content);
    if let Some(root) = parse(&mut reporter) {
        let span = text(root.get_ref(), "id").map_or(0..0, |id| id.span);
        reporter.at(&span, what, "", hint);
    }
    reporter.problems
}

/// The line of the n-th `[[example]]`'s text.
pub fn example_line(content: &str, at: usize) -> Option<usize> {
    let mut reporter = Reporter::new("", without_mark(content));
    let root = parse(&mut reporter)?;
    let all = tables(root.get_ref(), "example");
    let (example, span) = all.get(at)?;
    let span = text(example, "match").or_else(|| text(example, "no_match")).map_or(span.clone(), |text| text.span);
    Some(super::Place::of(reporter.text, &span).line)
}

fn rule(table: &Table<'_>, known: &Known<'_>, reporter: &mut Reporter<'_>) {
    not_empty(table, &["title", "why"], reporter);
    text(table, "id").into_iter().for_each(|id| check_id(&id, reporter));
    let causes = text(table, "cause").into_iter().chain(texts(table, "alternatives"));
    causes.for_each(|cause| check_cause(&cause, known, reporter));
    texts(table, "not").iter().for_each(|other| check_other(other, known, reporter));
    check_blocks(table, reporter);
    check_templates(table, reporter);
    check_examples(table, reporter);
    let docs = tables(table, "fix").into_iter().flat_map(|(fix, _)| texts(fix, "docs"));
    texts(table, "references").into_iter().chain(docs).for_each(|address| check_address(&address, reporter));
}

fn not_empty(table: &Table<'_>, keys: &[&str], reporter: &mut Reporter<'_>) {
    for value in keys.iter().filter_map(|key| text(table, key)).filter(|value| value.value.trim().is_empty()) {
        reporter.at(&value.span, "this text is empty", "", "");
    }
}

fn check_id(id: &Text<'_>, reporter: &mut Reporter<'_>) {
    kebab(id, reporter);
    let name = reporter.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    if stem != id.value && is_kebab(id.value) {
        let hint = format!("name the file {}.toml, or write id = \"{stem}\"", id.value);
        reporter.at(&id.span, "a rule's file has its id as name", &format!("the file is {name}"), &hint);
    }
}

/// Whether a name is of lower-case words, with hyphens between them.
fn is_kebab(id: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    id.split('-').all(word)
}

fn kebab(id: &Text<'_>, reporter: &mut Reporter<'_>) {
    if !is_kebab(id.value) {
        let words = id.value.to_lowercase();
        let words = words.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).filter(|w| !w.is_empty());
        let better = words.collect::<Vec<_>>().join("-");
        let meant = if better.is_empty() { String::new() } else { format!("did you mean `{better}`?") };
        reporter.at(&id.span, "the id is not kebab-case", &meant, "an id is of lower-case words, digits and hyphens");
    }
}

fn check_cause(cause: &Text<'_>, known: &Known<'_>, reporter: &mut Reporter<'_>) {
    if !known.causes.contains(cause.value) {
        let all: Vec<&str> = known.causes.iter().copied().collect();
        let hint = "'ecs-why rules list' shows causes; one of your own stands in causes.toml of the folder given";
        let what = format!("there is no cause '{}'", cause.value);
        reporter.at(&cause.span, &what, &did_you_mean(cause.value, &all), hint);
    }
}

fn check_other(other: &Text<'_>, known: &Known<'_>, reporter: &mut Reporter<'_>) {
    if !known.rules.contains(other.value) {
        let all: Vec<&str> = known.rules.iter().copied().collect();
        let hint = "`not` names rules that are better where both match; 'ecs-why rules list' lists them";
        let what = format!("`not` names '{}', which is no rule", other.value);
        reporter.at(&other.span, &what, &did_you_mean(other.value, &all), hint);
    }
}

fn check_blocks(table: &Table<'_>, reporter: &mut Reporter<'_>) {
    for (block, span) in tables(table, "when") {
        let says_something = |key: &&str| !document::array(block, key).is_empty();
        if !["text", "exit_code", "stop_code"].iter().any(says_something) {
            let what = "this [[when]] matches every text";
            reporter.at(&span, what, "", "give it `text`, `exit_code` or `stop_code`");
        }
        let patterns = texts(block, "text").into_iter().chain(texts(block, "none"));
        patterns.for_each(|pattern| pattern::check(&pattern, reporter));
    }
    nothing_listed(table, "when", reporter);
    nothing_listed(table, "example", reporter);
}

/// `when = []` has the type that it should have.
fn nothing_listed(table: &Table<'_>, key: &str, reporter: &mut Reporter<'_>) {
    let empty = table.get(key).filter(|v| v.get_ref().as_array().is_some_and(|array| array.is_empty()));
    if let Some(value) = empty {
        reporter.at(&value.span(), &format!("the rule has no [[{key}]]"), "at least one is needed", "");
    }
}

fn check_templates(table: &Table<'_>, reporter: &mut Reporter<'_>) {
    // Under a misspelt key, too, a pattern means to fill its holes.
    let keys = |block: &'_ Table<'_>| block.keys().map(|key| key.get_ref().to_string()).collect::<Vec<_>>();
    let of = |block, key: &str| texts(block, key).iter().flat_map(|p| pattern::holes(p.value)).collect::<Vec<_>>();
    let blocks = tables(table, "when").into_iter();
    let holes: BTreeSet<String> = blocks
        .flat_map(|(block, _)| keys(block).into_iter().filter(|key| key != "none").flat_map(move |key| of(block, &key)))
        .collect();
    let titles = tables(table, "fix").into_iter().filter_map(|(fix, _)| text(fix, "title"));
    text(table, "why").into_iter().chain(titles).for_each(|prose| template::check(&prose, &holes, reporter));
}

fn check_examples(table: &Table<'_>, reporter: &mut Reporter<'_>) {
    let all = tables(table, "example");
    let has_text = |example: &Table<'_>| example.contains_key("match") || example.contains_key("no_match");
    let empty: Vec<_> = all.iter().filter(|(example, _)| !has_text(example)).collect();
    for (_, span) in &empty {
        let hint = "give it `match`, a text that the rule explains, or `no_match`, one that it must leave alone";
        reporter.at(span, "this [[example]] has no text", "", hint);
    }
    if let (Some((_, first)), true) = (all.first(), empty.is_empty()) {
        missing_kind(&all, "match", "a text that the rule explains best", first, reporter);
        missing_kind(&all, "no_match", "a text that looks like it and belongs to another rule", first, reporter);
    }
}

fn missing_kind(
    all: &[(&Table<'_>, Range<usize>)],
    key: &str,
    what: &str,
    place: &Range<usize>,
    reporter: &mut Reporter<'_>,
) {
    if !all.iter().any(|(example, _)| example.contains_key(key)) {
        let told = format!("no [[example]] has `{key}`");
        reporter.at(place, &told, "one more is needed", &format!("add an [[example]] with {key} = \"…\", {what}"));
    }
}

fn check_address(address: &Text<'_>, reporter: &mut Reporter<'_>) {
    if !is_address(address.value) {
        let hint = "an address of a page that a browser opens: https://host/path";
        reporter.at(&address.span, "this is no address", "https://… is expected", hint);
    }
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let printable = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '`' | '\\');
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        host.split('.').all(part) && rest.chars().all(printable)
    })
}

#[cfg(test)]
mod tests;
