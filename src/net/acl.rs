//! Network ACLs: numbered rules at a subnet's edge; the first that matches a packet decides, and answers need their own.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>

use std::ops::RangeInclusive;

use super::{
    cidr::{Traffic, net},
    hop::{Hop, HopKind, Missing, Reason, Verdict, What},
    view::Network,
};
use crate::case::network::{AclEntry, NetworkAcl};

/// A connection across a subnet's edge: who asks, from which ports, and the far end with the port that is called.
#[derive(Debug, Clone)]
pub struct Crossing<'a> {
    pub subnet: &'a str,
    /// Whether the connection is opened from inside.
    pub outbound: bool,
    /// The addresses of the far end; on the port that is called.
    pub far: &'a Traffic,
    /// The ports of the caller, where answers go.
    pub ephemeral: RangeInclusive<u16>,
}

/// What the subnet's ACL does with the packets and with the answers to them.
pub fn edge(network: &Network<'_>, crossing: &Crossing<'_>) -> Vec<Hop> {
    let kind = HopKind::NetworkAcl;
    let acl = match network.acl_of(crossing.subnet) {
        Ok(acl) => acl,
        Err(missing) => {
            let (subject, verdict) = (crossing.subnet.to_owned(), Verdict::Unknown(missing));
            return vec![Hop { kind, subject, verdict }];
        }
    };
    let request = verdict(acl, crossing.outbound, crossing.far, |egress| Reason::AclDropsRequest { egress });
    let answers = crossing.far.on(&crossing.ephemeral);
    let answer = verdict(acl, !crossing.outbound, &answers, |egress| Reason::AclDropsAnswer { egress });
    [request, answer].map(|verdict| Hop { kind, subject: acl.network_acl_id.clone(), verdict }).into()
}

fn verdict(acl: &NetworkAcl, egress: bool, packets: &Traffic, reason: fn(bool) -> Reason) -> Verdict {
    let (mut rest, mut passes, mut drops) = (packets.clone(), false, false);
    for (entry, block) in entries(acl, egress) {
        let Some(ports) = ports_of_tcp(entry) else { continue };
        let takes = !rest.within(&block, &ports).is_empty();
        passes |= takes && entry.rule_action == "allow";
        drops |= takes && entry.rule_action != "allow";
        rest = rest.without(&block, &ports);
    }
    match (passes, drops || !rest.is_empty()) {
        (_, false) => Verdict::Passes,
        (false, true) => Verdict::Breaks(reason(egress)),
        (true, true) => Verdict::Unknown(Missing::of(parted_by(packets), &acl.network_acl_id)),
    }
}

/// What would have to be known where rules part the packets.
fn parted_by(packets: &Traffic) -> What {
    if packets.is_one_address() { What::Port } else { What::Address }
}

fn entries(acl: &NetworkAcl, egress: bool) -> Vec<(&AclEntry, ipnet::IpNet)> {
    let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.rule_number);
    let block = |entry: &AclEntry| entry.cidr_block.as_deref().or(entry.ipv6_cidr_block.as_deref()).and_then(net);
    entries.into_iter().filter_map(|entry| Some((entry, block(entry)?))).collect()
}

fn ports_of_tcp(entry: &AclEntry) -> Option<RangeInclusive<u16>> {
    let all = 0..=u16::MAX;
    match (entry.protocol.as_str(), entry.port_range) {
        ("-1", _) | ("6" | "tcp", None) => Some(all),
        ("6" | "tcp", Some(range)) => Some(port(range.from, 0)..=port(range.to, u16::MAX)),
        _ => None,
    }
}

fn port(number: i32, otherwise: u16) -> u16 {
    u16::try_from(number).unwrap_or(otherwise)
}
