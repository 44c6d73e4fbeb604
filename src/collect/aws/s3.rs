//! Buckets and objects: `GetBucketPolicy`, and `HeadObject`, which tells that an object is there without its content.
//! No name of an object is listed.

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::head_object::{HeadObjectError, HeadObjectOutput},
    types::ServerSideEncryption,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{clients::Clients, error};
use crate::case::{Answer, Gap, Object, PolicyDocument};

type Refusal = SdkError<HeadObjectError, HttpResponse>;

/// A bucket without a policy answers with an error of that name: that nothing is set is an answer.
pub async fn bucket_policy(client: &Client, bucket: &str) -> Result<Answer, Gap> {
    let document = match client.get_bucket_policy().bucket(bucket).send().await {
        Ok(answer) => answer.policy.unwrap_or_default(),
        Err(error) if error.code() == Some("NoSuchBucketPolicy") => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer::BucketPolicy(PolicyDocument { document }))
}

/// A bucket of another Region says which one, and is asked again there.
pub async fn object(clients: &Clients, region: &str, bucket: &str, key: &str) -> Result<Answer, Gap> {
    let refusal = match head(&clients.s3(region), bucket, key).await {
        Ok(found) => return Ok(Answer::Object(mapped(found))),
        Err(refusal) => refusal,
    };
    let Some(home) = home_of(&refusal).filter(|home| *home != region) else {
        return Err(error::without_code(refusal));
    };
    let found = head(&clients.s3(home), bucket, key).await.map_err(error::without_code)?;
    Ok(Answer::Object(mapped(found)))
}

async fn head(client: &Client, bucket: &str, key: &str) -> Result<HeadObjectOutput, Refusal> {
    client.head_object().bucket(bucket).key(key).send().await
}

/// The Region that S3 names in a redirection.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html#access-bucket-intro>
fn home_of(refusal: &Refusal) -> Option<&str> {
    let answer = refusal.raw_response()?;
    matches!(answer.status().as_u16(), 301 | 307 | 400).then(|| answer.headers().get("x-amz-bucket-region"))?
}

/// A key is named for every object of SSE-KMS; whether it is AWS's own, only `DescribeKey` tells.
fn mapped(found: HeadObjectOutput) -> Object {
    let by_kms =
        matches!(found.server_side_encryption, Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse));
    Object {
        kms_key_id: found.ssekms_key_id.filter(|key| by_kms && key.starts_with("arn:")),
        content_length: found.content_length,
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, reply},
    };

    fn env_file() -> Need {
        Need::Object { region: REGION.to_owned(), bucket: "env-files".to_owned(), key: "app.env".to_owned() }
    }

    #[test]
    fn an_object_is_there_or_not_by_its_head_alone() {
        let asked_with = |status| asked(&env_file(), [reply(status, "")]);
        let found = asked(&env_file(), [reply(200, "").with("content-length", "42")]);
        assert_eq!(found.answer, Ok(Answer::Object(Object { kms_key_id: None, content_length: Some(42) })));
        assert!(found.requests.iter().all(|request| request.starts_with("HEAD ")), "{found:?}");
        assert_eq!(asked_with(404).status(), "not-found");
        assert_eq!(asked_with(403).status(), "denied");
        assert_eq!(asked_with(400).status(), "error");
    }

    #[test]
    fn a_bucket_of_another_region_is_asked_there() {
        let elsewhere = || reply(301, "").with("x-amz-bucket-region", "us-west-2");
        let found = asked(&env_file(), [elsewhere(), reply(200, "")]);
        assert_eq!(found.status(), "known", "{found:?}");
        assert!(found.requests[1].contains(".us-west-2."), "{found:?}");
        assert_eq!(asked(&env_file(), [elsewhere(), reply(404, "")]).status(), "not-found");
        let nowhere = asked(&env_file(), [reply(301, "").with("x-amz-bucket-region", REGION)]);
        assert_eq!(nowhere.status(), "error", "{nowhere:?}");
    }

    #[test]
    fn a_key_counts_where_it_encrypts() {
        let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
        let head = || HeadObjectOutput::builder().ssekms_key_id(key);
        let by_kms = mapped(head().server_side_encryption(ServerSideEncryption::AwsKms).build());
        assert_eq!(by_kms.kms_key_id.as_deref(), Some(key));
        let by_s3 = mapped(head().server_side_encryption(ServerSideEncryption::Aes256).build());
        assert_eq!(by_s3.kms_key_id, None);
    }
}
