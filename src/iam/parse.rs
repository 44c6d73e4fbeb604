//! From a document's text to its statements.
//!
//! Only what is no JSON, or no policy at all, is an error; a statement that is wrong is kept with what is wrong with it
//! and where it stands.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    json::{Fields, Json},
    operator::Operator,
    policy::{Condition, Effect, Elements, Policy, PrincipalKind, Principals, Statement, StatementEntry},
};

/// A document that is no policy at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it is not a JSON object with a 'Statement'")]
    NoStatement,
}

impl<'a> Policy<'a> {
    /// Parses a document's text.
    ///
    /// # Errors
    /// Only where there is no list of statements; a bad statement is kept as unreadable.
    pub fn parse(text: &'a str) -> Result<Self, PolicyError> {
        let json: Json<'a> = serde_json::from_str(text).map_err(|error| PolicyError::NotJson(error.to_string()))?;
        let mut policy = Self::from_json(json)?;
        tell_places(&mut policy, text);
        Ok(policy)
    }

    /// Reads a document that is JSON already.
    ///
    /// # Errors
    /// [`PolicyError::NoStatement`].
    pub fn from_json(json: Json<'a>) -> Result<Self, PolicyError> {
        let Json::Object(mut fields) = json else { return Err(PolicyError::NoStatement) };
        let statements = match fields.take("Statement") {
            Some(Json::List(items)) => items.into_iter().map(entry).collect(),
            Some(item @ Json::Object(_)) => vec![entry(item)],
            _ => return Err(PolicyError::NoStatement),
        };
        let version = fields.take("Version").and_then(Json::scalar);
        Ok(Self { has_variables: version.as_deref() == Some("2012-10-17"), statements })
    }
}

/// Adds line and column to what is wrong with statements.
fn tell_places(policy: &mut Policy<'_>, text: &str) {
    #[derive(Deserialize)]
    struct Outline<'o> {
        #[serde(borrow, rename = "Statement")]
        statements: &'o RawValue,
    }
    if policy.statements.iter().all(|entry| matches!(entry, StatementEntry::Read(_))) {
        return;
    }
    let Ok(outline) = serde_json::from_str::<Outline<'_>>(text) else { return };
    let parts: Vec<&RawValue> =
        serde_json::from_str(outline.statements.get()).unwrap_or_else(|_| vec![outline.statements]);
    for (entry, part) in policy.statements.iter_mut().zip(parts) {
        if let StatementEntry::Unreadable { problem, .. } = entry {
            let offset = (part.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            let before = text.get(..offset).unwrap_or_default();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            problem.push_str(&format!(" (line {}, column {column})", before.matches('\n').count() + 1));
        }
    }
}

fn entry(json: Json<'_>) -> StatementEntry<'_> {
    let Json::Object(mut fields) = json else {
        return StatementEntry::Unreadable { effect: None, problem: "it is no object".to_owned() };
    };
    let effect = fields.take("Effect").and_then(Json::scalar).and_then(|text| Effect::named(&text));
    match statement(fields, effect) {
        Ok(statement) => StatementEntry::Read(statement),
        Err(problem) => StatementEntry::Unreadable { effect, problem },
    }
}

const FIELDS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn statement(fields: Fields<'_>, effect: Option<Effect>) -> Result<Statement<'_>, String> {
    if let Some((unknown, _)) = fields.0.iter().find(|(key, _)| !FIELDS.contains(&key.as_ref())) {
        return Err(format!("'{unknown}' is no element of a statement"));
    }
    let mut fields = Fields(once(fields)?);
    Ok(Statement {
        sid: fields.take("Sid").and_then(Json::scalar).filter(|sid| !sid.is_empty()),
        effect: effect.ok_or("'Effect' is neither Allow nor Deny")?,
        principals: principals(&mut fields)?,
        actions: elements(&mut fields, "Action", "NotAction")?.ok_or("it has no 'Action'")?,
        resources: elements(&mut fields, "Resource", "NotResource")?,
        conditions: conditions(&mut fields)?,
    })
}

/// An element or its negation, of which a statement has one at most.
fn either<'a>(fields: &mut Fields<'a>, name: &str, negation: &str) -> Result<Option<(bool, Json<'a>)>, String> {
    match (fields.take(name), fields.take(negation)) {
        (Some(_), Some(_)) => Err(format!("it has both '{name}' and '{negation}'")),
        (Some(value), None) => Ok(Some((false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

fn elements<'a>(fields: &mut Fields<'a>, name: &str, negation: &str) -> Result<Option<Elements<'a>>, String> {
    let Some((negated, value)) = either(fields, name, negation)? else { return Ok(None) };
    let patterns = value.texts().ok_or_else(|| format!("'{name}' is not a text or a list of texts"))?;
    Ok(Some(Elements { negated, patterns }))
}

fn principals<'a>(fields: &mut Fields<'a>) -> Result<Option<Principals<'a>>, String> {
    let Some((negated, value)) = either(fields, "Principal", "NotPrincipal")? else { return Ok(None) };
    let entries = match value {
        Json::Text(text) if text == "*" => vec![(PrincipalKind::Everyone, text)],
        Json::Object(Fields(kinds)) => principal_entries(kinds)?,
        _ => return Err("'Principal' is neither '*' nor an object".to_owned()),
    };
    Ok(Some(Principals { negated, entries }))
}

fn principal_entries<'a>(kinds: Vec<(Cow<'a, str>, Json<'a>)>) -> Result<Vec<(PrincipalKind, Cow<'a, str>)>, String> {
    let mut entries = Vec::new();
    for (name, values) in kinds {
        let kind = PrincipalKind::named(&name).ok_or_else(|| format!("'{name}' is no kind of principal"))?;
        let values = values.texts().ok_or_else(|| format!("principals of '{name}' are not texts"))?;
        entries.extend(values.iter().map(|value| (kind, value.clone())));
    }
    Ok(entries)
}

fn conditions<'a>(fields: &mut Fields<'a>) -> Result<Vec<Condition<'a>>, String> {
    let operators = match fields.take("Condition") {
        None => return Ok(Vec::new()),
        Some(Json::Object(operators)) => once(operators)?,
        Some(_) => return Err("'Condition' is no object".to_owned()),
    };
    let mut read = Vec::new();
    for (name, keys) in operators {
        let Json::Object(keys) = keys else { return Err(format!("condition '{name}' is no object")) };
        let operator = Operator::named(&name);
        for (key, values) in once(keys)? {
            let values = values.scalars().ok_or_else(|| format!("the values of '{key}' are not texts"))?;
            read.push(Condition { operator, name: name.clone(), key, values });
        }
    }
    Ok(read)
}

