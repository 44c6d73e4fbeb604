//! Security groups: all rules of all groups of an interface count together, answers pass by themselves.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use std::ops::RangeInclusive;

use super::{
    cidr::{Traffic, net, nets},
    hop::{Hop, HopKind, Missing, Reason, Verdict, What},
    prefix::{Aim, Members, members},
    view::Network,
};
use crate::case::network::GroupRule;

/// The groups of the other end.
#[derive(Debug, Clone)]
pub enum Peer<'a> {
    /// It is no interface that has any.
    Outside,
    Carries(&'a [String]),
    Unknown(Missing),
}

/// Groups of an interface, and packets that want through them.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    pub groups: Result<&'a [String], Missing>,
    /// The packets by the addresses of the other end.
    pub aim: Aim<'a>,
    pub peer: Peer<'a>,
}

impl Filter<'_> {
    /// Whether the groups of a caller let its packets out.
    pub fn egress(&self, network: &Network<'_>) -> Hop {
        self.hop(network, HopKind::EgressRules)
    }

    /// Whether the groups of an interface let packets in.
    pub fn ingress(&self, network: &Network<'_>) -> Hop {
        self.hop(network, HopKind::IngressRules)
    }

    fn hop(&self, network: &Network<'_>, kind: HopKind) -> Hop {
        match &self.groups {
            Err(missing) => Hop { kind, subject: String::new(), verdict: Verdict::Unknown(missing.clone()) },
            Ok(groups) => Hop { kind, subject: groups.join(","), verdict: self.verdict(network, groups, kind) },
        }
    }

    fn verdict(&self, network: &Network<'_>, groups: &[String], kind: HopKind) -> Verdict {
        let (aim, peer) = (&self.aim, &self.peer);
        let mut left = Left { network, aim, peer, rest: aim.there.clone(), missing: None };
        for group in groups {
            match network.group(group) {
                Ok(group) if kind == HopKind::EgressRules => group.egress.iter().for_each(|rule| left.apply(rule)),
                Ok(group) => group.ingress.iter().for_each(|rule| left.apply(rule)),
                Err(missing) => left.lacks(missing),
            }
        }
        left.verdict(kind)
    }
}

/// The packets that no rule so far lets through.
struct Left<'a, 'n> {
    network: &'a Network<'n>,
    aim: &'a Aim<'a>,
    peer: &'a Peer<'a>,
    rest: Traffic,
    /// The first thing that would have to be known to say that the rest is dropped.
    missing: Option<Missing>,
}

impl Left<'_, '_> {
    fn apply(&mut self, rule: &GroupRule) {
        let Some(ports) = ports_of_tcp(rule) else { return };
        if self.all(&ports) == self.rest {
            return;
        }
        if let Some(block) = rule.cidr_ipv4.as_deref().or(rule.cidr_ipv6.as_deref()).and_then(net) {
            self.rest = self.rest.without(&block, &ports);
        }
        if let Some(list) = &rule.prefix_list_id {
            self.apply_list(list, &ports);
        }
        if let Some(group) = &rule.referenced_group_id {
            self.apply_reference(group, &ports);
        }
    }

    /// The rest without everything on these ports.
    fn all(&self, ports: &RangeInclusive<u16>) -> Traffic {
        nets(["0.0.0.0/0", "::/0"]).iter().fold(self.rest.clone(), |rest, block| rest.without(block, ports))
    }

    fn apply_list(&mut self, list: &str, ports: &RangeInclusive<u16>) {
        match members(self.network, list, self.aim) {
            Members::All => self.rest = self.all(ports),
            Members::Blocks(blocks) => {
                self.rest = blocks.iter().fold(self.rest.clone(), |rest, block| rest.without(block, ports));
            }
            Members::Nothing => {}
            Members::Unknown(missing) => self.lacks(missing),
        }
    }

    /// A reference stands for the private addresses of the interfaces that have the group.
    fn apply_reference(&mut self, group: &str, ports: &RangeInclusive<u16>) {
        match self.peer {
            Peer::Carries(groups) if groups.iter().any(|carried| carried == group) => self.rest = self.all(ports),
            Peer::Carries(_) | Peer::Outside => {}
            Peer::Unknown(missing) => self.lacks(missing.clone()),
        }
    }

    fn lacks(&mut self, missing: Missing) {
        self.missing.get_or_insert(missing);
    }

    fn verdict(self, kind: HopKind) -> Verdict {
        match self.missing {
            _ if self.rest.is_empty() => Verdict::Passes,
            Some(missing) => Verdict::Unknown(missing),
            None if self.rest != self.aim.there => Verdict::Unknown(Missing::of(What::Address, "")),
            None if kind == HopKind::EgressRules => Verdict::Breaks(Reason::EgressClosed),
            None => Verdict::Breaks(Reason::IngressClosed),
        }
    }
}

/// The ports of a rule, if it is about TCP at all.
fn ports_of_tcp(rule: &GroupRule) -> Option<RangeInclusive<u16>> {
    match rule.ip_protocol.as_str() {
        "-1" => Some(0..=u16::MAX),
        "tcp" | "6" => {
            let from = rule.from_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
            let to = rule.to_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(u16::MAX);
            Some(from..=to)
        }
        _ => None,
    }
}
