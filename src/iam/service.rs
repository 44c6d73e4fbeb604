//! What services make of policies, from `knowledge/services` and `knowledge/rcp.toml`: which actions name no resource, and
//! which services resource control policies bind.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::embedded::FILES;

/// A file of `knowledge/services`: facts of the service authorization reference.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    service: String,
    #[allow(dead_code)]
    reference: String,
    #[allow(dead_code)]
    rcp: bool,
    /// Actions without resource-level permissions.
    wildcard_only: Vec<String>,
    #[serde(default)]
    #[allow(dead_code)]
    resources: BTreeMap<String, String>,
    /// Actions by the type of resource that they name.
    #[serde(default)]
    #[allow(dead_code)]
    actions: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceControl {
    services: Vec<String>,
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let files = FILES.iter().filter(|(path, _)| path.starts_with("services/"));
    files.filter_map(|(_, text)| toml::from_str(text).ok()).collect()
});

static RCP_SERVICES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let file = FILES.iter().find(|(path, _)| *path == "rcp.toml");
    file.and_then(|(_, text)| toml::from_str::<ResourceControl>(text).ok())
        .map(|file| file.services)
        .unwrap_or_default()
});

/// Whether resource control policies bind calls to the service of an action.
pub fn has_rcps(action: &str) -> bool {
    let prefix = action.split(':').next().unwrap_or_default();
    RCP_SERVICES.iter().any(|service| service.eq_ignore_ascii_case(prefix))
}

/// Whether an action has no resource-level permissions, so that only `Resource: "*"` grants it. False for actions of
/// services that the knowledge base does not have.
pub fn is_wildcard_only(action: &str) -> bool {
    let Some((prefix, name)) = action.split_once(':') else { return false };
    let service = SERVICES.iter().find(|service| service.service.eq_ignore_ascii_case(prefix));
    service.is_some_and(|service| service.wildcard_only.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        let files = FILES.iter().filter(|(path, _)| path.starts_with("services/"));
        for (path, text) in files.clone() {
            toml::from_str::<Service>(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        assert_eq!(SERVICES.len(), files.count());
    }

    #[test]
    fn resource_control_has_its_services() {
        assert!(has_rcps("s3:GetObject") && has_rcps("ECR:BatchGetImage"));
        assert!(!has_rcps("ec2:RunInstances") && !has_rcps("ssm:GetParameters"));
    }
}
