//! Roles that ECS may not assume: their trust policy corrected or extended, beside whoever it admits already
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>).

use serde_json::{Map, Value, json};

use super::{Advice, Remedy, deny, draft::Draft};
use crate::{
    case::Case,
    fix::{
        document,
        place::{Place, Standing},
        statements::{trust_statement, trusted_source},
    },
    id::Arn,
    judge::{Check, ECS_TASKS},
    require::Workload,
};

/// Ways to have a trust policy admit ECS tasks, the smallest first.
#[derive(Clone, Copy)]
enum Edit {
    /// None: the denies are all that stands in the way.
    Nothing,
    /// The source that a condition wants, corrected.
    Corrected,
    /// One service more in a list.
    Joined,
    /// One statement more.
    Added,
}

/// Edits of the trust policy, the smallest first.
pub fn propose(case: &Case, workload: &Workload<'_>, check: &Check) -> Remedy {
    let Some(trust) = Trust::of(workload, check) else { return Remedy::default() };
    let mut remedy = Remedy::default();
    for edit in [Edit::Nothing, Edit::Corrected, Edit::Joined, Edit::Added] {
        match trust.drafted(case, edit) {
            Ok(draft) => remedy.add(draft.and_then(|draft| draft.proposal(vec![check.permission.reference.clone()]))),
            Err(advice) => remedy.advice = advice,
        }
    }
    if remedy.advice.is_empty() {
        remedy.advice = deny::named(case, std::slice::from_ref(check));
    }
    remedy
}

/// A role and the workload that is to have it.
struct Trust<'a> {
    workload: &'a Workload<'a>,
    check: &'a Check,
    role: &'a str,
}

impl<'a> Trust<'a> {
    fn of(workload: &'a Workload<'a>, check: &'a Check) -> Option<Self> {
        Some(Self { workload, check, role: check.permission.role.name()? })
    }

    /// The denies narrowed, and that edit.
    fn drafted<'c>(&self, case: &'c Case, edit: Edit) -> Result<Option<Draft<'c>>, Vec<Advice>> {
        let mut draft = Draft::new(case);
        deny::narrow_all(&mut draft, std::slice::from_ref(self.check))?;
        let place = Place::Trust { role: self.role.to_owned() };
        let Standing::Written(document) = draft.read(&place) else { return Ok(None) };
        let edited = match edit {
            Edit::Nothing => return Ok(Some(draft)),
            Edit::Corrected => self.corrected(&document),
            Edit::Joined => self.joined(&document),
            Edit::Added => self.added(&document),
        };
        let Some((edited, title)) = edited else { return Ok(None) };
        draft.edit(place, edited, title);
        Ok(Some(draft))
    }

    /// A statement for ECS tasks whose conditions name another source, with the values corrected.
    fn corrected(&self, document: &Value) -> Option<(Value, String)> {
        let edit = |statement: &Map<String, Value>| {
            let mut edited = statement.clone();
            let told = admits(statement, ECS_TASKS).then(|| self.correct(edited.get_mut("Condition")?)).flatten()?;
            Some((edited, format!("Correct {told} in the trust policy of {}", self.role)))
        };
        first_edited(document, edit)
    }

    /// Corrects the sources that the conditions want, and says which.
    fn correct(&self, condition: &mut Value) -> Option<String> {
        let mut told: Vec<String> = pattern_compared(condition).into_iter().collect();
        for (operator, keys) in condition.as_object_mut()? {
            for (key, values) in keys.as_object_mut()? {
                let before = document::texts(values);
                let after = match key.to_ascii_lowercase().as_str() {
                    "aws:sourcearn" => self.sources(operator, &before),
                    "aws:sourceaccount" => self.accounts(operator, &before),
                    _ => None,
                };
                if let Some(after) = after {
                    told.push(format!("{key} {} to {}", before.join(", "), after.join(", ")));
                    *values = document::one_or_many(&after);
                }
            }
        }
        (!told.is_empty()).then(|| told.join(" and "))
    }

    /// A value of the same account stays if it is of another Region; one that the documented source covers, or that is of
    /// another account, which cannot have this role, gives way to it.
    fn sources(&self, operator: &str, before: &[String]) -> Option<Vec<String>> {
        let wanted = trusted_source(self.workload);
        let likes = ["ArnLike", "ArnEquals", "StringLike"].iter().any(|o| operator.trim_end_matches("IfExists") == *o);
        if !likes || before.contains(&wanted) {
            return None;
        }
        let stays = |value: &&String| {
            value.parse::<Arn>().is_ok_and(|arn| {
                arn.service != "ecs" || (arn.account == self.workload.account && arn.region != self.workload.region)
            })
        };
        Some(before.iter().filter(stays).cloned().chain([wanted.clone()]).collect())
    }

    fn accounts(&self, operator: &str, before: &[String]) -> Option<Vec<String>> {
        let own = self.workload.account.clone();
        let equals = ["StringEquals", "StringLike"].iter().any(|o| operator.trim_end_matches("IfExists") == *o);
        if !equals || before.contains(&own) {
            return None;
        }
        let others = before.iter().filter(|_| before.len() > 1).cloned();
        Some(others.chain([own]).collect())
    }

    /// A list of services without a condition, with ECS tasks in it.
    fn joined(&self, document: &Value) -> Option<(Value, String)> {
        let edit = |statement: &Map<String, Value>| {
            let mut edited = statement.clone();
            let services = edited.get_mut("Principal")?.get_mut("Service")?.as_array_mut()?;
            services.push(json!(ECS_TASKS));
            let plain = !statement.contains_key("Condition") && !admits(statement, ECS_TASKS);
            let assumes = statement.get("Action").is_some_and(|a| document::texts(a) == ["sts:AssumeRole"]);
            let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
            let title = format!("Add {ECS_TASKS} to the services that may assume the {}", self.role_told());
            (plain && assumes && allows).then_some((edited, title))
        };
        first_edited(document, edit)
    }

    fn added(&self, document: &Value) -> Option<(Value, String)> {
        let document = document::with_statement(document.clone(), trust_statement(self.workload))?;
        let role = self.role_told();
        Some((
            document,
            format!("Let ECS tasks of this account assume the {role}, beside the principals that may already"),
        ))
    }

    fn role_told(&self) -> String {
        format!("{} role {}", self.check.permission.role.kind.name(), self.role)
    }
}

