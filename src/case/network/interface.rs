//! Network interfaces, and the mount targets of EFS that stand behind one.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// An interface of `DescribeNetworkInterfaces`.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkInterface {
    pub network_interface_id: String,
    pub subnet_id: String,
    pub vpc_id: String,
    /// The ids of its security groups.
    pub groups: Vec<String>,
    /// None in an IPv6-only subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// None if it has no public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Ipv4Addr>,
    pub ipv6_addresses: Vec<Ipv6Addr>,
}

/// A mount target of EFS's `DescribeMountTargets`, its groups from `DescribeMountTargetSecurityGroups`.
/// <https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MountTarget {
    pub mount_target_id: String,
    pub file_system_id: String,
    pub subnet_id: String,
    pub availability_zone_name: String,
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    pub life_cycle_state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<Ipv4Addr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_groups: Option<Vec<String>>,
}

/// An instance of `DescribeInstances`, as far as it decides the network of the tasks on it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Instance {
    pub instance_id: String,
    /// `running`, `stopped`, `terminated` …
    pub state: String,
    /// The ARN of the instance profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_instance_profile: Option<String>,
    /// The interface with device index 0; none of an instance that was terminated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_interface: Option<NetworkInterface>,
}
