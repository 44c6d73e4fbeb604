//! A whole decision as one JSON object: what `iam eval` and the tables of the tests read.
//!
//! The form is public; fields that it does not know are ignored. Its context is complete: a key that is not there is
//! absent.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::{
    context::{Context, Request, Values},
    decide::decide,
    json::{Fields, Json, Texts},
    layers::{Decision, Layers, PolicySet, ResourcePolicy},
    policy::{NamedPolicy, Policy, PolicyName, StatementEntry},
    principal::arn_resource,
    service::{is_wildcard_only, may_name},
};

/// A request and the policies that decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalCase<'a> {
    pub request: Request<'a>,
    pub layers: Layers<'a>,
}

/// A case that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it is not a JSON object")]
    NoObject,
    #[error("it has no '{0}'")]
    Missing(&'static str),
    #[error("'{name}' is not {expected}")]
    Wrong { name: String, expected: &'static str },
}

impl<'a> EvalCase<'a> {
    /// Reads a case.
    ///
    /// # Errors
    /// What is no JSON object, lacks a request, or has a field of another type. A document that is no policy is none of
    /// these: it makes the decision unknown where it could change it.
    pub fn parse(text: &'a str) -> Result<Self, EvalError> {
        let json: Json<'a> = serde_json::from_str(text).map_err(|error| EvalError::NotJson(error.to_string()))?;
        let Json::Object(mut fields) = json else { return Err(EvalError::NoObject) };
        let request = match fields.take("request") {
            Some(Json::Object(fields)) => request(fields)?,
            Some(_) => return Err(wrong("request", "an object")),
            None => return Err(EvalError::Missing("request")),
        };
        let resource_policy = document(&mut fields, "resource_policy")?;
        let layers = Layers {
            identity: documents(&mut fields, "identity_policies")?.unwrap_or_default(),
            boundary: documents(&mut fields, "permission_boundary_policies")?,
            session: document(&mut fields, "session_policy")?,
            resource: resource_layer(&request, resource_policy),
            scps: levels(&mut fields, "scps")?,
            rcps: levels(&mut fields, "rcps")?,
            endpoint: documents(&mut fields, "endpoint_policies")?,
        };
        Ok(Self { request, layers })
    }

    pub fn decide(&self) -> Decision {
        decide(&self.request, &self.layers)
    }
}

fn request<'a>(mut fields: Fields<'a>) -> Result<Request<'a>, EvalError> {
    let principal = text(&mut fields, "principal")?.ok_or(EvalError::Missing("request.principal"))?;
    let action = text(&mut fields, "action")?.ok_or(EvalError::Missing("request.action"))?;
    let wildcard_only = match fields.take("wildcard_only_action") {
        None | Some(Json::Null) => is_wildcard_only(&action),
        Some(Json::Bool(value)) => value,
        Some(_) => return Err(wrong("request.wildcard_only_action", "true or false")),
    };
    let resource = text(&mut fields, "resource")?;
    let account = account_of(&principal).unwrap_or_default();
    // What belongs to AWS, such as its managed policies, is everybody's own.
    let resource_account = text(&mut fields, "resource_account")?
        .filter(|account| is_account(account))
        .or_else(|| resource.as_ref().and_then(account_of))
        .unwrap_or_else(|| account.clone());
    let resource = match resource {
        _ if wildcard_only => Cow::Borrowed("*"),
        Some(resource) => resource,
        None => return Err(EvalError::Missing("request.resource")),
    };
    let context = context(&mut fields)?;
    Ok(Request { principal, principal_id: None, account, action, resource, resource_account, context })
}

/// A key is never without a policy, nor a role without a trust policy, whether one is given or not.
fn resource_layer<'a>(request: &Request<'a>, policy: Option<PolicySet<'a>>) -> ResourcePolicy<'a> {
    let (prefix, name) = request.action.split_once(':').unwrap_or_default();
    let resource = arn_resource(&request.resource).unwrap_or_default();
    // A call that cannot name an alias is about the key behind it.
    let aliased = resource.starts_with("alias/") && may_name(&request.action, &request.resource) == Some(false);
    let is_key = prefix.eq_ignore_ascii_case("kms") && (resource.starts_with("key/") || aliased);
    let is_assumed = prefix.eq_ignore_ascii_case("sts") && resource.starts_with("role/") && assumes(name);
    match policy {
        policy if is_key => ResourcePolicy::Key(policy.unwrap_or_default()),
        policy if is_assumed => ResourcePolicy::Trust(policy.unwrap_or_default()),
        Some(policy) => ResourcePolicy::Set(policy),
        None => ResourcePolicy::None,
    }
}

/// Whether an action of STS is one that a role's trust policy is about.
fn assumes(name: &str) -> bool {
    const BEGINNING: &str = "AssumeRole";
    name.get(..BEGINNING.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGINNING))
        || ["TagSession", "SetSourceIdentity"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account in an ARN, or the text if it is an account.
fn account_of<'a>(text: &Cow<'a, str>) -> Option<Cow<'a, str>> {
    let of = |text: &str| -> Option<(usize, usize)> {
        let start = if text.starts_with("arn:") { memchr_iter(b':', text.as_bytes()).nth(3)? + 1 } else { 0 };
        let account = text.get(start..)?;
        let account = account.get(..memchr(b':', account.as_bytes()).unwrap_or(account.len()))?;
        is_account(account).then_some((start, start + account.len()))
    };
    let (start, end) = of(text)?;
    match text {
        Cow::Borrowed(text) => text.get(start..end).map(Cow::Borrowed),
        Cow::Owned(text) => text.get(start..end).map(|account| Cow::Owned(account.to_owned())),
    }
}

