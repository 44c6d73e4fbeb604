//! Statements that a deleted role left behind. Saved in the policy of a resource, a role's ARN becomes its unique id, and
//! once the role is deleted the id is what is seen; a role made again under the same name has another
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>).

use serde_json::Value;

use super::{
    check::{Check, request},
    policies::{layers, side_policy, side_text},
    role::{self, RoleFact},
};
use crate::{
    case::Case,
    iam::{Layers, Outcome, decide},
    require::Workload,
};

/// A statement that would let the role make a call if it named the role instead of an id.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftBehind {
    /// Its Sid or `#n`.
    pub statement: String,
    /// The unique id that stands where the role should.
    pub id: String,
    index: usize,
    arn: String,
}

impl LeftBehind {
    /// The policy with the role's ARN in the place of the id.
    pub fn mend(&self, mut document: Value) -> Option<Value> {
        let named = statement_mut(&mut document, self.index)?.get_mut("Principal")?.get_mut("AWS")?;
        match named {
            Value::Array(items) => {
                *items.iter_mut().find(|item| item.as_str() == Some(&self.id))? = self.arn.as_str().into();
            }
            single if single.as_str() == Some(&self.id) => *single = self.arn.as_str().into(),
            _ => return None,
        }
        Some(document)
    }

    /// What the facts show, as part of a sentence.
    pub fn shows(&self) -> String {
        let Self { statement, id, .. } = self;
        format!(
            "statement {statement} of the resource's policy names {id}, the id of a role that no longer exists; the \
             role was probably recreated"
        )
    }
}

/// Finds the statement on the resource's side that a predecessor of the role left behind.
pub fn left_behind(case: &Case, workload: &Workload<'_>, check: &Check) -> Option<LeftBehind> {
    let RoleFact::Found(role) = role::find(case, workload, &check.permission.role) else { return None };
    let text = side_text(case, &check.permission.policy).filter(|_| check.is_broken() && !role.role_id.is_empty())?;
    let document: Value = serde_json::from_str(text).ok()?;
    ids(&document).into_iter().filter(|(_, id)| *id != role.role_id).find_map(|(index, id)| {
        let found = LeftBehind { statement: label(&document, index)?, id, index, arn: role.arn.clone() };
        let mended = found.mend(document.clone())?;
        helps(case, workload, check, &mended).then_some(found)
    })
}

/// The unique ids of roles that allowing statements name, by the statement's place.
fn ids(document: &Value) -> Vec<(usize, String)> {
    let named = |(index, statement)| role_ids(statement).into_iter().map(move |id| (index, id));
    statements(document).iter().enumerate().flat_map(named).collect()
}

fn statements(document: &Value) -> &[Value] {
    match document.get("Statement") {
        Some(Value::Array(items)) => items,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

fn role_ids(statement: &Value) -> Vec<String> {
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    let named = statement.get("Principal").and_then(|p| p.get("AWS")).filter(|_| allows);
    let texts: Vec<&str> = match named {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(single) => single.as_str().into_iter().collect(),
        None => Vec::new(),
    };
    texts.into_iter().filter(|text| is_role_id(text)).map(str::to_owned).collect()
}

/// `AROA` begins the id of a role; that of a user, `AIDA`, never was this role's.
fn is_role_id(text: &str) -> bool {
    text.starts_with("AROA") && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn statement_mut(document: &mut Value, index: usize) -> Option<&mut Value> {
    match document.get_mut("Statement")? {
        Value::Array(items) => items.get_mut(index),
        single => (index == 0).then_some(single),
    }
}

fn label(document: &Value, index: usize) -> Option<String> {
    let sid = statements(document).get(index)?.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
    Some(sid.map_or_else(|| format!("#{index}"), str::to_owned))
}

/// Whether the call lacks less with the mended policy.
fn helps(case: &Case, workload: &Workload<'_>, check: &Check, mended: &Value) -> bool {
    let permission = &check.permission;
    let name = permission.role.name().unwrap_or_default();
    let mended = mended.to_string();
    let resource = side_policy(&permission.policy, &mended);
    let layers = Layers { resource, ..layers(case, name, &permission.policy) };
    let after = decide(&request(case, workload, permission), &layers);
    after.outcome != Outcome::Unknown && after.lacking.len() < check.decision.lacking.len()
}
