//! NAT gateways and VPC endpoints.

use aws_sdk_ec2::{Client, types};

use super::{by, word};
use crate::case::{
    Answer, Gap, PolicyDocument,
    network::{EndpointDns, NatAddress, NatGateway, VpcEndpoint},
};

pub async fn nat_gateways(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_nat_gateways().filter(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::NatGateways(found.into_iter().map(mapped_nat).collect()))
}

pub async fn vpc_endpoints(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_vpc_endpoints().filters(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::VpcEndpoints(found.into_iter().map(mapped_endpoint).collect()))
}

/// A gateway that says no kind is from before there were private ones.
fn mapped_nat(gateway: types::NatGateway) -> NatGateway {
    let is_regional = gateway.availability_mode == Some(types::AvailabilityMode::Regional);
    let connectivity = gateway.connectivity_type.unwrap_or(types::ConnectivityType::Public);
    NatGateway {
        nat_gateway_id: gateway.nat_gateway_id.unwrap_or_default(),
        vpc_id: gateway.vpc_id.unwrap_or_default(),
        subnet_id: gateway.subnet_id.filter(|subnet| !is_regional && !subnet.is_empty()),
        state: word(gateway.state),
        connectivity_type: connectivity.as_str().to_owned(),
        nat_gateway_addresses: gateway.nat_gateway_addresses.into_iter().flatten().map(mapped_address).collect(),
    }
}

fn mapped_address(address: types::NatGatewayAddress) -> NatAddress {
    NatAddress { public_ip: address.public_ip, private_ip: address.private_ip }
}

/// Without a word on families an endpoint has IPv4, as all had before there was a choice.
fn mapped_endpoint(endpoint: types::VpcEndpoint) -> VpcEndpoint {
    let inbound_only = endpoint.dns_options.and_then(|dns| dns.private_dns_only_for_inbound_resolver_endpoint);
    let family = endpoint.ip_address_type.unwrap_or(types::IpAddressType::Ipv4);
    VpcEndpoint {
        vpc_endpoint_id: endpoint.vpc_endpoint_id.unwrap_or_default(),
        vpc_endpoint_type: word(endpoint.vpc_endpoint_type),
        vpc_id: endpoint.vpc_id.unwrap_or_default(),
        service_name: endpoint.service_name.unwrap_or_default(),
        state: lower_first(&word(endpoint.state)),
        subnet_ids: endpoint.subnet_ids.unwrap_or_default(),
        groups: endpoint.groups.into_iter().flatten().filter_map(|group| group.group_id).collect(),
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        network_interface_ids: endpoint.network_interface_ids.unwrap_or_default(),
        private_dns_enabled: endpoint.private_dns_enabled.unwrap_or_default(),
        private_dns_only_for_inbound_resolver_endpoint: inbound_only.unwrap_or_default(),
        policy: endpoint.policy_document.map(|document| PolicyDocument { document }),
        dns_entries: endpoint.dns_entries.into_iter().flatten().map(mapped_dns).collect(),
        ip_address_type: family.as_str().to_owned(),
    }
}

fn mapped_dns(entry: types::DnsEntry) -> EndpointDns {
    EndpointDns {
        dns_name: entry.dns_name.unwrap_or_default(),
        hosted_zone_id: entry.hosted_zone_id.unwrap_or_default(),
    }
}

/// EC2's reference writes the states of endpoints as `PendingAcceptance`, its answers as `pendingAcceptance`.
fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
