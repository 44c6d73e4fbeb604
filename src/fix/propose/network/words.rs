//! What titles of network fixes say in common: destinations, lists, costs, and the pages that they rest on.

use crate::net::Destination;

pub const PUBLIC_ADDRESS: &str =
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html";
pub const ECS_ENDPOINTS: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html";
pub const ECR_ENDPOINTS: &str = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html";
pub const INTERFACE_ENDPOINTS: &str =
    "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html";
pub const GATEWAY_ENDPOINTS: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html";
pub const ENDPOINT_POLICIES: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html";
pub const NAT_GATEWAYS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html";
pub const NAT_TROUBLE: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html";
pub const NAT64: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html";
pub const ROUTES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithRouteTables.html";
pub const INTERNET_GATEWAY: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html";
pub const EGRESS_ONLY: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html";
pub const GROUP_RULES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html";
pub const ACL_RULES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html";
pub const DNS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html";
pub const EFS_NETWORK: &str = "https://docs.aws.amazon.com/efs/latest/ug/network-access.html";
pub const MOUNT_TARGETS: &str = "https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html";
pub const BLOCK_PUBLIC_ACCESS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html";

/// What an endpoint with private DNS costs and does besides.
pub const OF_INTERFACE_ENDPOINTS: &str = "billed by the hour and by data; their private DNS holds for the whole VPC, whose other callers have to be let in too";
/// Whom a route concerns.
pub const OF_ROUTES: &str = "it concerns every subnet that uses the table";

/// `a`, `a and b`, `a, b and c`.
pub fn listed<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    match once.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => once.concat(),
    }
}

/// A destination as a reader knows it.
pub fn told(destination: &Destination) -> String {
    match destination {
        Destination::Service { name, .. } if name == "s3" => "S3".to_owned(),
        Destination::Service { name, .. } | Destination::Host { name, .. } => name.clone(),
        Destination::MountTarget { file_system, .. } => file_system.clone(),
        Destination::Address { address, port } => format!("{address} on port {port}"),
    }
}

/// Several of them.
pub fn all_told<'d>(destinations: impl IntoIterator<Item = &'d Destination>) -> String {
    let names: Vec<String> = destinations.into_iter().map(told).collect();
    listed(names.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_aloud() {
        for (names, expected) in
            [(&["a"][..], "a"), (&["a", "b"], "a and b"), (&["a", "b", "a", "c"], "a, b and c"), (&[], "")]
        {
            assert_eq!(listed(names.iter().copied()), expected);
        }
    }
}
