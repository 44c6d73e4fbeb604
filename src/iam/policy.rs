//! A policy document, parsed without loss: what cannot be read stays in its place as such.
//!
//! The grammar is <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>: scalars stand for
//! lists of one, Booleans and numbers for their text.

use serde_json::{Map, Value};

/// A document and the name by which the report calls it: a policy's ARN or name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPolicy {
    pub name: String,
    pub policy: Policy,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Whether `Version` is `2012-10-17`: only then are policy variables more than text.
    pub has_variables: bool,
    pub statements: Vec<StatementEntry>,
}

/// A statement, or what is wrong with it. An unreadable one makes the decisions that it could change unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementEntry {
    Read(Box<Statement>),
    Unreadable { effect: Option<Effect>, problem: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    /// `None` in identity policies.
    pub principals: Option<Principals>,
    pub actions: Elements,
    /// `None` in trust policies.
    pub resources: Option<Elements>,
    /// Operator, key and values of each condition.
    pub conditions: Vec<(String, String, Vec<String>)>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elements {
    pub negated: bool,
    pub patterns: Vec<String>,
}

/// `Principal` or `NotPrincipal`: kinds (`AWS`, `Service`, `Federated`, `CanonicalUser`, `*`) and values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    pub negated: bool,
    pub entries: Vec<(String, String)>,
}

/// A document that is no policy at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it is not a JSON object with a 'Statement'")]
    NoStatement,
}

impl Policy {
    /// Parses a document's text.
    ///
    /// # Errors
    /// Only where there is no list of statements; a bad statement is kept as unreadable.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let value: Value = serde_json::from_str(text).map_err(|e| PolicyError::NotJson(e.to_string()))?;
        Self::from_value(&value)
    }

    /// Reads a document that is JSON already.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn from_value(value: &Value) -> Result<Self, PolicyError> {
        let statements = match value.get("Statement") {
            Some(Value::Array(items)) => items.iter().map(StatementEntry::read).collect(),
            Some(item @ Value::Object(_)) => vec![StatementEntry::read(item)],
            _ => return Err(PolicyError::NoStatement),
        };
        let has_variables = value.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        Ok(Self { has_variables, statements })
    }
}

impl StatementEntry {
    fn read(value: &Value) -> Self {
        let Value::Object(fields) = value else {
            return Self::Unreadable { effect: None, problem: "it is no object".to_owned() };
        };
        match Statement::read(fields) {
            Ok(statement) => Self::Read(Box::new(statement)),
            Err(problem) => Self::Unreadable { effect: Effect::read(fields), problem },
        }
    }
}

impl Effect {
    fn read(fields: &Map<String, Value>) -> Option<Self> {
        match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Some(Self::Allow),
            Some("Deny") => Some(Self::Deny),
            _ => None,
        }
    }
}

const FIELDS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Statement {
    fn read(fields: &Map<String, Value>) -> Result<Self, String> {
        if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
            return Err(format!("'{unknown}' is no element of a statement"));
        }
        Ok(Self {
            sid: fields.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned),
            effect: Effect::read(fields).ok_or("'Effect' is neither Allow nor Deny")?,
            principals: principals(fields)?,
            actions: elements(fields, "Action", "NotAction")?.ok_or("it has no 'Action'")?,
            resources: elements(fields, "Resource", "NotResource")?,
            conditions: conditions(fields)?,
        })
    }

    /// The Sid, or the place in the policy, as the report names statements.
    pub fn label(&self, index: usize) -> String {
        self.sid.clone().unwrap_or_else(|| format!("#{index}"))
    }
}

fn elements(fields: &Map<String, Value>, name: &str, negation: &str) -> Result<Option<Elements>, String> {
    let (negated, value) = match (fields.get(name), fields.get(negation)) {
        (Some(_), Some(_)) => return Err(format!("it has both '{name}' and '{negation}'")),
        (Some(value), None) => (false, value),
        (None, Some(value)) => (true, value),
        (None, None) => return Ok(None),
    };
    Ok(Some(Elements {
        negated,
        patterns: texts(value).ok_or_else(|| format!("'{name}' is not a text or a list of texts"))?,
    }))
}

fn principals(fields: &Map<String, Value>) -> Result<Option<Principals>, String> {
    let (negated, value) = match (fields.get("Principal"), fields.get("NotPrincipal")) {
        (Some(_), Some(_)) => return Err("it has both 'Principal' and 'NotPrincipal'".to_owned()),
        (Some(value), None) => (false, value),
        (None, Some(value)) => (true, value),
        (None, None) => return Ok(None),
    };
    let entries = match value {
        Value::String(text) if text == "*" => vec![("*".to_owned(), "*".to_owned())],
        Value::Object(kinds) => {
            let mut entries = Vec::new();
            for (kind, values) in kinds {
                let values = texts(values).ok_or_else(|| format!("principals of '{kind}' are not texts"))?;
                entries.extend(values.into_iter().map(|value| (kind.clone(), value)));
            }
            entries
        }
        _ => return Err("'Principal' is neither '*' nor an object".to_owned()),
    };
    Ok(Some(Principals { negated, entries }))
}

fn conditions(fields: &Map<String, Value>) -> Result<Vec<(String, String, Vec<String>)>, String> {
    let Some(value) = fields.get("Condition") else { return Ok(Vec::new()) };
    let operators = value.as_object().ok_or("'Condition' is no object")?;
    let mut read = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().ok_or_else(|| format!("condition '{operator}' is no object"))? {
            let values = texts(values).ok_or_else(|| format!("the values of '{key}' are not texts"))?;
            read.push((operator.clone(), key.clone(), values));
        }
    }
    Ok(read)
}

/// A text, a Boolean or a number, or a list of them.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        single => text(single).map(|text| vec![text]),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_and_lists_read_alike() {
        let scalar = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let list = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}"#;
        assert_eq!(Policy::parse(scalar), Policy::parse(list));
    }

    #[test]
    fn bad_statements_keep_their_place() {
        let text = r#"{"Statement":[{"Effect":"Deny","Action":1,"Resource":"*","Foo":1},{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#;
        let policy = Policy::parse(text).unwrap();
        assert!(
            matches!(&policy.statements[0], StatementEntry::Unreadable { effect: Some(Effect::Deny), problem } if problem.contains("Foo"))
        );
        assert!(matches!(&policy.statements[1], StatementEntry::Read(_)));
        assert_eq!(Policy::parse("{}"), Err(PolicyError::NoStatement));
    }
}
