//! Properties of policy decisions that hold whatever the policies say.

use ecs_why::iam::{Context, Decision, Layers, NamedPolicy, Outcome, Policy, PolicySet, Request, decide};
use proptest::prelude::*;
use serde_json::{Value, json};

const ACCOUNT: &str = "123456789012";
const KEYS: [&str; 2] = ["aws:SourceVpce", "aws:SourceIp"];

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let action = prop_oneof![Just("*"), Just("s3:*"), Just("s3:GetObject"), Just("s3:Put*"), Just("kms:Decrypt")];
    let resource = prop_oneof![Just("*"), Just("arn:aws:s3:::a/*"), Just("arn:aws:s3:::a/b"), Just("arn:aws:s3:::c/*")];
    let operator = prop_oneof![
        Just("StringEquals"),
        Just("StringNotEquals"),
        Just("StringEqualsIfExists"),
        Just("ForAllValues:StringLike"),
        Just("Null")
    ];
    let key = prop_oneof![Just(KEYS[0]), Just(KEYS[1])];
    let value = prop_oneof![Just("x"), Just("y"), Just("true")];
    let condition = prop::option::weighted(0.5, (operator, key, value));
    (effect, any::<bool>(), action, any::<bool>(), resource, condition).prop_map(
        |(effect, not_action, action, not_resource, resource, condition)| {
            let mut statement = json!({"Effect": effect});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!([resource]);
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({operator: {key: value}});
            }
            statement
        },
    )
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn set(document: &str) -> PolicySet<'_> {
    let policy = Policy::parse(document).unwrap();
    PolicySet { policies: vec![NamedPolicy { name: "p".into(), policy }], unread: Vec::new() }
}

fn decided(identity: &[Value], boundary: Option<&[Value]>, context: Context<'_>) -> Decision {
    let (identity, boundary) = (document(identity), boundary.map(document));
    let request = Request {
        principal: format!("arn:aws:iam::{ACCOUNT}:role/r").into(),
        principal_id: None,
        account: ACCOUNT.into(),
        action: "s3:GetObject".into(),
        resource: "arn:aws:s3:::a/b".into(),
        resource_account: ACCOUNT.into(),
        context,
    };
    let boundary = boundary.as_deref().map(set);
    decide(&request, &Layers { identity: set(&identity), boundary, ..Layers::default() })
}

/// Every way in which the unknown keys may turn out.
fn completions() -> Vec<Context<'static>> {
    let values = [None, Some("x"), Some("y"), Some("z")];
    let pairs = values.iter().flat_map(|a| values.iter().map(move |b| [*a, *b]));
    let complete = pairs.map(|pair| {
        KEYS.iter().zip(pair).fold(Context::complete(), |context, (key, value)| match value {
            Some(value) => context.with(*key, value),
            None => context,
        })
    });
    complete.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_decision_under_unknowns_holds_for_every_completion(
        identity in prop::collection::vec(statement(), 0..4),
        boundary in prop::option::of(prop::collection::vec(statement(), 0..3)),
    ) {
        let open = decided(&identity, boundary.as_deref(), Context::default());
        if open.outcome != Outcome::Unknown {
            for context in completions() {
                let closed = decided(&identity, boundary.as_deref(), context).outcome;
                // A call that nothing allows may turn out to be denied explicitly as well: it is denied either way.
                let denied = open.outcome == Outcome::ImplicitlyDenied && closed == Outcome::ExplicitlyDenied;
                prop_assert!(open.outcome == closed || denied, "{:?} became {closed:?}", open.outcome);
            }
        }
    }

    #[test]
    fn an_unknown_names_what_it_depends_on(identity in prop::collection::vec(statement(), 0..4)) {
        let open = decided(&identity, None, Context::default());
        prop_assert_eq!(open.outcome == Outcome::Unknown, !open.unknown.is_empty());
    }

    #[test]
    fn a_deny_of_everything_overrides(identity in prop::collection::vec(statement(), 0..4)) {
        let mut denied = identity;
        denied.push(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
        prop_assert_eq!(decided(&denied, None, Context::default()).outcome, Outcome::ExplicitlyDenied);
    }

    #[test]
    fn another_allow_never_denies(identity in prop::collection::vec(statement(), 0..4)) {
        for context in completions() {
            let before = decided(&identity, None, context.clone()).outcome;
            let mut more = identity.clone();
            more.push(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
            let after = decided(&more, None, context).outcome;
            prop_assert!(before != Outcome::Allowed || after == Outcome::Allowed);
            prop_assert!(before == Outcome::ExplicitlyDenied || after == Outcome::Allowed);
        }
    }

    #[test]
    fn a_boundary_never_adds(identity in prop::collection::vec(statement(), 0..4), boundary in prop::collection::vec(statement(), 0..3)) {
        for context in completions() {
            let bounded = decided(&identity, Some(&boundary), context.clone()).outcome;
            prop_assert!(bounded != Outcome::Allowed || decided(&identity, None, context).outcome == Outcome::Allowed);
        }
    }
}
