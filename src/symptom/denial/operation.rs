//! Refusals without AWS's sentence: what an SDK or the AWS CLI prints of an answer that only says `AccessDenied`.
//!
//! Amazon S3 and AWS KMS mostly answer so. Each SDK tells the operation in its own way, some the service, a few a name of
//! the resource in a URL; who called is never told
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>).

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{Denial, named};
use crate::iam;

/// Codes and words of a refusal, as services write them. That a credential is wrong has other codes.
const REFUSED: &str = concat!(
    r"AccessDenied|Access Denied|\(403\)|403 Forbidden|Forbidden|UnauthorizedOperation|AuthorizationError",
    r"|Status Code: 403|KMS\.?AccessDenied|Access to KMS is not allowed|not allowed to access",
);

/// Where a text tells the operation, each with the refusal beside it. The last ones are frames of a stack.
const OPERATIONS: &[&str] = &[
    // boto3 and the AWS CLI
    r"\((?:AccessDenied\w*|403|Forbidden|UnauthorizedOperation|AuthorizationError\w*|KMS\.?AccessDenied\w*)\) when calling the (?P<operation>\w+) operation",
    // Go v2
    r"operation error (?P<service>[\w .-]+): (?P<operation>\w+), .*api error (?:AccessDenied|Forbidden|UnauthorizedOperation|AuthorizationError|KMS)",
    // PHP
    r#"Error executing "(?P<operation>\w+)" on "https?://(?P<host>[^/"]+)"#,
    // Rust
    r"\b(?P<operation>[A-Z]\w+)Error(?:\(\w+Error)? \{ (?:kind|source): Unhandled.*AccessDenied",
    // JavaScript v3
    r"@aws-sdk/client-(?P<service>[a-z0-9-]+)",
    r"\b(?:de_|deserializeAws_(?:rest)?(?:Xml|Json|json|query|ec2)[\d_]*)(?P<operation>[A-Z]\w+?)Command(?:Error)?\b",
    // Java
    r"\.(?:Default)?(?P<service>\w+?)(?:Async)?Client\.(?P<frame>[a-z]\w+)\(",
];

/// Where a text names what was refused.
const RESOURCES: &[&str] = &[
    r"\b(?:upload|download|delete) failed: .*?s3://(?P<object>[a-z0-9.-]+/\S+)",
    r"\bFailed to upload \S+ to (?P<object>[a-z0-9.-]+/\S+): ",
    r#"" on "https://(?P<bucket>[a-z0-9.-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?/(?P<key>[^"?]*)"#,
    r#"" on "https://s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?/(?P<object>[a-z0-9.-]+(?:/[^"?]*)?)"#,
    r"Access to the resource https://(?:sqs\.)(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<account>\d{12})/(?P<queue>[\w.-]+)",
];

static REFUSAL: LazyLock<Option<Regex>> = LazyLock::new(|| compile(REFUSED));
static TOLD: LazyLock<Vec<Regex>> = LazyLock::new(|| OPERATIONS.iter().filter_map(|p| compile(p)).collect());
static THINGS: LazyLock<Vec<Regex>> = LazyLock::new(|| RESOURCES.iter().filter_map(|p| compile(p)).collect());
static OF_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r"KMS\.?AccessDenied|Access to KMS is not allowed|ciphertext refers to a customer master key")
});

/// Refusals that no IAM policy settles: access to a model, Lake Formation's own permissions, a page behind a login.
static OTHER_PERMISSIONS: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r"access to the model|Lake Formation permission"));

/// What the text says of the refused call, if it tells the action.
pub fn read(text: &str) -> Option<Denial> {
    if !is_refusal(text) {
        return None;
    }
    let bytes = text.as_bytes();
    let told = Told::of(bytes);
    let mut actions = told.actions(OF_KEY.as_ref()?.is_match(bytes))?.into_iter();
    let action = actions.next()?;
    Some(Denial { resource: resource(bytes, &action), action, also: actions.collect(), ..Denial::default() })
}

