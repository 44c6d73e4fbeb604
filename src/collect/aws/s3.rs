//! Buckets: `GetBucketPolicy`. No object is asked for, and no name of one listed.

use aws_sdk_s3::Client;

use crate::case::{Answer, Gap, PolicyDocument};

/// A bucket without a policy answers with an error of that name, which is a gap like any other missing thing.
pub async fn bucket_policy(client: &Client, bucket: &str) -> Result<Answer, Gap> {
    let answer = client.get_bucket_policy().bucket(bucket).send().await?;
    Ok(Answer::BucketPolicy(PolicyDocument { document: answer.policy.unwrap_or_default() }))
}
