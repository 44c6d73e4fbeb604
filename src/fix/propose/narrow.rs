//! A deny split so that it spares some calls and denies everything else as it did; or why that cannot be written.
//!
//! A statement is a product of actions, resources and principals. To take calls out of it, the other actions stay where
//! they are, and the spared ones stay denied wherever they are not to be spared. Where the statement's words do not
//! allow that exactly, there is no edit: a wider one would weaken a guard that somebody put up.

use serde_json::{Map, Value, json};

use super::{
    deny::Spared,
    wording::{self, ActionList},
};
use crate::fix::document;

type Statement = Map<String, Value>;

/// Whom a statement is to spare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The one whose policy it is.
    Holder,
    /// A role that asks for a resource: its ARN, and the bucket if the policy is a bucket's.
    Role { arn: String, bucket: Option<String> },
    /// A service that assumes a role.
    Service(&'static str),
}

/// Why there is no edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// It denies because of this condition.
    Condition(String),
    /// It denies everyone but those listed, and a listed role's sessions may be denied all the same.
    NotPrincipal,
    /// It covers more than can be told apart.
    Inexact,
}

/// The statements that take the place of one.
pub fn narrowed(statement: &Statement, spared: &Spared, who: &Who) -> Result<Vec<Value>, Hindrance> {
    if let Some(condition) = wording::condition(statement) {
        return Err(Hindrance::Condition(condition));
    }
    if statement.contains_key("NotPrincipal") {
        return Err(Hindrance::NotPrincipal);
    }
    let parts = match who {
        Who::Holder => for_holder(statement, spared),
        Who::Role { arn, bucket } => for_role(statement, spared, arn, bucket.as_deref()),
        Who::Service(service) => for_service(statement, spared, service),
    };
    Ok(one_sid(parts.ok_or(Hindrance::Inexact)?))
}

/// In the policies of a role the spared calls are told apart by their resources.
fn for_holder(statement: &Statement, spared: &Spared) -> Option<Vec<Statement>> {
    match wording::actions(statement, &spared.actions())? {
        ActionList::Rest(rest) => {
            let mut parts: Vec<Statement> = rest.into_iter().collect();
            for (actions, resources) in &spared.by_action {
                parts.extend(elsewhere(&with_actions(statement, actions), resources)?);
            }
            Some(parts)
        }
        // `ecr:*` less one action is not to be had, but everything else on an ARN of ECR is.
        ActionList::WholeService => {
            let all: Vec<String> = spared.by_resource.iter().flat_map(|(_, resources)| resources.clone()).collect();
            if all.iter().any(|r| r == "*") {
                return None;
            }
            let mut parts: Vec<Statement> = elsewhere(statement, &all)?.into_iter().collect();
            parts.extend(spared.by_resource.iter().map(|(actions, on)| others_on(statement, actions, on)));
            Some(parts)
        }
    }
}

/// In the policy of a resource they are told apart by who asks; what the policy reaches is that resource.
fn for_role(statement: &Statement, spared: &Spared, arn: &str, bucket: Option<&str>) -> Option<Vec<Statement>> {
    let mut parts = rest_of_resource(statement, spared)?;
    for (actions, resources) in &spared.by_action {
        let of_actions = with_actions(statement, actions);
        parts.extend(wording::without_role(&of_actions, arn));
        if let Some(bucket) = bucket {
            let own = wording::with_element(&of_actions, "Principal", json!({"AWS": arn}));
            parts.extend(elsewhere(&wording::whole_bucket(own, bucket), resources)?);
        }
    }
    Some(parts)
}

fn for_service(statement: &Statement, spared: &Spared, service: &str) -> Option<Vec<Statement>> {
    let mut parts = rest_of_resource(statement, spared)?;
    parts.extend(wording::without_service(&with_actions(statement, &spared.actions()), service)?);
    Some(parts)
}