/// Whether a text has the words of a refusal at all.
pub fn is_refusal(text: &str) -> bool {
    let has = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(text.as_bytes()));
    has(&REFUSAL) && !has(&OTHER_PERMISSIONS)
}

/// Operation and service, as far as a text has them.
#[derive(Debug, Default)]
struct Told {
    operation: Option<String>,
    service: Option<String>,
}

impl Told {
    fn of(text: &[u8]) -> Self {
        let mut told = Self::default();
        for found in TOLD.iter().flat_map(|form| form.captures_iter(text)) {
            told.add(&found);
        }
        told
    }

    /// What is told first has its way: a message stands before the stack.
    fn add(&mut self, found: &Captures<'_>) {
        let service = part(found, "service").or_else(|| part(found, "host").map(|host| of_host(&host)));
        if let Some(frame) = part(found, "frame") {
            let operation = capitalised(&frame);
            let known = service.as_deref().is_some_and(|service| named::is_operation(service, &operation));
            if self.operation.is_none() && known {
                (self.operation, self.service) = (Some(operation), service);
            }
            return;
        }
        self.operation = self.operation.take().or_else(|| part(found, "operation"));
        self.service = self.service.take().or(service);
    }

    /// Denied by the key, an operation of another service costs an action of KMS.
    fn actions(&self, of_key: bool) -> Option<Vec<String>> {
        let own = || named::actions(self.service.as_deref(), self.operation.as_deref()?);
        if !of_key {
            return own();
        }
        let of_kms = own().filter(|actions| actions.iter().all(|action| action.starts_with("kms:")));
        let asked = || vec![named::key_action(self.operation.as_deref().unwrap_or_default()).to_owned()];
        Some(of_kms.unwrap_or_else(asked))
    }
}

/// The label of an endpoint that names the service: `sqs` of `sqs.eu-west-1.amazonaws.com`, `s3` of a bucket's.
fn of_host(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').collect();
    let of_bucket = labels.iter().skip(1).any(|label| *label == "s3" || label.starts_with("s3-"));
    if of_bucket { "s3".to_owned() } else { labels.first().copied().unwrap_or_default().to_owned() }
}

