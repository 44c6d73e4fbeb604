//! NAT gateways and VPC endpoints.

use serde::{Deserialize, Serialize};

use crate::case::PolicyDocument;

/// A NAT gateway of `DescribeNatGateways`. <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NatGateway {
    pub nat_gateway_id: String,
    pub vpc_id: String,
    /// None for a regional gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// `pending`, `failed`, `available`, `deleting`, `deleted`.
    pub state: String,
    /// `public` or `private`.
    pub connectivity_type: String,
    pub nat_gateway_addresses: Vec<NatAddress>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NatAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
}

/// A VPC endpoint of `DescribeVpcEndpoints`. <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VpcEndpoint {
    pub vpc_endpoint_id: String,
    /// `Gateway`, `Interface` or `GatewayLoadBalancer`.
    pub vpc_endpoint_type: String,
    pub vpc_id: String,
    /// `com.amazonaws.{region}.{service}`.
    pub service_name: String,
    /// `available`, `pending`, `pendingAcceptance`, `deleting`, `deleted`, `rejected`, `failed`, `expired`, `partial`.
    pub state: String,
    pub subnet_ids: Vec<String>,
    pub groups: Vec<String>,
    pub route_table_ids: Vec<String>,
    pub network_interface_ids: Vec<String>,
    pub private_dns_enabled: bool,
    /// For S3: the private names answer callers outside of the VPC alone, those inside take the gateway endpoint.
    pub private_dns_only_for_inbound_resolver_endpoint: bool,
    /// Full access where nobody wrote another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDocument>,
    pub dns_entries: Vec<EndpointDns>,
    /// `ipv4`, `dualstack` or `ipv6`.
    pub ip_address_type: String,
}

/// A name under which an interface endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EndpointDns {
    pub dns_name: String,
    pub hosted_zone_id: String,
}
