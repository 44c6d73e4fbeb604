//! Denied calls: a statement at each layer that lacks it, or the correction of the one that nearly has it.

use serde_json::Value;

use super::{Proposal, deny, managed};
use crate::{
    case::Case,
    fix::{
        Change, document,
        grant::{in_words, statements, trust_statement},
    },
    iam::{Layer, Outcome, action_matches},
    judge::Check,
    require::{Permission, RoleRef, Workload},
};

/// Changes that let one role make all of these calls.
pub fn propose(case: &Case, workload: &Workload<'_>, calls: &[Check], cause: &str) -> Option<Proposal> {
    let first = calls.first()?;
    let role = &first.permission.role;
    if first.is_trust() {
        return trust(case, workload, first);
    }
    let denied: Vec<&Check> = calls.iter().filter(|c| c.decision.outcome == Outcome::ExplicitlyDenied).collect();
    if !denied.is_empty() {
        return deny::propose(case, role, &denied);
    }
    let mut changes = Vec::new();
    let mut titles = Vec::new();
    let identity = lacking(calls, Layer::Identity);
    if !identity.is_empty() {
        let (title, change) = identity_change(case, role, &identity, cause)?;
        titles.push(title);
        changes.push(change);
    }
    let bounded = lacking(calls, Layer::Boundary);
    if !bounded.is_empty() {
        let (title, change) = boundary_change(case, role, &bounded)?;
        titles.push(title);
        changes.push(change);
    }
    // The policies of the other side are not edited here: what lacks them is advice.
    if calls.iter().any(|c| c.decision.lacking.iter().any(|l| matches!(l, Layer::ResourcePolicy | Layer::KeyPolicy))) {
        return None;
    }
    Some(Proposal { title: titles.join("; "), changes, docs: vec![first.permission.reference.clone()] })
}

fn lacking(calls: &[Check], layer: Layer) -> Vec<&Check> {
    calls.iter().filter(|c| c.decision.lacking.contains(&layer)).collect()
}

fn identity_change(case: &Case, role: &RoleRef, calls: &[&Check], cause: &str) -> Option<(String, Change)> {
    let name = role.name()?;
    if let Some((policy, document, corrected)) = near_miss(case, name, calls) {
        let title = format!("Correct {corrected} in inline policy {policy} of role {name}");
        return Some((title, Change::PutRolePolicy { role: name.to_owned(), policy, document }));
    }
    let policy = format!("ecs-why-{cause}");
    let document = with_calls(case, name, &policy, statements(&permissions(calls)))?;
    let title = format!("Allow the {} role {name} {}", role.kind.name(), in_words(&permissions(calls)));
    Some((title, Change::PutRolePolicy { role: name.to_owned(), policy, document }))
}

/// The inline policy with the statements added, or a new one of them; `None` where it is there and was not read, since
/// it would be overwritten.
fn with_calls(case: &Case, role: &str, policy: &str, statements: Vec<Value>) -> Option<Value> {
    let exists = case.role_policy_names(role).is_ok_and(|names| names.policy_names.iter().any(|name| name == policy));
    if !exists {
        return Some(document::new(statements));
    }
    let existing = document::parse(&case.role_policy(role, policy).ok()?.document)?;
    statements.into_iter().try_fold(existing, document::with_statement)
}

fn boundary_change(case: &Case, role: &RoleRef, calls: &[&Check]) -> Option<(String, Change)> {
    let name = role.name()?;
    let arn = case.role(name).ok()?.permissions_boundary.clone()?;
    let before = managed::document(case, &arn)?;
    let document = statements(&permissions(calls)).into_iter().try_fold(before, document::with_statement)?;
    let title = format!("Let the permissions boundary {arn} admit {}", in_words(&permissions(calls)));
    Some((title, managed::change(case, name, arn, document)?))
}

fn permissions<'a>(calls: &[&'a Check]) -> Vec<&'a Permission> {
    calls.iter().map(|call| &call.permission).collect()
}

/// An inline statement that would allow the calls but for the tail of a resource: its policy, the corrected document,
/// and what was corrected. Only a statement that grants nothing but these calls is touched.
fn near_miss(case: &Case, role: &str, calls: &[&Check]) -> Option<(String, Value, String)> {
    let names = case.role_policy_names(role).ok()?;
    names.policy_names.iter().find_map(|policy| {
        let document = document::parse(&case.role_policy(role, policy).ok()?.document)?;
        let count = document.get("Statement").map_or(0, |s| s.as_array().map_or(1, Vec::len));
        (0..count).find_map(|index| {
            let (statement, corrected) = corrected(document::statement(&document, index)?, calls)?;
            let document = document::with_replaced(document.clone(), index, vec![statement])?;
            Some((policy.clone(), document, corrected))
        })
    })
}

fn corrected(statement: &serde_json::Map<String, Value>, calls: &[&Check]) -> Option<(Value, String)> {
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

/// Admits ECS tasks of this account and Region beside whoever is admitted already.
fn trust(case: &Case, workload: &Workload<'_>, check: &Check) -> Option<Proposal> {
    let role = &check.permission.role;
    let name = role.name()?;
    let document = document::parse(&case.role(name).ok()?.assume_role_policy_document)?;
    let document = document::with_statement(document, trust_statement(workload))?;
    Some(Proposal {
        title: format!(
            "Let ECS tasks of this account assume the {} role {name}, beside the principals that may already",
            role.kind.name()
        ),
        changes: vec![Change::UpdateTrust { role: name.to_owned(), document }],
        docs: vec![check.permission.reference.clone()],
    })
}