/// The ARN of what the text names. Of an object a call may concern the bucket alone.
fn resource(text: &[u8], action: &str) -> Option<String> {
    let found = THINGS.iter().find_map(|form| form.captures(text))?;
    if let Some(queue) = part(&found, "queue") {
        let (region, account) = (part(&found, "region")?, part(&found, "account")?);
        return action.starts_with("sqs:").then(|| format!("arn:aws:sqs:{region}:{account}:{queue}"));
    }
    let object =
        part(&found, "object").or_else(|| Some(format!("{}/{}", part(&found, "bucket")?, part(&found, "key")?)))?;
    let arn = format!("arn:aws:s3:::{}", object.trim_end_matches('/'));
    let bucket = arn.split('/').next().map(str::to_owned);
    match iam::may_name(action, &arn) {
        Some(true) => Some(arn),
        _ => bucket.filter(|bucket| iam::may_name(action, bucket) == Some(true)),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn part(captures: &Captures<'_>, name: &str) -> Option<String> {
    captures.name(name).map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned())
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!((TOLD.len(), THINGS.len()), (OPERATIONS.len(), RESOURCES.len()));
        assert!(REFUSAL.is_some() && OF_KEY.is_some() && OTHER_PERMISSIONS.is_some());
    }

    #[test]
    fn sdks_tell_the_operation() {
        for (text, action, resource) in [
            (
                "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
                "s3:PutObject",
                None,
            ),
            (
                "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden",
                "s3:GetObject",
                None,
            ),
            (
                "upload failed: ./a.csv to s3://shop-data/in/a.csv An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
                "s3:PutObject",
                Some("arn:aws:s3:::shop-data/in/a.csv"),
            ),
            (
                "boto3.exceptions.S3UploadFailedError: Failed to upload /tmp/a.csv to shop-data/in/a.csv: An error occurred (AccessDenied) when calling the CreateMultipartUpload operation: Access Denied",
                "s3:PutObject",
                Some("arn:aws:s3:::shop-data/in/a.csv"),
            ),
            (
                "panic: operation error S3: PutObject, https response error StatusCode: 403, RequestID: 1, HostID: 2, api error AccessDenied: Access Denied",
                "s3:PutObject",
                None,
            ),
            (
                "operation error S3: HeadObject, https response error StatusCode: 403, RequestID: 1, HostID: 2, api error Forbidden: Forbidden",
                "s3:GetObject",
                None,
            ),
            (
                r#"Error executing "PutObject" on "https://shop-data.s3.eu-west-1.amazonaws.com/in/a.csv"; AWS HTTP error: Client error: `PUT https://shop-data.s3.eu-west-1.amazonaws.com/in/a.csv` resulted in a `403 Forbidden` response"#,
                "s3:PutObject",
                Some("arn:aws:s3:::shop-data/in/a.csv"),
            ),
            (
                r#"Error executing "ListObjectsV2" on "https://s3.eu-west-1.amazonaws.com/shop-data?list-type=2"; AWS HTTP error: Client error: `GET https://s3.eu-west-1.amazonaws.com/shop-data?list-type=2` resulted in a `403 Forbidden` response"#,
                "s3:ListBucket",
                Some("arn:aws:s3:::shop-data"),
            ),
            (
                r#"Error executing "SendMessage" on "https://sqs.eu-west-1.amazonaws.com/"; AWS HTTP error: Client error: 403 Forbidden AccessDenied (client): Access to the resource https://sqs.eu-west-1.amazonaws.com/111122223333/orders is denied."#,
                "sqs:SendMessage",
                Some("arn:aws:sqs:eu-west-1:111122223333:orders"),
            ),
            (
                "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 1) at com.amazonaws.http.AmazonHttpClient$RequestExecutor.handleErrorResponse(AmazonHttpClient.java:1) at com.amazonaws.services.s3.AmazonS3Client.invoke(AmazonS3Client.java:1) at com.amazonaws.services.s3.AmazonS3Client.putObject(AmazonS3Client.java:1)",
                "s3:PutObject",
                None,
            ),
            (
                "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 1) at software.amazon.awssdk.services.s3.DefaultS3Client.listObjectsV2(DefaultS3Client.java:1)",
                "s3:ListBucket",
                None,
            ),
            (
                "AccessDenied: Access Denied at de_PutObjectCommandError (/app/node_modules/@aws-sdk/client-s3/dist-cjs/protocols/Aws_restXml.js:1)",
                "s3:PutObject",
                None,
            ),
            (
                "PutObjectError { kind: Unhandled(Unhandled { source: Error { code: Some(\"AccessDenied\")",
                "s3:PutObject",
                None,
            ),
            (
                "An error occurred (AccessDeniedException) when calling the Decrypt operation: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
                "kms:Decrypt",
                None,
            ),
            (
                "An error occurred (AccessDeniedException) when calling the GetSecretValue operation: Access to KMS is not allowed",
                "kms:Decrypt",
                None,
            ),
            (
                "An error occurred (KMS.AccessDeniedException) when calling the SendMessage operation: x",
                "kms:GenerateDataKey",
                None,
            ),
        ] {
            let denial = read(text).unwrap_or_else(|| panic!("nothing in {text}"));
            assert_eq!((denial.action.as_str(), denial.resource.as_deref()), (action, resource), "{text}");
            assert_eq!(denial.principal, None);
        }
    }

    #[test]
    fn where_the_action_is_not_told_nothing_is_read() {
        for text in [
            "An error occurred (AccessDeniedException) when calling the PutRecord operation: no",
            "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 1)",
            "AccessDenied: Access Denied at Request.extractError",
            "An error occurred (ThrottlingException) when calling the PutObject operation: Rate exceeded",
            "An error occurred (AccessDeniedException) when calling the InvokeModel operation: You don't have access to the model with the specified model ID.",
            "operation error S3: PutObject, https response error StatusCode: 403, RequestID: 1, HostID: 2, api error InvalidAccessKeyId: no",
            "10.0.0.1 - - \"GET /admin HTTP/1.1\" 403 Forbidden",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
