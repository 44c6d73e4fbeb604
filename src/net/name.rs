//! DNS: what the name of a destination resolves to inside of the VPC.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html>

use std::net::IpAddr;

use super::{
    destination::{Call, Destination},
    endpoint::{Serves, has_private_names, is_available, is_gone, is_interface, serves},
    hop::{Missing, Reason, Verdict, What},
    view::Network,
};
use crate::case::network::{DhcpOptions, MountTarget, Subnet, Vpc, VpcEndpoint};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved<'a> {
    Address(IpAddr),
    Endpoint(&'a VpcEndpoint),
    /// An endpoint that is coming or going: nobody knows what the name says meanwhile.
    Unready(&'a VpcEndpoint),
    MountTarget(&'a MountTarget),
    /// Addresses of the internet.
    Public,
    /// IPv4 addresses of the internet, in the shape that a NAT gateway translates.
    Translated,
}

/// The verdict on the name and the thing it is about; or what it resolves to.
type Answer<'a> = Result<Resolved<'a>, (String, Verdict)>;

/// Resolves the destination of a call as a client in this subnet does.
pub fn resolve<'a>(network: &Network<'a>, subnet: &Subnet, call: &Call, v6: bool) -> Answer<'a> {
    if let Destination::Address { address, .. } = call.destination {
        return Ok(Resolved::Address(address));
    }
    if let Some(address) = call.resolved {
        return Ok(seen(network, call, address));
    }
    let host = call.destination.host().unwrap_or_default();
    let vpc = network.vpc().map_err(|missing| unknown(&host, missing))?;
    answers(network, vpc)?;
    match &call.destination {
        Destination::MountTarget { file_system, .. } => mount_target(network, vpc, subnet, file_system),
        destination => host_of(network, vpc, subnet, destination, v6),
    }
}

/// An address that a message names is what the name resolved to; only a public one still needs the name's routes.
fn seen<'a>(network: &Network<'a>, call: &Call, address: IpAddr) -> Resolved<'a> {
    let IpAddr::V4(v4) = address else { return Resolved::Address(address) };
    let targets = network.mount_targets.unwrap_or_default();
    let target = targets.iter().find(|target| target.ip_address == Some(v4));
    match (&call.destination, target) {
        (Destination::MountTarget { .. }, Some(target)) => Resolved::MountTarget(target),
        _ => Resolved::Address(address),
    }
}

/// Whether the VPC's resolver is asked, and answers.
fn answers(network: &Network<'_>, vpc: &Vpc) -> Result<(), (String, Verdict)> {
    let options = network.dhcp_options.map_err(|gap| {
        let missing = Missing::unread(What::DhcpOptions, &vpc.vpc_id, gap);
        unknown(&vpc.vpc_id, missing)
    })?;
    if !asks_amazon(options, vpc) {
        let id = &options.dhcp_options_id;
        return Err(unknown(id, Missing::of(What::NameServers, id)));
    }
    on(vpc, vpc.enable_dns_support, Reason::DnsSupportOff)
}

fn on(vpc: &Vpc, attribute: Option<bool>, off: Reason) -> Result<(), (String, Verdict)> {
    match attribute {
        Some(true) => Ok(()),
        Some(false) => Err((vpc.vpc_id.clone(), Verdict::Breaks(off))),
        None => Err(unknown(&vpc.vpc_id, Missing::of(What::DnsAttributes, &vpc.vpc_id))),
    }
}

/// `AmazonProvidedDNS`, or one of the addresses at which it answers.
fn asks_amazon(options: &DhcpOptions, vpc: &Vpc) -> bool {
    let first = vpc.cidr_blocks.first().and_then(|block| super::cidr::net(block));
    let plus_two = first.and_then(|block| match block.network() {
        IpAddr::V4(base) => Some(std::net::Ipv4Addr::from_bits(base.to_bits().wrapping_add(2)).to_string()),
        IpAddr::V6(_) => None,
    });
    let is_amazon = |server: &String| {
        matches!(server.as_str(), "AmazonProvidedDNS" | "169.254.169.253" | "fd00:ec2::253")
            || plus_two.as_ref() == Some(server)
    };
    options.domain_name_servers.iter().all(is_amazon)
}

