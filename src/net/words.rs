//! What a hop does with a call, in plain English: why it breaks, what would have to be known, where the call leaves.
//!
//! Given a [`Hop`] and the port that is called, gives a clause for a sentence of its own. The destination is `it`.

mod missing;

use super::{
    cidr::EPHEMERAL,
    hop::{Hop, HopKind, Reason, UnusedBecause, Verdict},
};

impl Hop {
    /// What is to be said of the hop for a call to this port; nothing of one that lets the call through.
    pub fn says(&self, port: u16) -> Option<String> {
        match &self.verdict {
            Verdict::Passes => None,
            Verdict::Breaks(reason) => Some(self.breaks(reason, port)),
            Verdict::Unknown(missing) => Some(missing.says()),
            Verdict::Leaves => {
                Some(format!("the call goes on by {}, past what the facts of this VPC show", self.subject))
            }
        }
    }

    /// The verdict on the hop in one word.
    pub fn verdict_word(&self) -> &'static str {
        match self.verdict {
            Verdict::Passes => "passes",
            Verdict::Breaks(_) => "breaks",
            Verdict::Unknown(_) => "unknown",
            Verdict::Leaves => "leaves",
        }
    }

    /// Why the hop does not let the call through, or what is not known of it, in one word of data.
    pub fn reason_word(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::Breaks(reason) => Some(reason.word()),
            Verdict::Unknown(missing) => Some(missing.what.word()),
            Verdict::Passes | Verdict::Leaves => None,
        }
    }

    fn breaks(&self, reason: &Reason, port: u16) -> String {
        let id = &self.subject;
        match reason {
            Reason::DnsSupportOff => format!("enableDnsSupport of {id} is off, so that no name is resolved in it"),
            Reason::DnsHostnamesOff => format!("enableDnsHostnames of {id} is off, which names of EFS need"),
            Reason::NoDns64 => format!("{id} has IPv6 alone and no DNS64, and the name has IPv4 addresses alone"),
            Reason::EgressClosed => format!("no egress rule of {} lets TCP {port} out to it", groups(id)),
            Reason::IngressClosed => format!("no ingress rule of {} lets TCP {port} in from the caller", groups(id)),
            Reason::AclDropsRequest { egress } => request_dropped(id, *egress, port),
            Reason::AclDropsAnswer { egress } => answer_dropped(id, *egress),
            Reason::PublicAccessBlocked(mode) => {
                format!("VPC Block Public Access ({mode}) closes the internet gateway of {id}")
            }
            Reason::NoMountTarget { zone } => format!("{id} has no mount target in {zone}"),
            routing => self.does_not_lead_on(routing),
        }
    }

    fn does_not_lead_on(&self, reason: &Reason) -> String {
        let id = &self.subject;
        match reason {
            Reason::NoRoute => format!("route table {id} has no route to it"),
            Reason::Blackhole { target } => format!("the route of {id} goes to {target}, which is gone"),
            Reason::NoPublicAddress => {
                "the interface has no public IPv4 address, and an internet gateway serves no other".to_owned()
            }
            Reason::PrivateAddress => format!("{id} leads to the internet, where a private address does not exist"),
            Reason::WrongFamily => self.wrong_family(),
            Reason::NatSubnetNotPublic { route_table } => {
                format!("{id} stands in a subnet whose route table {route_table} leads to no internet gateway")
            }
            Reason::NatGatewayPrivate => format!("{id} is a private NAT gateway, which never leads to the internet"),
            Reason::EndpointHasNoSubnet => format!("{id} stands in no subnet"),
            Reason::NatGatewayState(state) | Reason::EndpointState(state) | Reason::MountTargetState(state) => {
                format!("the state of {id} is {state}, not available")
            }
            _ => format!("{} {id} does not let it through", self.kind.name()),
        }
    }

    fn wrong_family(&self) -> String {
        match self.kind {
            HopKind::Endpoint => format!("{} has IPv6 addresses alone, and the call is made by IPv4", self.subject),
            _ => format!("the route leads to {}, which does not carry the call's address family", self.subject),
        }
    }
}

/// Groups by their ids, which may be several or none.
fn groups(ids: &str) -> String {
    if ids.is_empty() { "the interface".to_owned() } else { ids.replace(',', ", ") }
}

fn request_dropped(acl: &str, egress: bool, port: u16) -> String {
    let way = if egress { "goes out" } else { "comes in" };
    format!("network ACL {acl} drops what {way} to TCP {port}")
}

