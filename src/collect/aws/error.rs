//! The one place where an error of the SDK becomes a gap.
//!
//! Given what went wrong with a call or with the credentials, says which kind of not knowing it is. AWS's own code and
//! message are kept as `Code: message`: later layers tell a missing repository from a missing image by the code.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::SdkError},
    http::StatusCode,
};
use aws_smithy_types::error::{metadata::ProvideErrorMetadata, operation::BuildError};

use crate::case::Gap;

/// Services spell a denial in their own ways.
const DENIED: &[&str] =
    &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "UnauthorizedException"];

const NOT_FOUND: &[&str] = &[
    "AccessPointNotFound",
    "ClusterNotFoundException",
    "FileSystemNotFound",
    "ImageNotFoundException",
    "MountTargetNotFound",
    "NoSuchBucket",
    "NoSuchEntity",
    "NotFoundException",
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
    "ServiceNotFoundException",
    "TargetGroupNotFound",
];

/// What the SDK's standard retries take for throttling.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// AWS does not know the caller (<https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>).
const UNAUTHENTICATED: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

impl<E> From<SdkError<E, HttpResponse>> for Gap
where
    E: Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match &error {
            SdkError::ServiceError(answer) => refused(answer.err(), answer.raw().status()),
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
                Self::Unreachable { message: innermost(&error) }
            }
            SdkError::ResponseError(answer) => not_aws(answer.raw().status()),
            _ => Self::Failed { message: chain(&error) },
        }
    }
}

impl From<BuildError> for Gap {
    fn from(error: BuildError) -> Self {
        Self::Failed { message: chain(&error) }
    }
}

/// A message about the way to AWS says where the way led; AWS's own messages do so themselves.
pub fn located(gap: Gap, place: impl FnOnce() -> String) -> Gap {
    match gap {
        Gap::Unreachable { message } => Gap::Unreachable { message: format!("no answer from {}: {message}", place()) },
        other => other,
    }
}

/// AWS answered, without what it always answers.
pub fn empty(operation: &str) -> Gap {
    Gap::Failed { message: format!("{operation} gave an empty answer") }
}

/// Why there are no credentials, and what brings some.
pub fn unauthenticated(error: &CredentialsError, profile: Option<&str>) -> Gap {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => no_credentials(profile),
        _ => Gap::Unauthenticated { message: format!("{}; {}", causes(error), advice(profile)) },
    }
}

/// Each provider of a chain only says that "an error occurred while loading credentials"; what it was comes after.
fn causes(error: &CredentialsError) -> String {
    let mut causes = texts(error);
    causes.retain(|text| !text.starts_with("an error occurred while loading"));
    format!("the AWS credentials could not be loaded: {}", causes.join(": ").trim_end_matches('.'))
}

/// No source had any.
pub fn no_credentials(profile: Option<&str>) -> Gap {
    let message = match profile {
        Some(profile) => format!("the profile '{profile}' has no AWS credentials; {}", advice(Some(profile))),
        None => format!("no AWS credentials were found; {}, or name a profile with --profile", advice(None)),
    };
    Gap::Unauthenticated { message }
}

fn advice(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => format!("sign in with 'aws sso login --profile {profile}' or renew its keys"),
        None => "sign in with 'aws sso login' or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
    }
}

fn refused(error: &impl ProvideErrorMetadata, status: StatusCode) -> Gap {
    match error.code() {
        Some(code) => classified(code, error.message().unwrap_or_default()),
        None => not_aws(status),
    }
}

/// The answer to a HEAD request has no body, thus no code: nothing but its status tells what it is.
pub fn without_code<E>(error: SdkError<E, HttpResponse>) -> Gap
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match (error.code(), status) {
        (None, Some(403)) => Gap::Denied { message: "HTTP status 403 (Forbidden)".to_owned() },
        (None | Some("NotFound"), Some(404)) => Gap::NotFound { message: "HTTP status 404 (Not Found)".to_owned() },
        (None, Some(status)) => Gap::Failed { message: format!("HTTP status {status} and not a word why") },
        _ => error.into(),
    }
}

/// A proxy, a captive portal or another server answered.
fn not_aws(status: StatusCode) -> Gap {
    Gap::Failed { message: format!("HTTP status {} and no answer of an AWS API", status.as_u16()) }
}

fn classified(code: &str, text: &str) -> Gap {
    let message = if text.is_empty() { code.to_owned() } else { format!("{code}: {text}") };
    if UNAUTHENTICATED.contains(&code) {
        Gap::Unauthenticated { message: format!("{message}; {}", advice_on_refusal(code)) }
    } else if DENIED.contains(&code) || text.contains("is not authorized to perform") {
        Gap::Denied { message }
    } else if NOT_FOUND.contains(&code) || is_unknown_to_ec2(code) || is_unknown_task_definition(code, text) {
        Gap::NotFound { message }
    } else if THROTTLED.contains(&code) {
        Gap::Throttled { message }
    } else {
        Gap::Failed { message }
    }
}

