//! Rules on a terminal: a catalogue by family, and one rule with all that it says.

use std::collections::BTreeMap;

use super::view::{Block, CauseEntry, CauseView, ExampleView, RuleEntry, RuleView};
use crate::{
    knowledge::Origin,
    report::{
        look::{Look, Tone},
        sheet::{Sheet, Span},
    },
    symptom::{LaunchType, Source},
};

/// Columns that a title needs at least to stand beside its rule.
const NARROWEST_TITLE: usize = 24;

/// The rules by family.
pub fn rule_list(rules: &[RuleEntry], look: Look) -> String {
    let families = by_family(rules);
    let mut sheet = Sheet::new(look, Vec::new());
    for (family, rules) in &families {
        sheet.line(&[Span::new(Tone::Strong, *family), format!(" ({})", rules.len()).into()]);
        entries(rules, &mut sheet);
        sheet.blank();
    }
    let (rules, families) = (counted(rules.len(), "rule", "rules"), counted(families.len(), "family", "families"));
    sheet.line(&[format!("{rules} in {families}").into()]);
    sheet.finish()
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
fn entries(rules: &[&RuleEntry], sheet: &mut Sheet) {
    let widest = |value: fn(&RuleEntry) -> &str| rules.iter().map(|rule| value(rule).len()).max().unwrap_or(0);
    let (ids, causes) = (widest(|rule| &rule.id), widest(|rule| &rule.cause));
    let (before, width) = (2 + ids + 2 + causes + 2, sheet.width());
    for rule in rules {
        if width >= before + NARROWEST_TITLE {
            let cause = Span::new(Tone::Label, format!("{:causes$}", rule.cause));
            let title = format!("  {}", cut(&rule.title, width - before));
            sheet.line(&[format!("  {:ids$}  ", rule.id).into(), cause, title.into()]);
        } else {
            sheet.line(&[format!("  {}", cut(&format!("{}  {}", rule.id, rule.cause), width - 2)).into()]);
            sheet.line(&[format!("      {}", cut(&rule.title, width - 6)).into()]);
        }
    }
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
pub fn cause_text(view: &CauseView, look: Look) -> String {
    let mut page = Page::new(look);
    page.title(view.cause.title.as_deref().unwrap_or(&view.cause.id));
    page.heading("");
    page.row("cause", &view.cause.id);
    page.cause(&view.cause);
    page.heading(match view.rules.is_empty() {
        true => "no rule names it: it is found in the account's facts",
        false => "rules that name it",
    });
    entries(&view.rules.iter().collect::<Vec<_>>(), &mut page.sheet);
    page.sheet.finish()
}

/// Everything that a rule says.
pub fn rule_text(rule: &RuleView, look: Look) -> String {
    let mut page = Page::new(look);
    page.title(&rule.title);
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
    page.sheet.finish()
}

fn tier(rule: &RuleView) -> &'static str {
    rule.tier.meaning()
}

fn named(cause: &CauseEntry) -> String {
    cause.title.as_ref().map_or_else(|| cause.id.clone(), |title| format!("{}: {title}", cause.id))
}

/// What is written so far.
struct Page {
    sheet: Sheet,
}

impl Page {
    fn new(look: Look) -> Self {
        Self { sheet: Sheet::new(look, Vec::new()) }
    }

    fn title(&mut self, title: &str) {
        self.sheet.hanging(&[], &[Span::new(Tone::Strong, title)]);
    }

    fn heading(&mut self, title: &str) {
        self.sheet.blank();
        if !title.is_empty() {
            self.sheet.line(&[Span::new(Tone::Strong, title)]);
        }
    }

    /// Prose in its own lines.
    fn text(&mut self, text: &str, indent: usize) {
        self.sheet.hanging(&[" ".repeat(indent).into()], &[text.into()]);
    }

    fn item(&mut self, text: &str) {
        self.sheet.hanging(&["  - ".into()], &[text.into()]);
    }

    fn row(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.sheet.hanging(&["  ".into(), Span::new(Tone::Label, format!("{label:8}"))], &[value.into()]);
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
            self.item(&fix.title);
            for address in &fix.docs {
                self.text(address, 4);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let mut lead = "  - ";
        for (label, value) in parts(block) {
            // A pattern is shown as it is: its blanks count.
            let label = Span::new(Tone::Label, format!("{label:9}"));
            self.sheet.line(&[lead.into(), label, format!(" {}", value.replace(['\n', '\t'], " ")).into()]);
            lead = "    ";
        }
    }

    fn examples(&mut self, title: &str, examples: &[ExampleView], own: &str) {
        if !examples.is_empty() {
            self.heading(title);
        }
        for example in examples {
            self.item(&example.text);
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
