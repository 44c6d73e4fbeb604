//! VPC endpoints: which one a name resolves to, and which ones are made for a call and do not serve it.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>

use super::{
    destination::Destination,
    hop::{Unused, UnusedBecause},
    view::Network,
};
use crate::case::network::VpcEndpoint;

/// Whether a name is one of those that an endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    Yes,
    No,
    /// Its names were not read, and the host is not the service's usual one.
    Unknown,
}

/// The names that EC2 lists for the endpoint decide; without them, its service and the usual host do.
pub fn serves(endpoint: &VpcEndpoint, destination: &Destination) -> Serves {
    let host = destination.host().unwrap_or_default();
    if endpoint.dns_entries.iter().any(|entry| covers(&entry.dns_name, &host)) {
        return Serves::Yes;
    }
    match (destination.is_of(&endpoint.service_name), destination.is_dual_stack()) {
        (true, Some(false)) => Serves::Yes,
        // ECR's endpoints answer none of its dual-stack hosts.
        (true, _) if endpoint.dns_entries.is_empty() && !endpoint.service_name.contains(".ecr.") => Serves::Unknown,
        _ => Serves::No,
    }
}

fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => name == host,
    }
}

/// Whether the endpoint's private names are meant for callers in its VPC.
pub fn has_private_names(endpoint: &VpcEndpoint) -> bool {
    endpoint.private_dns_enabled && !endpoint.private_dns_only_for_inbound_resolver_endpoint
}

pub fn is_interface(endpoint: &VpcEndpoint) -> bool {
    endpoint.vpc_endpoint_type == "Interface"
}

pub fn is_available(endpoint: &VpcEndpoint) -> bool {
    endpoint.state.eq_ignore_ascii_case("available")
}

/// Whether nothing is left of the endpoint, or never was: its names are not answered.
pub fn is_gone(endpoint: &VpcEndpoint) -> bool {
    ["deleted", "rejected", "expired"].iter().any(|state| endpoint.state.eq_ignore_ascii_case(state))
}

/// The endpoints that are made for a call and that it does not take.
pub fn unused(network: &Network<'_>, destination: &Destination, vpc: &str, table: Option<&str>) -> Vec<Unused> {
    let endpoints = network.endpoints.unwrap_or_default().iter();
    let made_for_it = endpoints.filter(|endpoint| destination.is_of(&endpoint.service_name));
    let found = made_for_it.filter_map(|endpoint| {
        let because = because(network, endpoint, vpc, table)?;
        Some(Unused { endpoint: endpoint.vpc_endpoint_id.clone(), because })
    });
    found.collect()
}

fn because(network: &Network<'_>, endpoint: &VpcEndpoint, vpc: &str, table: Option<&str>) -> Option<UnusedBecause> {
    if endpoint.vpc_id != vpc {
        return Some(UnusedBecause::OtherVpc);
    }
    if !is_available(endpoint) {
        return Some(UnusedBecause::NotAvailable);
    }
    if is_interface(endpoint) {
        return without_names(network, endpoint);
    }
    let elsewhere = table.is_some_and(|table| !endpoint.route_table_ids.iter().any(|id| id == table));
    elsewhere.then_some(UnusedBecause::NotInRouteTable)
}

fn without_names(network: &Network<'_>, endpoint: &VpcEndpoint) -> Option<UnusedBecause> {
    let hostnames = network.vpc.ok().and_then(|vpc| vpc.enable_dns_hostnames);
    match (endpoint.private_dns_enabled, has_private_names(endpoint)) {
        (false, _) => Some(UnusedBecause::PrivateDnsOff),
        (true, false) => Some(UnusedBecause::InboundResolverOnly),
        (true, true) => (hostnames == Some(false)).then_some(UnusedBecause::DnsHostnamesOff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_names_below_it() {
        let name = "*.dkr.ecr.eu-central-1.amazonaws.com";
        assert!(covers(name, "111122223333.dkr.ecr.eu-central-1.amazonaws.com"));
        assert!(!covers(name, "dkr.ecr.eu-central-1.amazonaws.com"));
        assert!(!covers("api.ecr.eu-central-1.amazonaws.com", "x.api.ecr.eu-central-1.amazonaws.com"));
    }
}
