//! `path`: follows one call from its interface to its destination.
//!
//! First the name, since it decides where packets go; then, for every address it may stand for, the filters, routes and
//! gateways on the way. Where the name cannot be resolved, only what breaks every way is said.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html>,
//! <https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html>

use std::{net::IpAddr, ops::RangeInclusive};

use super::{
    acl::{Crossing, edge},
    cidr::{EPHEMERAL_OF_LINUX, EPHEMERAL_OF_WINDOWS, Traffic, is_public},
    destination::{Call, Destination},
    endpoint::unused,
    group::{Filter, Peer},
    hop::{Hop, HopKind, Missing, Path, Reason, Summary, Verdict, What},
    interface::Interface,
    name::{Resolved, resolve},
    prefix::{Aim, addresses_of},
    route::table_of,
    view::{Network, blocks_of},
};
use crate::case::network::{Subnet, VpcEndpoint};

/// The way of a call, hop by hop.
pub fn path(network: &Network<'_>, interface: &Interface<'_>, call: &Call) -> Path {
    let subnet = interface.subnet.map_err(|gap| Missing::unread(What::Interface, interface.id, gap));
    let subnet = match subnet.and_then(|id| network.subnet(id)) {
        Ok(subnet) => subnet,
        Err(missing) => return start(interface, Verdict::Unknown(missing)),
    };
    let walk = |v6| Walk { network, interface, subnet, call, v6, path: start(interface, Verdict::Passes) }.go();
    let both = !subnet.ipv6_native && !subnet.ipv6_cidr_blocks.is_empty();
    let mut path = match call.destination.is_dual_stack() {
        Some(true) if both && call.resolved.is_none() && call.destination.host().is_some() => {
            any(walk(false), walk(true))
        }
        _ => walk(is_v6(subnet, call)),
    };
    let table = table_of(network, subnet).ok().map(|table| table.route_table_id.as_str());
    path.unused = unused(network, &call.destination, &subnet.vpc_id, table);
    path
}

fn start(interface: &Interface<'_>, verdict: Verdict) -> Path {
    let hop = Hop { kind: HopKind::Interface, subject: interface.id.to_owned(), verdict };
    Path { hops: vec![hop], unused: Vec::new() }
}

/// A client that has both families tries both.
fn any(v4: Path, v6: Path) -> Path {
    match (v4.summary(), v6.summary()) {
        (Summary::Reaches, _) => v4,
        (_, Summary::Reaches) => v6,
        (Summary::Broken(_), _) => {
            if v6.is_broken() {
                v4
            } else {
                v6
            }
        }
        _ => v4,
    }
}

fn is_v6(subnet: &Subnet, call: &Call) -> bool {
    match (&call.destination, &call.resolved) {
        (Destination::Address { address, .. }, _) | (_, Some(address)) => address.is_ipv6(),
        _ => subnet.ipv6_native,
    }
}

/// One call on its way, in one family.
pub(super) struct Walk<'w, 'a> {
    pub network: &'w Network<'a>,
    pub interface: &'w Interface<'w>,
    pub subnet: &'a Subnet,
    pub call: &'w Call,
    pub v6: bool,
    pub path: Path,
}

