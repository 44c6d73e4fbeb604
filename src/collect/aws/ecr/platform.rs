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
