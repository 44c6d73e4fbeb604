//! Rules on a terminal: a catalogue by family, and one rule with all that it says.

use std::{collections::BTreeMap, fmt::Write as _};

use super::view::{Block, CauseEntry, CauseView, ExampleView, RuleEntry, RuleView};
use crate::{
    knowledge::Origin,
    symptom::{LaunchType, Source},
};

/// Columns that a title needs at least to stand beside its rule.
const NARROWEST_TITLE: usize = 24;
/// Columns below which nothing is made to fit.
const NARROWEST: usize = 40;

/// The rules by family.
pub fn rule_list(rules: &[RuleEntry], width: usize) -> String {
    let families = by_family(rules);
    let mut out = String::new();
    for (family, rules) in &families {
        line!(out, "{family} ({})", rules.len());
        out.push_str(&entries(rules, width));
        line!(out);
    }
    line!(out, "{} in {}", counted(rules.len(), "rule", "rules"), counted(families.len(), "family", "families"));
    out
}

pub fn by_family(rules: &[RuleEntry]) -> BTreeMap<&str, Vec<&RuleEntry>> {
    let mut families: BTreeMap<&str, Vec<&RuleEntry>> = BTreeMap::new();
    for rule in rules {
        families.entry(&rule.family).or_default().push(rule);
    }
    families
}

pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// One line a rule, or two where the terminal is narrow.
fn entries(rules: &[&RuleEntry], width: usize) -> String {
    let widest = |value: fn(&RuleEntry) -> &str| rules.iter().map(|rule| value(rule).len()).max().unwrap_or(0);
    let (ids, causes) = (widest(|rule| &rule.id), widest(|rule| &rule.cause));
    let before = 2 + ids + 2 + causes + 2;
    let mut out = String::new();
    for rule in rules {
        if width >= before + NARROWEST_TITLE {
            line!(out, "  {:ids$}  {:causes$}  {}", rule.id, rule.cause, cut(&rule.title, width - before));
        } else {
            line!(out, "  {}", cut(&format!("{}  {}", rule.id, rule.cause), width.max(NARROWEST) - 2));
            line!(out, "      {}", cut(&rule.title, width.max(NARROWEST) - 6));
        }
    }
    out
}

/// So much of a text as a line has room for.
fn cut(text: &str, width: usize) -> String {
    let text = one_line(text);
    if textwrap::core::display_width(&text) <= width {
        return text;
    }
    let mut room = width.saturating_sub(1);
    let fits = text.chars().take_while(|c| {
        let wide = textwrap::core::display_width(c.encode_utf8(&mut [0; 4]));
        let fit = wide <= room;
        room = room.saturating_sub(wide);
        fit
    });
    fits.collect::<String>().trim_end().to_owned() + "…"
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A cause and the rules that name it.
pub fn cause_text(view: &CauseView, width: usize) -> String {
    let mut page = Page::new(width);
    page.text(view.cause.title.as_deref().unwrap_or(&view.cause.id), 0);
    page.heading("");
    page.row("cause", &view.cause.id);
    page.cause(&view.cause);
    page.heading(match view.rules.is_empty() {
        true => "no rule names it: it is found in the account's facts",
        false => "rules that name it",
    });
    page.out.push_str(&entries(&view.rules.iter().collect::<Vec<_>>(), width));
    page.out
}

/// Everything that a rule says.
pub fn rule_text(rule: &RuleView, width: usize) -> String {
    let mut page = Page::new(width);
    page.text(&rule.title, 0);
    page.heading("");
    page.row("rule", &format!("{} ({})", rule.id, tier(rule)));
    page.row("family", &rule.family);
    page.row("cause", &named(&rule.cause));
    page.cause(&rule.cause);
    for other in &rule.alternatives {
        page.row("or", &named(other));
    }
    page.row("since", rule.since.as_deref().unwrap_or_default());
    page.row("file", if rule.origin == Origin::User { &rule.file } else { "" });
    page.heading("why");
    page.text(&rule.why, 2);
    page.fixes(rule);
    page.heading("it matches, if all of a block holds");
    for block in &rule.when {
        page.block(block);
    }
    page.examples("examples", &rule.examples, &rule.id);
    page.examples("looks alike, but is not", &rule.look_alikes, "");
    page.list("gives way to", &rule.gives_way_to);
    page.list("references", &rule.references);
    page.list("page", rule.page.as_slice());
    page.out
}

fn tier(rule: &RuleView) -> &'static str {
    rule.tier.meaning()
}

