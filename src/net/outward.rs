//! The way out of a VPC: the caller's filters, its route, and what the route's target does.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>

use super::{
    cidr::{Traffic, nets},
    endpoint::is_available,
    group::{Filter, Peer},
    hop::{HopKind, Missing, Reason, Verdict, What},
    path::Walk,
    prefix::Aim,
    public_access::{Way, lets_out},
    route::{Chosen, Target, choose, is_blackhole, table_of, target_of},
};
use crate::case::network::Route;

/// Where DNS64 puts IPv4 addresses. <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html>
const TRANSLATED: &str = "64:ff9b::/96";

/// Packets that go out of the VPC.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// As they leave the caller.
    pub there: Traffic,
    /// As they leave a NAT gateway: the same, but for translated ones.
    pub behind_nat: Traffic,
    /// Whether the addresses exist on the internet.
    pub public: bool,
    /// Whether prefix lists are told by the call's name.
    pub named: bool,
}

impl Walk<'_, '_> {
    /// To public addresses.
    pub(super) fn outward(&mut self, there: Traffic, named: bool) {
        self.out(&Outbound { behind_nat: there.clone(), there, public: true, named });
    }

    /// To IPv4 addresses from a subnet that has none, by a NAT gateway.
    pub(super) fn translated(&mut self) {
        let there = Traffic::to(&nets([TRANSLATED]), self.port());
        self.out(&Outbound { there, behind_nat: self.public(false), public: true, named: true });
    }

    pub(super) fn out(&mut self, packets: &Outbound) {
        let aim = self.aim(packets, &packets.there);
        let leaving = Filter { groups: self.groups(), aim, peer: Peer::Outside }.egress(self.network);
        self.path.hops.push(leaving);
        self.leave_subnet(&packets.there);
        self.by_route(packets);
    }

    pub(super) fn aim(&self, packets: &Outbound, there: &Traffic) -> Aim<'_> {
        Aim { there: there.clone(), name: packets.named.then_some(&self.call.destination) }
    }

    fn by_route(&mut self, packets: &Outbound) {
        let table = match table_of(self.network, self.subnet) {
            Ok(table) => table,
            Err(missing) => return self.push(HopKind::Route, &self.subnet.subnet_id, Verdict::Unknown(missing)),
        };
        let id = &table.route_table_id;
        match choose(self.network, table, &self.aim(packets, &packets.there)) {
            Chosen::Unknown(missing) => self.push(HopKind::Route, id, Verdict::Unknown(missing)),
            Chosen::NoRoute => self.push(HopKind::Route, id, Verdict::Breaks(Reason::NoRoute)),
            Chosen::Route(route) if is_blackhole(route) => {
                self.push(HopKind::Route, id, Verdict::Breaks(Reason::Blackhole { target: route.target.clone() }));
            }
            Chosen::Route(route) => {
                self.push(HopKind::Route, id, Verdict::Passes);
                self.by_target(route, packets);
            }
        }
    }

    fn by_target(&mut self, route: &Route, packets: &Outbound) {
        match target_of(route) {
            Target::Local => self.push(HopKind::Beyond, &route.target, Verdict::Leaves),
            Target::Beyond => self.push(HopKind::Beyond, &route.target, Verdict::Leaves),
            Target::InternetGateway => self.by_internet_gateway(&route.target, packets),
            Target::EgressOnlyGateway => self.by_egress_only_gateway(&route.target, packets),
            Target::NatGateway => self.by_nat_gateway(&route.target, packets),
            Target::Endpoint => self.by_endpoint(&route.target),
        }
    }

    fn by_internet_gateway(&mut self, id: &str, packets: &Outbound) {
        if !self.v6 && packets.public {
            self.push(HopKind::PublicAddress, self.interface.id, public_address(self.interface.has_public_ip));
        }
        self.push(HopKind::InternetGateway, id, on_the_internet(packets));
        self.block_public_access(Way::Direct);
    }

    fn by_egress_only_gateway(&mut self, id: &str, packets: &Outbound) {
        let verdict = if self.v6 { on_the_internet(packets) } else { Verdict::Breaks(Reason::WrongFamily) };
        self.push(HopKind::EgressOnlyGateway, id, verdict);
        self.block_public_access(Way::OutwardOnly);
    }

    fn block_public_access(&mut self, way: Way) {
        self.path.hops.push(lets_out(self.network, &[self.subnet], way));
    }

    /// A gateway endpoint is the way itself; any other endpoint in a route is a firewall or an appliance.
    fn by_endpoint(&mut self, id: &str) {
        let verdict = match self.network.endpoint(id) {
            Err(missing) => Verdict::Unknown(missing),
            Ok(found) if found.vpc_endpoint_type != "Gateway" => {
                return self.push(HopKind::Beyond, id, Verdict::Leaves);
            }
            Ok(found) if is_available(found) => Verdict::Passes,
            Ok(found) => Verdict::Breaks(Reason::EndpointState(found.state.clone())),
        };
        self.push(HopKind::Endpoint, id, verdict);
    }
}

fn public_address(has_one: Option<bool>) -> Verdict {
    match has_one {
        Some(true) => Verdict::Passes,
        Some(false) => Verdict::Breaks(Reason::NoPublicAddress),
        None => Verdict::Unknown(Missing::of(What::PublicAddress, "")),
    }
}

/// Translated and private addresses mean nothing to an internet gateway.
fn on_the_internet(packets: &Outbound) -> Verdict {
    match (packets.public, packets.there == packets.behind_nat) {
        (false, _) => Verdict::Breaks(Reason::PrivateAddress),
        (true, false) => Verdict::Breaks(Reason::WrongFamily),
        (true, true) => Verdict::Passes,
    }
}