/// The statement without the spared actions, in a policy that only the actions of one service reach.
fn rest_of_resource(statement: &Statement, spared: &Spared) -> Option<Vec<Statement>> {
    Some(match wording::actions(statement, &spared.actions())? {
        ActionList::Rest(rest) => rest.into_iter().collect(),
        ActionList::WholeService => vec![wording::all_but(statement, &spared.actions())],
    })
}

/// The statement on every resource of its own but those; `None` within if none is left, without if it cannot be said.
fn elsewhere(statement: &Statement, spared: &[String]) -> Option<Option<Statement>> {
    if let Some(excepted) = statement.get("NotResource") {
        // Everything is excepted then: nothing is left to deny.
        if spared.iter().any(|r| r == "*") {
            return Some(None);
        }
        let mut all = document::texts(excepted);
        all.extend(spared.iter().filter(|r| !all.contains(r)).cloned().collect::<Vec<_>>());
        return Some(Some(wording::with_element(statement, "NotResource", json!(all))));
    }
    let resources = document::texts(statement.get("Resource")?);
    let everything = resources.iter().any(|r| r == "*");
    if everything && spared.iter().all(|r| r != "*") {
        return Some(Some(wording::with_element(statement, "NotResource", json!(spared))));
    }
    if !spared.iter().all(|r| resources.contains(r)) {
        return None;
    }
    let kept: Vec<String> = resources.into_iter().filter(|r| !spared.contains(r)).collect();
    Some((!kept.is_empty()).then(|| wording::with_element(statement, "Resource", document::one_or_many(&kept))))
}

fn others_on(statement: &Statement, actions: &[String], resources: &[String]) -> Statement {
    let others = wording::all_but(statement, actions);
    wording::with_element(&others, "Resource", document::one_or_many(resources))
}

fn with_actions(statement: &Statement, actions: &[String]) -> Statement {
    wording::with_element(statement, "Action", document::one_or_many(actions))
}