/// EC2 has a code for each kind of thing: `InvalidSubnetID.NotFound`. An id of a shape that it gives to nothing is
/// `InvalidInstanceID.Malformed`. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn is_unknown_to_ec2(code: &str) -> bool {
    code.starts_with("Invalid") && (code.ends_with(".NotFound") || code.ends_with(".Malformed"))
}

/// ECS has no code of its own for it.
fn is_unknown_task_definition(code: &str, text: &str) -> bool {
    code == "ClientException" && text.starts_with("Unable to describe task definition")
}

fn advice_on_refusal(code: &str) -> &'static str {
    match code {
        "ExpiredToken" | "ExpiredTokenException" => "sign in again",
        "RequestExpired" => "check this machine's clock",
        _ => "check the credentials, the Region and this machine's clock",
    }
}

/// What all the wrappings are about: `Connection refused (os error 111)`. Of a timeout, the wrapping says how long.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let texts = texts(error);
    let timeout = texts.iter().find(|text| text.contains("timeout"));
    timeout.or(texts.last()).cloned().unwrap_or_default()
}

/// All wrappings, outermost first, without those that only repeat the next.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts = texts(error);
    texts.dedup_by(|inner, outer| outer.contains(inner.as_str()));
    texts.join(": ")
}

fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::operation::describe_tasks::DescribeTasksError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

    use super::*;

    type TasksError = SdkError<DescribeTasksError, HttpResponse>;

    fn answered(code: Option<&str>, message: &str, status: u16) -> Gap {
        let metadata = ErrorMetadata::builder().message(message);
        let metadata = code.into_iter().fold(metadata, |metadata, code| metadata.code(code));
        let response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
        TasksError::service_error(DescribeTasksError::generic(metadata.build()), response).into()
    }

    fn status(code: &str, message: &str) -> &'static str {
        match answered(Some(code), message, 400) {
            Gap::Unauthenticated { .. } => "unauthenticated",
            gap => gap.status(),
        }
    }

    #[test]
    fn codes_say_which_gap_it_is() {
        for (code, message, expected) in [
            ("AccessDeniedException", "User: x is not authorized to perform: ecs:DescribeTasks", "denied"),
            ("AccessDenied", "", "denied"),
            ("AuthorizationError", "User: x is not authorized to perform: sns:Publish", "denied"),
            ("ClusterNotFoundException", "Cluster not found.", "not-found"),
            ("NoSuchEntity", "The role with name x cannot be found.", "not-found"),
            ("ClientException", "Unable to describe task definition.", "not-found"),
            ("ClientException", "Too many containers.", "error"),
            ("ThrottlingException", "Rate exceeded", "throttled"),
            ("ExpiredTokenException", "The security token included in the request is expired", "unauthenticated"),
            ("UnrecognizedClientException", "The security token is invalid.", "unauthenticated"),
            ("ServerException", "Service Unavailable", "error"),
            ("UnauthorizedOperation", "You are not authorized to perform this operation.", "denied"),
            ("InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist", "not-found"),
            ("InvalidGroup.NotFound", "The security group 'sg-1' does not exist", "not-found"),
            ("InvalidInstanceID.Malformed", "Invalid id: \"i-x\"", "not-found"),
            ("InvalidParameterValue", "The filter 'x' is invalid", "error"),
            ("TargetGroupNotFound", "One or more target groups not found", "not-found"),
            ("FileSystemNotFound", "File system 'fs-1' does not exist.", "not-found"),
        ] {
            assert_eq!(status(code, message), expected, "{code}: {message}");
        }
    }

    #[test]
    fn aws_own_words_are_kept() {
        let gap = answered(Some("RepositoryNotFoundException"), "The repository 'x' does not exist", 400);
        assert_eq!(gap.message(), Some("RepositoryNotFoundException: The repository 'x' does not exist"));
        assert_eq!(answered(Some("AccessDenied"), "", 403).message(), Some("AccessDenied"));
        assert_eq!(answered(None, "", 502).message(), Some("HTTP status 502 and no answer of an AWS API"));
    }

    #[test]
    fn a_lost_way_names_its_end() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let gap = Gap::from(TasksError::dispatch_failure(ConnectorError::io(refused.into())));
        let located = located(gap, || "ecs in eu-west-1".to_owned());
        assert_eq!(located.message(), Some("no answer from ecs in eu-west-1: connection refused"));
        assert!(matches!(Gap::from(TasksError::timeout_error("x")), Gap::Unreachable { .. }));
        assert!(matches!(Gap::from(TasksError::construction_failure("x")), Gap::Failed { .. }));
    }

    #[test]
    fn missing_credentials_say_how_to_get_some() {
        let none = unauthenticated(&CredentialsError::not_loaded_no_source(), None);
        assert!(none.message().unwrap().starts_with("no AWS credentials were found; sign in with"));
        let expired = unauthenticated(&CredentialsError::provider_error("the token has expired"), Some("prod"));
        assert!(
            expired.message().unwrap().contains("the token has expired; sign in with 'aws sso login --profile prod'")
        );
    }
}
