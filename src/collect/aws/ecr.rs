//! Private registries: `DescribeImages` of one tag or digest or of all tags, the repository's policies, the registry's
//! pull-through cache rules, and the platforms of an image (`platform`).
//!
//! That the repository is missing and that the image is missing are told apart by AWS's code, which the gap keeps.

mod platform;

use std::cmp::Reverse;

use aws_sdk_ecr::{
    Client,
    error::ProvideErrorMetadata,
    types::{self, DescribeImagesFilter, ImageDetail, ImageIdentifier, TagStatus},
};

use crate::{
    case::{
        Answer, Gap, Image, ImageTags, LifecyclePolicy, PolicyDocument, PullThroughCacheRule, PullThroughCacheRules,
    },
    id::EcrImage,
};

pub use self::platform::image_platforms;

/// The longest page of a listing.
const PAGE: i32 = 1000;

pub async fn image(client: &Client, image: &EcrImage) -> Result<Answer, Gap> {
    let request = client.describe_images().registry_id(&image.account).repository_name(&image.repository);
    let request = request.image_ids(identifier(image));
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

pub async fn image_tags(client: &Client, account: &str, repository: &str) -> Result<Answer, Gap> {
    let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged).build();
    let request = client.describe_images().registry_id(account).repository_name(repository).filter(tagged);
    let images = request.max_results(PAGE).into_paginator().items().send().try_collect().await?;
    Ok(Answer::ImageTags(ImageTags { tags: newest_first(images) }))
}

/// A repository without a lifecycle policy answers with an error of that name, too.
pub async fn lifecycle_policy(client: &Client, account: &str, repository: &str) -> Result<Answer, Gap> {
    let answer = client.get_lifecycle_policy().registry_id(account).repository_name(repository).send().await;
    let rules = match answer {
        Ok(answer) => answer.lifecycle_policy_text.unwrap_or_default(),
        Err(error) if error.code() == Some("LifecyclePolicyNotFoundException") => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer::LifecyclePolicy(LifecyclePolicy { rules }))
}

pub async fn pull_through_cache_rules(client: &Client, account: &str) -> Result<Answer, Gap> {
    let pages = client.describe_pull_through_cache_rules().registry_id(account).max_results(PAGE).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::PullThroughCacheRules(PullThroughCacheRules { rules: found.into_iter().map(mapped_rule).collect() }))
}

fn identifier(image: &EcrImage) -> ImageIdentifier {
    ImageIdentifier::builder().set_image_tag(image.tag.clone()).set_image_digest(image.digest.clone()).build()
}

/// By the time of the push; tags of the same one by name.
fn newest_first(images: Vec<ImageDetail>) -> Vec<String> {
    let tags = images.into_iter().flat_map(|image| {
        let pushed_at = image.image_pushed_at;
        image.image_tags.into_iter().flatten().map(move |tag| (Reverse(pushed_at), tag))
    });
    let mut tags: Vec<_> = tags.collect();
    tags.sort();
    tags.into_iter().map(|(_, tag)| tag).collect()
}

fn mapped_rule(rule: types::PullThroughCacheRule) -> PullThroughCacheRule {
    PullThroughCacheRule {
        ecr_repository_prefix: rule.ecr_repository_prefix.unwrap_or_default(),
        upstream_registry_url: rule.upstream_registry_url.unwrap_or_default(),
        credential_arn: rule.credential_arn,
    }
}

#[cfg(test)]
mod tests {

    use aws_smithy_types::DateTime;

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, reply},
    };

    #[test]
    fn tags_of_the_newest_image_come_first() {
        let image = |second: i64, tags: &[&str]| {
            let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
            ImageDetail::builder().image_pushed_at(DateTime::from_secs(second)).set_image_tags(Some(tags)).build()
        };
        let images =
            vec![image(5, &["old"]), image(9, &["v2", "latest"]), ImageDetail::builder().build(), image(5, &["alt"])];
        assert_eq!(newest_first(images), ["latest", "v2", "alt", "old"]);
    }

    #[test]
    fn no_lifecycle_policy_is_an_answer_and_no_repository_is_not() {
        let (account, region, repository) = ("123456789012".to_owned(), REGION.to_owned(), "app".to_owned());
        let need = Need::LifecyclePolicy { account, region, repository };
        let refusal = |code: &str| reply(400, format!(r#"{{"__type":"{code}","message":"no"}}"#));
        let none = asked(&need, [refusal("LifecyclePolicyNotFoundException")]);
        assert_eq!(none.answer, Ok(Answer::LifecyclePolicy(LifecyclePolicy::default())));
        assert_eq!(asked(&need, [refusal("RepositoryNotFoundException")]).status(), "not-found");
    }

    #[test]
    fn rules_of_the_cache_are_read_to_their_end() {
        let page = |prefix: &str, rest: &str| {
            let rule = format!(r#"{{"ecrRepositoryPrefix":"{prefix}","upstreamRegistryUrl":"registry-1.docker.io"}}"#);
            reply(200, format!(r#"{{"pullThroughCacheRules":[{rule}]{rest}}}"#))
        };
        let need = Need::PullThroughCacheRules { account: "123456789012".to_owned(), region: REGION.to_owned() };
        let asked = asked(&need, [page("hub", r#","nextToken":"more""#), page("quay", "")]);
        let Ok(Answer::PullThroughCacheRules(found)) = &asked.answer else { panic!("{asked:?}") };
        let prefixes: Vec<_> = found.rules.iter().map(|rule| rule.ecr_repository_prefix.as_str()).collect();
        assert_eq!(prefixes, ["hub", "quay"]);
    }
}
