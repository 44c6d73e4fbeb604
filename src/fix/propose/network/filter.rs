//! Security groups: the one rule that the calls lack, the narrowest first.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use std::net::IpAddr;

use super::{
    scene::Scene,
    words::{GROUP_RULES, all_told, listed, told},
};
use crate::{
    case::network::GroupRule,
    fix::{NetworkEdit, propose::Proposal},
    judge::Reach,
    net::{Destination, HopKind, Path},
};

/// Where the packets of a call go, as a rule may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Peer {
    Group(String),
    List(String),
    Block(String),
}

impl Peer {
    fn told(&self) -> String {
        match self {
            Self::Group(id) => format!("group {id}"),
            Self::List(id) => format!("prefix list {id}"),
            Self::Block(block) => block.clone(),
        }
    }

    fn rule(&self, port: u16) -> GroupRule {
        let port = Some(i32::from(port));
        let rule = GroupRule { ip_protocol: "tcp".to_owned(), from_port: port, to_port: port, ..GroupRule::default() };
        match self {
            Self::Group(id) => GroupRule { referenced_group_id: Some(id.clone()), ..rule },
            Self::List(id) => GroupRule { prefix_list_id: Some(id.clone()), ..rule },
            Self::Block(block) if block.contains(':') => GroupRule { cidr_ipv6: Some(block.clone()), ..rule },
            Self::Block(block) => GroupRule { cidr_ipv4: Some(block.clone()), ..rule },
        }
    }
}

/// What the caller's groups do not let out: to the very end of each call, else to everywhere on its port.
pub fn egress(scene: &Scene<'_>) -> Vec<Proposal> {
    let narrow: Vec<(Peer, u16)> =
        scene.paths().map(|(reach, path)| (end_of(scene, reach, path), port(reach))).collect();
    let wide: Vec<(Peer, u16)> = scene.paths().map(|(reach, _)| (everywhere(scene, reach), port(reach))).collect();
    [narrow, wide].into_iter().filter_map(|peers| let_out(scene, covering(peers))).collect()
}

fn port(reach: &Reach) -> u16 {
    reach.connection.destination.port()
}

/// The group of what is called, the prefix list of a gateway endpoint, or everywhere.
fn end_of(scene: &Scene<'_>, reach: &Reach, path: &Path) -> Peer {
    let group = callee_groups(scene, reach, path).into_iter().next().map(Peer::Group);
    group.or_else(|| list_of(scene, path)).unwrap_or_else(|| everywhere(scene, reach))
}

/// The groups of the interface in the VPC that a path ends at; none where it goes elsewhere.
fn callee_groups(scene: &Scene<'_>, reach: &Reach, path: &Path) -> Vec<String> {
    let hop = |kind| path.hops.iter().find(|hop| hop.kind == kind).map(|hop| hop.subject.as_str());
    if let Some(entering) = hop(HopKind::IngressRules) {
        return entering.split(',').map(str::to_owned).collect();
    }
    if let Some(endpoint) = hop(HopKind::Endpoint).and_then(|id| scene.endpoint(id)) {
        return endpoint.groups.clone();
    }
    match &reach.connection.destination {
        Destination::MountTarget { file_system, .. } => {
            let targets = scene.mount_targets(file_system);
            let own =
                targets.into_iter().find(|target| Some(target.mount_target_id.as_str()) == hop(HopKind::MountTarget));
            own.and_then(|target| target.security_groups).unwrap_or_default()
        }
        Destination::Address { address, .. } => groups_at(scene, *address),
        _ => Vec::new(),
    }
}

fn groups_at(scene: &Scene<'_>, address: IpAddr) -> Vec<String> {
    scene.interface_at(address).map(|interface| interface.groups.clone()).unwrap_or_default()
}

/// The prefix list that the table routes to the gateway endpoint of the path.
fn list_of(scene: &Scene<'_>, path: &Path) -> Option<Peer> {
    let hop = path.hops.iter().find(|hop| hop.kind == HopKind::Endpoint)?;
    let route = scene.table()?.routes.iter().find(|route| route.target == hop.subject)?;
    route.destination_prefix_list_id.clone().map(Peer::List)
}

