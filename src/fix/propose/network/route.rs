//! Ways out: a route to a NAT gateway or an internet gateway that the VPC has.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>

use super::{
    scene::{Scene, is_default, kind_of},
    words::{EGRESS_ONLY, INTERNET_GATEWAY, NAT_GATEWAYS, NAT64, OF_ROUTES, ROUTES},
};
use crate::{
    case::network::{NatGateway, Route, RouteTable},
    fix::{NetworkEdit, propose::Proposal},
    net::{Destination, HopKind, Reason},
};

/// Where DNS64 puts the IPv4 addresses of the internet.
const TRANSLATED: &str = "64:ff9b::/96";
/// Targets that another gateway may stand in for; a route to another network is its owner's to mend.
const OF_ONE_VPC: [&str; 5] = ["nat", "igw", "eigw", "eni", "i"];

/// Routes from the caller's subnet to a gateway that leads to the internet, the most likely first.
pub fn ways_out(scene: &Scene<'_>) -> Vec<Proposal> {
    let Some(table) = scene.table() else { return Vec::new() };
    let mut found = Vec::new();
    for destination in blocks(scene, table) {
        let is_v6 = destination.contains(':') && destination != TRANSLATED;
        if scene.is_public || is_v6 {
            found.extend(to_internet_gateway(scene, table, &destination));
        }
        if is_v6 {
            found.extend(to_egress_only_gateway(scene, table, &destination));
        } else if !scene.is_public {
            found.extend(to_nat_gateway(scene, table, &destination));
        }
    }
    found
}

/// What to route: the destinations of the routes that lead nowhere, else those of the calls.
fn blocks(scene: &Scene<'_>, table: &RouteTable) -> Vec<String> {
    let of = |target: &str| {
        let routes = table.routes.iter().filter(|route| route.target == target && !route.propagated);
        let written = routes.flat_map(|r| [&r.destination_cidr_block, &r.destination_ipv6_cidr_block]);
        written.flatten().cloned().collect()
    };
    match scene.reason() {
        Some(Reason::Blackhole { target }) if OF_ONE_VPC.contains(&kind_of(target)) => of(target),
        Some(Reason::Blackhole { .. }) => Vec::new(),
        _ if scene.broken.hop.kind == HopKind::NatGateway => of(&scene.broken.hop.subject),
        _ => destinations(scene).into_iter().map(str::to_owned).collect(),
    }
}

/// The block of addresses that the broken calls go to.
fn destinations(scene: &Scene<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for destination in scene.destinations() {
        let v6 = match destination {
            Destination::Service { dual_stack, .. } => *dual_stack,
            Destination::Host { dual_stack, .. } => *dual_stack == Some(true),
            Destination::Address { address, .. } => address.is_ipv6(),
            Destination::MountTarget { .. } => continue,
        };
        let block = match (scene.subnet.ipv6_native, v6) {
            (true, true) => "::/0",
            (true, false) => TRANSLATED,
            (false, _) => "0.0.0.0/0",
        };
        if !found.contains(&block) {
            found.push(block);
        }
    }
    found
}

/// A route to each NAT gateway that works; one in the caller's own zone first.
fn to_nat_gateway(scene: &Scene<'_>, table: &RouteTable, destination: &str) -> Vec<Proposal> {
    let mut gateways: Vec<&NatGateway> = scene.nat_gateways().iter().filter(|nat| leads_out(scene, nat)).collect();
    gateways.sort_by_key(|nat| (zone_of(scene, nat) != Some(&scene.subnet.availability_zone), &nat.nat_gateway_id));
    let page = if destination == TRANSLATED { NAT64 } else { NAT_GATEWAYS };
    let proposal = |nat: &NatGateway| {
        let target = &nat.nat_gateway_id;
        let known = standing(table, destination);
        let title = format!(
            "{} in table {} to NAT gateway {target}, which bills by data; {OF_ROUTES}",
            verb(known, destination),
            table.route_table_id
        );
        scene.proposal(title, vec![put(table, destination, target, known.is_some())], &[page, ROUTES])
    };
    gateways.into_iter().take(2).filter_map(proposal).collect()
}

fn zone_of<'s>(scene: &Scene<'s>, nat: &NatGateway) -> Option<&'s String> {
    scene.subnet_by_id(nat.subnet_id.as_deref()?).map(|subnet| &subnet.availability_zone)
}

