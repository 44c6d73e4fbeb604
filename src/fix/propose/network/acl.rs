//! Network ACLs: the entries that the calls and the answers to them lack, before whatever drops them.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>

use ipnet::IpNet;

use super::{
    scene::Scene,
    words::{ACL_RULES, all_told, listed},
};
use crate::{
    case::network::{AclEntry, NetworkAcl, PortRange},
    fix::{NetworkEdit, propose::Proposal},
    judge::Reach,
    net::{HopKind, Path, Reason, Verdict},
};

/// The number of the rule that every ACL ends with.
const LAST: i32 = 32_767;
const STEP: i32 = 10;
const FIRST: i32 = 100;
/// The ports from which clients of any kind call.
const EPHEMERAL: PortRange = PortRange { from: 1024, to: 65_535 };

/// Packets that an ACL drops: in which direction, on which ports, and whose they are.
struct Dropped {
    acl: String,
    egress: bool,
    ports: PortRange,
    /// The far end as narrow as it is known, and as wide as it may be.
    blocks: (Vec<String>, &'static str),
}

/// Entries for everything that is dropped on the way, first for the other end alone, then for everywhere.
pub fn entries(scene: &Scene<'_>) -> Vec<Proposal> {
    let mut dropped: Vec<Dropped> = Vec::new();
    for (reach, path) in scene.paths() {
        dropped.extend(dropped_of(scene, reach, path));
    }
    let narrow = dropped.iter().map(|d| (d, d.blocks.0.clone())).collect();
    let wide = dropped.iter().map(|d| (d, vec![d.blocks.1.to_owned()])).collect();
    [narrow, wide].into_iter().filter_map(|all| proposal(scene, all)).collect()
}

fn dropped_of(scene: &Scene<'_>, reach: &Reach, path: &Path) -> Vec<Dropped> {
    let port = i32::from(reach.connection.destination.port());
    let called = PortRange { from: port, to: port };
    let hops = path.hops.iter().filter(|hop| hop.kind == HopKind::NetworkAcl);
    let dropped = hops.filter_map(|hop| {
        let (egress, ports, is_request) = match hop.verdict {
            Verdict::Breaks(Reason::AclDropsRequest { egress }) => (egress, called, true),
            Verdict::Breaks(Reason::AclDropsAnswer { egress }) => (egress, EPHEMERAL, false),
            _ => return None,
        };
        // What a subnet lets out is asked of its own tasks, or is an answer to a caller of another one.
        let outbound = egress == is_request;
        Some(Dropped { acl: hop.subject.clone(), egress, ports, blocks: far_end(scene, path, &hop.subject, outbound) })
    });
    dropped.collect()
}

/// Seen from the ACL: where a call goes that leaves its subnet, whence one comes that enters it.
fn far_end(scene: &Scene<'_>, path: &Path, acl: &str, outbound: bool) -> (Vec<String>, &'static str) {
    let v6 = scene.subnet.ipv6_native;
    let anywhere = if v6 { "::/0" } else { "0.0.0.0/0" };
    let narrow = match outbound {
        true => called_blocks(scene, path, acl),
        false => blocks_of(scene, &scene.subnet.subnet_id),
    };
    (if narrow.is_empty() { vec![anywhere.to_owned()] } else { narrow }, anywhere)
}

/// The subnets of the endpoint or mount target that is called; none for the internet.
fn called_blocks(scene: &Scene<'_>, path: &Path, acl: &str) -> Vec<String> {
    let hop = |kind| path.hops.iter().find(|hop| hop.kind == kind);
    let endpoint = hop(HopKind::Endpoint).and_then(|hop| scene.endpoint(&hop.subject));
    let mut subnets: Vec<String> = endpoint.map(|endpoint| endpoint.subnet_ids.clone()).unwrap_or_default();
    if let Some(hop) = hop(HopKind::MountTarget) {
        let targets = scene.broken.reaches.iter().filter_map(|reach| match &reach.connection.destination {
            crate::net::Destination::MountTarget { file_system, .. } => Some(scene.mount_targets(file_system)),
            _ => None,
        });
        let own = targets.flatten().find(|target| target.mount_target_id == hop.subject);
        subnets.extend(own.map(|target| target.subnet_id));
    }
    let is_own = |id: &String| scene.acl(acl).is_some_and(|acl| acl.associations.iter().all(|a| a.subnet_id == *id));
    subnets.iter().filter(|id| !is_own(id)).flat_map(|id| blocks_of(scene, id)).collect()
}

fn blocks_of(scene: &Scene<'_>, subnet: &str) -> Vec<String> {
    let Some(subnet) = scene.subnet_by_id(subnet) else { return Vec::new() };
    match scene.subnet.ipv6_native {
        true => subnet.ipv6_cidr_blocks.clone(),
        false => subnet.cidr_block.clone().into_iter().collect(),
    }
}

fn proposal(scene: &Scene<'_>, dropped: Vec<(&Dropped, Vec<String>)>) -> Option<Proposal> {
    let mut edits: Vec<NetworkEdit> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (dropped, blocks) in dropped {
        for block in blocks {
            let words = dropped.told(&block);
            if told.contains(&words) {
                continue;
            }
            let mut entry = dropped.entry(&block);
            entry.rule_number = free_number(scene.acl(&dropped.acl)?, &entry, &edits)?;
            edits.push(NetworkEdit::CreateAclEntry { acl: dropped.acl.clone(), entry });
            told.push(words);
        }
    }
    let title = format!(
        "Let {}, for {}; this is for every subnet that has the ACL",
        listed(told.iter().map(String::as_str)),
        all_told(scene.destinations())
    );
    scene.proposal(title, edits, &[ACL_RULES])
}

impl Dropped {
    /// Without its number.
    fn entry(&self, block: &str) -> AclEntry {
        let (v6, v4) = match block.contains(':') {
            true => (Some(block.to_owned()), None),
            false => (None, Some(block.to_owned())),
        };
        AclEntry {
            rule_number: 0,
            egress: self.egress,
            protocol: "6".to_owned(),
            cidr_block: v4,
            ipv6_cidr_block: v6,
            port_range: Some(self.ports),
            icmp_type_code: None,
            rule_action: "allow".to_owned(),
        }
    }