/// Sids are unique in a policy: the first part keeps it.
fn one_sid(parts: Vec<Statement>) -> Vec<Value> {
    let mut parts = parts;
    for part in parts.iter_mut().skip(1) {
        part.shift_remove("Sid");
    }
    parts.into_iter().map(Value::Object).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPOSITORY: &str = "arn:aws:ecr:eu-west-1:123456789012:repository/app";
    const ROLE: &str = "arn:aws:iam::123456789012:role/exec";

    fn spare(statement: Value, calls: &[(&str, &str)], who: &Who) -> Result<Value, Hindrance> {
        let calls: Vec<_> = calls.iter().map(|(a, r)| ((*a).to_owned(), (*r).to_owned())).collect();
        narrowed(statement.as_object().unwrap(), &Spared::new(&calls), who).map(Value::Array)
    }

    fn deny(action: &str, resource: &str) -> Value {
        json!({"Sid": "No", "Effect": "Deny", "Action": action, "Resource": resource})
    }

    #[test]
    fn a_whole_service_is_denied_but_for_the_call() {
        let pull = [("ecr:BatchGetImage", REPOSITORY)];
        let expected = json!([
            {"Sid": "No", "Effect": "Deny", "Action": "ecr:*", "NotResource": [REPOSITORY]},
            {"Effect": "Deny", "Resource": REPOSITORY, "NotAction": ["ecr:BatchGetImage"]},
        ]);
        assert_eq!(spare(deny("ecr:*", "*"), &pull, &Who::Holder), Ok(expected));
        assert_eq!(spare(deny("ecr:Batch*", "*"), &pull, &Who::Holder), Err(Hindrance::Inexact));
        let login = [("ecr:GetAuthorizationToken", "*")];
        assert_eq!(spare(deny("ecr:*", "*"), &login, &Who::Holder), Err(Hindrance::Inexact));
    }

    #[test]
    fn everything_is_denied_but_for_the_call() {
        let expected = json!([
            {"Sid": "No", "Effect": "Deny", "Resource": "*", "NotAction": ["ecr:BatchGetImage"]},
            {"Effect": "Deny", "Action": "ecr:BatchGetImage", "NotResource": [REPOSITORY]},
        ]);
        assert_eq!(spare(deny("*", "*"), &[("ecr:BatchGetImage", REPOSITORY)], &Who::Holder), Ok(expected));
        let login =
            json!([{"Sid": "No", "Effect": "Deny", "Resource": "*", "NotAction": ["ecr:GetAuthorizationToken"]}]);
        assert_eq!(spare(deny("*", "*"), &[("ecr:GetAuthorizationToken", "*")], &Who::Holder), Ok(login));
    }

    #[test]
    fn an_exception_gets_one_more() {
        let statement = json!({"Effect": "Deny", "NotAction": "s3:*", "Resource": REPOSITORY});
        let expected = json!([{"Effect": "Deny", "Resource": REPOSITORY, "NotAction": ["s3:*", "ecr:BatchGetImage"]}]);
        assert_eq!(spare(statement, &[("ecr:BatchGetImage", REPOSITORY)], &Who::Holder), Ok(expected));
        let other =
            json!({"Effect": "Deny", "Action": "ecr:BatchGetImage", "NotResource": ["arn:aws:ecr:*:*:repository/x"]});
        let expected = json!([{"Effect": "Deny", "Action": "ecr:BatchGetImage", "NotResource": ["arn:aws:ecr:*:*:repository/x", REPOSITORY]}]);
        assert_eq!(spare(other, &[("ecr:BatchGetImage", REPOSITORY)], &Who::Holder), Ok(expected));
    }

    #[test]
    fn a_pattern_of_resources_is_left_alone() {
        let all = deny("ecr:BatchGetImage", "arn:aws:ecr:*:*:repository/*");
        assert_eq!(spare(all, &[("ecr:BatchGetImage", REPOSITORY)], &Who::Holder), Err(Hindrance::Inexact));
    }

    #[test]
    fn conditions_are_named_and_kept() {
        let mut statement = deny("ecr:*", "*");
        statement["Condition"] = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}});
        let expected = Err(Hindrance::Condition("StringNotEquals aws:SourceVpce vpce-1".to_owned()));
        assert_eq!(spare(statement, &[("ecr:BatchGetImage", REPOSITORY)], &Who::Holder), expected);
    }

    #[test]
    fn a_resource_spares_one_role() {
        let who = Who::Role { arn: ROLE.to_owned(), bucket: None };
        let all = json!({"Effect": "Deny", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:PutImage"]});
        let expected = json!([
            {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"},
            {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage",
             "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ROLE}}},
        ]);
        assert_eq!(spare(all, &[("ecr:BatchGetImage", REPOSITORY)], &who), Ok(expected));
        let named = json!({"Effect": "Deny", "Principal": {"AWS": [ROLE, "arn:aws:iam::123456789012:role/b"]}, "Action": "ecr:*"});
        let expected = json!([
            {"Effect": "Deny", "Principal": {"AWS": [ROLE, "arn:aws:iam::123456789012:role/b"]}, "NotAction": ["ecr:BatchGetImage"]},
            {"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam::123456789012:role/b"]}, "Action": "ecr:BatchGetImage"},
        ]);
        assert_eq!(spare(named, &[("ecr:BatchGetImage", REPOSITORY)], &who), Ok(expected));
        let other =
            json!({"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/b"}, "Action": "ecr:*"});
        assert_eq!(spare(other, &[("ecr:BatchGetImage", REPOSITORY)], &who), Err(Hindrance::NotPrincipal));
    }

    #[test]
    fn a_bucket_spares_one_object() {
        let who = Who::Role { arn: ROLE.to_owned(), bucket: Some("b".to_owned()) };
        let all = json!({"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
        let expected = json!([
            {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::b/web.env"]},
        ]);
        assert_eq!(spare(all, &[("s3:GetObject", "arn:aws:s3:::b/web.env")], &who), Ok(expected));
    }

    #[test]
    fn a_role_spares_one_service() {
        let who = Who::Service("ecs-tasks.amazonaws.com");
        let services = json!({"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]});
        let both = json!({"Effect": "Deny", "Principal": services, "Action": "sts:AssumeRole"});
        let expected =
            json!([{"Effect": "Deny", "Principal": {"Service": ["ec2.amazonaws.com"]}, "Action": "sts:AssumeRole"}]);
        assert_eq!(spare(both, &[("sts:AssumeRole", ROLE)], &who), Ok(expected));
        let all = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"});
        assert_eq!(spare(all, &[("sts:AssumeRole", ROLE)], &who), Err(Hindrance::Inexact));
    }

    /// Statements and calls in every combination: what is written spares the calls and nothing but the calls.
    #[test]
    fn nothing_but_the_calls_is_spared() {
        let other = "arn:aws:ecr:eu-west-1:123456789012:repository/other";
        let object = "arn:aws:s3:::bucket/key";
        let asked = [
            ("ecr:BatchGetImage", REPOSITORY),
            ("ecr:BatchGetImage", other),
            ("ecr:GetDownloadUrlForLayer", REPOSITORY),
            ("ecr:PutImage", REPOSITORY),
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:DescribeRegistry", "*"),
            ("s3:GetObject", object),
        ];
        let actions = [
            json!({"Action": "*"}),
            json!({"Action": "ecr:*"}),
            json!({"Action": ["ecr:*", "s3:*"]}),
            json!({"Action": "ecr:Batch*"}),
            json!({"Action": ["ecr:batchgetimage", "ecr:PutImage"]}),
            json!({"Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}),
            json!({"NotAction": "s3:*"}),
            json!({"NotAction": ["ecr:PutImage", "s3:*"]}),
        ];
        let resources = [
            json!({"Resource": "*"}),
            json!({"Resource": [REPOSITORY, other]}),
            json!({"Resource": REPOSITORY}),
            json!({"Resource": "arn:aws:ecr:*:*:repository/*"}),
            json!({"NotResource": object}),
        ];
        let mut written = 0;
        for (action, resource) in actions.iter().flat_map(|a| resources.iter().map(move |r| (a, r))) {
            let mut statement = json!({"Sid": "No", "Effect": "Deny"});
            statement.as_object_mut().unwrap().extend(action.as_object().unwrap().clone());
            statement.as_object_mut().unwrap().extend(resource.as_object().unwrap().clone());
            let denied: Vec<_> = asked.into_iter().filter(|call| denies(&json!([statement]), call)).collect();
            for wanted in [&[0][..], &[0, 1], &[0, 2], &[0, 1, 2], &[4], &[0, 2, 4], &[6]] {
                let calls: Vec<_> = wanted.iter().map(|i| asked[*i]).filter(|call| denied.contains(call)).collect();
                let Ok(after) = spare(statement.clone(), &calls, &Who::Holder) else { continue };
                written += usize::from(!calls.is_empty());
                let left: Vec<_> = asked.into_iter().filter(|call| denies(&after, call)).collect();
                let expected: Vec<_> = denied.iter().copied().filter(|call| !calls.contains(call)).collect();
                assert_eq!(left, expected, "{statement} without {calls:?}: {after}");
            }
        }
        assert!(written > 80, "only {written}");
    }

    /// Whether statements deny a call of a role that may do everything else.
    fn denies(statements: &Value, (action, resource): &(&str, &str)) -> bool {
        use crate::iam::{Context, Layers, Outcome, Request, decide};

        let account = "123456789012".to_owned();
        let request = Request {
            principal: ROLE.into(),
            principal_id: None,
            account: account.clone().into(),
            action: (*action).into(),
            resource: (*resource).into(),
            resource_account: account.into(),
            context: Context::complete(),
        };
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let identity = crate::judge::document_set("p", &document);
        let layers = Layers { identity, ..Layers::default() };
        decide(&request, &layers).outcome == Outcome::ExplicitlyDenied
    }
}