/// `StringEquals` takes a wildcard for itself, so a source with one is compared by `ArnLike` instead; says so.
fn pattern_compared(condition: &mut Value) -> Option<String> {
    let operators = condition.as_object_mut()?;
    let (equals, likes) = ("StringEquals", "ArnLike");
    let is_source = |key: &&String| key.eq_ignore_ascii_case("aws:SourceArn");
    let has_source = |keys: &Value| keys.as_object().is_some_and(|keys| keys.keys().any(|key| is_source(&key)));
    let keys = operators.get_mut(equals)?.as_object_mut()?;
    let key = keys.keys().find(is_source)?.clone();
    if !document::texts(keys.get(&key)?).iter().any(|value| value.contains('*')) {
        return None;
    }
    let values = keys.shift_remove(&key)?;
    if keys.is_empty() {
        operators.shift_remove(equals);
    }
    let moved = operators.entry(likes).or_insert_with(|| json!({}));
    if has_source(moved) {
        return None;
    }
    moved.as_object_mut()?.insert(key.clone(), values);
    Some(format!("the operator of {key} from {equals} to {likes}"))
}

fn admits(statement: &Map<String, Value>, service: &str) -> bool {
    let services = statement.get("Principal").and_then(|p| p.get("Service")).map(document::texts);
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    allows && services.is_some_and(|all| all.iter().any(|s| s == service))
}

/// The document with the first statement edited that the edit is for.
fn first_edited(
    document: &Value,
    edit: impl Fn(&Map<String, Value>) -> Option<(Map<String, Value>, String)>,
) -> Option<(Value, String)> {
    let count = document.get("Statement").map_or(0, |s| s.as_array().map_or(1, Vec::len));
    (0..count).find_map(|index| {
        let (statement, title) = edit(document::statement(document, index)?)?;
        Some((document::with_replaced(document.clone(), index, vec![Value::Object(statement)])?, title))
    })
}
