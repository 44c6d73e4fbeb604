//! NAT gateways: their state, their kind, and the way on from their own subnet.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>

use super::{
    acl::{Crossing, edge},
    cidr::EPHEMERAL,
    hop::{HopKind, Missing, Reason, Verdict},
    outward::Outbound,
    path::Walk,
    public_access::{Way, lets_out},
    route::{Chosen, Target, choose, is_blackhole, table_of, table_of_gateway, target_of},
};
use crate::case::network::{NatGateway, Route, RouteTable, Subnet};

impl<'a> Walk<'_, 'a> {
    pub(super) fn by_nat_gateway(&mut self, id: &str, packets: &Outbound) {
        let nat = match self.network.nat_gateway(id) {
            Ok(nat) => nat,
            Err(missing) => return self.push(HopKind::NatGateway, id, Verdict::Unknown(missing)),
        };
        if nat.state != "available" {
            let reason = Reason::NatGatewayState(nat.state.clone());
            return self.push(HopKind::NatGateway, id, Verdict::Breaks(reason));
        }
        match self.home_of(nat) {
            Err(missing) => self.push(HopKind::NatGateway, id, Verdict::Unknown(missing)),
            Ok(home) => self.on_from(nat, home, packets),
        }
    }

    /// The subnet of a zonal gateway; a regional one has none.
    fn home_of(&self, nat: &NatGateway) -> Result<Option<&'a Subnet>, Missing> {
        nat.subnet_id.as_deref().map(|id| self.network.subnet(id)).transpose()
    }

    fn on_from(&mut self, nat: &'a NatGateway, home: Option<&'a Subnet>, packets: &Outbound) {
        let (verdict, beyond) =
            self.way_on(nat, home, packets).unwrap_or_else(|missing| (Verdict::Unknown(missing), None));
        let goes_out = verdict == Verdict::Passes && beyond.is_none();
        self.push(HopKind::NatGateway, &nat.nat_gateway_id, verdict);
        if let Some(home) = home {
            self.through_subnet(home, packets);
        }
        match beyond {
            Some(target) => self.push(HopKind::Beyond, target, Verdict::Leaves),
            None if goes_out => self.out_of_nat(home),
            None => {}
        }
    }

    /// What the gateway's own route table does; the one of a regional gateway leads to the internet from the start.
    fn way_on(
        &self,
        nat: &NatGateway,
        home: Option<&Subnet>,
        packets: &Outbound,
    ) -> Result<(Verdict, Option<&'a str>), Missing> {
        let table = match home {
            Some(home) => table_of(self.network, home)?,
            None => match table_of_gateway(self.network, &nat.nat_gateway_id) {
                Some(table) => table,
                None => return Ok((to_internet(nat, packets), None)),
            },
        };
        match choose(self.network, table, &self.aim(packets, &packets.behind_nat)) {
            Chosen::Unknown(missing) => Err(missing),
            Chosen::NoRoute => Ok((not_public(table), None)),
            Chosen::Route(route) => Ok(by(nat, table, route, packets)),
        }
    }

    /// Packets come into the gateway's subnet from the caller and leave it from the gateway.
    fn through_subnet(&mut self, home: &Subnet, packets: &Outbound) {
        let (subnet, here) = (home.subnet_id.as_str(), self.here());
        let inner = Crossing { subnet, outbound: false, far: &here, ephemeral: self.ephemeral() };
        let outer = Crossing { subnet, outbound: true, far: &packets.behind_nat, ephemeral: EPHEMERAL };
        if home.subnet_id != self.subnet.subnet_id {
            self.path.hops.extend(edge(self.network, &inner));
        }
        self.path.hops.extend(edge(self.network, &outer));
    }

    fn out_of_nat(&mut self, home: Option<&Subnet>) {
        let subnets: Vec<&Subnet> = std::iter::once(self.subnet).chain(home).collect();
        self.path.hops.push(lets_out(self.network, &subnets, Way::OutwardOnly));
    }
}

fn by<'a>(nat: &NatGateway, table: &RouteTable, route: &'a Route, packets: &Outbound) -> (Verdict, Option<&'a str>) {
    match target_of(route) {
        _ if is_blackhole(route) => (not_public(table), None),
        Target::InternetGateway => (to_internet(nat, packets), None),
        // No page says whether a gateway endpoint serves a NAT gateway: out of sight, as behind a firewall.
        Target::Endpoint | Target::Beyond => (Verdict::Passes, Some(&route.target)),
        Target::Local | Target::NatGateway | Target::EgressOnlyGateway => (not_public(table), None),
    }
}

fn to_internet(nat: &NatGateway, packets: &Outbound) -> Verdict {
    match (nat.connectivity_type.as_str(), packets.public) {
        ("private", _) => Verdict::Breaks(Reason::NatGatewayPrivate),
        (_, false) => Verdict::Breaks(Reason::PrivateAddress),
        _ => Verdict::Passes,
    }
}

fn not_public(table: &RouteTable) -> Verdict {
    Verdict::Breaks(Reason::NatSubnetNotPublic { route_table: table.route_table_id.clone() })
}
