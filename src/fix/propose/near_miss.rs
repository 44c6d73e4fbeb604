//! A statement that would allow the calls but for the tail of a resource, corrected.

use serde_json::{Map, Value};

use crate::{fix::document, iam::action_matches, judge::Check};

/// The document with one statement corrected, and what was corrected. Only a statement that grants nothing but these
/// calls is touched.
pub fn corrected(document: &Value, calls: &[&Check]) -> Option<(Value, String)> {
    let count = document.get("Statement").map_or(0, |s| s.as_array().map_or(1, Vec::len));
    (0..count).find_map(|index| {
        let (statement, told) = corrected_statement(document::statement(document, index)?, calls)?;
        Some((document::with_replaced(document.clone(), index, vec![statement])?, told))
    })
}

fn corrected_statement(statement: &Map<String, Value>, calls: &[&Check]) -> Option<(Value, String)> {
    let plain = statement.get("Effect")?.as_str() == Some("Allow") && !statement.contains_key("Condition");
    let actions = document::texts(statement.get("Action").filter(|_| plain)?);
    let wanted = |action: &String| calls.iter().any(|c| c.permission.action.eq_ignore_ascii_case(action));
    let covers = |c: &&Check| actions.iter().any(|a| action_matches(a, &c.permission.action));
    if !actions.iter().all(wanted) || !calls.iter().all(covers) {
        return None;
    }
    let mut resources = document::texts(statement.get("Resource")?);
    let mut told = Vec::new();
    for call in calls {
        let granted = call.permission.granted_resource();
        if resources.contains(&granted) {
            continue;
        }
        let near = resources.iter_mut().find(|r| lacks_only_tail(r, &granted))?;
        told.push(format!("resource {near} to {granted}"));
        *near = granted;
    }
    let mut edited = statement.clone();
    edited.insert("Resource".to_owned(), document::one_or_many(&resources));
    (!told.is_empty()).then(|| (Value::Object(edited), told.join(", ")))
}

/// A secret's ARN without its six characters, a log group's without `:*`, a parameter's with a doubled slash.
fn lacks_only_tail(written: &str, granted: &str) -> bool {
    let tail = granted.strip_prefix(written);
    let suffix = tail.is_some_and(|t| t == ":*" || (t.len() == 7 && t.starts_with('-')));
    suffix || (written.contains(":parameter//") && written.replacen(":parameter//", ":parameter/", 1) == granted)
}
