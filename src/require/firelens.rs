//! FireLens: a router for the containers that log through it, outputs that the router can write, and its configuration
//! file, which only EC2 takes from S3.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html>

use super::{Contradiction, ObjectUse, Requirements, Workload, object::Object};
use crate::case::{Case, ContainerDefinition, FirelensConfiguration, LogConfiguration};

const CAUSE: &str = "firelens-config";
/// Options of the log driver itself, which make no output.
const OF_THE_DRIVER: [&str; 5] =
    ["include-pattern", "exclude-pattern", "log-driver-buffer-limit", "mode", "max-buffer-size"];

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    let definition = workload.definition;
    let router = definition.container_definitions.iter().find_map(|c| Some((c, c.firelens_configuration.as_ref()?)));
    for container in &definition.container_definitions {
        let Some(log) = container.log_configuration.as_ref().filter(|log| log.log_driver == "awsfirelens") else {
            continue;
        };
        let shows = match router {
            None => (!has_router_attribute(workload)).then(|| no_router(container)),
            Some((_, firelens)) => missing_output(container, log, firelens),
        };
        requirements.contradictions.extend(shows.map(|shows| contradiction(container, shows)));
    }
    if let Some((container, firelens)) = router {
        let shows = configuration_file(workload, firelens);
        requirements.contradictions.extend(shows.map(|shows| contradiction(container, shows)));
        let on_s3 = firelens.option("config-file-type") == Some("s3") && !workload.fargate;
        if let Some(arn) = firelens.option("config-file-value").filter(|_| on_s3) {
            let container = container.name.as_str();
            let object = Object { arn, container, of: ObjectUse::LogRouter, feature: "firelens-config-s3" };
            object.require(case, workload, requirements);
        }
    }
}

fn contradiction(container: &ContainerDefinition, shows: String) -> Contradiction {
    Contradiction { cause: CAUSE, container: container.name.clone(), shows }
}

/// What ECS makes of a router when it registers the definition: facts of an earlier ecs-why have no other trace of it.
fn has_router_attribute(workload: &Workload<'_>) -> bool {
    workload.definition.requires_attributes.iter().any(|a| a.name.starts_with("ecs.capability.firelens."))
}

fn no_router(container: &ContainerDefinition) -> String {
    format!("container {} logs with awsfirelens, and no container has a firelensConfiguration", container.name)
}

/// Options of an output that does not say which one it is.
fn missing_output(
    container: &ContainerDefinition,
    log: &LogConfiguration,
    firelens: &FirelensConfiguration,
) -> Option<String> {
    let key = match firelens.kind.as_str() {
        "fluentbit" => "Name",
        "fluentd" => "@type",
        _ => return None,
    };
    let has_output = log.options.keys().any(|option| !OF_THE_DRIVER.contains(&option.as_str()));
    (has_output && log.option(key).is_none()).then(|| {
        format!(
            "the log options of container {} lack {key}, which names the output of {}",
            container.name, firelens.kind
        )
    })
}

fn configuration_file(workload: &Workload<'_>, firelens: &FirelensConfiguration) -> Option<String> {
    let managed = workload.definition.requires_compatibilities.iter().any(|kind| kind == "MANAGED_INSTANCES");
    match (firelens.option("config-file-type")?, firelens.option("config-file-value")) {
        (kind, None) => Some(format!("config-file-type is {kind}, and config-file-value does not say which file")),
        ("s3", Some(_)) if workload.fargate && !managed => Some(
            "config-file-type is s3, which AWS Fargate does not take: it reads a file of the image only".to_owned(),
        ),
        ("s3" | "file", Some(_)) => None,
        (other, Some(_)) => Some(format!("config-file-type is {other}, and FireLens knows s3 and file")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::case::{Target, TaskDefinition};

    /// What a definition of an application and a router shows to be wrong.
    fn shown(router: Value, options: Value, fargate: bool) -> Vec<String> {
        let compatible = if fargate { "FARGATE" } else { "EC2" };
        let definition: TaskDefinition = serde_json::from_value(json!({
            "family": "web", "requiresCompatibilities": [compatible],
            "containerDefinitions": [
                {"name": "app", "image": "a", "logConfiguration": {"logDriver": "awsfirelens", "options": options}},
                {"name": "router", "image": "r", "firelensConfiguration": router}
            ]
        }))
        .unwrap();
        let case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
        let mut requirements = Requirements::default();
        require(&case, &Workload::of_definition(&case, &definition), &mut requirements);
        requirements.contradictions.into_iter().map(|c| format!("{}: {}", c.container, c.shows)).collect()
    }

    #[test]
    fn routers_and_outputs_must_fit() {
        let bit = |options: Value| json!({"type": "fluentbit", "options": options});
        let output = || json!({"Name": "cloudwatch", "region": "eu-west-1"});
        let file = json!({"config-file-type": "file", "config-file-value": "/extra.conf"});
        let s3 = json!({"config-file-type": "s3", "config-file-value": "arn:aws:s3:::b/extra.conf"});
        assert_eq!(shown(bit(file), output(), true), Vec::<String>::new());
        assert_eq!(shown(bit(s3.clone()), output(), false), Vec::<String>::new());
        assert_eq!(shown(bit(json!({})), json!({}), true), Vec::<String>::new());
        for (router, options, fargate, part) in [
            (Value::Null, output(), true, "app: container app logs with awsfirelens, and no container"),
            (bit(s3), output(), true, "router: config-file-type is s3, which AWS Fargate does not take"),
            (bit(json!({"config-file-type": "file"})), output(), true, "config-file-value does not say"),
            (bit(json!({})), json!({"region": "eu-west-1"}), true, "app: the log options of container app lack Name"),
            (json!({"type": "fluentd"}), output(), true, "lack @type"),
        ] {
            let found = shown(router, options, fargate);
            assert!(found.len() == 1 && found[0].contains(part), "{part}: {found:?}");
        }
    }
}
