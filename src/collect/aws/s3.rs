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
