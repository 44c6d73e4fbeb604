//! Buckets: `GetBucketPolicy`. No object is asked for, and no name of one listed.

use aws_sdk_s3::{Client, error::ProvideErrorMetadata};

use crate::case::{Answer, Gap, PolicyDocument};

/// A bucket without a policy answers with an error of that name: that nothing is set is an answer.
pub async fn bucket_policy(client: &Client, bucket: &str) -> Result<Answer, Gap> {
    let document = match client.get_bucket_policy().bucket(bucket).send().await {
        Ok(answer) => answer.policy.unwrap_or_default(),
        Err(error) if error.code() == Some("NoSuchBucketPolicy") => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer::BucketPolicy(PolicyDocument { document }))
}
