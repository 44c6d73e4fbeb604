//! File systems of EFS, as far as a mount depends on them. Mount targets are part of `network`.

use serde::{Deserialize, Serialize};

/// An answer of `DescribeFileSystems`.
/// <https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileSystem {
    pub file_system_id: String,
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    pub life_cycle_state: String,
}

/// An answer of `DescribeAccessPoints`.
/// <https://docs.aws.amazon.com/efs/latest/ug/API_AccessPointDescription.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessPoint {
    pub access_point_id: String,
    pub file_system_id: String,
    pub life_cycle_state: String,
}
