//! `rules`: the knowledge base, for people who read or extend it.

use super::{error::CliError, explain::catalogue, output};
use crate::knowledge::{Rule, run_examples};

pub fn list() -> Result<u8, CliError> {
    let rules = catalogue()?.rules();
    let column = |value: fn(&Rule) -> &str| rules.iter().map(|r| value(r).len()).max().unwrap_or(0);
    let (ids, causes) = (column(|r| &r.id), column(|r| &r.cause));
    let lines = rules.iter().map(|r| format!("{:ids$}  {:causes$}  {}\n", r.id, r.cause, r.title));
    output::print(&lines.collect::<String>())?;
    Ok(0)
}

pub fn show(id: &str) -> Result<u8, CliError> {
    let catalogue = catalogue()?;
    let rule = catalogue
        .rule(id)
        .ok_or_else(|| CliError::input(format!("there is no rule '{id}'"), "'ecs-why rules list' lists them"))?;
    let mut out =
        format!("{}\n  {}\n\n  id     {}\n  cause  {}\n", rule.title, rule.general_why(), rule.id, rule.cause);
    if !rule.alternatives.is_empty() {
        out.push_str(&format!("  or     {}\n", rule.alternatives.join(", ")));
    }
    let section = |title: &str, lines: Vec<String>| match lines.is_empty() {
        true => String::new(),
        false => format!("\n{title}\n{}", lines.iter().map(|l| format!("  {l}\n")).collect::<String>()),
    };
    out.push_str(&section("what to do", rule.general_advice()));
    out.push_str(&section("matches", rule.example.iter().filter_map(|e| e.matches.clone()).collect()));
    out.push_str(&section("looks alike, but is not", rule.example.iter().filter_map(|e| e.no_match.clone()).collect()));
    out.push_str(&section("gives way to", rule.not.clone()));
    out.push_str(&section("references", rule.references.clone()));
    output::print(&out)?;
    Ok(0)
}

pub fn test() -> Result<u8, CliError> {
    let (count, failures) = run_examples(catalogue()?);
    for failure in &failures {
        let told = match (failure.expected, &failure.first) {
            (true, Some(first)) => format!("is matched better by '{first}'"),
            (true, None) => "is not matched".to_owned(),
            (false, _) => "is matched, and must not be".to_owned(),
        };
        output::print(&format!("{}: {told}: {}\n", failure.rule, failure.text))?;
    }
    output::print(&format!("{count} examples of {} rules, {} wrong\n", catalogue()?.rules().len(), failures.len()))?;
    Ok(u8::from(!failures.is_empty()))
}