fn everywhere(scene: &Scene<'_>, reach: &Reach) -> Peer {
    let v6 = match &reach.connection.destination {
        Destination::Address { address, .. } => return Peer::Block(block_of(*address)),
        _ => scene.subnet.ipv6_native,
    };
    Peer::Block(if v6 { "::/0" } else { "0.0.0.0/0" }.to_owned())
}

fn block_of(address: IpAddr) -> String {
    format!("{address}/{}", if address.is_ipv6() { 128 } else { 32 })
}

/// Each once; a rule to everywhere makes the others on its port needless.
fn covering(peers: Vec<(Peer, u16)>) -> Vec<(Peer, u16)> {
    let is_wide = |peer: &Peer| matches!(peer, Peer::Block(block) if block.ends_with("/0"));
    let wide: Vec<u16> = peers.iter().filter(|(peer, _)| is_wide(peer)).map(|(_, port)| *port).collect();
    let mut kept: Vec<(Peer, u16)> = Vec::new();
    for (peer, port) in peers {
        let needless = wide.contains(&port) && !is_wide(&peer);
        if !needless && !kept.contains(&(peer.clone(), port)) {
            kept.push((peer, port));
        }
    }
    kept
}

fn let_out(scene: &Scene<'_>, peers: Vec<(Peer, u16)>) -> Option<Proposal> {
    let group = scene.groups.first().cloned()?;
    let ends: Vec<String> = peers.iter().map(|(peer, port)| format!("{} on TCP port {port}", peer.told())).collect();
    let title = format!(
        "Let security group {group} out to {}, for {}; this is for everything that has the group",
        listed(ends.iter().map(String::as_str)),
        all_told(scene.destinations())
    );
    let rule = |(peer, port): (Peer, u16)| NetworkEdit::AuthorizeRule {
        group: group.clone(),
        egress: true,
        rule: peer.rule(port),
    };
    scene.proposal(title, peers.into_iter().map(rule).collect(), &[GROUP_RULES])
}

/// What the groups of the called interface do not let in, from the caller's group.
pub fn ingress(scene: &Scene<'_>) -> Option<Proposal> {
    let called = scene.broken.hop.subject.split(',').find(|id| !id.is_empty())?;
    let own = scene.groups.first().cloned()?;
    let mut ports: Vec<u16> = scene.broken.reaches.iter().map(port).collect();
    ports.dedup();
    let edits = ports.iter().map(|port| from_group(called, &own, *port)).collect();
    let ports: Vec<String> = ports.iter().map(|port| format!("TCP port {port}")).collect();
    let title = format!(
        "Let security group {called} in what comes from group {own} on {}, for {}; this is for everything that has the groups",
        listed(ports.iter().map(String::as_str)),
        listed(scene.destinations().map(told).collect::<Vec<_>>().iter().map(String::as_str))
    );
    scene.proposal(title, edits, &[GROUP_RULES])
}

/// A rule that admits the members of one group to those of another.
pub fn from_group(group: &str, from: &str, port: u16) -> NetworkEdit {
    NetworkEdit::AuthorizeRule { group: group.to_owned(), egress: false, rule: Peer::Group(from.to_owned()).rule(port) }
}

/// Whether a rule of these groups looks as if it let the caller in; the proof says whether it does.
pub fn admits(scene: &Scene<'_>, groups: &[String], port: u16) -> bool {
    let rules = groups.iter().filter_map(|id| scene.group(id)).flat_map(|group| &group.ingress);
    rules.into_iter().any(|rule| {
        let named = rule.referenced_group_id.as_ref().is_some_and(|id| scene.groups.contains(id));
        takes(rule, port) && (named || rule.referenced_group_id.is_none())
    })
}

fn takes(rule: &GroupRule, port: u16) -> bool {
    let port = i32::from(port);
    let in_range = rule.from_port.is_none_or(|from| from <= port) && rule.to_port.is_none_or(|to| port <= to);
    rule.ip_protocol == "-1" || (matches!(rule.ip_protocol.as_str(), "tcp" | "6") && in_range)
}
