//! Explicit denies: the statement narrowed so that it spares these calls and still denies everything else it did.
//!
//! Only where that can be written exactly: the statement lists the action by name, and the resource by name or as `*`.
//! Any other deny is for its owner to think about.

use serde_json::{Map, Value, json};

use super::{Proposal, managed};
use crate::{
    case::Case,
    fix::{Change, document},
    iam::DecidedBy,
    judge::Check,
    require::RoleRef,
};

/// Narrows the one statement that denies all of the calls.
pub fn propose(case: &Case, role: &RoleRef, calls: &[&Check]) -> Option<Proposal> {
    let by = calls.first()?.decision.by.clone()?;
    if calls.iter().any(|c| c.decision.by.as_ref() != Some(&by)) {
        return None;
    }
    let name = role.name()?;
    let inline = case.role_policy_names(name).is_ok_and(|names| names.policy_names.contains(&by.policy));
    let whole = if inline {
        document::parse(&case.role_policy(name, &by.policy).ok()?.document)?
    } else {
        managed::document(case, &by.policy)?
    };
    let index = index_of(&whole, &by.statement)?;
    let target = common_target(calls)?;
    let narrowed = narrowed(document::statement(&whole, index)?, calls, &target)?;
    let document = document::with_replaced(whole, index, narrowed)?;
    let title = title(&by, calls, &target);
    let (title, change) = if !inline {
        (title, managed::change(case, name, by.policy, document)?)
    } else if document::is_empty(&document) {
        deleted(name, by.policy, calls, &target)
    } else {
        (title, Change::PutRolePolicy { role: name.to_owned(), policy: by.policy, document })
    };
    let docs =
        vec!["https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html".to_owned()];
    Some(Proposal { title, changes: vec![change], docs })
}

fn title(by: &DecidedBy, calls: &[&Check], target: &str) -> String {
    let (statement, policy, actions) = (&by.statement, &by.policy, actions(calls));
    format!("Narrow the deny of statement {statement} in policy {policy} so that it spares {actions} on {target}")
}

fn actions(calls: &[&Check]) -> String {
    calls.iter().map(|c| c.permission.action.as_str()).collect::<Vec<_>>().join(", ")
}

/// A policy of this one deny has nothing left to say.
fn deleted(role: &str, policy: String, calls: &[&Check], target: &str) -> (String, Change) {
    let actions = actions(calls);
    let title = format!("Delete inline policy {policy} of role {role}, which only denies {actions} on {target}");
    (title, Change::DeleteRolePolicy { role: role.to_owned(), policy })
}

/// What all of the calls are to be spared on. A log stream stands for all of its group: the next task writes another.
fn common_target(calls: &[&Check]) -> Option<String> {
    let mut targets = calls.iter().map(|call| call.permission.granted_resource());
    let first = targets.next()?;
    targets.all(|other| other == first).then_some(first)
}

/// The index of a statement by its label: a Sid or `#n`.
fn index_of(document: &Value, label: &str) -> Option<usize> {
    if let Some(number) = label.strip_prefix('#') {
        return number.parse().ok();
    }
    let has = |s: &Value| s.get("Sid").and_then(Value::as_str) == Some(label);
    match document.get("Statement")? {
        Value::Array(items) => items.iter().position(has),
        single => has(single).then_some(0),
    }
}

/// The statements that take the place of one: what it denied besides the action, and the action elsewhere.
fn narrowed(statement: &Map<String, Value>, calls: &[&Check], target: &str) -> Option<Vec<Value>> {
    let actions = document::texts(statement.get("Action")?);
    let resources = document::texts(statement.get("Resource")?);
    let spared = |action: &String| calls.iter().any(|c| c.permission.action.eq_ignore_ascii_case(action));
    let (named, others): (Vec<String>, Vec<String>) = actions.into_iter().partition(spared);
    let listed = calls.iter().all(|c| named.iter().any(|a| a.eq_ignore_ascii_case(&c.permission.action)));
    if !listed {
        return None;
    }
    let mut result = Vec::new();
    if !others.is_empty() {
        result.push(edited(statement, [("Action", document::one_or_many(&others))]));
    }
    if resources == ["*"] && target != "*" {
        let mut elsewhere = statement.clone();
        elsewhere.remove("Resource");
        let elsewhere =
            edited(&elsewhere, [("Action", document::one_or_many(&named)), ("NotResource", json!([target]))]);
        result.push(if others.is_empty() { elsewhere } else { without_sid(elsewhere) });
        return Some(result);
    }
    let kept: Vec<String> = resources.iter().filter(|r| *r != target).cloned().collect();
    if kept.len() == resources.len() {
        return None;
    }
    if !kept.is_empty() {
        let rest =
            edited(statement, [("Action", document::one_or_many(&named)), ("Resource", document::one_or_many(&kept))]);
        result.push(if others.is_empty() { rest } else { without_sid(rest) });
    }
    Some(result)
}

fn edited<const N: usize>(statement: &Map<String, Value>, fields: [(&str, Value); N]) -> Value {
    let mut edited = statement.clone();
    for (key, value) in fields {
        edited.insert(key.to_owned(), value);
    }
    Value::Object(edited)
}

/// Sids are unique in a policy.
fn without_sid(mut statement: Value) -> Value {
    if let Some(fields) = statement.as_object_mut() {
        fields.remove("Sid");
    }
    statement
}