impl<'a> Walk<'_, 'a> {
    fn go(mut self) -> Path {
        match resolve(self.network, self.subnet, self.call, self.v6) {
            Ok(Resolved::Unready(endpoint)) => return self.unready(endpoint),
            Ok(resolved) => self.to(resolved),
            Err((subject, verdict)) => self.unresolved(subject, verdict),
        }
        self.path
    }

    fn to(&mut self, resolved: Resolved<'a>) {
        if let Some(host) = self.call.destination.host() {
            self.push(HopKind::Dns, &host, Verdict::Passes);
        }
        match resolved {
            Resolved::Endpoint(endpoint) | Resolved::Unready(endpoint) => self.call_endpoint(endpoint),
            Resolved::MountTarget(target) => self.call_mount_target(target),
            Resolved::Address(address) => self.call_address(address),
            Resolved::Public => {
                let there = self.public(self.v6);
                self.outward(there, true);
            }
            Resolved::Translated => self.translated(),
        }
    }

    /// Where the endpoint's name is not answered yet, the public way holds: broken too, or nobody knows.
    fn unready(mut self, endpoint: &VpcEndpoint) -> Path {
        self.push(HopKind::Dns, &self.call.destination.host().unwrap_or_default(), Verdict::Passes);
        let before = self.path.clone();
        let there = self.public(self.v6);
        self.outward(there, true);
        let id = &endpoint.vpc_endpoint_id;
        let verdict = match self.path.is_broken() {
            true => Verdict::Breaks(Reason::EndpointState(endpoint.state.clone())),
            false => Verdict::Unknown(Missing::of(What::EndpointState, id)),
        };
        self.path = before;
        self.push(HopKind::Endpoint, id, verdict);
        self.path
    }

    /// Whatever the name stands for, packets have to leave the interface and the subnet.
    fn unresolved(&mut self, subject: String, verdict: Verdict) {
        let kind = match &verdict {
            Verdict::Breaks(Reason::NoMountTarget { .. }) => HopKind::MountTarget,
            Verdict::Breaks(Reason::WrongFamily) => HopKind::Endpoint,
            _ => HopKind::Dns,
        };
        self.push(kind, &subject, verdict);
        let aim = Aim { there: Traffic::anywhere(self.v6, self.port()), name: None };
        let anyone = Peer::Unknown(Missing::of(What::Address, &subject));
        let leaving = Filter { groups: self.groups(), aim, peer: anyone }.egress(self.network);
        self.path.hops.extend(Some(leaving).filter(|hop| matches!(hop.verdict, Verdict::Breaks(_))));
    }

    /// A public address keeps the name, by which AWS's prefix lists are known; a private one is what it is.
    fn call_address(&mut self, address: IpAddr) {
        let there = Traffic::to_address(address, self.port());
        if is_public(address) {
            let named = self.call.destination.host().is_some();
            self.outward(there, named);
        } else {
            self.call_private_address(address, there);
        }
    }

    /// The addresses that the destination has on the internet.
    pub(super) fn public(&self, v6: bool) -> Traffic {
        match addresses_of(self.network, &self.call.destination, v6) {
            Some(blocks) => Traffic::to(&blocks, self.port()),
            None => Traffic::public(v6, self.port()),
        }
    }

    pub(super) fn port(&self) -> RangeInclusive<u16> {
        self.call.destination.port()..=self.call.destination.port()
    }

    /// The caller's own addresses, on the port that it calls.
    pub(super) fn here(&self) -> Traffic {
        let own = match self.v6 {
            true => self.interface.ipv6.map(IpAddr::V6),
            false => self.interface.private_ip.map(IpAddr::V4),
        };
        match own {
            Some(address) => Traffic::to_address(address, self.port()),
            None => Traffic::to(&blocks_of(self.subnet, self.v6), self.port()),
        }
    }

    pub(super) fn ephemeral(&self) -> RangeInclusive<u16> {
        if self.interface.windows { EPHEMERAL_OF_WINDOWS } else { EPHEMERAL_OF_LINUX }
    }

    pub(super) fn groups(&self) -> Result<&[String], Missing> {
        self.interface.groups.map_err(|gap| Missing::unread(What::SecurityGroup, self.interface.id, gap))
    }

    pub(super) fn push(&mut self, kind: HopKind, subject: &str, verdict: Verdict) {
        self.path.hops.push(Hop { kind, subject: subject.to_owned(), verdict });
    }

    /// The edge of the caller's own subnet.
    pub(super) fn leave_subnet(&mut self, there: &Traffic) {
        let crossing =
            Crossing { subnet: &self.subnet.subnet_id, outbound: true, far: there, ephemeral: self.ephemeral() };
        self.path.hops.extend(edge(self.network, &crossing));
    }
}
