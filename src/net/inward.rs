//! The way to an interface in the same VPC: an endpoint, a mount target, or whatever has an address.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>,
//! <https://docs.aws.amazon.com/efs/latest/ug/network-access.html>

use std::net::IpAddr;

use super::{
    acl::{Crossing, edge},
    cidr::{Share, Traffic, net},
    group::{Filter, Peer},
    hop::{Hop, HopKind, Missing, Path, Reason, Summary, Verdict, What},
    outward::Outbound,
    path::Walk,
    prefix::Aim,
    route::{Chosen, Target, choose, is_blackhole, table_of, target_of},
    view::blocks_of,
};
use crate::case::network::{MountTarget, NetworkInterface, Subnet, VpcEndpoint};

/// An interface that is called.
#[derive(Debug, Clone)]
struct Callee<'a> {
    subnet: &'a Subnet,
    /// Its address, or those that it may have.
    there: Traffic,
    groups: Result<&'a [String], Missing>,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn call_endpoint(&mut self, endpoint: &'a VpcEndpoint) {
        let id = &endpoint.vpc_endpoint_id;
        if endpoint.subnet_ids.is_empty() {
            return self.push(HopKind::Endpoint, id, Verdict::Breaks(Reason::EndpointHasNoSubnet));
        }
        self.push(HopKind::Endpoint, id, Verdict::Passes);
        let ways = endpoint.subnet_ids.iter().map(|subnet| match self.network.subnet(subnet) {
            Ok(subnet) => self.way_to(&self.endpoint_in(endpoint, subnet)),
            Err(missing) => {
                vec![Hop { kind: HopKind::Endpoint, subject: id.clone(), verdict: Verdict::Unknown(missing) }]
            }
        });
        let ways = ways.collect();
        self.join(ways, id);
    }

    fn endpoint_in(&self, endpoint: &'a VpcEndpoint, subnet: &'a Subnet) -> Callee<'a> {
        let interfaces = self.network.interfaces.unwrap_or_default().iter();
        let mut own = interfaces.filter(|one| endpoint.network_interface_ids.contains(&one.network_interface_id));
        let address = own.find(|one| one.subnet_id == subnet.subnet_id).and_then(|one| address_of(one, self.v6));
        let there = match address {
            Some(address) => Traffic::to_address(address, self.port()),
            None => Traffic::to(&blocks_of(subnet, self.v6), self.port()),
        };
        Callee { subnet, there, groups: Ok(&endpoint.groups) }
    }

    /// A name stands for an address in each subnet of the endpoint, and the client takes any of them.
    fn join(&mut self, ways: Vec<Vec<Hop>>, id: &str) {
        let whole = |hops| Path { hops, unused: Vec::new() };
        let mut ways = ways.into_iter().map(whole);
        let Some(first) = ways.next() else { return };
        let alike = ways.all(|way| same_end(&first.summary(), &way.summary()));
        match alike {
            true => self.path.hops.extend(first.hops),
            false => self.push(HopKind::Endpoint, id, Verdict::Unknown(Missing::of(What::Address, id))),
        }
    }

    pub(super) fn call_mount_target(&mut self, target: &'a MountTarget) {
        let id = &target.mount_target_id;
        let verdict = match target.life_cycle_state.as_str() {
            "available" | "updating" => Verdict::Passes,
            state => Verdict::Breaks(Reason::MountTargetState(state.to_owned())),
        };
        self.push(HopKind::MountTarget, id, verdict);
        match self.network.subnet(&target.subnet_id) {
            Err(missing) => self.push(HopKind::MountTarget, id, Verdict::Unknown(missing)),
            Ok(subnet) => {
                let way = self.way_to(&self.mount_target_in(target, subnet));
                self.path.hops.extend(way);
            }
        }
    }

    fn mount_target_in(&self, target: &'a MountTarget, subnet: &'a Subnet) -> Callee<'a> {
        let there = match target.ip_address {
            Some(address) => Traffic::to_address(IpAddr::V4(address), self.port()),
            None => Traffic::to(&blocks_of(subnet, false), self.port()),
        };
        let groups = target.security_groups.as_deref();
        let unread = || Missing::of(What::SecurityGroup, &target.mount_target_id);
        Callee { subnet, there, groups: groups.ok_or_else(unread) }
    }

    /// A private address in the VPC is an interface; elsewhere a route has to lead to it.
    pub(super) fn call_private_address(&mut self, address: IpAddr, there: Traffic) {
        let inside = match self.network.vpc() {
            Ok(vpc) => {
                vpc.cidr_blocks.iter().chain(&vpc.ipv6_cidr_blocks).filter_map(|block| net(block)).collect::<Vec<_>>()
            }
            Err(missing) => return self.push(HopKind::Interface, &address.to_string(), Verdict::Unknown(missing)),
        };
        if there.share_of(&inside) == Share::Nothing {
            return self.out(&Outbound { behind_nat: there.clone(), there, public: false, named: false });
        }
        match self.interface_with(address) {
            Ok((found, subnet)) => {
                self.name_endpoint(found);
                let way = self.way_to(&Callee { subnet, there, groups: Ok(&found.groups) });
                self.path.hops.extend(way);
            }
            Err(missing) => self.push(HopKind::Interface, &address.to_string(), Verdict::Unknown(missing)),
        }
    }

    /// Says whose interface it is, if it is an endpoint's; one whose interface is there is up.
    fn name_endpoint(&mut self, interface: &NetworkInterface) {
        let mut endpoints = self.network.endpoints.unwrap_or_default().iter();
        if let Some(found) = endpoints.find(|one| one.network_interface_ids.contains(&interface.network_interface_id)) {
            self.push(HopKind::Endpoint, &found.vpc_endpoint_id, Verdict::Passes);
        }
    }

    fn interface_with(&self, address: IpAddr) -> Result<(&'a NetworkInterface, &'a Subnet), Missing> {
        let found = self.network.interface_at(address)?;
        Ok((found, self.network.subnet(&found.subnet_id)?))
    }

    /// The caller's filters, the table, the edges of both subnets, the callee's filters.
    fn way_to(&self, callee: &Callee<'_>) -> Vec<Hop> {
        let aim = Aim { there: callee.there.clone(), name: None };
        let (route, stays) = self.local_route(&aim);
        let leaving = Filter { groups: self.groups(), aim, peer: peer(&callee.groups) };
        let mut hops = vec![leaving.egress(self.network), route];
        if stays {
            hops.extend(self.edges(callee));
            hops.push(self.enter(callee));
        }
        hops
    }

    /// Packets in a VPC take its local route, unless a longer one sends them through an appliance.
    fn local_route(&self, aim: &Aim<'_>) -> (Hop, bool) {
        let unknown = |subject: &str, missing| (hop(HopKind::Route, subject, Verdict::Unknown(missing)), true);
        let table = match table_of(self.network, self.subnet) {
            Ok(table) => table,
            Err(missing) => return unknown(&self.subnet.subnet_id, missing),
        };
        let id = &table.route_table_id;
        match choose(self.network, table, aim) {
            Chosen::Unknown(missing) => unknown(id, missing),
            Chosen::NoRoute => (hop(HopKind::Route, id, Verdict::Breaks(Reason::NoRoute)), true),
            Chosen::Route(route) if is_blackhole(route) => {
                let target = route.target.clone();
                (hop(HopKind::Route, id, Verdict::Breaks(Reason::Blackhole { target })), true)
            }
            Chosen::Route(route) if target_of(route) == Target::Local => {
                (hop(HopKind::Route, id, Verdict::Passes), true)
            }
            Chosen::Route(route) => (hop(HopKind::Beyond, &route.target, Verdict::Leaves), false),
        }
    }

    /// ACLs act only where packets cross from one subnet to another.
    fn edges(&self, callee: &Callee<'_>) -> Vec<Hop> {
        if callee.subnet.subnet_id == self.subnet.subnet_id {
            return Vec::new();
        }
        let (here, ephemeral) = (self.here(), self.ephemeral());
        let subnets = (self.subnet.subnet_id.as_str(), callee.subnet.subnet_id.as_str());
        let out = Crossing { subnet: subnets.0, outbound: true, far: &callee.there, ephemeral: ephemeral.clone() };
        let into = Crossing { subnet: subnets.1, outbound: false, far: &here, ephemeral };
        edge(self.network, &out).into_iter().chain(edge(self.network, &into)).collect()
    }

    fn enter(&self, callee: &Callee<'_>) -> Hop {
        let aim = Aim { there: self.here(), name: None };
        let entering = Filter { groups: callee.groups.clone(), aim, peer: peer(&self.groups()) };
        entering.ingress(self.network)
    }
}

fn peer<'g>(groups: &Result<&'g [String], Missing>) -> Peer<'g> {
    match groups {
        Ok(groups) => Peer::Carries(groups),
        Err(missing) => Peer::Unknown(missing.clone()),
    }
}

fn hop(kind: HopKind, subject: &str, verdict: Verdict) -> Hop {
    Hop { kind, subject: subject.to_owned(), verdict }
}

fn address_of(interface: &NetworkInterface, v6: bool) -> Option<IpAddr> {
    match v6 {
        true => interface.ipv6_addresses.first().copied().map(IpAddr::V6),
        false => interface.private_ip_address.map(IpAddr::V4),
    }
}

fn same_end(a: &Summary<'_>, b: &Summary<'_>) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
