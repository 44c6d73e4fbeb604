//! What services make of policies, from `knowledge/services` and `knowledge/policies.toml`: which actions name which
//! resources, which name none, which need no permission, and which services resource control policies bind.
//!
//! The facts are those of the
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html);
//! of a service that is not there nothing is said.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{glob::Reach, pattern::text_matches};
use crate::embedded::{self, FILES};

/// A file of `knowledge/services`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    service: String,
    #[serde(rename = "reference")]
    _reference: String,
    /// Actions without resource-level permissions.
    wildcard_only: Vec<String>,
    /// Each type of resource with the shape of its ARN, in which `${…}` stand for names.
    resources: BTreeMap<String, String>,
    /// Actions by the type of resource that they may name.
    actions: BTreeMap<String, Vec<String>>,
}

/// `knowledge/policies.toml`.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Facts {
    always_allowed: Vec<String>,
    resource_control: Vec<String>,
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let files = FILES.iter().filter(|(path, _)| path.starts_with("services/"));
    files.filter_map(|(_, text)| embedded::read(text).ok()).collect()
});

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let file = FILES.iter().find(|(path, _)| *path == "policies.toml");
    file.and_then(|(_, text)| embedded::read(text).ok()).unwrap_or_default()
});

fn listed(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether resource control policies bind calls to the service of an action.
pub fn has_rcps(action: &str) -> bool {
    listed(&FACTS.resource_control, action.split(':').next().unwrap_or_default())
}

/// Whether an action needs no permission, so that no policy can deny it.
pub fn is_always_allowed(action: &str) -> bool {
    listed(&FACTS.always_allowed, action)
}

/// The service of an action, and the action's name.
fn of_action(action: &str) -> Option<(&'static Service, &str)> {
    let (prefix, name) = action.split_once(':')?;
    let service = SERVICES.iter().find(|service| service.service.eq_ignore_ascii_case(prefix))?;
    Some((service, name))
}

/// Whether an action has no resource-level permissions, so that only `Resource: "*"` grants it. False for actions of
/// services that the knowledge base does not have.
pub fn is_wildcard_only(action: &str) -> bool {
    of_action(action).is_some_and(|(service, name)| listed(&service.wildcard_only, name))
}

/// Whether the knowledge base has an action, by its whole name.
pub fn is_known(action: &str) -> bool {
    let Some((service, name)) = of_action(action) else { return false };
    is_always_allowed(action)
        || listed(&service.wildcard_only, name)
        || service.actions.values().any(|names| listed(names, name))
}

/// Whether an action may name a resource of that ARN; `None` for an action that the knowledge base does not have.
pub fn may_name(action: &str, resource: &str) -> Option<bool> {
    let (service, name) = of_action(action)?;
    if listed(&service.wildcard_only, name) {
        return Some(resource == "*");
    }
    let mut types = service.actions.iter().filter(|(_, actions)| listed(actions, name)).peekable();
    types.peek()?;
    Some(types.filter_map(|(kind, _)| service.resources.get(kind)).any(|shape| has_shape(resource, shape)))
}

/// Other actions that may name a resource of that ARN, in the order of their names; of an action that names none, the
/// others that name none.
pub fn siblings(action: &str, resource: &str) -> Vec<String> {
    let Some((service, name)) = of_action(action) else { return Vec::new() };
    let none: &[String] = if resource == "*" { &service.wildcard_only } else { &[] };
    let shaped = service
        .actions
        .iter()
        .filter(|(kind, _)| service.resources.get(*kind).is_some_and(|shape| has_shape(resource, shape)));
    let mut names: Vec<&String> = shaped.flat_map(|(_, actions)| actions).chain(none).collect();
    names.sort();
    names.dedup();
    let others = names.into_iter().filter(|other| !other.eq_ignore_ascii_case(name));
    others.map(|other| format!("{}:{other}", service.service)).collect()
}

/// Whether an ARN is of a shape such as `arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}`.
fn has_shape(resource: &str, shape: &str) -> bool {
    let mut pattern = String::new();
    let mut rest = shape;
    while let Some((before, (_, after))) = rest.split_once("${").and_then(|(b, a)| Some((b, a.split_once('}')?))) {
        pattern.push_str(before);
        pattern.push('*');
        rest = after;
    }
    pattern.push_str(rest);
    text_matches(&pattern, resource, Reach::Segments, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        let files = FILES.iter().filter(|(path, _)| path.starts_with("services/"));
        for (path, text) in files.clone() {
            embedded::read::<Service>(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        assert!(SERVICES.len() == files.count() && SERVICES.len() >= 10);
        let facts = FILES.iter().find(|(path, _)| *path == "policies.toml").unwrap().1;
        embedded::read::<Facts>(facts).unwrap();
    }

    #[test]
    fn actions_name_what_the_reference_says() {
        assert!(is_wildcard_only("ECR:getauthorizationtoken") && !is_wildcard_only("ecr:BatchGetImage"));
        let repository = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app";
        assert_eq!(may_name("ecr:BatchGetImage", repository), Some(true));
        assert_eq!(may_name("ecr:GetAuthorizationToken", repository), Some(false));
        assert_eq!(may_name("ecr:GetAuthorizationToken", "*"), Some(true));
        assert_eq!(may_name("ssm:GetParameters", "arn:aws:ssm:eu-west-1:123456789012:document/x"), Some(false));
        assert_eq!(may_name("ecr:NoSuchAction", repository), None);
        assert_eq!(may_name("ec2:RunInstances", repository), None);
    }

    #[test]
    fn siblings_share_the_resource() {
        let group =
            siblings("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf");
        assert!(group.contains(&"secretsmanager:PutSecretValue".to_owned()));
        assert!(!group.contains(&"secretsmanager:GetSecretValue".to_owned()));
        assert!(!group.contains(&"secretsmanager:ListSecrets".to_owned()));
        let none = siblings("ecr:GetAuthorizationToken", "*");
        assert!(!none.is_empty() && none.iter().all(|action| is_wildcard_only(action)));
    }

    #[test]
    fn resource_control_has_its_services() {
        assert!(has_rcps("s3:GetObject") && has_rcps("ECR:BatchGetImage"));
        assert!(!has_rcps("ec2:RunInstances") && !has_rcps("ssm:GetParameters"));
    }
}
