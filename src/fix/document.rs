//! Edits of policy documents that keep everything they do not touch: order, Sids, conditions, other principals.

use serde_json::{Map, Value, json};

/// A document with these statements only, each with a Sid of its own.
pub fn new(statements: Vec<Value>) -> Value {
    let numbered = statements.into_iter().fold(Vec::new(), |mut all, statement| {
        let statement = with_free_sid(statement, &all);
        all.push(statement);
        all
    });
    json!({"Version": "2012-10-17", "Statement": numbered})
}

/// A document's text as JSON, if it is an object.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// The document with a statement more. A scalar `Statement` becomes a list; a Sid that is taken gets a number.
pub fn with_statement(mut document: Value, statement: Value) -> Option<Value> {
    let all = document.as_object_mut()?.entry("Statement").or_insert_with(|| json!([]));
    let mut items = listed(all.take());
    items.push(with_free_sid(statement, &items));
    *all = Value::Array(items);
    Some(document)
}

/// IAM takes no document in which a Sid stands twice.
fn with_free_sid(mut statement: Value, others: &[Value]) -> Value {
    let Some(wanted) = statement.get("Sid").and_then(Value::as_str).map(str::to_owned) else { return statement };
    let is_free = |sid: &String| others.iter().all(|o| o.get("Sid").and_then(Value::as_str) != Some(sid));
    let numbered = (2..).map(|number: u32| format!("{wanted}{number}"));
    if let (Some(free), Some(sid)) =
        (std::iter::once(wanted.clone()).chain(numbered).find(is_free), statement.get_mut("Sid"))
    {
        *sid = json!(free);
    }
    statement
}

fn listed(statements: Value) -> Vec<Value> {
    match statements {
        Value::Array(items) => items,
        single => vec![single],
    }
}

/// Whether a document has no statement left, which IAM takes for malformed.
pub fn is_empty(document: &Value) -> bool {
    document.get("Statement").and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// The document with its statement at `index` replaced by others.
pub fn with_replaced(mut document: Value, index: usize, statements: Vec<Value>) -> Option<Value> {
    let all = document.get_mut("Statement")?;
    let mut items = listed(all.take());
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

/// The index of a statement by its label: a Sid or `#n`.
pub fn index_of(document: &Value, label: &str) -> Option<usize> {
    if let Some(number) = label.strip_prefix('#') {
        return number.parse().ok();
    }
    statements(document).into_iter().position(|s| s.get("Sid").and_then(Value::as_str) == Some(label))
}

/// The statement with that label.
pub fn labelled<'d>(document: &'d Value, label: &str) -> Option<&'d Map<String, Value>> {
    statement(document, index_of(document, label)?)
}

/// All statements, in their order.
pub fn statements(document: &Value) -> Vec<&Map<String, Value>> {
    (0..).map_while(|index| statement(document, index)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sids(document: &Value) -> Vec<&str> {
        let all = document.get("Statement").and_then(Value::as_array).unwrap();
        all.iter().filter_map(|s| s.get("Sid")?.as_str()).collect()
    }

    #[test]
    fn no_sid_stands_twice() {
        let statement = || allow("Read", &["s3:GetObject".to_owned()], &["*".to_owned()]);
        let document = new(vec![statement(), statement()]);
        assert_eq!(sids(&document), ["Read", "Read2"]);
        let more = with_statement(document, statement()).unwrap();
        assert_eq!(sids(&more), ["Read", "Read2", "Read3"]);
        let scalar = json!({"Version": "2012-10-17", "Statement": statement()});
        assert_eq!(sids(&with_statement(scalar, statement()).unwrap()), ["Read", "Read2"]);
    }

    #[test]
    fn statements_without_a_sid_stay_without() {
        let plain = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
        let document = with_statement(new(vec![plain.clone()]), plain).unwrap();
        assert!(sids(&document).is_empty());
        assert!(is_empty(&with_replaced(new(vec![json!({})]), 0, Vec::new()).unwrap()));
    }
}
