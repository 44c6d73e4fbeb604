//! Conditions of a statement against a request's context, in three values.
//!
//! Operators and keys are joined by AND, the values of a key by OR, those of a negated operator by NOR
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).

use super::{
    context::{Context, Lookup},
    operator::{Comparison, Operator, Quantifier, compare},
    pattern::{Pattern, Unresolved},
    truth::Truth,
};

/// Whether all conditions hold.
pub fn conditions_hold(conditions: &[(String, String, Vec<String>)], context: &Context, has_variables: bool) -> Truth {
    let variables = has_variables.then_some(context);
    Truth::all(conditions.iter().map(|(operator, key, values)| match Operator::named(operator) {
        Some(operator) => condition(operator, key, values, context, variables),
        None => Truth::unknown(format!("operator {operator}")),
    }))
}

fn condition(
    operator: Operator,
    key: &str,
    values: &[String],
    context: &Context,
    variables: Option<&Context>,
) -> Truth {
    let Some(comparison) = operator.comparison else { return null(key, values, context) };
    let request = match context.get(key) {
        Lookup::Unknown => return Truth::unknown(key),
        Lookup::Absent => return absent(operator).into(),
        Lookup::Present(request) => request,
    };
    let satisfied = |value: &String| one_value(operator, comparison, value, values, variables);
    match operator.quantifier {
        Quantifier::ForAllValues => Truth::all(request.iter().map(satisfied)),
        Quantifier::ForAnyValue => Truth::any(request.iter().map(satisfied)),
        // A list under an operator for single values never matches.
        Quantifier::None if context.is_multivalued(key) => Truth::No,
        Quantifier::None => request.first().map_or(absent(operator).into(), satisfied),
    }
}

/// The verdict on a key that the request does not carry.
fn absent(operator: Operator) -> bool {
    match operator.quantifier {
        Quantifier::ForAllValues => true,
        Quantifier::ForAnyValue => operator.if_exists,
        Quantifier::None => operator.if_exists || operator.negated,
    }
}

/// `Null`: `true` asks for an absent key; an empty text counts as absent.
fn null(key: &str, values: &[String], context: &Context) -> Truth {
    let missing = match context.get(key) {
        Lookup::Unknown => return Truth::unknown(key),
        Lookup::Absent => true,
        Lookup::Present(found) => found.iter().all(String::is_empty),
    };
    values.iter().any(|value| value.eq_ignore_ascii_case(if missing { "true" } else { "false" })).into()
}

/// One value of the request against all values of the policy.
fn one_value(
    operator: Operator,
    comparison: Comparison,
    request: &str,
    policy: &[String],
    variables: Option<&Context>,
) -> Truth {
    let mut readable = true;
    let matched = Truth::any(policy.iter().map(|value| match_one(comparison, request, value, variables)).map(|m| {
        readable &= m.is_some();
        m.unwrap_or(Truth::No)
    }));
    match (operator.negated, readable) {
        (false, _) => matched,
        (true, true) => matched.not(),
        // What cannot be compared satisfies neither the operator nor its negation.
        (true, false) => Truth::No,
    }
}

/// `None` where the two cannot be compared at all.
fn match_one(comparison: Comparison, request: &str, policy: &str, variables: Option<&Context>) -> Option<Truth> {
    let pattern = match comparison {
        Comparison::Like => Pattern::glob(policy, variables),
        Comparison::Arn => {
            if !is_arn(request) || !(is_arn(policy) || policy == "*") {
                return None;
            }
            Pattern::arn(policy, variables)
        }
        Comparison::Text { ignore_case } if variables.is_some() && policy.contains("${") => {
            return Some(matched(literal(policy, variables), request, ignore_case));
        }
        other => return compare(other, request, policy).map(Truth::from),
    };
    Some(matched(pattern, request, false))
}

fn matched(pattern: Result<Pattern, Unresolved>, request: &str, ignore_case: bool) -> Truth {
    match pattern {
        Ok(pattern) if ignore_case => pattern.lower_case().matches(&request.to_ascii_lowercase()).into(),
        Ok(pattern) => pattern.matches(request).into(),
        Err(Unresolved::NoValue) => Truth::No,
        Err(Unresolved::Unknown(key)) => Truth::unknown(key),
    }
}

/// `StringEquals` takes wildcards literally but replaces variables.
fn literal(policy: &str, variables: Option<&Context>) -> Result<Pattern, Unresolved> {
    let escaped = policy.replace("${*}", "\u{0}s").replace("${?}", "\u{0}q");
    let escaped = escaped.replace('*', "${*}").replace('?', "${?}");
    Pattern::glob(&escaped.replace("\u{0}s", "${*}").replace("\u{0}q", "${?}"), variables)
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, values: &[&str], context: &Context) -> Truth {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        conditions_hold(&[(operator.to_owned(), "k".to_owned(), values)], context, true)
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
    fn variables_ignore_case_where_their_operator_does() {
        let context = Context::complete().with("k", "Team-A/x").with("aws:PrincipalTag/team", "TEAM-a");
        let value = ["${aws:PrincipalTag/team}/X"];
        assert_eq!(holds("StringEqualsIgnoreCase", &value, &context), Truth::Yes);
        assert_eq!(holds("StringNotEqualsIgnoreCase", &value, &context), Truth::No);
        assert_eq!(holds("StringEquals", &value, &context), Truth::No);
        assert_eq!(holds("StringEqualsIgnoreCase", &["${aws:PrincipalTag/team}/*"], &context), Truth::No);
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
