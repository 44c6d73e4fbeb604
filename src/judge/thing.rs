//! Does the thing exist, and can it be used? One answer for images, log groups, secrets, parameters and keys.

use super::policies::unread;
use crate::{
    case::{Case, Gap, Key, Secret},
    require::{Existence, Thing},
};

/// The verdict on a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// The cause that it is, and what the facts show.
    Broken {
        cause: &'static str,
        shows: String,
    },
    /// What would have to be read.
    Undecided(String),
}

/// Judges a thing by the facts.
pub fn judge(case: &Case, existence: &Existence) -> Verdict {
    match &existence.thing {
        Thing::Image(image) => match case.image(image) {
            Ok(_) => Verdict::Holds,
            Err(Gap::NotFound { message }) => missing_image(&image.repository, message),
            Err(gap) => Verdict::Undecided(unread("the image", "ecr:DescribeImages", gap)),
        },
        Thing::LogGroup { region, group } => {
            let found = case.log_group(region, group).map(|_| Verdict::Holds);
            found.unwrap_or_else(|gap| {
                absent(gap, "log-group-missing", &format!("log group {group}"), "logs:DescribeLogGroups")
            })
        }
        Thing::Secret { region, secret, reference } => match case.secret(region, secret) {
            Ok(found) => usable_secret(found, reference),
            Err(gap) => absent(gap, "secret-not-found", &format!("secret {secret}"), "secretsmanager:DescribeSecret"),
        },
        Thing::Parameter { region, names } => parameter(case, region, names),
        Thing::Key { region, key, .. } => match case.key(region, key) {
            Ok(found) => usable_key(found),
            Err(gap) => absent(gap, "kms-key-unusable", &format!("key {key}"), "kms:DescribeKey"),
        },
    }
}

/// One of the names is enough.
fn parameter(case: &Case, region: &str, names: &[String]) -> Verdict {
    let told = names.join(" or ");
    let mut answers = names.iter().map(|name| case.parameter(region, name));
    if answers.clone().any(|answer| matches!(answer, Ok(Some(_)))) {
        return Verdict::Holds;
    }
    match answers.find_map(Result::err) {
        Some(gap) => absent(gap, "ssm-not-found", &format!("parameter {told}"), "ssm:DescribeParameters"),
        None => Verdict::Broken { cause: "ssm-not-found", shows: format!("there is no parameter {told} in {region}") },
    }
}

fn absent(gap: &Gap, cause: &'static str, what: &str, action: &str) -> Verdict {
    if gap.is_not_found() {
        Verdict::Broken { cause, shows: format!("{what} does not exist") }
    } else {
        Verdict::Undecided(unread(what, action, gap))
    }
}

fn missing_image(repository: &str, message: &str) -> Verdict {
    if message.contains("RepositoryNotFound") {
        Verdict::Broken { cause: "repository-not-found", shows: format!("there is no repository {repository}") }
    } else {
        Verdict::Broken { cause: "image-not-found", shows: format!("repository {repository} has no such image") }
    }
}

fn usable_secret(secret: &Secret, reference: &str) -> Verdict {
    if let Some(date) = secret.deleted_date {
        let shows = format!("secret {} has been scheduled for deletion since {date}", secret.name);
        return Verdict::Broken { cause: "secret-not-found", shows };
    }
    match version_stage(reference) {
        Some(stage) if !secret.version_stages.is_empty() && !secret.version_stages.iter().any(|s| s == stage) => {
            let shows = format!("no version of secret {} carries the staging label {stage}", secret.name);
            Verdict::Broken { cause: "secret-not-found", shows }
        }
        _ => Verdict::Holds,
    }
}

/// The stage in `…:secret:name:json-key:version-stage:version-id`.
fn version_stage(reference: &str) -> Option<&str> {
    reference.split(':').nth(8).filter(|stage| !stage.is_empty())
}

fn usable_key(key: &Key) -> Verdict {
    if key.key_state == "Enabled" || key.key_state.is_empty() {
        return Verdict::Holds;
    }
    Verdict::Broken { cause: "kms-key-unusable", shows: format!("key {} is {}", key.arn, key.key_state) }
}