fn named(cause: &CauseEntry) -> String {
    cause.title.as_ref().map_or_else(|| cause.id.clone(), |title| format!("{}: {title}", cause.id))
}

/// What is written, and how wide it may be.
struct Page {
    out: String,
    width: usize,
}

impl Page {
    fn new(width: usize) -> Self {
        Self { out: String::new(), width: width.max(NARROWEST) }
    }

    fn heading(&mut self, title: &str) {
        self.out.push('\n');
        if !title.is_empty() {
            line!(self.out, "{title}");
        }
    }

    /// Prose in its own lines; words are never broken, so that patterns and addresses can be copied.
    fn text(&mut self, text: &str, indent: usize) {
        self.hanging(&" ".repeat(indent), &" ".repeat(indent), text);
    }

    fn hanging(&mut self, first: &str, rest: &str, text: &str) {
        let options = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .word_separator(textwrap::WordSeparator::AsciiSpace);
        let mut first = true;
        for paragraph in text.trim().lines() {
            let options = if first { options.clone() } else { options.clone().initial_indent(rest) };
            first = false;
            for part in textwrap::wrap(paragraph, options) {
                line!(self.out, "{}", part.trim_end());
            }
        }
    }

    fn row(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.hanging(&format!("  {label:8}"), &" ".repeat(10), value);
        }
    }

    fn cause(&mut self, cause: &CauseEntry) {
        self.row("means", cause.meaning.as_deref().unwrap_or_default());
        self.row("phase", cause.phase.map_or("", |phase| phase.name()));
        self.row("owner", cause.owner.map_or("", |owner| owner.name()));
    }

    fn list(&mut self, title: &str, items: &[String]) {
        if !items.is_empty() {
            self.heading(title);
        }
        for item in items {
            self.text(item, 2);
        }
    }

    fn fixes(&mut self, rule: &RuleView) {
        if !rule.fixes.is_empty() {
            self.heading("what to do");
        }
        for fix in &rule.fixes {
            self.hanging("  - ", "    ", &fix.title);
            for address in &fix.docs {
                self.text(address, 4);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let mut lead = "  - ";
        for (label, value) in parts(block) {
            // A pattern is shown as it is: its blanks count.
            line!(self.out, "{lead}{label:9} {}", value.replace(['\n', '\t'], " "));
            lead = "    ";
        }
    }

    fn examples(&mut self, title: &str, examples: &[ExampleView], own: &str) {
        if !examples.is_empty() {
            self.heading(title);
        }
        for example in examples {
            self.hanging("  - ", "    ", &example.text);
            self.text(&place(example), 4);
            match example.rule.as_deref() {
                Some(rule) if rule == own => {}
                Some(rule) => self.text(&format!("belongs to {rule}"), 4),
                None => self.text("belongs to no rule", 4),
            }
        }
    }
}

/// Where an example stands, and what comes with it.
pub fn place(example: &ExampleView) -> String {
    let parts = [
        Some(example.source.name().to_owned()),
        example.exit_code.map(|code| format!("exit code {code}")),
        example.stop_code.as_ref().map(|code| format!("stop code {code}")),
        example.launch_type.map(|kind| format!("launch type {}", kind.name())),
    ];
    format!("in {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// The predicates of a block, each with what it asks.
pub fn parts(block: &Block) -> Vec<(&'static str, String)> {
    let sources = match block.source.as_slice() {
        [] => "anywhere but in a log and an exit code".to_owned(),
        sources => sources.iter().map(|source: &Source| source.name()).collect::<Vec<_>>().join(", "),
    };
    let joined = |values: Vec<String>| values.join(", ");
    let kinds = block.launch_type.iter().map(|kind: &LaunchType| kind.name().to_owned()).collect();
    let codes = block.exit_code.iter().map(i64::to_string).collect();
    let mut parts = vec![("in", sources)];
    parts.extend(block.text.iter().map(|pattern| ("text", pattern.clone())));
    parts.extend(block.none.iter().map(|pattern| ("not", pattern.clone())));
    parts.extend([
        ("exit code", joined(codes)),
        ("stop code", joined(block.stop_code.clone())),
        ("launch", joined(kinds)),
        ("denial", if block.cross_account { "across accounts".to_owned() } else { String::new() }),
    ]);
    parts.retain(|(_, value)| !value.is_empty());
    parts
}
