//! An image as `ecr:DescribeImages` has it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    pub image_tags: Vec<String>,
}

/// The tags of a repository, those of the newest images first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageTags {
    pub tags: Vec<String>,
}

/// A repository's lifecycle policy; empty where it has none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LifecyclePolicy {
    pub rules: String,
}

/// An answer of `DescribePullThroughCacheRules`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PullThroughCacheRules {
    pub rules: Vec<PullThroughCacheRule>,
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PullThroughCacheRule.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PullThroughCacheRule {
    pub ecr_repository_prefix: String,
    pub upstream_registry_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_arn: Option<String>,
}

/// The platforms that a manifest lists; none of a manifest of one image, which does not say its own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImagePlatforms {
    pub media_type: String,
    pub platforms: Vec<Platform>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    pub os: String,
    /// As OCI has it: `amd64`, `arm64`.
    pub architecture: String,
}