    fn told(&self, block: &str) -> String {
        let direction = if self.egress { "out to" } else { "in from" };
        let ports = match self.ports.from == self.ports.to {
            true => format!("port {}", self.ports.from),
            false => format!("ports {}-{}", self.ports.from, self.ports.to),
        };
        format!("network ACL {} {direction} {block} on TCP {ports}", self.acl)
    }
}

/// A number before the first entry that denies all of these packets, else after all others: an entry that denies some
/// addresses or ports keeps its force. EC2 takes each number once in a direction.
fn free_number(acl: &NetworkAcl, new: &AclEntry, edits: &[NetworkEdit]) -> Option<i32> {
    let known = acl.entries.iter().filter(|entry| entry.egress == new.egress);
    let before = edits.iter().filter_map(|edit| match edit {
        NetworkEdit::CreateAclEntry { acl: id, entry } if *id == acl.network_acl_id => Some(entry),
        _ => None,
    });
    let all: Vec<&AclEntry> = known.chain(before.filter(|entry| entry.egress == new.egress)).collect();
    let is_free = |number: &i32| all.iter().all(|entry| entry.rule_number != *number);
    let denies = all.iter().filter(|entry| entry.rule_number < LAST && denies(entry, new));
    if let Some(first) = denies.map(|entry| entry.rule_number).min() {
        return (1..first).rev().find(is_free);
    }
    let numbers = all.iter().map(|entry| entry.rule_number).filter(|number| *number < LAST);
    let after = numbers.max().map_or(FIRST, |last| last + STEP);
    std::iter::once(after).chain((1..LAST).rev()).filter(|number| *number < LAST).find(is_free)
}

/// Whether an entry drops all of the packets of another.
fn denies(entry: &AclEntry, new: &AclEntry) -> bool {
    let is_tcp = matches!(entry.protocol.as_str(), "-1" | "6" | "tcp");
    let on_ports = match (entry.port_range, new.port_range) {
        (Some(range), Some(ports)) if entry.protocol != "-1" => range.from <= ports.from && ports.to <= range.to,
        _ => true,
    };
    let covers = match (block_of(entry), block_of(new)) {
        (Some(block), Some(ours)) => block.contains(&ours),
        _ => false,
    };
    entry.rule_action != "allow" && is_tcp && on_ports && covers
}

fn block_of(entry: &AclEntry) -> Option<IpNet> {
    entry.cidr_block.as_deref().or(entry.ipv6_cidr_block.as_deref())?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(rule_number: i32, rule_action: &str, block: &str) -> AclEntry {
        let (cidr_block, rule_action) = (Some(block.to_owned()), rule_action.to_owned());
        let port_range = Some(PortRange { from: 443, to: 443 });
        AclEntry { rule_number, rule_action, cidr_block, port_range, protocol: "6".into(), ..AclEntry::default() }
    }

    #[test]
    fn entries_stand_before_what_drops_them() {
        for (known, expected) in [
            (vec![], Some(100)),
            (vec![entry(32_767, "deny", "0.0.0.0/0")], Some(100)),
            (vec![entry(100, "allow", "10.0.0.0/8")], Some(110)),
            (vec![entry(100, "deny", "0.0.0.0/0"), entry(99, "allow", "10.0.0.0/8")], Some(98)),
            (vec![entry(50, "deny", "198.51.100.0/24"), entry(100, "allow", "10.0.0.0/8")], Some(110)),
            (vec![entry(1, "deny", "0.0.0.0/0")], None),
            (vec![entry(32_766, "allow", "10.0.0.0/8")], Some(32_765)),
        ] {
            let acl = NetworkAcl { network_acl_id: "acl-1".into(), entries: known, ..NetworkAcl::default() };
            assert_eq!(free_number(&acl, &entry(0, "allow", "0.0.0.0/0"), &[]), expected);
        }
    }

    #[test]
    fn no_number_is_taken_twice() {
        let acl = NetworkAcl { network_acl_id: "acl-1".into(), ..NetworkAcl::default() };
        let first = NetworkEdit::CreateAclEntry { acl: "acl-1".into(), entry: entry(100, "allow", "10.0.0.0/24") };
        assert_eq!(free_number(&acl, &entry(0, "allow", "10.0.1.0/24"), &[first]), Some(110));
    }
}
