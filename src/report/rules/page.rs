//! A Markdown page for each rule, and an index of them: `docs/rules`.
//!
//! Given the catalogue, gives (file name, text). Whatever a rule says is data: prose is escaped, and a message stands in
//! a fence longer than any run of backticks in it.

use std::fmt::Write as _;

use super::{
    text::{by_family, counted, parts, place},
    view::{CauseEntry, ExampleView, RuleEntry, RuleView},
};
use crate::knowledge::{Catalogue, Origin};

const GENERATED: &str = "<!-- Generated from the rule; `UPDATE_DOCS=1 cargo test --no-default-features --test it pages` writes it again. -->";

/// The pages of all built-in rules, with their index, in the order of their names.
pub fn rule_pages(catalogue: &Catalogue) -> Vec<(String, String)> {
    let own = || catalogue.rules().iter().filter(|rule| rule.origin == Origin::BuiltIn);
    let entries: Vec<RuleEntry> = own().map(RuleEntry::of).collect();
    let mut pages: Vec<(String, String)> =
        own().map(|rule| (format!("{}.md", rule.id), rule_page(&RuleView::of(rule, catalogue)))).collect();
    pages.push(("README.md".to_owned(), index(&entries)));
    pages.sort();
    pages
}

fn index(rules: &[RuleEntry]) -> String {
    let families = by_family(rules);
    let mut out = String::from("# Rules\n\n");
    line!(out, "{GENERATED}\n");
    let counts = (counted(rules.len(), "rule", "rules"), counted(families.len(), "family", "families"));
    line!(out, "What `ecs-why` recognises: {} in {}. `ecs-why rules list` prints the same.", counts.0, counts.1);
    for (family, rules) in &families {
        line!(out, "\n## {}\n\n| rule | cause | |\n|---|---|---|", prose(family));
        for rule in rules {
            line!(out, "| [{0}]({0}.md) | {1} | {2} |", rule.id, code(&rule.cause), cell(&rule.title));
        }
    }
    out
}

/// One rule as Markdown.
pub fn rule_page(rule: &RuleView) -> String {
    let mut out = format!("# {}\n\n{GENERATED}\n\n", prose(&rule.title));
    let since = rule.since.as_deref().map(|since| format!(", since {}", code(since))).unwrap_or_default();
    let about = format!("{}{since}; it {}.", prose(&rule.family), rule.tier.meaning());
    line!(out, "Rule {} of the family {about}", code(&rule.id));
    causes(rule, &mut out);
    section(&mut out, "What it means", &prose(&rule.why));
    advice(rule, &mut out);
    blocks(rule, &mut out);
    examples("Messages", &rule.examples, &rule.id, &mut out);
    examples("Looks alike, but is not", &rule.look_alikes, "", &mut out);
    let others: Vec<String> = rule.gives_way_to.iter().map(|id| link(id)).collect();
    list("Gives way to", &others, &mut out);
    let addresses: Vec<String> = rule.references.iter().map(|address| autolink(address)).collect();
    list("References", &addresses, &mut out);
    out
}

fn section(out: &mut String, title: &str, text: &str) {
    line!(out, "\n## {title}\n\n{text}");
}

fn list(title: &str, items: &[String], out: &mut String) {
    if !items.is_empty() {
        let lines: Vec<String> = items.iter().map(|item| format!("* {item}")).collect();
        section(out, title, &lines.join("\n"));
    }
}

fn causes(rule: &RuleView, out: &mut String) {
    line!(out, "\n## Cause\n\n| cause | | when | to be changed |\n|---|---|---|---|");
    for cause in std::iter::once(&rule.cause).chain(&rule.alternatives) {
        let phase = cause.phase.map_or("", |phase| phase.name());
        let owner = cause.owner.map_or("", |owner| owner.name());
        line!(out, "| {} | {} | {phase} | {owner} |", code(&cause.id), cell(&told(cause)));
    }
    if !rule.alternatives.is_empty() {
        line!(out, "\nThe text fits all of them, the likeliest first; the facts of an account decide.");
    }
}