/// A public gateway that is up, regional or in a subnet with a route to an internet gateway. Not the one that broke.
fn leads_out(scene: &Scene<'_>, nat: &NatGateway) -> bool {
    let is_up = nat.state == "available" && nat.connectivity_type != "private" && nat.vpc_id == scene.vpc();
    let elsewhere = nat.subnet_id.as_ref() != Some(&scene.subnet.subnet_id);
    let table = nat.subnet_id.as_deref().map(|subnet| scene.table_of(subnet));
    let goes_on = match table {
        None => true,
        Some(table) => table.is_some_and(|table| table.routes.iter().any(|r| is_default(r) && is_active_igw(r))),
    };
    is_up && elsewhere && goes_on && nat.nat_gateway_id != scene.broken.hop.subject
}

fn is_active_igw(route: &Route) -> bool {
    kind_of(&route.target) == "igw" && route.state != "blackhole"
}

/// The VPC's internet gateway, as the routes of its tables tell.
fn internet_gateway<'s>(scene: &Scene<'s>) -> Option<&'s str> {
    let mut routes = scene.tables().iter().flat_map(|table| &table.routes);
    routes.find(|route| is_active_igw(route)).map(|route| route.target.as_str())
}

fn to_internet_gateway(scene: &Scene<'_>, table: &RouteTable, destination: &str) -> Option<Proposal> {
    let target = internet_gateway(scene)?;
    let known = standing(table, destination);
    let title = format!(
        "{} in table {} to internet gateway {target}; its subnets become public: {OF_ROUTES}",
        verb(known, destination),
        table.route_table_id
    );
    scene.proposal(title, vec![put(table, destination, target, known.is_some())], &[INTERNET_GATEWAY, ROUTES])
}

fn to_egress_only_gateway(scene: &Scene<'_>, table: &RouteTable, destination: &str) -> Option<Proposal> {
    let mut routes = scene.tables().iter().flat_map(|table| &table.routes);
    let known = routes.find(|route| kind_of(&route.target) == "eigw" && route.state != "blackhole")?;
    let target = known.target.as_str();
    let known = standing(table, destination);
    let title = format!(
        "{} in table {} to egress-only gateway {target}; {OF_ROUTES}",
        verb(known, destination),
        table.route_table_id
    );
    scene.proposal(title, vec![put(table, destination, target, known.is_some())], &[EGRESS_ONLY, ROUTES])
}

/// The subnet of a NAT gateway made public, if no subnet without one uses its table: whatever else may be in it.
pub fn publish_nat_subnet(scene: &Scene<'_>, table: &str) -> Option<Proposal> {
    let own = scene.table()?;
    let table = scene.tables().iter().find(|known| known.route_table_id == table)?;
    let target = internet_gateway(scene)?;
    let subnets: Vec<&str> = table.associations.iter().filter_map(|a| a.subnet_id.as_deref()).collect();
    let is_main = table.associations.iter().any(|a| a.main);
    let holds_gateway =
        |subnet: &&str| scene.nat_gateways().iter().any(|nat| nat.subnet_id.as_deref() == Some(*subnet));
    let shared = own.route_table_id == table.route_table_id || is_main;
    if shared || subnets.is_empty() || !subnets.iter().all(holds_gateway) {
        return None;
    }
    let known = standing(table, "0.0.0.0/0");
    let title = format!(
        "{} in table {} of the NAT gateway to internet gateway {target}; {} becomes public, with all that is in it",
        verb(known, "0.0.0.0/0"),
        table.route_table_id,
        subnets.join(", ")
    );
    scene.proposal(title, vec![put(table, "0.0.0.0/0", target, known.is_some())], &[NAT_GATEWAYS, INTERNET_GATEWAY])
}

/// The route that somebody wrote to a destination.
fn standing<'t>(table: &'t RouteTable, destination: &str) -> Option<&'t Route> {
    table.routes.iter().find(|route| {
        let blocks = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block];
        !route.propagated && blocks.into_iter().flatten().any(|block| block == destination)
    })
}

fn verb(known: Option<&Route>, destination: &str) -> String {
    match known {
        Some(route) => format!("Turn route {destination} from {}", route.target),
        None => format!("Add route {destination}"),
    }
}

fn put(table: &RouteTable, destination: &str, target: &str, replaces: bool) -> NetworkEdit {
    NetworkEdit::PutRoute {
        table: table.route_table_id.clone(),
        destination: destination.to_owned(),
        target: target.to_owned(),
        replaces,
    }
}