/// Fields of which none stands twice.
fn once<'a>(fields: Fields<'a>) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, String> {
    match fields.repeated() {
        Some(name) => Err(format!("'{name}' stands in it twice")),
        None => Ok(fields.0),
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
        let literal = r#"{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"k":true},"NumericEquals":{"n":[1,"2"]}}}}"#;
        let text = r#"{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"k":"true"},"NumericEquals":{"n":["1","2"]}}}}"#;
        assert_eq!(Policy::parse(literal), Policy::parse(text));
    }

    fn problem(statement: &str) -> (Option<Effect>, String) {
        let text = format!("{{\"Statement\":[\n  {statement},\n  {{\"Effect\":\"Allow\",\"Action\":\"a:b\"}}]}}");
        let policy = Policy::parse(&text).unwrap();
        assert!(matches!(policy.statements[1], StatementEntry::Read(_)));
        match &policy.statements[0] {
            StatementEntry::Unreadable { effect, problem } => (*effect, problem.clone()),
            StatementEntry::Read(_) => panic!("{statement} was read"),
        }
    }

    #[test]
    fn bad_statements_keep_their_place() {
        for (statement, effect, wrong) in [
            (r#"{"Effect":"Deny","Action":"a:b","Foo":1}"#, Some(Effect::Deny), "'Foo' is no element"),
            (r#"{"Effect":"Deny","Action":"a:b","Action":"a:c"}"#, Some(Effect::Deny), "'Action' stands in it twice"),
            (r#"{"Effect":"Deny","Action":"a:b","NotAction":"a:c"}"#, Some(Effect::Deny), "both"),
            (r#"{"Effect":"deny","Action":"a:b"}"#, None, "neither Allow nor Deny"),
            (r#"{"Effect":"Allow"}"#, Some(Effect::Allow), "no 'Action'"),
            (r#"{"Effect":"Allow","Action":7}"#, Some(Effect::Allow), "not a text"),
            (r#"{"Effect":"Allow","Action":{}}"#, Some(Effect::Allow), "not a text"),
            (
                r#"{"Effect":"Allow","Action":"a:b","Principal":{"aws":"*"}}"#,
                Some(Effect::Allow),
                "no kind of principal",
            ),
            (r#"{"Effect":"Allow","Action":"a:b","Condition":[]}"#, Some(Effect::Allow), "no object"),
            ("17", None, "no object"),
        ] {
            let (found, told) = problem(statement);
            assert_eq!(found, effect, "{statement}");
            assert!(told.contains(wrong) && told.ends_with("(line 2, column 3)"), "{told}");
        }
    }

    #[test]
    fn what_is_no_policy_is_an_error() {
        for text in ["{}", "[]", "17", r#"{"Statement":"x"}"#] {
            assert_eq!(Policy::parse(text), Err(PolicyError::NoStatement), "{text}");
        }
        assert!(matches!(Policy::parse("{"), Err(PolicyError::NotJson(_))));
    }
}
