//! Files that bring facts: a snapshot, the output of `aws ecs describe-tasks`, an EventBridge event in its wrappings, a
//! task definition.
//!
//! [`save`] writes a case as JSON; [`load`] tells the forms of a failure apart by what is in them, and
//! [`load_task_definition`] those of a task definition. What is read is cleaned by [`Case::admit`] like any other fact.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::Arn;

use super::{Answer, Case, Fact, Gap, Need, Origin, Target, Task, TaskDefinition, redact};

const FORMAT: &str = "ecs-why/snapshot/v1";
const FORMAT_FAMILY: &str = "ecs-why/snapshot/";

/// What a file turned out to hold.
#[derive(Debug)]
pub enum Loaded {
    /// Every fact of an earlier run.
    Snapshot(Box<Case>),
    /// Tasks only, each in its newest state.
    Tasks(Vec<Task>),
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("it is empty")]
    Empty,
    #[error("it is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    #[error("its format is '{found}', and this version reads '{FORMAT}'")]
    OtherFormat { found: String },
    #[error("its content cannot be read: {0}")]
    Malformed(#[source] serde_json::Error),
    #[error(
        "it holds neither a snapshot, nor the output of 'aws ecs describe-tasks', nor an ECS Task State Change event"
    )]
    Unrecognised,
    #[error("it holds no task definition: there is no list 'containerDefinitions' with a container in it")]
    NoTaskDefinition,
    #[error("{element} is '{arn}', which is not the ARN of a role")]
    NotARole { element: &'static str, arn: String },
    #[error("container {number} of it has no {element}")]
    Incomplete { number: usize, element: &'static str },
    #[error("it is larger than any task definition that ECS takes")]
    TooLarge,
}

/// ECS takes 64 KiB; what it adds when it describes a definition counts here too.
const LARGEST_TASK_DEFINITION: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    format: String,
    tool_version: String,
    taken_at: Timestamp,
    target: Target,
    facts: Vec<FactForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactForm {
    need: Need,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<Gap>,
    /// Whether cleaning changed its policy document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    altered: bool,
}

/// The snapshot of a case: JSON, ending in a line break, the same bytes for the same facts.
///
/// # Errors
/// Only if serialisation itself fails, which facts as plain data do not cause.
pub fn save(case: &Case) -> Result<String, serde_json::Error> {
    let facts = case.facts().map(|(need, fact)| {
        let (origin, known, missing) = match fact {
            Fact::Known(answer, origin) => (Some(*origin), Some(answer.clone()), None),
            Fact::Missing(gap) => (None, None, Some(gap.clone())),
        };
        FactForm { need: need.clone(), origin, known, missing, altered: case.is_altered(need) }
    });
    let form = Form {
        format: FORMAT.to_owned(),
        tool_version: case.tool_version.clone(),
        taken_at: case.taken_at,
        target: case.target.clone(),
        facts: facts.collect(),
    };
    let mut text = serde_json::to_string_pretty(&form)?;
    text.push('\n');
    Ok(text)
}

/// Reads a file's text, whichever of the forms it has.
///
/// # Errors
/// Says what is wrong with the text; never panics on any input.
pub fn load(text: &str) -> Result<Loaded, SnapshotError> {
    let value = json(text)?;
    if let Some(format) = value.get("format").and_then(Value::as_str).filter(|f| f.starts_with(FORMAT_FAMILY)) {
        if format != FORMAT {
            return Err(SnapshotError::OtherFormat { found: format.to_owned() });
        }
        return snapshot(value).map(|case| Loaded::Snapshot(Box::new(case)));
    }
    let mut tasks = Vec::new();
    find_tasks(&value, 0, &mut tasks)?;
    let tasks = newest(tasks);
    if tasks.is_empty() { Err(SnapshotError::Unrecognised) } else { Ok(Loaded::Tasks(tasks)) }
}

/// Reads a task definition as `RegisterTaskDefinition` takes it or `DescribeTaskDefinition` gives it.
///
/// # Errors
/// Says what is wrong with the text; never panics on any input.
pub fn load_task_definition(text: &str) -> Result<TaskDefinition, SnapshotError> {
    let value = redact::plain_value(json(text)?);
    let value = value.get("taskDefinition").filter(|inner| inner.is_object()).unwrap_or(&value);
    if value.get("containerDefinitions").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return Err(SnapshotError::NoTaskDefinition);
    }
    if value.to_string().len() > LARGEST_TASK_DEFINITION {
        return Err(SnapshotError::TooLarge);
    }
    let definition = serde_json::from_value(value.clone()).map_err(SnapshotError::Malformed)?;
    complete(&definition)?;
    Ok(definition)
}

