//! Edits of policy documents that keep everything they do not touch: order, Sids, conditions, other principals.

use serde_json::{Map, Value, json};

/// A document with these statements only.
pub fn new(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A document's text as JSON, if it is an object.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// The document with a statement more. A scalar `Statement` becomes a list.
pub fn with_statement(mut document: Value, statement: Value) -> Option<Value> {
    let all = document.as_object_mut()?.entry("Statement").or_insert_with(|| json!([]));
    if let Value::Array(items) = all {
        items.push(statement);
    } else {
        *all = json!([all.take(), statement]);
    }
    Some(document)
}

/// The document with its statement at `index` replaced by others.
pub fn with_replaced(mut document: Value, index: usize, statements: Vec<Value>) -> Option<Value> {
    let all = document.get_mut("Statement")?;
    let mut items = match all.take() {
        Value::Array(items) => items,
        single => vec![single],
    };
    if index >= items.len() {
        return None;
    }
    items.splice(index..=index, statements);
    *all = Value::Array(items);
    Some(document)
}

/// The statement at `index`.
pub fn statement(document: &Value, index: usize) -> Option<&Map<String, Value>> {
    match document.get("Statement")? {
        Value::Array(items) => items.get(index)?.as_object(),
        single => single.as_object().filter(|_| index == 0),
    }
}

/// An `Allow` of those actions on those resources; one of either is written as a text.
pub fn allow(sid: &str, actions: &[String], resources: &[String]) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": one_or_many(actions), "Resource": one_or_many(resources)})
}

pub fn one_or_many(items: &[String]) -> Value {
    match items {
        [single] => json!(single),
        many => json!(many),
    }
}

/// Texts of an element that may be one or many.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        single => single.as_str().map(str::to_owned).into_iter().collect(),
    }
}
