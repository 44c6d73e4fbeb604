//! `rules`: the knowledge base, for people who read or extend it.

use std::path::Path;

use super::{
    args::{ListFormat, RulesArgs, RulesCommand},
    error::{CliError, line, warn},
    knowledge::Knowledge,
    output,
    terminal::look_of_stdout,
};
use crate::{
    knowledge::{ExampleFailure, run_examples_of},
    report::{CauseView, RuleEntry, RuleView, cause_text, rule_list, rule_text},
};

pub fn run(folders: &RulesArgs, command: &RulesCommand) -> Result<u8, CliError> {
    match command {
        RulesCommand::List { text, output } => list(&Knowledge::load(folders)?, text, *output),
        RulesCommand::Show { id, output } => show(&Knowledge::load(folders)?, id, *output),
        RulesCommand::Test { folder } => test(folders, folder.as_deref()),
    }
}

fn list(knowledge: &Knowledge, words: &[String], format: ListFormat) -> Result<u8, CliError> {
    let chosen: Vec<RuleEntry> =
        knowledge.rules().iter().map(RuleEntry::of).filter(|entry| entry.has_words(words)).collect();
    match format {
        ListFormat::Json => output::print(&output::json(&chosen)?)?,
        ListFormat::Text if chosen.is_empty() => warn(&format!("no rule has the words '{}'", words.join(" "))),
        ListFormat::Text => output::print(&rule_list(&chosen, look_of_stdout()))?,
    }
    Ok(knowledge.status(0))
}

fn show(knowledge: &Knowledge, id: &str, format: ListFormat) -> Result<u8, CliError> {
    if let Some(rule) = knowledge.rule(id) {
        let view = RuleView::of(rule, knowledge);
        match format {
            ListFormat::Text => output::print(&rule_text(&view, look_of_stdout()))?,
            ListFormat::Json => output::print(&output::json(&view)?)?,
        }
    } else if let Some(view) = CauseView::of(id, knowledge) {
        match format {
            ListFormat::Text => output::print(&cause_text(&view, look_of_stdout()))?,
            ListFormat::Json => output::print(&output::json(&view)?)?,
        }
    } else {
        return Err(unknown(knowledge, id));
    }
    Ok(knowledge.status(0))
}

fn unknown(knowledge: &Knowledge, id: &str) -> CliError {
    let hint = match knowledge.nearest_rules(id).as_slice() {
        [] => "'ecs-why rules list' lists them".to_owned(),
        near => format!("did you mean {}? 'ecs-why rules list' lists all", near.join(" or ")),
    };
    CliError::input(format!("there is no rule '{id}'"), hint)
}

fn test(folders: &RulesArgs, folder: Option<&Path>) -> Result<u8, CliError> {
    let (knowledge, own) = Knowledge::with_folder(folders, folder)?;
    let chosen = |rule: &crate::knowledge::Rule| folder.is_none() || own.contains(&rule.file);
    let rules = knowledge.rules().iter().filter(|rule| chosen(rule)).count();
    if let (Some(folder), 0, true) = (folder, rules, knowledge.is_good()) {
        let what = format!("there is no rule to test in '{}'", folder.display());
        return Err(CliError::input(what, "a rule is a file ID.toml; knowledge/TEMPLATE.toml is one to copy"));
    }
    if rules == 0 {
        return Ok(knowledge.status(0));
    }
    let (count, failures) = run_examples_of(&knowledge, &chosen);
    for failure in &failures {
        output::print(&told(failure))?;
    }
    let of = if rules == 1 { "rule" } else { "rules" };
    output::print(&format!("{count} examples of {rules} {of}, {} wrong\n", failures.len()))?;
    Ok(knowledge.status(u8::from(!failures.is_empty())))
}

/// Where the example stands, what came of it, and its text below.
fn told(failure: &ExampleFailure) -> String {
    let place = failure.line.map_or_else(|| failure.file.clone(), |at| format!("{}:{at}", failure.file));
    let what = match (failure.expected, failure.matched, failure.first.as_deref()) {
        (true, true, Some(first)) => format!("'{first}' matches better than '{}'", failure.rule),
        (true, _, Some(first)) => format!("'{}' does not match; '{first}' does", failure.rule),
        (true, _, None) => format!("'{}' does not match, nor does another rule", failure.rule),
        (false, _, _) => format!("'{}' matches, and must not", failure.rule),
    };
    let source = failure.source.name();
    let hint = match failure.elsewhere {
        true => format!("    its patterns fit, but no [[when]] looks there: add \"{source}\" to `source`\n"),
        false => String::new(),
    };
    format!("{}: {what}\n    {source}: {}\n{hint}", line(&place), line(&failure.text))
}
