//! Route tables and the prefix lists that their routes name.

use serde::{Deserialize, Serialize};

/// A route table of `DescribeRouteTables`. <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTable {
    pub route_table_id: String,
    pub vpc_id: String,
    pub associations: Vec<RouteTableAssociation>,
    pub routes: Vec<Route>,
}

/// What uses a table: one subnet, one gateway, or (`main`) every subnet that names none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTableAssociation {
    pub main: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
}

/// One route; exactly one of the three destinations is there.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Route {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_ipv6_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_prefix_list_id: Option<String>,
    /// `local`, or whatever EC2 names: `igw-`, `eigw-`, `nat-`, `tgw-`, `pcx-`, `vgw-`, `vpce-`, `eni-`, `i-`, `cagw-`,
    /// `lgw-`, the ARN of a core network.
    pub target: String,
    /// `active` or `blackhole`.
    pub state: String,
    /// Whether a virtual private gateway propagated it; such a route gives way to one that somebody wrote.
    pub propagated: bool,
}

/// A prefix list of `DescribeManagedPrefixLists`, with the entries of `GetManagedPrefixListEntries`.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrefixList {
    pub prefix_list_id: String,
    /// `com.amazonaws.{region}.s3` and the like for AWS's own.
    pub prefix_list_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<String>>,
}
