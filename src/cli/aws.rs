//! Facts from AWS, for every command that asks for them; why none came, as an error that says what to do.

use std::time::Instant;

use super::{args::AwsArgs, error::CliError};
use crate::{
    case::{Case, Gap},
    collect::Collector,
    diagnose::Cost,
};

/// Connects to the case's Region, or to the configured one, and asks as one of the engine's functions does.
#[cfg(feature = "aws")]
pub fn read(
    args: &AwsArgs,
    case: &mut Case,
    began: Instant,
    asking: impl FnOnce(&mut Case, &mut dyn Collector) -> Cost,
) -> Result<Cost, CliError> {
    use super::progress::Watched;
    use crate::collect::aws::{AwsCollector, AwsOptions};

    let options = AwsOptions {
        region: Some(case.target.region.clone()).filter(|r| !r.is_empty()),
        profile: args.profile.clone(),
        endpoint_url: args.endpoint_url.clone(),
        deadline: began + args.deadline,
    };
    let mut collector = AwsCollector::connect(&options).map_err(|error| unconnected(&error))?;
    case.target.region = collector.region().to_owned();
    Ok(asking(case, &mut Watched::over(&mut collector)))
}

#[cfg(feature = "aws")]
fn unconnected(error: &crate::collect::aws::ConnectError) -> CliError {
    use crate::collect::aws::ConnectError;

    let hint = match error {
        ConnectError::NoRegion => "add --region, set AWS_REGION, or give an ARN, which has its Region",
        ConnectError::NoSuchProfile { .. } => "'aws configure list-profiles' lists the profiles",
        ConnectError::Endpoint { .. } => "correct --endpoint-url or AWS_ENDPOINT_URL",
        ConnectError::TimedOut => "give more time with --deadline",
        ConnectError::Runtime(_) | ConnectError::Profiles(_) => "",
    };
    CliError::input(error, hint)
}

#[cfg(not(feature = "aws"))]
pub fn read(
    _: &AwsArgs,
    _: &mut Case,
    _: Instant,
    _: impl FnOnce(&mut Case, &mut dyn Collector) -> Cost,
) -> Result<Cost, CliError> {
    Err(CliError::input(
        "this ecs-why was built without access to AWS",
        "read a file without asking AWS, or build with the feature 'aws'",
    ))
}

/// A proxy that opens connections signs with an authority of its own.
fn unreachable(said: &str) -> &'static str {
    if said.contains("certificate") {
        "SSL_CERT_FILE names the certificates to trust, those of a proxy among them"
    } else {
        "check the Region, the endpoint and the network"
    }
}

/// The question without whose answer there is nothing to judge was not answered.
pub fn unanswered(action: &str, gap: &Gap) -> CliError {
    let said = gap.message().map(|m| format!(": {m}")).unwrap_or_default();
    let (what, hint) = match gap {
        Gap::Denied { .. } => (
            format!("the caller may not call {action}{said}"),
            "'ecs-why policy' prints the read-only policy that ecs-why needs",
        ),
        Gap::Unauthenticated { .. } => (
            format!("AWS accepts no credentials{said}"),
            "sign in again (aws sso login), choose another --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        Gap::Unreachable { .. } => (format!("AWS cannot be reached{said}"), unreachable(&said)),
        Gap::TimedOut => (format!("the deadline passed before {action} answered"), "give more time with --deadline"),
        Gap::Throttled { .. } => (format!("AWS throttles {action}{said}"), "try again in a minute"),
        Gap::NotAsked => (format!("{action} was not asked"), ""),
        Gap::NotFound { .. } | Gap::Failed { .. } => {
            (format!("{action} failed{said}"), "check the name, the cluster, the Region and the endpoint")
        }
    };
    CliError::input(what, hint)
}