/// The client takes its port from a part of the range that no fact tells.
fn answer_dropped(acl: &str, egress: bool) -> String {
    let way = if egress { "go out" } else { "come in" };
    format!("network ACL {acl} drops the answers that {way} (ports {}-{})", EPHEMERAL.start(), EPHEMERAL.end())
}

impl HopKind {
    /// What AWS calls things of this kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interface => "network interface",
            Self::Dns => "DNS",
            Self::Endpoint => "VPC endpoint",
            Self::EgressRules => "egress rules",
            Self::IngressRules => "ingress rules",
            Self::NetworkAcl => "network ACL",
            Self::Route => "route table",
            Self::PublicAddress => "public address",
            Self::InternetGateway => "internet gateway",
            Self::EgressOnlyGateway => "egress-only internet gateway",
            Self::NatGateway => "NAT gateway",
            Self::BlockPublicAccess => "VPC Block Public Access",
            Self::MountTarget => "mount target",
            Self::Beyond => "what lies beyond the VPC",
        }
    }
}

impl Reason {
    /// The name of the reason in data.
    pub fn word(&self) -> &'static str {
        match self {
            Self::DnsSupportOff => "dns-support-off",
            Self::DnsHostnamesOff => "dns-hostnames-off",
            Self::NoDns64 => "no-dns64",
            Self::EgressClosed => "egress-closed",
            Self::IngressClosed => "ingress-closed",
            Self::AclDropsRequest { .. } => "request-dropped",
            Self::AclDropsAnswer { .. } => "answer-dropped",
            Self::NoRoute => "no-route",
            Self::Blackhole { .. } => "blackhole",
            Self::NoPublicAddress => "no-public-address",
            Self::PrivateAddress => "private-address",
            Self::WrongFamily => "wrong-family",
            Self::NatGatewayState(_) | Self::EndpointState(_) | Self::MountTargetState(_) => "not-available",
            Self::NatSubnetNotPublic { .. } => "nat-subnet-not-public",
            Self::NatGatewayPrivate => "nat-private",
            Self::EndpointHasNoSubnet => "no-subnet",
            Self::PublicAccessBlocked(_) => "public-access-blocked",
            Self::NoMountTarget { .. } => "no-mount-target",
        }
    }
}