fn told(cause: &CauseEntry) -> String {
    let (title, meaning) = (cause.title.as_deref().unwrap_or_default(), cause.meaning.as_deref().unwrap_or_default());
    format!("{}. {meaning}", title.trim_end_matches('.'))
}

fn advice(rule: &RuleView, out: &mut String) {
    let items: Vec<String> = rule
        .fixes
        .iter()
        .map(|fix| {
            let docs: Vec<String> = fix.docs.iter().map(|address| autolink(address)).collect();
            let docs = if docs.is_empty() { String::new() } else { format!(" ({})", docs.join(", ")) };
            format!("{}{docs}", prose(&fix.title))
        })
        .collect();
    list("What to do", &items, out);
}

fn blocks(rule: &RuleView, out: &mut String) {
    line!(out, "\n## What it matches\n\nThe rule matches if all lines of a block hold.");
    for block in &rule.when {
        let lines: Vec<String> =
            parts(block).iter().map(|(label, value)| format!("{label:9} {}", value.replace('\n', " "))).collect();
        line!(out, "\n{}", fenced(&lines.join("\n")));
    }
}

fn examples(title: &str, examples: &[ExampleView], own: &str, out: &mut String) {
    if !examples.is_empty() {
        line!(out, "\n## {title}");
    }
    for example in examples {
        let belongs = match example.rule.as_deref() {
            Some(rule) if rule == own => String::new(),
            Some(rule) => format!("; belongs to {}", link(rule)),
            None => "; belongs to no rule".to_owned(),
        };
        line!(out, "\n{}{belongs}:\n\n{}", prose(&place(example)), fenced(&example.text));
    }
}

/// A block that nothing within can end.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// Code in a line. Within a table a bar would end the cell, wherever it stands.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Prose in which nothing is Markdown or HTML.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    let lines: Vec<String> = out.lines().map(|line| not_a_block(line.trim())).collect();
    lines.join("\n")
}

/// A line that begins like a list or a rule is none.
fn not_a_block(line: &str) -> String {
    let number = line.chars().take_while(char::is_ascii_digit).count();
    let rest = line.get(number..).unwrap_or_default();
    match rest.chars().next() {
        Some(mark @ ('-' | '+' | '=')) if number == 0 => format!("\\{mark}{}", rest.get(1..).unwrap_or_default()),
        Some(mark @ ('.' | ')')) if number > 0 => {
            format!("{}\\{mark}{}", line.get(..number).unwrap_or_default(), rest.get(1..).unwrap_or_default())
        }
        _ => line.to_owned(),
    }
}

fn cell(text: &str) -> String {
    prose(text).replace('\n', " ")
}

fn link(id: &str) -> String {
    format!("[{id}]({id}.md)")
}

/// An address of which nothing can end the link.
fn autolink(address: &str) -> String {
    format!("<{}>", address.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_rule_says_is_markdown() {
        for (text, escaped) in [
            ("a | b", "a \\| b"),
            ("<script>", "&lt;script&gt;"),
            ("[x](javascript:1) `y`", "\\[x\\](javascript:1) \\`y\\`"),
            ("*a* _b_ ~c~", "\\*a\\* \\_b\\_ \\~c\\~"),
            ("# no heading", "\\# no heading"),
            ("- no list\n1. nor one", "\\- no list\n1\\. nor one"),
            ("a\n===", "a\n\\==="),
            ("&lt; \\", "&amp;lt; \\\\"),
        ] {
            assert_eq!(prose(text), escaped, "{text}");
        }
        assert_eq!(cell("a\nb|c"), "a b\\|c");
        assert_eq!(autolink("https://a/<b> c"), "<https://a/%3Cb%3E%20c>");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("a"), "```text\na\n```");
        assert_eq!(fenced("a\n````\nb"), "`````text\na\n````\nb\n`````");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a|b"), "`a\\|b`");
    }
}
