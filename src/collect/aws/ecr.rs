//! Images in private registries: `DescribeImages` of one tag or digest, and the repository's policy.
//!
//! That the repository is missing and that the image is missing are told apart by AWS's code, which the gap keeps.

use aws_sdk_ecr::{Client, error::ProvideErrorMetadata, types::ImageIdentifier};

use crate::{
    case::{Answer, Gap, Image, PolicyDocument},
    id::EcrImage,
};

pub async fn image(client: &Client, image: &EcrImage) -> Result<Answer, Gap> {
    let id = ImageIdentifier::builder().set_image_tag(image.tag.clone()).set_image_digest(image.digest.clone()).build();
    let request = client.describe_images().registry_id(&image.account).repository_name(&image.repository).image_ids(id);
    let details = request.send().await?.image_details.unwrap_or_default();
    match details.into_iter().next() {
        Some(found) => Ok(Answer::Image(Image {
            image_digest: found.image_digest,
            image_tags: found.image_tags.unwrap_or_default(),
        })),
        None => Err(Gap::NotFound { message: "ImageNotFoundException: ECR listed no such image".to_owned() }),
    }
}

/// A repository without a policy answers with an error of that name: that nothing is set is an answer.
pub async fn repository_policy(client: &Client, account: &str, repository: &str) -> Result<Answer, Gap> {
    let answer = client.get_repository_policy().registry_id(account).repository_name(repository).send().await;
    let document = match answer {
        Ok(answer) => answer.policy_text.unwrap_or_default(),
        Err(error) if error.code() == Some("RepositoryPolicyNotFoundException") => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer::RepositoryPolicy(PolicyDocument { document }))
}
