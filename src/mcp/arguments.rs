//! Arguments of tools, as far as all of them share it: their length, and the forms of names.
//!
//! A model writes them, perhaps because a log told it to: each is held against the form that AWS gives to its kind
//! before anything is asked. None is a file, an address to call or a profile.

use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    case::{Disagreement, Names, Stating, Target, TargetError},
    cli::error::CliError,
    id::{is_region, short_name},
};

/// No ARN is longer.
const LONGEST: usize = 2048;
/// Of a cluster, a service or a family
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>).
const LONGEST_NAME: usize = 255;
const LONGEST_REGION: usize = 32;

/// Reads the arguments of a tool.
///
/// # Errors
/// One of them is unknown, lacking, or of another type.
pub fn read<T: DeserializeOwned>(tool: &str, arguments: &JsonObject) -> Result<T, CliError> {
    serde_json::from_value(Value::Object(arguments.clone())).map_err(|error| {
        CliError::input(
            format!("the arguments of {tool} cannot be used: {error}"),
            "the tool's input schema says which there are",
        )
    })
}

/// The names that point at a task or a service, each of its form.
///
/// # Errors
/// Says which argument is not of its form.
pub fn checked(names: &Names<'_>) -> Result<(), CliError> {
    for (argument, text) in [("task", names.task), ("service", names.service), ("cluster", names.cluster)] {
        bounded(argument, text)?;
    }
    for (argument, text) in [("cluster", names.cluster), ("service", names.service)] {
        named(argument, text)?;
    }
    region(names.region)
}

/// An argument that is no longer than any ARN.
///
/// # Errors
/// It is longer.
pub fn bounded(argument: &str, text: Option<&str>) -> Result<(), CliError> {
    match text.map(str::len) {
        Some(length) if length > LONGEST => {
            Err(CliError::input(format!("{argument} is longer than {LONGEST} bytes"), "give the name or the ARN alone"))
        }
        _ => Ok(()),
    }
}

fn named(argument: &str, text: Option<&str>) -> Result<(), CliError> {
    let is_name = |name: &str| {
        (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    match text {
        Some(text) if !is_name(if text.starts_with("arn:") { short_name(text) } else { text }) => Err(CliError::input(
            format!("'{text}' is not the name of a {argument}, nor its ARN"),
            "letters, digits, hyphens and underscores make a name",
        )),
        _ => Ok(()),
    }
}

/// A Region as AWS names them.
///
/// # Errors
/// It is none.
pub fn region(text: Option<&str>) -> Result<(), CliError> {
    match text {
        Some(text) if text.len() > LONGEST_REGION || !is_region(text) => {
            Err(CliError::input(format!("'{text}' is not the name of a Region"), "give a name such as eu-west-1"))
        }
        _ => Ok(()),
    }
}

/// The task or the service that the arguments name.
///
/// # Errors
/// A name cannot be read, two disagree, or too little is named.
pub fn target(names: &Names<'_>) -> Result<Target, CliError> {
    checked(names)?;
    Target::named(names).map_err(unnamed)
}

const TASK_FORMS: &str = "give task as an ARN, as an id with cluster, or as an ECS console address; or give service";

/// With what to do about it.
pub fn unnamed(error: TargetError) -> CliError {
    match error {
        TargetError::Task(_) | TargetError::Nothing => CliError::input(error, TASK_FORMS),
        TargetError::Service(_) => CliError::input(error, "give the service's name, or its ARN"),
        TargetError::NoCluster { .. } => CliError::input(error, "give cluster as well, or the task's ARN"),
        TargetError::Disagreement(disagreement) => contradicted(disagreement),
    }
}

pub fn contradicted(disagreement: Disagreement) -> CliError {
    let whose = match disagreement.one {
        Stating::Cluster => "cluster",
        Stating::Region => "region",
        _ => "one of them",
    };
    CliError::input(disagreement, format!("leave {whose} out, or correct it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(names: Names<'_>) -> String {
        target(&names).unwrap_err().to_string()
    }

    #[test]
    fn each_has_the_form_of_its_kind() {
        fn service(text: &str) -> Names<'_> {
            Names { service: Some(text), ..Names::default() }
        }
        assert!(target(&service("web_2-a")).is_ok());
        assert!(target(&service("arn:aws:ecs:eu-west-1:123456789012:service/prod/web")).is_ok());
        for text in ["", "web app", "../../etc/passwd", "web;rm", "http://169.254.169.254/", &"x".repeat(256)] {
            assert!(error(service(text)).contains("not the name of a service"), "{text}");
        }
        fn cluster(text: &str) -> Names<'_> {
            Names { cluster: Some(text), ..service("web") }
        }
        assert!(target(&cluster("arn:aws:ecs:eu-west-1:123456789012:cluster/prod")).is_ok());
        assert!(error(cluster("a b")).contains("not the name of a cluster"));
        for text in ["eu-west", "x.example.com/#", "eu-west-1.evil", &format!("{}-a-1", "x".repeat(40))] {
            let names = Names { region: Some(text), ..service("web") };
            assert!(error(names).contains("not the name of a Region"), "{text}");
        }
        assert!(error(Names { task: Some(&"a".repeat(3000)), ..Names::default() }).contains("longer than"));
    }
}
