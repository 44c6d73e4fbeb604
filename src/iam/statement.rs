//! Whether one statement applies to a request: its action, resource and conditions together; principals are another
//! question.

use super::{
    condition::conditions_hold,
    context::{Context, Request},
    layers::Layer,
    pattern::{Unresolved, action_matches, resource_matches},
    policy::{Elements, Statement},
    truth::Truth,
};

/// Whether action, resource and conditions of a statement in a policy of that layer meet the request.
pub fn applies(statement: &Statement<'_>, request: &Request<'_>, layer: Layer, has_variables: bool) -> Truth {
    if !actions_cover(&statement.actions, &request.action) {
        return Truth::No;
    }
    let variables = has_variables.then_some(&request.context);
    let covered = match &statement.resources {
        Some(resources) => resources_cover(resources, &request.resource, layer, variables),
        None if layer.names_principals() => Truth::Yes,
        None => Truth::unknown(format!("statement without 'Resource' in a policy of the {} layer", layer.name())),
    };
    covered.and(|| conditions_hold(&statement.conditions, &request.context, has_variables))
}

fn actions_cover(elements: &Elements<'_>, action: &str) -> bool {
    elements.patterns.iter().any(|pattern| action_matches(pattern, action)) != elements.negated
}

/// The negation is of the list as a whole. A variable without a value matches nothing on either side.
fn resources_cover(elements: &Elements<'_>, resource: &str, layer: Layer, variables: Option<&Context<'_>>) -> Truth {
    let mut valueless = false;
    let covered = Truth::any(elements.patterns.iter().map(|pattern| {
        match resource_matches(pattern, resource, layer.short_arns(), variables) {
            Ok(covers) => covers.into(),
            Err(Unresolved::Unknown(key)) => Truth::unknown(key),
            Err(Unresolved::NoValue) => {
                valueless = true;
                Truth::No
            }
        }
    }));
    match (elements.negated, valueless) {
        (false, _) => covered,
        (true, true) => Truth::No,
        (true, false) => covered.not(),
    }
}
