//! `Path`, `Hop`, `Verdict`: what becomes of a call on its way, as data.

use crate::case::Gap;

/// The way of one call, in the order in which packets take it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    pub hops: Vec<Hop>,
    /// Endpoints that are made for this call and do not serve it: what to mend where the way breaks elsewhere.
    pub unused: Vec<Unused>,
}

/// One thing on the way that decides: an interface, a filter, a table, a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub kind: HopKind,
    /// EC2's id of the thing; of several groups, all of them with commas.
    pub subject: String,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopKind {
    /// Where the call starts.
    Interface,
    /// What the name of the destination resolves to.
    Dns,
    Endpoint,
    /// Security groups of the caller.
    EgressRules,
    /// Security groups of the interface that is called.
    IngressRules,
    NetworkAcl,
    Route,
    PublicAddress,
    InternetGateway,
    EgressOnlyGateway,
    NatGateway,
    BlockPublicAccess,
    MountTarget,
    /// Where the call leaves what this VPC's facts show.
    Beyond,
}

/// Three-valued, with a fourth for a way that goes on out of sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passes,
    Breaks(Reason),
    Unknown(Missing),
    Leaves,
}

/// Why a hop breaks the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The resolver of the VPC is switched off.
    DnsSupportOff,
    /// Names of EFS need it.
    DnsHostnamesOff,
    /// An IPv6-only subnet, an IPv4-only name, no DNS64.
    NoDns64,
    /// No rule of the caller's groups lets the packets out.
    EgressClosed,
    /// No rule of the called interface's groups lets them in.
    IngressClosed,
    /// A network ACL drops the packets that go to the destination.
    AclDropsRequest {
        egress: bool,
    },
    /// A network ACL drops the answers.
    AclDropsAnswer {
        egress: bool,
    },
    NoRoute,
    Blackhole {
        target: String,
    },
    /// An internet gateway serves only interfaces with a public IPv4 address.
    NoPublicAddress,
    /// A private address does not exist on the internet.
    PrivateAddress,
    /// An IPv4 packet to an egress-only gateway and the like: the target does not carry this family.
    WrongFamily,
    NatGatewayState(String),
    /// The subnet of a public NAT gateway has no way to an internet gateway.
    NatSubnetNotPublic {
        route_table: String,
    },
    /// A private NAT gateway never reaches the internet.
    NatGatewayPrivate,
    EndpointState(String),
    EndpointHasNoSubnet,
    PublicAccessBlocked(String),
    NoMountTarget {
        zone: String,
    },
    MountTargetState(String),
}

/// What would have to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub what: What,
    /// An id or a name where there is one.
    pub subject: String,
    /// Why it was not read; `None` where no API tells it.
    pub gap: Option<Gap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Which interface, or one with a certain address.
    Interface,
    Subnet,
    Vpc,
    DnsAttributes,
    DhcpOptions,
    /// What name servers of the customer's own answer.
    NameServers,
    HostedZones,
    /// Where a private hosted zone points a name.
    ZoneRecords,
    Endpoints,
    /// What a name resolves to while its endpoint is not available.
    EndpointState,
    /// Which names an endpoint answers.
    EndpointNames,
    /// Which of several addresses is called; rules part them.
    Address,
    RouteTables,
    PrefixList,
    NetworkAcls,
    /// Which port the answer goes to; rules part them.
    Port,
    SecurityGroup,
    NatGateway,
    PublicAddress,
    BlockPublicAccess,
    MountTargets,
    /// How a call goes on behind a NAT gateway that translates IPv6 for an endpoint.
    Translation,
}

/// A path in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary<'p> {
    Reaches,
    Broken(&'p Hop),
    Unknown(&'p Hop),
    LeavesView(&'p Hop),
}

/// An endpoint for the service that the call does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    pub endpoint: String,
    pub because: UnusedBecause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusedBecause {
    OtherVpc,
    NotAvailable,
    PrivateDnsOff,
    DnsHostnamesOff,
    /// A gateway endpoint that is not in the caller's route table.
    NotInRouteTable,
    /// Its private names answer callers outside of the VPC alone.
    InboundResolverOnly,
}

impl Path {
    /// One break decides; otherwise whatever is unknown stays unknown.
    pub fn summary(&self) -> Summary<'_> {
        let first = |is: fn(&Verdict) -> bool| self.hops.iter().find(|hop| is(&hop.verdict));
        if let Some(hop) = first(|verdict| matches!(verdict, Verdict::Breaks(_))) {
            return Summary::Broken(hop);
        }
        if let Some(hop) = first(|verdict| matches!(verdict, Verdict::Unknown(_))) {
            return Summary::Unknown(hop);
        }
        first(|verdict| *verdict == Verdict::Leaves).map_or(Summary::Reaches, Summary::LeavesView)
    }

    pub(super) fn is_broken(&self) -> bool {
        matches!(self.summary(), Summary::Broken(_))
    }
}

impl Missing {
    pub(super) fn unread(what: What, subject: &str, gap: &Gap) -> Self {
        Self { what, subject: subject.to_owned(), gap: Some(gap.clone()) }
    }

    pub(super) fn of(what: What, subject: &str) -> Self {
        Self { what, subject: subject.to_owned(), gap: None }
    }
}

impl HopKind {
    /// The name of the kind in data.
    pub fn word(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Dns => "dns",
            Self::Endpoint => "endpoint",
            Self::EgressRules => "egress",
            Self::IngressRules => "ingress",
            Self::NetworkAcl => "acl",
            Self::Route => "route",
            Self::PublicAddress => "public-address",
            Self::InternetGateway => "internet-gateway",
            Self::EgressOnlyGateway => "egress-only-gateway",
            Self::NatGateway => "nat",
            Self::BlockPublicAccess => "block-public-access",
            Self::MountTarget => "mount-target",
            Self::Beyond => "beyond",
        }
    }
}

impl What {
    /// The name of the fact in data.
    pub fn word(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Subnet => "subnet",
            Self::Vpc => "vpc",
            Self::DnsAttributes => "dns-attributes",
            Self::DhcpOptions => "dhcp-options",
            Self::NameServers => "name-servers",
            Self::HostedZones => "hosted-zones",
            Self::ZoneRecords => "zone-records",
            Self::Endpoints => "endpoints",
            Self::EndpointState => "endpoint-state",
            Self::EndpointNames => "endpoint-names",
            Self::Address => "address",
            Self::RouteTables => "route-tables",
            Self::PrefixList => "prefix-list",
            Self::NetworkAcls => "network-acls",
            Self::Port => "port",
            Self::SecurityGroup => "security-group",
            Self::NatGateway => "nat-gateway",
            Self::PublicAddress => "public-address",
            Self::BlockPublicAccess => "block-public-access",
            Self::MountTargets => "mount-targets",
            Self::Translation => "translation",
        }
    }
}
