//! Conditions of a statement against a request's context, in three values.
//!
//! Operators and keys are joined by AND, the values of a key by OR, those of a negated operator by NOR
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).

use std::borrow::Cow;

use super::{
    context::{Context, Lookup},
    glob::Reach,
    operator::{Comparison, Operator, Quantifier, compare},
    pattern::{Unresolved, like, text_of},
    policy::Condition,
    truth::Truth,
};

/// Whether all conditions hold.
pub fn conditions_hold(conditions: &[Condition<'_>], context: &Context<'_>, has_variables: bool) -> Truth {
    let variables = has_variables.then_some(context);
    Truth::all(conditions.iter().map(|condition| match condition.operator {
        Some(operator) => holds(operator, condition, context, variables),
        None => Truth::unknown(format!("operator {}", condition.name)),
    }))
}

fn holds(
    operator: Operator,
    condition: &Condition<'_>,
    context: &Context<'_>,
    variables: Option<&Context<'_>>,
) -> Truth {
    let Some(comparison) = operator.comparison else { return null(condition, context) };
    let request = match context.get(&condition.key) {
        Lookup::Unknown => return Truth::unknown(condition.key.as_ref()),
        Lookup::Absent => return absent(operator).into(),
        Lookup::Present(request) => request,
    };
    let satisfied = |value: &str| one_value(operator, comparison, value, &condition.values, variables);
    match operator.quantifier {
        Quantifier::ForAllValues => Truth::all(request.values.iter().map(|value| satisfied(value))),
        Quantifier::ForAnyValue => Truth::any(request.values.iter().map(|value| satisfied(value))),
        // A list under an operator for single values never matches.
        Quantifier::None => request.single().map_or(Truth::No, satisfied),
    }
}

/// The verdict on a key that the request does not carry. A set operator looks at values before `IfExists` does: of none,
/// all hold and none is any.
fn absent(operator: Operator) -> bool {
    match operator.quantifier {
        Quantifier::ForAllValues => true,
        Quantifier::ForAnyValue => false,
        Quantifier::None => operator.if_exists || operator.negated,
    }
}

/// `Null`: `true` asks for an absent key; an empty text counts as absent.
fn null(condition: &Condition<'_>, context: &Context<'_>) -> Truth {
    let missing = match context.get(&condition.key) {
        Lookup::Unknown => return Truth::unknown(condition.key.as_ref()),
        Lookup::Absent => true,
        Lookup::Present(found) => found.values.iter().all(|value| value.is_empty()),
    };
    let wanted = if missing { "true" } else { "false" };
    condition.values.iter().any(|value| value.eq_ignore_ascii_case(wanted)).into()
}

/// One value of the request against all values of the policy.
fn one_value(
    operator: Operator,
    comparison: Comparison,
    request: &str,
    policy: &[Cow<'_, str>],
    variables: Option<&Context<'_>>,
) -> Truth {
    let mut comparable = true;
    let matched = Truth::any(policy.iter().map(|value| {
        match_one(comparison, request, value, variables).unwrap_or_else(|| {
            comparable = false;
            Truth::No
        })
    }));
    match (operator.negated, comparable) {
        (false, _) => matched,
        (true, true) => matched.not(),
        // What cannot be compared satisfies neither the operator nor its negation.
        (true, false) => Truth::No,
    }
}

/// `None` where the two cannot be compared at all.
fn match_one(comparison: Comparison, request: &str, policy: &str, variables: Option<&Context<'_>>) -> Option<Truth> {
    let matched = match comparison {
        Comparison::Like => like(policy, request, Reach::Text, variables),
        Comparison::Arn if !is_arn(request) || !is_arn(policy) => return None,
        Comparison::Arn => like(policy, request, Reach::Segments, variables),
        Comparison::Number(_) | Comparison::Date(_) | Comparison::Ip => {
            return compare(comparison, request, policy).map(Truth::from);
        }
        Comparison::Text { .. } | Comparison::Bool | Comparison::Binary => match text_of(policy, variables) {
            Ok(text) => return compare(comparison, request, &text).map(Truth::from),
            Err(unresolved) => Err(unresolved),
        },
    };
    Some(match matched {
        Ok(matched) => matched.into(),
        Err(Unresolved::NoValue) => Truth::No,
        Err(Unresolved::Unknown(key)) => Truth::unknown(key),
    })
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.bytes().filter(|byte| *byte == b':').take(5).count() == 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, values: &[&str], context: &Context<'_>) -> Truth {
        let values = values.iter().map(|v| Cow::Borrowed(*v)).collect();
        let condition =
            Condition { operator: Operator::named(operator), name: operator.into(), key: "k".into(), values };
        conditions_hold(&[condition], context, true)
    }

    #[test]
    fn absent_keys() {
        let none = Context::complete();
        for (operator, expected) in [
            ("StringEquals", Truth::No),
            ("StringNotEquals", Truth::Yes),
            ("StringEqualsIfExists", Truth::Yes),
            ("ForAllValues:StringEquals", Truth::Yes),
            ("ForAnyValue:StringEquals", Truth::No),
            ("NotIpAddress", Truth::Yes),
        ] {
            assert_eq!(holds(operator, &["v"], &none), expected, "{operator}");
        }
        assert_eq!(holds("Null", &["true"], &none), Truth::Yes);
        assert_eq!(holds("Null", &["true"], &Context::complete().with("k", "")), Truth::Yes);
        assert_eq!(holds("Null", &["false"], &Context::complete().with("K", "v")), Truth::Yes);
    }

    #[test]
    fn values_or_and_nor() {
        let context = Context::complete().with("k", "b");
        assert_eq!(holds("StringEquals", &["a", "b"], &context), Truth::Yes);
        assert_eq!(holds("StringNotEquals", &["a", "b"], &context), Truth::No);
        assert_eq!(holds("StringEquals", &["*"], &context), Truth::No);
        assert_eq!(holds("StringLike", &["*"], &context), Truth::Yes);
        assert_eq!(holds("ArnNotLike", &["arn:aws:iam::1:role/x"], &context), Truth::No);
    }

    #[test]
    fn arn_operators_go_by_segments() {
        let context = Context::complete().with("k", "arn:aws:s3:::finance/reports");
        assert_eq!(holds("StringLike", &["arn:aws:*finance*"], &context), Truth::Yes);
        assert_eq!(holds("ArnLike", &["arn:aws:*finance*"], &context), Truth::No);
        assert_eq!(holds("ArnEquals", &["arn:aws:s3:::finance*"], &context), Truth::Yes);
        assert_eq!(holds("ArnLike", &["arn:aws:s3:*:finance/reports"], &context), Truth::No);
    }

    #[test]
    fn variables_ignore_case_where_their_operator_does() {
        let context = Context::complete().with("k", "Team-A/x").with("aws:PrincipalTag/team", "TEAM-a");
        let value = ["${aws:PrincipalTag/team}/X"];
        assert_eq!(holds("StringEqualsIgnoreCase", &value, &context), Truth::Yes);
        assert_eq!(holds("StringNotEqualsIgnoreCase", &value, &context), Truth::No);
        assert_eq!(holds("StringEquals", &value, &context), Truth::No);
        assert_eq!(holds("StringEqualsIgnoreCase", &["${aws:PrincipalTag/team}/*"], &context), Truth::No);
    }

    #[test]
    fn variables_without_a_value() {
        let context = Context::complete().with("k", "v");
        assert_eq!(holds("StringLike", &["${aws:username}*"], &context), Truth::No);
        assert_eq!(holds("StringNotLike", &["${aws:username}*"], &context), Truth::Yes);
        assert_eq!(holds("StringLike", &["${aws:username}*", "v"], &context), Truth::Yes);
    }

    #[test]
    fn lists_need_a_set_operator() {
        let context = Context::complete().with_list("k", vec!["a".into(), "b".into()]);
        assert_eq!(holds("StringEquals", &["a"], &context), Truth::No);
        assert_eq!(holds("ForAnyValue:StringEquals", &["a"], &context), Truth::Yes);
        assert_eq!(holds("ForAllValues:StringEquals", &["a"], &context), Truth::No);
    }

    #[test]
    fn what_is_not_known_is_named() {
        let context = Context::default();
        assert_eq!(holds("StringEquals", &["a"], &context), Truth::unknown("k"));
        assert_eq!(holds("StringMatches", &["a"], &context), Truth::unknown("operator StringMatches"));
    }
}