/// Refuses what ECS would not register, where an answer about it would mislead.
fn complete(definition: &TaskDefinition) -> Result<(), SnapshotError> {
    let roles =
        [("executionRoleArn", &definition.execution_role_arn), ("taskRoleArn", &definition.task_role_arn)].into_iter();
    for (element, arn) in roles.filter_map(|(element, arn)| Some((element, arn.as_ref()?))) {
        // A name alone is taken too.
        if arn.parse::<Arn>().is_ok_and(|a| a.service != "iam" || !a.resource.starts_with("role/")) {
            return Err(SnapshotError::NotARole { element, arn: arn.clone() });
        }
    }
    for (at, container) in definition.container_definitions.iter().enumerate() {
        let lacking = [("name", &container.name), ("image", &container.image)].into_iter().find(|(_, v)| v.is_empty());
        if let Some((element, _)) = lacking {
            return Err(SnapshotError::Incomplete { number: at + 1, element });
        }
    }
    Ok(())
}

fn json(text: &str) -> Result<Value, SnapshotError> {
    if text.trim().is_empty() {
        return Err(SnapshotError::Empty);
    }
    serde_json::from_str(text).map_err(SnapshotError::NotJson)
}

fn snapshot(value: Value) -> Result<Case, SnapshotError> {
    let form: Form = serde_json::from_value(cleaned_outside_of_facts(value)).map_err(SnapshotError::Malformed)?;
    let mut case = Case::new(form.target, form.taken_at);
    case.tool_version = form.tool_version;
    for FactForm { need, origin, known, missing, altered } in form.facts {
        let fact = match (known, missing) {
            (Some(answer), _) => Fact::Known(answer, origin.unwrap_or(Origin::Aws)),
            (None, gap) => Fact::Missing(gap.unwrap_or(Gap::NotAsked)),
        };
        case.admit(need.clone(), fact);
        if altered {
            case.mark_altered(need);
        }
    }
    Ok(case)
}

/// Facts are cleaned as they are admitted, which has to see what stood in their policies; what they are about is printed too.
fn cleaned_outside_of_facts(mut value: Value) -> Value {
    if let Some(target) = value.get_mut("target") {
        *target = redact::clean_value(target.take());
    }
    let facts = value.get_mut("facts").and_then(Value::as_array_mut).into_iter().flatten();
    for need in facts.filter_map(|fact| fact.get_mut("need")) {
        *need = redact::clean_value(need.take());
    }
    redact::plain_value(value)
}

/// Wrappings nest: an event in an SNS notification in an SQS message, as JSON in strings.
const DEEPEST_WRAPPING: usize = 12;

const WRAPPERS: [&str; 8] = ["tasks", "detail", "Records", "Messages", "body", "Body", "Sns", "Message"];

/// Adds the tasks that a value holds, itself or in its wrappings, to `found`.
fn find_tasks(value: &Value, depth: usize, found: &mut Vec<Task>) -> Result<(), SnapshotError> {
    if depth > DEEPEST_WRAPPING {
        return Ok(());
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| find_tasks(item, depth + 1, found)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) => find_tasks(&inner, depth + 1, found),
            Err(_) => Ok(()),
        },
        Value::Object(entries) if entries.contains_key("taskArn") => {
            found.push(serde_json::from_value(redact::plain_value(value.clone())).map_err(SnapshotError::Malformed)?);
            Ok(())
        }
        Value::Object(entries) => {
            let wrapped = WRAPPERS.iter().filter_map(|key| entries.get(*key));
            wrapped.into_iter().try_for_each(|inner| find_tasks(inner, depth + 1, found))
        }
        _ => Ok(()),
    }
}

