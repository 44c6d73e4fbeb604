//! Secrets and parameters: there, not on their way out, and with the version that the reference names.

use super::{Verdict, absent};
use crate::judge::policies::unread;
use crate::{
    case::{Case, Secret},
    require::{version_id, version_stage},
};

const CAUSE: &str = "secret-not-found";

pub fn judge(case: &Case, region: &str, secret: &str, reference: &str) -> Verdict {
    match case.secret(region, secret) {
        Ok(found) => match unusable(found, reference) {
            Some(shows) => Verdict::Broken { cause: CAUSE, shows },
            None => version(case, region, secret, reference),
        },
        Err(gap) => absent(gap, CAUSE, &format!("secret {secret}"), "secretsmanager:DescribeSecret"),
    }
}

fn unusable(secret: &Secret, reference: &str) -> Option<String> {
    if let Some(date) = secret.deleted_date {
        return Some(format!("secret {} has been scheduled for deletion since {date}", secret.name));
    }
    let stages = &secret.version_stages;
    let stage = version_stage(reference).filter(|stage| !stages.is_empty() && !stages.iter().any(|s| s == stage))?;
    Some(format!(
        "no version of secret {} carries the staging label {stage}; its labels are {}",
        secret.name,
        stages.join(", ")
    ))
}

/// A version id that the reference names; without one there is nothing to look up.
fn version(case: &Case, region: &str, secret: &str, reference: &str) -> Verdict {
    let Some(id) = version_id(reference) else { return Verdict::Holds };
    match case.secret_versions(region, secret) {
        Ok(found) if found.version_ids.iter().any(|known| known == id) => Verdict::Holds,
        Ok(_) => Verdict::Broken { cause: CAUSE, shows: format!("secret {secret} has no version {id}") },
        Err(gap) => {
            Verdict::Undecided(unread("the versions of the secret", "secretsmanager:ListSecretVersionIds", gap))
        }
    }
}

/// One of the names is enough.
pub fn parameter(case: &Case, region: &str, names: &[String]) -> Verdict {
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
