//! An image as `ecr:DescribeImages` has it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    pub image_tags: Vec<String>,
}
