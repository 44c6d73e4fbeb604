//! Whether one statement applies to a request: its action, resource, principal and conditions together.

use super::{
    condition::conditions_hold,
    context::{Context, Request},
    pattern::{Pattern, Unresolved, action_matches},
    policy::{Elements, Statement},
    truth::Truth,
};

/// Whether action, resource and conditions of a statement meet the request; principals are another question.
pub fn applies(statement: &Statement, request: &Request, has_variables: bool) -> Truth {
    let context = has_variables.then_some(&request.context);
    Truth::from(actions_cover(&statement.actions, &request.action))
        .and(|| statement.resources.as_ref().map_or(Truth::Yes, |r| resources_cover(r, &request.resource, context)))
        .and(|| conditions_hold(&statement.conditions, &request.context, has_variables))
}

fn actions_cover(elements: &Elements, action: &str) -> bool {
    elements.patterns.iter().any(|pattern| action_matches(pattern, action)) != elements.negated
}

/// The negation is of the list as a whole. A variable without a value matches nothing on either side.
fn resources_cover(elements: &Elements, resource: &str, context: Option<&Context>) -> Truth {
    let mut valueless = false;
    let covered = Truth::any(elements.patterns.iter().map(|text| match Pattern::arn(text, context) {
        Ok(pattern) => pattern.matches(resource).into(),
        Err(Unresolved::Unknown(key)) => Truth::unknown(key),
        Err(Unresolved::NoValue) => {
            valueless = true;
            Truth::No
        }
    }));
    match (elements.negated, valueless) {
        (false, _) => covered,
        (true, true) => Truth::No,
        (true, false) => covered.not(),
    }
}
