//! The platforms of an image, from its manifest.
//!
//! An index (in Docker's words a manifest list) names a platform for each of its images; the manifest of one image names
//! none (<https://github.com/opencontainers/image-spec/blob/main/image-index.md>). Layers are never asked for.

use aws_sdk_ecr::{
    Client,
    types::{Image, ImageFailure, ImageFailureCode},
};
use serde::Deserialize;

use super::identifier;
use crate::{
    case::{Answer, Gap, ImagePlatforms, Platform},
    collect::aws::error::empty,
    id::EcrImage,
};

/// Without the first two, ECR would choose one image of an index and give its manifest.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// An image that ECR cannot give comes as a failure beside the answer, not as an error.
pub async fn image_platforms(client: &Client, image: &EcrImage) -> Result<Answer, Gap> {
    let request = client.batch_get_image().registry_id(&image.account).repository_name(&image.repository);
    let accepted = MEDIA_TYPES.map(str::to_owned).to_vec();
    let request = request.image_ids(identifier(image)).set_accepted_media_types(Some(accepted));
    let answer = request.send().await?;
    if let Some(found) = answer.images.into_iter().flatten().next() {
        return platforms(found).map(Answer::ImagePlatforms);
    }
    let failure = answer.failures.into_iter().flatten().next();
    Err(failure.map_or_else(|| empty("BatchGetImage"), gap))
}

/// Only some failures say that there is no such image; others are about its key or the registry that it is cached from.
fn gap(failure: ImageFailure) -> Gap {
    use ImageFailureCode::{ImageNotFound, ImageTagDoesNotMatchDigest, InvalidImageDigest, InvalidImageTag};
    let code = failure.failure_code.as_ref().map_or("", ImageFailureCode::as_str);
    let message = format!("{code}: {}", failure.failure_reason.unwrap_or_default());
    match failure.failure_code {
        Some(ImageNotFound | ImageTagDoesNotMatchDigest | InvalidImageDigest | InvalidImageTag) => {
            Gap::NotFound { message }
        }
        _ => Gap::Failed { message },
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Manifest {
    media_type: String,
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Descriptor {
    platform: Option<Platform>,
}

fn platforms(image: Image) -> Result<ImagePlatforms, Gap> {
    let text = image.image_manifest.unwrap_or_default();
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| Gap::Failed { message: format!("the image's manifest cannot be read: {error}") })?;
    let platforms = manifest.manifests.into_iter().filter_map(|image| image.platform);
    Ok(ImagePlatforms {
        media_type: image.image_manifest_media_type.unwrap_or(manifest.media_type),
        platforms: platforms.filter(|platform| !is_attestation(platform)).collect(),
    })
}

/// BuildKit keeps provenance in an index as an image that runs nowhere.
/// <https://docs.docker.com/build/metadata/attestations/attestation-storage/>
fn is_attestation(platform: &Platform) -> bool {
    platform.os == "unknown"
}

#[cfg(test)]
mod tests {

    use super::*;

    fn image(manifest: &str) -> Image {
        Image::builder().image_manifest(manifest).build()
    }

    #[test]
    fn an_index_lists_platforms_and_attestations_are_none() {
        let index = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {"digest":"sha256:1","platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
            {"digest":"sha256:2","platform":{"os":"linux","architecture":"amd64"}},
            {"digest":"sha256:3","platform":{"os":"unknown","architecture":"unknown"}},
            {"digest":"sha256:4"}]}"#;
        let found = platforms(image(index)).unwrap();
        assert_eq!(found.media_type, "application/vnd.oci.image.index.v1+json");
        let architectures: Vec<_> = found.platforms.iter().map(|one| one.architecture.as_str()).collect();
        assert_eq!(architectures, ["arm64", "amd64"]);
    }

    #[test]
    fn one_image_does_not_say_its_platform() {
        let manifest = r#"{"schemaVersion":2,"config":{"digest":"sha256:1"},"layers":[]}"#;
        let media_type = "application/vnd.docker.distribution.manifest.v2+json";
        let told = Image::builder().image_manifest(manifest).image_manifest_media_type(media_type).build();
        let found = platforms(told).unwrap();
        assert_eq!((found.media_type.as_str(), found.platforms.len()), (media_type, 0));
        assert!(platforms(image("no manifest")).is_err());
    }

    #[test]
    fn only_some_failures_mean_that_there_is_no_image() {
        let missing = |code: ImageFailureCode| {
            let failure = ImageFailure::builder().failure_code(code).failure_reason("Why it is so");
            gap(failure.build()).is_not_found()
        };
        assert!(missing(ImageFailureCode::ImageNotFound));
        assert!(missing(ImageFailureCode::ImageTagDoesNotMatchDigest));
        assert!(!missing(ImageFailureCode::KmsError));
        assert!(!missing(ImageFailureCode::UpstreamUnavailable));
    }
}