/// A file system's name resolves to the mount target in the caller's zone, and to nothing where there is none.
fn mount_target<'a>(network: &Network<'a>, vpc: &Vpc, subnet: &Subnet, file_system: &str) -> Answer<'a> {
    on(vpc, vpc.enable_dns_hostnames, Reason::DnsHostnamesOff)?;
    let targets = network.mount_targets.map_err(|gap| {
        let missing = Missing::unread(What::MountTargets, file_system, gap);
        unknown(file_system, missing)
    })?;
    let zone = &subnet.availability_zone;
    let mut own = targets.iter().filter(|target| target.file_system_id == file_system);
    let found = own.find(|target| target.availability_zone_name == *zone);
    let none = || (file_system.to_owned(), Verdict::Breaks(Reason::NoMountTarget { zone: zone.clone() }));
    found.map(Resolved::MountTarget).ok_or_else(none)
}

/// A private name of an endpoint wins; then a private hosted zone; then the internet's answer holds.
fn host_of<'a>(network: &Network<'a>, vpc: &Vpc, subnet: &Subnet, to: &Destination, v6: bool) -> Answer<'a> {
    let host = to.host().unwrap_or_default();
    if let Some(endpoint) = named(network, vpc, to)? {
        return of_endpoint(subnet, endpoint, v6);
    }
    let zones = network.hosted_zones.map_err(|gap| {
        let missing = Missing::unread(What::HostedZones, &vpc.vpc_id, gap);
        unknown(&vpc.vpc_id, missing)
    })?;
    match zones.iter().find(|zone| is_in(&host, &zone.name)) {
        Some(zone) => Err(unknown(&zone.name, Missing::of(What::ZoneRecords, &zone.name))),
        None => on_the_internet(subnet, to, v6),
    }
}

fn is_in(host: &str, zone: &str) -> bool {
    let zone = zone.trim_end_matches('.');
    host.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The endpoint of this VPC that has the host as a private name.
fn named<'a>(network: &Network<'a>, vpc: &Vpc, to: &Destination) -> Result<Option<&'a VpcEndpoint>, (String, Verdict)> {
    let endpoints = network.endpoints.map_err(|gap| {
        let missing = Missing::unread(What::Endpoints, &vpc.vpc_id, gap);
        unknown(&vpc.vpc_id, missing)
    })?;
    let here = endpoints.iter().filter(|one| one.vpc_id == vpc.vpc_id && is_interface(one) && !is_gone(one));
    let mut made_for_it: Vec<_> = here.filter(|one| has_private_names(one) && serves(one, to) != Serves::No).collect();
    made_for_it.sort_by_key(|one| (!is_available(one), serves(one, to) != Serves::Yes));
    let Some(endpoint) = made_for_it.into_iter().next() else { return Ok(None) };
    if vpc.enable_dns_hostnames == Some(false) {
        return Ok(None);
    }
    on(vpc, vpc.enable_dns_hostnames, Reason::DnsHostnamesOff)?;
    let id = &endpoint.vpc_endpoint_id;
    match serves(endpoint, to) {
        Serves::Yes => Ok(Some(endpoint)),
        Serves::Unknown | Serves::No => Err(unknown(id, Missing::of(What::EndpointNames, id))),
    }
}

/// An endpoint answers with addresses of its own families.
fn of_endpoint<'a>(subnet: &Subnet, endpoint: &'a VpcEndpoint, v6: bool) -> Answer<'a> {
    let id = &endpoint.vpc_endpoint_id;
    if !is_available(endpoint) {
        return Ok(Resolved::Unready(endpoint));
    }
    match (endpoint.ip_address_type.as_str(), v6) {
        ("ipv6", false) => Err((id.clone(), Verdict::Breaks(Reason::WrongFamily))),
        ("ipv6" | "dualstack", true) | (_, false) => Ok(Resolved::Endpoint(endpoint)),
        _ if subnet.enable_dns64 => Err(unknown(id, Missing::of(What::Translation, id))),
        _ => Err((subnet.subnet_id.clone(), Verdict::Breaks(Reason::NoDns64))),
    }
}

fn on_the_internet<'a>(subnet: &Subnet, to: &Destination, v6: bool) -> Answer<'a> {
    let host = to.host().unwrap_or_default();
    match (v6, to.is_dual_stack()) {
        (false, _) | (true, Some(true)) => Ok(Resolved::Public),
        (true, None) => Err(unknown(&host, Missing::of(What::Address, &host))),
        (true, Some(false)) if subnet.enable_dns64 => Ok(Resolved::Translated),
        (true, Some(false)) => Err((subnet.subnet_id.clone(), Verdict::Breaks(Reason::NoDns64))),
    }
}

fn unknown(subject: &str, missing: Missing) -> (String, Verdict) {
    (subject.to_owned(), Verdict::Unknown(missing))
}
