//! `Network`: the facts that the judgement borrows, each known or with the gap that says why not.

use ipnet::IpNet;

use super::{
    cidr::{net, nets},
    hop::{Missing, What},
};
use crate::case::{
    Gap,
    network::{
        BlockPublicAccess, BlockPublicAccessExclusion, DhcpOptions, HostedZone, MountTarget, NatGateway, NetworkAcl,
        NetworkInterface, PrefixList, RouteTable, SecurityGroup, Subnet, Vpc, VpcEndpoint,
    },
};

/// A fact, or why there is none.
pub type Known<'a, T> = Result<&'a T, &'a Gap>;

/// The network of one VPC. `endpoints`, `hosted_zones` and `mount_targets` are complete where they are known: what is
/// not in them does not exist. An id that any other list lacks is unknown.
#[derive(Debug, Clone, Copy)]
pub struct Network<'a> {
    pub vpc: Known<'a, Vpc>,
    pub subnets: Known<'a, [Subnet]>,
    pub route_tables: Known<'a, [RouteTable]>,
    pub network_acls: Known<'a, [NetworkAcl]>,
    pub security_groups: Known<'a, [SecurityGroup]>,
    pub nat_gateways: Known<'a, [NatGateway]>,
    /// Of this VPC; those of others may stand beside them.
    pub endpoints: Known<'a, [VpcEndpoint]>,
    pub prefix_lists: Known<'a, [PrefixList]>,
    pub interfaces: Known<'a, [NetworkInterface]>,
    pub hosted_zones: Known<'a, [HostedZone]>,
    pub dhcp_options: Known<'a, DhcpOptions>,
    pub block_public_access: Known<'a, BlockPublicAccess>,
    pub block_public_access_exclusions: Known<'a, [BlockPublicAccessExclusion]>,
    /// Of the file system that the call mounts.
    pub mount_targets: Known<'a, [MountTarget]>,
}

impl<'a> Network<'a> {
    /// A network of which nothing is known yet.
    pub fn unread(gap: &'a Gap) -> Self {
        Self {
            vpc: Err(gap),
            subnets: Err(gap),
            route_tables: Err(gap),
            network_acls: Err(gap),
            security_groups: Err(gap),
            nat_gateways: Err(gap),
            endpoints: Err(gap),
            prefix_lists: Err(gap),
            interfaces: Err(gap),
            hosted_zones: Err(gap),
            dhcp_options: Err(gap),
            block_public_access: Err(gap),
            block_public_access_exclusions: Err(gap),
            mount_targets: Err(gap),
        }
    }

    pub(super) fn vpc(&self) -> Result<&'a Vpc, Missing> {
        self.vpc.map_err(|gap| Missing::unread(What::Vpc, "", gap))
    }

    pub(super) fn subnet(&self, id: &str) -> Result<&'a Subnet, Missing> {
        one(self.subnets, What::Subnet, id, |subnet| subnet.subnet_id == id)
    }

    pub(super) fn group(&self, id: &str) -> Result<&'a SecurityGroup, Missing> {
        one(self.security_groups, What::SecurityGroup, id, |group| group.group_id == id)
    }

    pub(super) fn nat_gateway(&self, id: &str) -> Result<&'a NatGateway, Missing> {
        one(self.nat_gateways, What::NatGateway, id, |nat| nat.nat_gateway_id == id)
    }

    pub(super) fn endpoint(&self, id: &str) -> Result<&'a VpcEndpoint, Missing> {
        one(self.endpoints, What::Endpoints, id, |endpoint| endpoint.vpc_endpoint_id == id)
    }

    /// The ACL that guards a subnet: EC2 lists every subnet under exactly one.
    pub(super) fn acl_of(&self, subnet: &str) -> Result<&'a NetworkAcl, Missing> {
        one(self.network_acls, What::NetworkAcls, subnet, |acl| acl.associations.iter().any(|a| a.subnet_id == subnet))
    }

    /// The interface that has an address.
    pub(super) fn interface_at(&self, address: std::net::IpAddr) -> Result<&'a NetworkInterface, Missing> {
        one(self.interfaces, What::Interface, &address.to_string(), |interface| interface.has(address))
    }

    pub(super) fn block_public_access(&self) -> Result<&'a BlockPublicAccess, Missing> {
        self.block_public_access.map_err(|gap| Missing::unread(What::BlockPublicAccess, "", gap))
    }

    pub(super) fn exclusions(&self) -> Result<&'a [BlockPublicAccessExclusion], Missing> {
        let missing = |gap| Missing::unread(What::BlockPublicAccess, "exclusions", gap);
        self.block_public_access_exclusions.map_err(missing)
    }
}

fn one<'a, T>(facts: Known<'a, [T]>, what: What, id: &str, is: impl Fn(&T) -> bool) -> Result<&'a T, Missing> {
    let facts = facts.map_err(|gap| Missing::unread(what, id, gap))?;
    facts.iter().find(|fact| is(fact)).ok_or_else(|| Missing::of(what, id))
}

impl NetworkInterface {
    fn has(&self, address: std::net::IpAddr) -> bool {
        match address {
            std::net::IpAddr::V4(v4) => self.private_ip_address == Some(v4),
            std::net::IpAddr::V6(v6) => self.ipv6_addresses.contains(&v6),
        }
    }
}

/// The blocks of a subnet in one family.
pub(super) fn blocks_of(subnet: &Subnet, v6: bool) -> Vec<IpNet> {
    if v6 {
        return nets(subnet.ipv6_cidr_blocks.iter().map(String::as_str));
    }
    subnet.cidr_block.as_deref().and_then(net).into_iter().collect()
}
