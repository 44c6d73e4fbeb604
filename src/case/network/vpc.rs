//! A VPC, its subnets, and what decides for all of it: name servers, hosted zones, Block Public Access.

use serde::{Deserialize, Serialize};

/// A VPC of `DescribeVpcs`, with the attributes that `DescribeVpcAttribute` tells one by one.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Vpc {
    pub vpc_id: String,
    pub cidr_blocks: Vec<String>,
    pub ipv6_cidr_blocks: Vec<String>,
    /// Whether AWS's own resolver answers in this VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_dns_support: Option<bool>,
    /// With `enable_dns_support`, what private names of endpoints and file systems need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_dns_hostnames: Option<bool>,
    /// Of its DHCP option set; `default` where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_options_id: Option<String>,
}

/// One of the attributes that `DescribeVpcAttribute` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcAttribute {
    pub value: bool,
}

/// A subnet of `DescribeSubnets`. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subnet {
    pub subnet_id: String,
    pub vpc_id: String,
    pub availability_zone: String,
    /// None in an IPv6-only subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    pub ipv6_cidr_blocks: Vec<String>,
    pub ipv6_native: bool,
    pub enable_dns64: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_ip_address_count: Option<i64>,
}

/// A DHCP option set of `DescribeDhcpOptions`.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DhcpOptions {
    pub dhcp_options_id: String,
    /// Addresses, or `AmazonProvidedDNS`; none leaves the VPC's default.
    pub domain_name_servers: Vec<String>,
}

/// A private hosted zone of `ListHostedZonesByVPC`.
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HostedZone {
    pub hosted_zone_id: String,
    /// With or without the dot at its end.
    pub name: String,
}

/// The account's mode in this Region, of `DescribeVpcBlockPublicAccessOptions`.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockPublicAccess {
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub internet_gateway_block_mode: String,
}

/// What the mode spares, of `DescribeVpcBlockPublicAccessExclusions`: a VPC or one subnet.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessExclusion.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockPublicAccessExclusion {
    pub exclusion_id: String,
    /// The ARN of a VPC or of a subnet.
    pub resource_arn: String,
    /// `allow-bidirectional` or `allow-egress`.
    pub internet_gateway_exclusion_mode: String,
    pub state: String,
}
