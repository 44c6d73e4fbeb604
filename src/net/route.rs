//! Route tables: which table a subnet uses, and which route packets take.
//!
//! The longest prefix wins; of equals a written route wins over a prefix list's, and that over a propagated one.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>

use std::{cmp::Reverse, net::IpAddr};

use ipnet::IpNet;

use super::{
    cidr::{Traffic, net},
    hop::{Missing, What},
    prefix::{Aim, Members, members},
    view::Network,
};
use crate::case::network::{Route, RouteTable, RouteTableAssociation, Subnet};

/// The route that packets take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen<'a> {
    Route(&'a Route),
    NoRoute,
    Unknown(Missing),
}

/// What a route's target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Local,
    InternetGateway,
    EgressOnlyGateway,
    NatGateway,
    Endpoint,
    /// Transit gateways, peerings, VPNs, interfaces, carriers: what comes behind is not in this VPC's facts.
    Beyond,
}

/// The route of a table to one address.
pub fn best<'a>(network: &Network<'_>, table: &'a RouteTable, address: IpAddr) -> Chosen<'a> {
    choose(network, table, &Aim { there: Traffic::to_address(address, 0..=0), name: None })
}

/// The table of a subnet: the one that is associated with it, else the VPC's main one.
pub(super) fn table_of<'a>(network: &Network<'a>, subnet: &Subnet) -> Result<&'a RouteTable, Missing> {
    let tables = network.route_tables.map_err(|gap| Missing::unread(What::RouteTables, &subnet.subnet_id, gap))?;
    let own = find(tables, |a| a.subnet_id.as_deref() == Some(&subnet.subnet_id));
    let main = || find(tables, |a| a.main).filter(|table| table.vpc_id == subnet.vpc_id);
    own.or_else(main).ok_or_else(|| Missing::of(What::RouteTables, &subnet.subnet_id))
}

/// The table of a gateway, if it has one of its own.
pub(super) fn table_of_gateway<'a>(network: &Network<'a>, gateway: &str) -> Option<&'a RouteTable> {
    find(network.route_tables.ok()?, |a| a.gateway_id.as_deref() == Some(gateway))
}

fn find(tables: &[RouteTable], is: impl Fn(&RouteTableAssociation) -> bool) -> Option<&RouteTable> {
    tables.iter().find(|table| table.associations.iter().any(&is))
}

/// The route of a table for all of the packets, where one takes them all.
pub(super) fn choose<'a>(network: &Network<'_>, table: &'a RouteTable, aim: &Aim<'_>) -> Chosen<'a> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut unread: Vec<(&'a Route, Missing)> = Vec::new();
    for route in table.routes.iter().filter(|route| aim.name.is_none() || route.target != "local") {
        match entries_of(network, route, aim) {
            Ok(found) => entries.extend(found),
            Err(missing) => unread.push((route, missing)),
        }
    }
    entries.sort_by_key(|entry| entry.order());
    let (chosen, longest) = take(&entries, aim);
    match unread.into_iter().find(|(route, _)| !is_same(&chosen, route)) {
        Some((_, missing)) if !longest => Chosen::Unknown(missing),
        _ => chosen,
    }
}

/// A destination of a route. A list of AWS without entries takes all of its service's packets (`block` is none).
struct Entry<'a> {
    block: Option<IpNet>,
    rank: u8,
    route: &'a Route,
}

impl Entry<'_> {
    /// The more specific first; a list without entries is at least more specific than a default route.
    fn order(&self) -> (Reverse<u8>, u8) {
        match &self.block {
            Some(block) => (Reverse(block.prefix_len()), self.rank),
            None => (Reverse(0), 0),
        }
    }
}

fn entries_of<'a>(network: &Network<'_>, route: &'a Route, aim: &Aim<'_>) -> Result<Vec<Entry<'a>>, Missing> {
    let entry = |block, rank| Entry { block, rank, route };
    if let Some(list) = &route.destination_prefix_list_id {
        return match members(network, list, aim) {
            Members::All => Ok(vec![entry(None, 0)]),
            Members::Blocks(blocks) => Ok(blocks.into_iter().map(|block| entry(Some(block), 2)).collect()),
            Members::Nothing => Ok(Vec::new()),
            Members::Unknown(missing) => Err(missing),
        };
    }
    let block = route.destination_cidr_block.as_deref().or(route.destination_ipv6_cidr_block.as_deref()).and_then(net);
    Ok(block.into_iter().map(|block| entry(Some(block), if route.propagated { 3 } else { 1 })).collect())
}

/// Lets each entry take its packets in turn; true if the one that took them cannot be outdone by a list.
fn take<'a>(entries: &[Entry<'a>], aim: &Aim<'_>) -> (Chosen<'a>, bool) {
    let mut rest = aim.there.clone();
    let mut takers: Vec<&Entry<'a>> = Vec::new();
    for entry in entries {
        let left = entry.block.map_or_else(Traffic::default, |block| rest.outside(&block));
        if left != rest {
            takers.push(entry);
        }
        rest = left;
    }
    let longest = takers.iter().all(|t| t.block.is_some_and(|b| b.prefix_len() == b.max_prefix_len() && t.rank < 2));
    let Some(first) = takers.first().map(|taker| taker.route) else { return (Chosen::NoRoute, false) };
    let alike = takers.iter().all(|t| t.route.target == first.target && t.route.state == first.state);
    match alike && rest.is_empty() {
        true => (Chosen::Route(first), longest),
        false => (Chosen::Unknown(Missing::of(What::Address, "")), false),
    }
}

fn is_same(chosen: &Chosen<'_>, route: &Route) -> bool {
    matches!(chosen, Chosen::Route(one) if one.target == route.target && one.state == route.state)
}

pub(super) fn is_blackhole(route: &Route) -> bool {
    route.state == "blackhole"
}

/// What a target is, by EC2's prefix of its id.
pub(super) fn target_of(route: &Route) -> Target {
    match route.target.split('-').next().unwrap_or_default() {
        "local" => Target::Local,
        "igw" => Target::InternetGateway,
        "eigw" => Target::EgressOnlyGateway,
        "nat" => Target::NatGateway,
        "vpce" => Target::Endpoint,
        _ => Target::Beyond,
    }
}