fn wrong(name: impl Into<String>, expected: &'static str) -> EvalError {
    EvalError::Wrong { name: name.into(), expected }
}

fn text<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Option<Cow<'a, str>>, EvalError> {
    match fields.take(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value.scalar().map(Some).ok_or_else(|| wrong(format!("request.{name}"), "a text")),
    }
}

fn context<'a>(fields: &mut Fields<'a>) -> Result<Context<'a>, EvalError> {
    let lists = match fields.take("multivalued") {
        None | Some(Json::Null) => Texts::Many(Vec::new()),
        Some(names) => names.texts().ok_or_else(|| wrong("request.multivalued", "a list of keys"))?,
    };
    let keys = match fields.take("context") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Object(Fields(keys))) => keys,
        Some(_) => return Err(wrong("request.context", "an object")),
    };
    let mut context = Context::complete();
    for (key, values) in keys {
        let values = values.scalars().ok_or_else(|| wrong(format!("request.context.{key}"), "a list of texts"))?;
        let is_list = lists.iter().any(|list| list.eq_ignore_ascii_case(&key));
        // A key for single values without one is as good as absent.
        if is_list || !values.is_empty() {
            context.set(key, Values { values, is_list });
        }
    }
    Ok(context)
}

/// One document; `None` where there is none.
fn document<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Option<PolicySet<'a>>, EvalError> {
    match fields.take(name) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => Ok(Some(PolicySet { policies: vec![policy(name.into(), json)?], unread: Vec::new() })),
    }
}

/// A list of documents that speak together; `None` where there is none in it.
fn documents<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Option<PolicySet<'a>>, EvalError> {
    match fields.take(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::List(items)) if items.is_empty() => Ok(None),
        Some(Json::List(items)) => set(name, None, items).map(Some),
        Some(_) => Err(wrong(name, "a list of policies")),
    }
}

fn set<'a>(list: &'static str, level: Option<usize>, items: Vec<Json<'a>>) -> Result<PolicySet<'a>, EvalError> {
    let named = |(index, json)| policy(PolicyName::Nth { list, level, index }, json);
    Ok(PolicySet { policies: items.into_iter().enumerate().map(named).collect::<Result<_, _>>()?, unread: Vec::new() })
}

/// Lists of documents, a level each.
fn levels<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Vec<PolicySet<'a>>, EvalError> {
    let levels = match fields.take(name) {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::List(levels)) => levels,
        Some(_) => return Err(wrong(name, "a list of levels")),
    };
    let level = |(level, json)| match json {
        Json::List(items) => set(name, Some(level), items),
        _ => Err(wrong(format!("{name}[{level}]"), "a list of policies")),
    };
    levels.into_iter().enumerate().map(level).collect()
}

fn policy<'a>(name: PolicyName<'a>, json: Json<'a>) -> Result<NamedPolicy<'a>, EvalError> {
    if !matches!(json, Json::Object(_)) {
        return Err(wrong(name.to_string(), "a policy, which is an object"));
    }
    let policy = Policy::from_json(json).unwrap_or_else(|error| Policy {
        has_variables: false,
        statements: vec![StatementEntry::Unreadable { effect: None, problem: error.to_string() }],
    });
    Ok(NamedPolicy { name, policy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Outcome;

    fn outcome(text: &str) -> Outcome {
        EvalCase::parse(text).unwrap().decide().outcome
    }

    #[test]
    fn a_case_is_read_whole() {
        let text = r#"{"about":"ignored","identity_policies":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}],
            "scps":[[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}],[{"Statement":[{"Effect":"Deny","Action":"s3:Put*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}]],
            "rcps":null,"request":{"principal":"arn:aws:iam::123456789012:role/r","action":"s3:PutObject","resource":"arn:aws:s3:::b/k","context":{}}}"#;
        let decision = EvalCase::parse(text).unwrap().decide();
        assert_eq!(decision.outcome, Outcome::ExplicitlyDenied);
        let by = decision.by.unwrap();
        assert_eq!((by.policy.as_str(), by.statement.as_str()), ("scps[1][0]", "#0"));
        assert_eq!(outcome(&text.replace("s3:PutObject", "s3:GetObject")), Outcome::Allowed);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (text, told) in [
            ("", "not JSON"),
            ("[]", "not a JSON object"),
            ("{}", "no 'request'"),
            (r#"{"request":{"action":"a:b","resource":"*"}}"#, "no 'request.principal'"),
            (
                r#"{"request":{"principal":"anonymous","action":["a:b"],"resource":"*"}}"#,
                "'request.action' is not a text",
            ),
            (
                r#"{"identity_policies":{},"request":{"principal":"p","action":"a:b","resource":"*"}}"#,
                "'identity_policies' is not a list",
            ),
            (r#"{"scps":[{}],"request":{"principal":"p","action":"a:b","resource":"*"}}"#, "'scps[0]' is not a list"),
            (r#"{"request":{"principal":"p","action":"a:b","resource":"*","multivalued":true}}"#, "a list of keys"),
            (
                r#"{"session_policy":"x","request":{"principal":"p","action":"a:b","resource":"*"}}"#,
                "'session_policy' is not",
            ),
        ] {
            let error = EvalCase::parse(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_document_without_statements_leaves_it_open() {
        let case = |principal: &str| {
            outcome(&format!(
                r#"{{"identity_policies":[{{}}],"request":{{"principal":"{principal}","action":"a:b","resource":"*"}}}}"#
            ))
        };
        assert_eq!(case("arn:aws:iam::123456789012:user/u"), Outcome::Unknown);
        assert_eq!(case("ecs-tasks.amazonaws.com"), Outcome::ImplicitlyDenied);
    }
}