impl UnusedBecause {
    /// Why an endpoint does not serve the call; it is `it`.
    pub fn says(self) -> &'static str {
        match self {
            Self::OtherVpc => "it stands in another VPC",
            Self::NotAvailable => "it is not available",
            Self::PrivateDnsOff => "its private DNS names are off",
            Self::DnsHostnamesOff => "enableDnsHostnames of the VPC is off, which its private DNS names need",
            Self::NotInRouteTable => "it is not in the route table of the caller's subnet",
            Self::InboundResolverOnly => "its private DNS names answer callers outside of the VPC alone",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn hop(kind: HopKind, subject: &str, reason: Reason) -> Hop {
        Hop { kind, subject: subject.to_owned(), verdict: Verdict::Breaks(reason) }
    }

    /// Every reason at the hop where it comes up, with what is said of it.
    fn breaks() -> Vec<(Hop, &'static str)> {
        use HopKind::*;
        let state = || "failed".to_owned();
        vec![
            (
                hop(Dns, "vpc-1", Reason::DnsSupportOff),
                "enableDnsSupport of vpc-1 is off, so that no name is resolved in it",
            ),
            (hop(Dns, "vpc-1", Reason::DnsHostnamesOff), "enableDnsHostnames of vpc-1 is off, which names of EFS need"),
            (
                hop(Dns, "subnet-1", Reason::NoDns64),
                "subnet-1 has IPv6 alone and no DNS64, and the name has IPv4 addresses alone",
            ),
            (hop(EgressRules, "sg-1", Reason::EgressClosed), "no egress rule of sg-1 lets TCP 443 out to it"),
            (
                hop(EgressRules, "sg-1,sg-2", Reason::EgressClosed),
                "no egress rule of sg-1, sg-2 lets TCP 443 out to it",
            ),
            (hop(EgressRules, "", Reason::EgressClosed), "no egress rule of the interface lets TCP 443 out to it"),
            (
                hop(IngressRules, "sg-9", Reason::IngressClosed),
                "no ingress rule of sg-9 lets TCP 443 in from the caller",
            ),
            (
                hop(NetworkAcl, "acl-1", Reason::AclDropsRequest { egress: true }),
                "network ACL acl-1 drops what goes out to TCP 443",
            ),
            (
                hop(NetworkAcl, "acl-1", Reason::AclDropsRequest { egress: false }),
                "network ACL acl-1 drops what comes in to TCP 443",
            ),
            (
                hop(NetworkAcl, "acl-1", Reason::AclDropsAnswer { egress: false }),
                "network ACL acl-1 drops the answers that come in (ports 1024-65535)",
            ),
            (
                hop(NetworkAcl, "acl-1", Reason::AclDropsAnswer { egress: true }),
                "network ACL acl-1 drops the answers that go out (ports 1024-65535)",
            ),
            (hop(Route, "rtb-1", Reason::NoRoute), "route table rtb-1 has no route to it"),
            (
                hop(Route, "rtb-1", Reason::Blackhole { target: "nat-1".into() }),
                "the route of rtb-1 goes to nat-1, which is gone",
            ),
            (
                hop(PublicAddress, "eni-1", Reason::NoPublicAddress),
                "the interface has no public IPv4 address, and an internet gateway serves no other",
            ),
            (
                hop(InternetGateway, "igw-1", Reason::PrivateAddress),
                "igw-1 leads to the internet, where a private address does not exist",
            ),
            (
                hop(EgressOnlyGateway, "eigw-1", Reason::WrongFamily),
                "the route leads to eigw-1, which does not carry the call's address family",
            ),
            (
                hop(Endpoint, "vpce-1", Reason::WrongFamily),
                "vpce-1 has IPv6 addresses alone, and the call is made by IPv4",
            ),
            (hop(NatGateway, "nat-1", Reason::NatGatewayState(state())), "the state of nat-1 is failed, not available"),
            (
                hop(NatGateway, "nat-1", Reason::NatSubnetNotPublic { route_table: "rtb-2".into() }),
                "nat-1 stands in a subnet whose route table rtb-2 leads to no internet gateway",
            ),
            (
                hop(NatGateway, "nat-1", Reason::NatGatewayPrivate),
                "nat-1 is a private NAT gateway, which never leads to the internet",
            ),
            (hop(Endpoint, "vpce-1", Reason::EndpointState(state())), "the state of vpce-1 is failed, not available"),
            (hop(Endpoint, "vpce-1", Reason::EndpointHasNoSubnet), "vpce-1 stands in no subnet"),
            (
                hop(BlockPublicAccess, "vpc-1", Reason::PublicAccessBlocked("block-bidirectional".into())),
                "VPC Block Public Access (block-bidirectional) closes the internet gateway of vpc-1",
            ),
            (
                hop(MountTarget, "fs-1", Reason::NoMountTarget { zone: "eu-west-1a".into() }),
                "fs-1 has no mount target in eu-west-1a",
            ),
            (
                hop(MountTarget, "fsmt-1", Reason::MountTargetState(state())),
                "the state of fsmt-1 is failed, not available",
            ),
        ]
    }

    #[test]
    fn a_break_is_said_in_plain_words() {
        let mut reasons = BTreeSet::new();
        for (hop, words) in breaks() {
            assert_eq!(hop.says(443).as_deref(), Some(words));
            assert_eq!(hop.verdict_word(), "breaks");
            reasons.insert(hop.reason_word());
        }
        assert_eq!(reasons.len(), 18, "a reason is missing or two share a word: {reasons:?}");
    }

    #[test]
    fn a_hop_that_passes_says_nothing() {
        let hop = Hop { kind: HopKind::Route, subject: "rtb-1".to_owned(), verdict: Verdict::Passes };
        assert_eq!((hop.says(443), hop.reason_word()), (None, None));
    }

    #[test]
    fn a_call_that_leaves_says_by_what() {
        let hop = Hop { kind: HopKind::Beyond, subject: "tgw-1".to_owned(), verdict: Verdict::Leaves };
        let words = "the call goes on by tgw-1, past what the facts of this VPC show";
        assert_eq!((hop.says(443).as_deref(), hop.verdict_word()), (Some(words), "leaves"));
    }

    #[test]
    fn an_endpoint_says_why_it_is_not_taken() {
        use UnusedBecause::*;
        let all = [OtherVpc, NotAvailable, PrivateDnsOff, DnsHostnamesOff, NotInRouteTable, InboundResolverOnly];
        let words: BTreeSet<&str> = all.into_iter().map(UnusedBecause::says).collect();
        assert_eq!(words.len(), all.len());
        assert!(words.iter().all(|words| words.starts_with("it") || words.starts_with("enable")), "{words:?}");
    }
}
