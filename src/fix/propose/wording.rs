//! The elements of a statement, taken apart for an edit: actions less some, principals less one
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>).

use serde_json::{Map, Value, json};

use crate::{fix::document, iam::action_matches, id::Arn};

type Statement = Map<String, Value>;

/// What is left of a statement's actions without some of them.
pub enum ActionList {
    /// The statement for the rest; none where nothing is left.
    Rest(Option<Statement>),
    /// It lists all actions of the service, which no list of the rest can say.
    WholeService,
}

/// Takes actions out of a statement; `None` where a pattern covers them that says more than can be told apart.
pub fn actions(statement: &Statement, spared: &[String]) -> Option<ActionList> {
    if let Some(excepted) = statement.get("NotAction") {
        let mut all = document::texts(excepted);
        all.extend(spared.iter().cloned());
        return Some(ActionList::Rest(Some(with(statement, "NotAction", json!(all)))));
    }
    let listed = document::texts(statement.get("Action")?);
    if listed.iter().any(|a| matches!(a.as_str(), "*" | "*:*")) {
        return Some(ActionList::Rest(Some(all_but(statement, spared))));
    }
    let is_spared = |action: &String| spared.iter().any(|s| s.eq_ignore_ascii_case(action));
    let rest: Vec<String> = listed.iter().filter(|a| !is_spared(a)).cloned().collect();
    let patterns: Vec<&String> = rest.iter().filter(|p| spared.iter().any(|s| action_matches(p, s))).collect();
    if patterns.is_empty() {
        let rest = (!rest.is_empty()).then(|| with(statement, "Action", document::one_or_many(&rest)));
        return Some(ActionList::Rest(rest));
    }
    patterns.iter().all(|p| p.ends_with(":*")).then_some(ActionList::WholeService)
}

/// The statement about every action but those.
pub fn all_but(statement: &Statement, actions: &[String]) -> Statement {
    with_element(statement, "NotAction", json!(actions))
}

/// The statement with `Action` or `NotAction`, `Resource` or `NotResource` in the place of whichever of the two it had.
pub fn with_element(statement: &Statement, key: &str, value: Value) -> Statement {
    let is_either = |k: &str| k.trim_start_matches("Not") == key.trim_start_matches("Not");
    if !statement.keys().any(|k| is_either(k)) {
        return with(statement, key, value);
    }
    let renamed = |(k, v): (&String, &Value)| match is_either(k) {
        true => (key.to_owned(), value.clone()),
        false => (k.clone(), v.clone()),
    };
    statement.iter().map(renamed).collect()
}

/// The statement for everyone it is about but the role; `None` if that is nobody. Where it names the role among others,
/// the role is taken out; else a condition spares it, which reaches its sessions, as `NotPrincipal` does not.
pub fn without_role(statement: &Statement, arn: &str) -> Option<Statement> {
    match listed(statement, "AWS", arn) {
        Some(_) if !names_otherwise(statement, arn) => without(statement, "AWS", arn),
        _ => Some(with(statement, "Condition", json!({"ArnNotEquals": {"aws:PrincipalArn": arn}}))),
    }
}

/// The statement for everyone it is about but the service, nobody perhaps; `None` where it names the service by no list.
pub fn without_service(statement: &Statement, service: &str) -> Option<Option<Statement>> {
    listed(statement, "Service", service)?;
    Some(without(statement, "Service", service))
}

/// The statement with a bucket's objects written as everything: it stands in that bucket's policy.
pub fn whole_bucket(statement: Statement, bucket: &str) -> Statement {
    let all =
        |r: &String| r.parse::<Arn>().is_ok_and(|arn| arn.service == "s3" && arn.resource == format!("{bucket}/*"));
    let everything = statement.get("Resource").is_some_and(|r| document::texts(r).iter().any(all));
    if everything { with(&statement, "Resource", json!("*")) } else { statement }
}

/// A statement's conditions in words, if it has any.
pub fn condition(statement: &Statement) -> Option<String> {
    let operators = statement.get("Condition")?.as_object()?;
    let mut told = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().into_iter().flatten() {
            told.push(format!("{operator} {key} {}", scalars(values).join(", ")));
        }
    }
    (!told.is_empty()).then(|| told.join(" and "))
}

fn scalars(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(scalars).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// The principals of a kind, if one of them is that.
fn listed(statement: &Statement, kind: &str, name: &str) -> Option<Vec<String>> {
    let all = document::texts(statement.get("Principal")?.get(kind)?);
    all.iter().any(|p| p == name).then_some(all)
}

/// Whether the statement reaches the role by its account or by everyone.
fn names_otherwise(statement: &Statement, arn: &str) -> bool {
    let account = arn.parse::<Arn>().map(|arn| arn.account).unwrap_or_default();
    let wider = |p: &String| *p == "*" || *p == account || p.ends_with(&format!("::{account}:root"));
    let principal = statement.get("Principal");
    principal.and_then(|p| p.get("AWS")).is_some_and(|p| document::texts(p).iter().any(wider))
}

fn without(statement: &Statement, kind: &str, name: &str) -> Option<Statement> {
    let mut principal = statement.get("Principal")?.as_object()?.clone();
    let rest: Vec<String> = document::texts(principal.get(kind)?).into_iter().filter(|p| p != name).collect();
    if rest.is_empty() {
        principal.shift_remove(kind);
    } else {
        principal.insert(kind.to_owned(), json!(rest));
    }
    (!principal.is_empty()).then(|| with(statement, "Principal", Value::Object(principal)))
}

fn with(statement: &Statement, key: &str, value: Value) -> Statement {
    let mut edited = statement.clone();
    edited.insert(key.to_owned(), value);
    edited
}
