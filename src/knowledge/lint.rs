//! What makes a rule file wrong although it is valid TOML: unknown causes, patterns that do not compile or match
//! everything, examples that are missing, names that do not fit the file.

use std::collections::{BTreeMap, BTreeSet};

use super::{CatalogueError, Cause, Rule, matcher};

/// Checks all rules together.
///
/// # Errors
/// The first problem, with its file.
pub fn check(rules: &[(&str, Rule)], causes: &BTreeMap<String, Cause>) -> Result<(), CatalogueError> {
    let ids: BTreeSet<&str> = rules.iter().map(|(_, rule)| rule.id.as_str()).collect();
    if ids.len() != rules.len() {
        let twice =
            rules.iter().enumerate().find(|(at, (_, rule))| rules.iter().take(*at).any(|(_, r)| r.id == rule.id));
        let (file, id) = twice.map(|(_, (file, rule))| (*file, rule.id.as_str())).unwrap_or_default();
        return Err(CatalogueError::Rule { file: file.to_owned(), problem: format!("another rule has the id '{id}'") });
    }
    for (file, rule) in rules {
        problem(file, rule, causes, &ids)
            .map_or(Ok(()), |problem| Err(CatalogueError::Rule { file: (*file).to_owned(), problem }))?;
    }
    Ok(())
}

fn problem(file: &str, rule: &Rule, causes: &BTreeMap<String, Cause>, ids: &BTreeSet<&str>) -> Option<String> {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
    if stem != rule.id {
        return Some(format!("the id is '{}': a rule's file has its id as name", rule.id));
    }
    if let Some(cause) = rule.causes().find(|c| !causes.contains_key(*c)) {
        return Some(format!("'{cause}' is no cause of causes.toml"));
    }
    if let Some(other) = rule.not.iter().find(|other| !ids.contains(other.as_str())) {
        return Some(format!("'not' names '{other}', which is no rule"));
    }
    if rule.when.is_empty() {
        return Some("without a [[when]] it never matches".to_owned());
    }
    if !rule.example.iter().any(|e| e.matches.is_some()) || !rule.example.iter().any(|e| e.no_match.is_some()) {
        return Some("it needs an [[example]] with 'match' and one with 'no_match'".to_owned());
    }
    rule.when.iter().find_map(block_problem)
}

fn block_problem(block: &super::When) -> Option<String> {
    if block.text.is_empty() && block.exit_code.is_empty() && block.stop_code.is_empty() {
        return Some("a [[when]] needs 'text', 'exit_code' or 'stop_code', or it matches everything".to_owned());
    }
    block.text.iter().chain(&block.none).find_map(|pattern| match matcher::compile(pattern) {
        Err(error) => Some(format!("'{pattern}' is no regular expression: {error}")),
        Ok(regex) if regex.is_match(b"") => Some(format!("'{pattern}' matches an empty text")),
        Ok(_) => None,
    })
}
