//! Images: the tag or digest, the repository or the cache rule in its place, and the platforms of a manifest.

use super::{Near, Verdict, nearest::nearest};
use crate::judge::policies::unread;
use crate::{
    case::{Case, Gap, Platform},
    id::EcrImage,
    require::{is_repository_missing, pull_through},
};

/// Tags that are shown where nothing is near.
const NEWEST: usize = 3;

pub fn judge(case: &Case, image: &EcrImage) -> Verdict {
    match case.image(image) {
        Ok(_) => Verdict::Holds,
        Err(Gap::NotFound { .. }) if is_repository_missing(case, image) => missing_repository(case, image),
        Err(Gap::NotFound { .. }) => Verdict::Broken { cause: "image-not-found", shows: missing_image(case, image) },
        Err(gap) => Verdict::Undecided(unread("the image", "ecr:DescribeImages", gap)),
    }
}

/// A repository that a pull-through cache rule covers comes with its first pull.
fn missing_repository(case: &Case, image: &EcrImage) -> Verdict {
    let repository = &image.repository;
    let Some(rule) = pull_through(case, image) else {
        return Verdict::Broken {
            cause: "repository-not-found",
            shows: format!("there is no repository {repository} in {} of account {}", image.region, image.account),
        };
    };
    let login = rule.credential_arn.as_ref().map(|arn| format!(" and a working login in secret {arn}"));
    let shows = format!(
        "there is no repository {repository}, which the pull-through cache rule for {} makes from {} on the first pull: \
         that needs ecr:BatchImportUpstreamImage and ecr:CreateRepository{}",
        rule.ecr_repository_prefix,
        rule.upstream_registry_url,
        login.unwrap_or_default()
    );
    Verdict::Broken { cause: "pull-through-cache", shows }
}

/// The tags of the repository that an image is missing from: near ones, best first, and all, newest first.
pub fn missing_tags<'a>(case: &'a Case, image: &EcrImage) -> (Vec<Near<'a>>, &'a [String]) {
    let Ok(found) = case.image_tags(image) else { return (Vec::new(), &[]) };
    let near = image.tag.as_deref().map(|wanted| nearest(wanted, &found.tags)).unwrap_or_default();
    (near, &found.tags)
}

fn missing_image(case: &Case, image: &EcrImage) -> String {
    let wanted = match (&image.digest, &image.tag) {
        (Some(digest), _) => digest.clone(),
        (None, tag) => format!("tag {}", tag.as_deref().unwrap_or("latest")),
    };
    let mut told = format!("repository {} has no image {wanted}", image.repository);
    told.push_str(&tags_told(case, image));
    if case.lifecycle_policy(image).is_ok_and(|policy| !policy.rules.trim().is_empty()) {
        told.push_str("; it has a lifecycle policy, which may have expired the image");
    }
    told
}

fn tags_told(case: &Case, image: &EcrImage) -> String {
    let (near, all) = missing_tags(case, image);
    if case.image_tags(image).is_err() {
        return String::new();
    }
    let near: Vec<&str> = near.iter().map(|near| near.tag).collect();
    let newest = all.first().map(String::as_str);
    match (near.as_slice(), newest) {
        ([], None) => "; it has no tags at all".to_owned(),
        ([], Some(_)) => format!("; its newest tags are {}", listed(all.iter().take(NEWEST).map(String::as_str))),
        (near, Some(newest)) if !near.contains(&newest) => {
            format!("; the nearest of its tags are {}, the newest is {newest}", listed(near.iter().copied()))
        }
        (near, _) => format!("; the nearest of its tags: {}", listed(near.iter().copied())),
    }
}

fn listed<'a>(tags: impl Iterator<Item = &'a str>) -> String {
    tags.collect::<Vec<_>>().join(", ")
}

/// A manifest of a single image does not say for which platform it is.
pub fn platform(case: &Case, image: &EcrImage, os: &str, architecture: &str) -> Verdict {
    let platforms = match case.image_platforms(image) {
        Ok(found) => found.platforms.iter().filter(|p| p.os != "unknown").collect::<Vec<&Platform>>(),
        Err(gap) => return Verdict::Undecided(unread("the manifest of the image", "ecr:BatchGetImage", gap)),
    };
    if platforms.is_empty() {
        return Verdict::Undecided("the manifest of the image does not say its platform".to_owned());
    }
    if platforms.iter().any(|p| p.os == os && p.architecture == architecture) {
        return Verdict::Holds;
    }
    let has = platforms.iter().map(|p| format!("{}/{}", p.os, p.architecture)).collect::<Vec<_>>().join(", ");
    let shows = format!("the image in {} is built for {has}, and the task wants {os}/{architecture}", image.repository);
    Verdict::Broken { cause: "platform-mismatch", shows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Answer, Fact, ImagePlatforms, Need, Origin, Target};

    fn wanted(platforms: &[(&str, &str)], os: &str, architecture: &str) -> Verdict {
        let image = EcrImage {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            repository: "web".into(),
            tag: Some("1".into()),
            digest: None,
        };
        let platform = |(os, architecture): &(&str, &str)| Platform {
            os: (*os).to_owned(),
            architecture: (*architecture).to_owned(),
        };
        let platforms = platforms.iter().map(platform).collect();
        let answer = Answer::ImagePlatforms(ImagePlatforms { media_type: String::new(), platforms });
        let mut case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
        case.admit(Need::ImagePlatforms(image.clone()), Fact::Known(answer, Origin::Aws));
        super::platform(&case, &image, os, architecture)
    }

    #[test]
    fn manifests_are_held_against_the_platform() {
        let both = [("linux", "amd64"), ("linux", "arm64"), ("unknown", "unknown")];
        assert_eq!(wanted(&both, "linux", "arm64"), Verdict::Holds);
        assert!(matches!(wanted(&both, "windows", "amd64"), Verdict::Broken { cause: "platform-mismatch", .. }));
        assert!(matches!(wanted(&[], "linux", "amd64"), Verdict::Undecided(_)));
        assert!(matches!(wanted(&[("unknown", "unknown")], "linux", "amd64"), Verdict::Undecided(_)));
    }
}