/// Events come more than once and out of order; of each task the highest version is the newest. The order is that in
/// which the tasks first appear.
fn newest(tasks: Vec<Task>) -> Vec<Task> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Task> = Vec::new();
    for task in tasks {
        let place = *places.entry(task.task_arn.clone()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(known) if known.version < task.version => *known = task,
            Some(_) => {}
            None => kept.push(task),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = r#"{"taskArn":"arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef","lastStatus":"STOPPED","stoppedAt":1700000000.5,"version":3}"#;

    fn ids(text: &str) -> Vec<i64> {
        match load(text).unwrap() {
            Loaded::Tasks(tasks) => tasks.iter().map(|t| t.version).collect(),
            Loaded::Snapshot(_) => panic!("a snapshot"),
        }
    }

    #[test]
    fn tasks_are_found_in_every_wrapping() {
        let event = format!(r#"{{"detail-type":"ECS Task State Change","detail":{TASK}}}"#);
        let sns = serde_json::json!({"Type": "Notification", "Message": event}).to_string();
        let sqs = serde_json::json!({"Records": [{"body": event}]}).to_string();
        let both = serde_json::json!({"Messages": [{"Body": sns}]}).to_string();
        for text in [TASK.to_owned(), format!(r#"{{"tasks":[{TASK}],"failures":[]}}"#), event, sns, sqs, both] {
            assert_eq!(ids(&text), [3], "{text}");
        }
    }

    #[test]
    fn the_highest_version_wins() {
        let older = TASK.replace("\"version\":3", "\"version\":2");
        assert_eq!(ids(&format!("[{older},{TASK},{older}]")), [3]);
    }

    #[test]
    fn tasks_keep_the_order_in_which_they_appear() {
        let first = TASK.replace("0123456789abcdef0123456789abcdef", "first");
        let newer = first.replace("\"version\":3", "\"version\":9");
        assert_eq!(ids(&format!("[{first},{TASK},{newer}]")), [9, 3]);
    }

    #[test]
    fn nothing_in_a_file_moves_the_cursor() {
        let task = TASK.replace("prod", "pr\\u001b[31mod");
        let event = serde_json::json!({"Message": task}).to_string();
        let Loaded::Tasks(tasks) = load(&event).unwrap() else { panic!("a snapshot") };
        assert!(tasks[0].task_arn.contains("task/prod/"), "{}", tasks[0].task_arn);
        let text = r#"{"format":"ecs-why/snapshot/v1","toolVersion":"1\u001b[2J","takenAt":"2026-01-01T00:00:00Z","target":{"region":"eu\u202e-west-1"},"facts":[]}"#;
        let Loaded::Snapshot(case) = load(text).unwrap() else { panic!("tasks") };
        assert_eq!((case.tool_version.as_str(), case.target.region.as_str()), ("1", "eu-west-1"));
    }

    #[test]
    fn unusable_files_say_why() {
        let error = |text: &str| load(text).unwrap_err().to_string();
        assert!(error("  ").contains("empty"));
        assert!(error("hello").contains("not JSON"));
        assert!(error("{}").contains("neither"));
        assert!(error(r#"{"format":"ecs-why/snapshot/v9"}"#).contains("v9"));
        assert!(error(r#"{"format":"ecs-why/snapshot/v1"}"#).contains("cannot be read"));
    }

    #[test]
    fn task_definitions_are_read_in_both_forms() {
        let plain = r#"{"family":"web","containerDefinitions":[{"name":"app","image":"a\u001b[2J:1"}]}"#;
        let described = format!(r#"{{"taskDefinition":{plain},"tags":[]}}"#);
        for text in [plain, &described] {
            let read = load_task_definition(text).unwrap();
            assert_eq!((read.family.as_str(), read.container_definitions[0].image.as_str()), ("web", "a:1"));
        }
    }

    #[test]
    fn what_is_no_task_definition_says_why() {
        let error = |text: &str| load_task_definition(text).unwrap_err().to_string();
        assert!(error(" ").contains("empty"));
        assert!(error("family: web").contains("not JSON"));
        for text in ["{}", "[]", "3", r#"{"taskDefinition": "web:1"}"#, r#"{"containerDefinitions": []}"#] {
            assert!(error(text).contains("containerDefinitions"), "{text}");
        }
        assert!(error(r#"{"containerDefinitions": [{"name": 3}]}"#).contains("cannot be read"));
        assert!(error(TASK).contains("no task definition"));
        let containers = format!(r#"{{"name": "{}"}}"#, "x".repeat(LARGEST_TASK_DEFINITION));
        assert!(error(&format!(r#"{{"containerDefinitions": [{containers}]}}"#)).contains("larger"));
    }

    #[test]
    fn a_case_survives_its_snapshot() {
        let mut case = Case::new(Target { region: "eu-west-1".into(), ..Target::default() }, Timestamp::UNIX_EPOCH);
        let task: Task = serde_json::from_str(TASK).unwrap();
        let need = Need::Tasks { cluster: Some("prod".into()), tasks: vec![task.id().to_owned()] };
        case.admit(
            need,
            Fact::Known(Answer::Tasks(super::super::Tasks { tasks: vec![task], failures: vec![] }), Origin::File),
        );
        case.admit(Need::Role { role: "x".into() }, Fact::Missing(Gap::Denied { message: "no".into() }));
        let text = save(&case).unwrap();
        let Loaded::Snapshot(read) = load(&text).unwrap() else { panic!("tasks") };
        assert_eq!(*read, case);
        assert_eq!(save(&read).unwrap(), text);
    }
}
