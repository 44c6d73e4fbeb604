//! Sets of packets: addresses of one end by ports of one end, cut by CIDR blocks and port ranges.
//!
//! Where a call goes is seldom one address: a name of AWS is any of many. Held as a set, a rule lets all of it through,
//! none of it, or a part; only a part is unknown.

use std::{net::IpAddr, ops::RangeInclusive};

use ipnet::IpNet;

/// The ports from which clients call. <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>
pub const EPHEMERAL: RangeInclusive<u16> = 1024..=65535;
/// The part of them that Linux takes, unless its `ip_local_port_range` says otherwise.
pub const EPHEMERAL_OF_LINUX: RangeInclusive<u16> = 32768..=60999;
/// The part of them that Windows takes.
pub const EPHEMERAL_OF_WINDOWS: RangeInclusive<u16> = 49152..=65535;

const ALL_PORTS: RangeInclusive<u16> = 0..=65535;
const NOT_PUBLIC: [&str; 9] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// A rectangle of addresses by ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    v6: bool,
    addresses: (u128, u128),
    ports: (u16, u16),
}

/// A set of packets, as disjoint rectangles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traffic {
    blocks: Vec<Block>,
}

/// How much of a set something covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    All,
    Part,
    Nothing,
}

impl Traffic {
    /// Every address of these blocks, each once, on these ports.
    pub fn to(blocks: &[IpNet], ports: RangeInclusive<u16>) -> Self {
        let mut traffic = Self::default();
        for block in IpNet::aggregate(&blocks.to_vec()) {
            traffic.blocks.push(Block::of(&block, &ports));
        }
        traffic
    }

    /// One address and port range.
    pub fn to_address(address: IpAddr, ports: RangeInclusive<u16>) -> Self {
        Self::to(&[IpNet::from(address)], ports)
    }

    /// Every address on the internet.
    pub fn public(v6: bool, ports: RangeInclusive<u16>) -> Self {
        if v6 {
            return Self::to(&nets(["2000::/3"]), ports);
        }
        let everything = Self::to(&nets(["0.0.0.0/0"]), ports);
        nets(NOT_PUBLIC).iter().fold(everything, |rest, net| rest.without(net, &ALL_PORTS))
    }

    /// Every address there is.
    pub fn anywhere(v6: bool, ports: RangeInclusive<u16>) -> Self {
        Self::to(&nets([if v6 { "::/0" } else { "0.0.0.0/0" }]), ports)
    }

    /// The same addresses on other ports.
    pub fn on(&self, ports: &RangeInclusive<u16>) -> Self {
        let moved = |block: &Block| Block { ports: (*ports.start(), *ports.end()), ..*block };
        let mut blocks: Vec<Block> = self.blocks.iter().map(moved).collect();
        blocks.dedup();
        Self { blocks }
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub fn is_one_address(&self) -> bool {
        self.blocks.first().is_some_and(|one| {
            one.addresses.0 == one.addresses.1 && self.blocks.iter().all(|block| block.addresses == one.addresses)
        })
    }

    /// What is left once a rule took its packets.
    pub fn without(&self, net: &IpNet, ports: &RangeInclusive<u16>) -> Self {
        let rule = Block::of(net, ports);
        Self { blocks: self.blocks.iter().flat_map(|block| block.without(&rule)).collect() }
    }

    /// What a rule takes.
    pub fn within(&self, net: &IpNet, ports: &RangeInclusive<u16>) -> Self {
        let rule = Block::of(net, ports);
        Self { blocks: self.blocks.iter().filter_map(|block| block.common(&rule)).collect() }
    }

    /// The packets to these addresses, whatever the port.
    pub fn inside(&self, net: &IpNet) -> Self {
        self.within(net, &ALL_PORTS)
    }

    /// The packets to other addresses.
    pub fn outside(&self, net: &IpNet) -> Self {
        self.without(net, &ALL_PORTS)
    }

    /// How much of the set lies in these addresses.
    pub fn share_of(&self, nets: &[IpNet]) -> Share {
        let rest = nets.iter().fold(self.clone(), |rest, net| rest.outside(net));
        match (rest.is_empty(), rest == *self) {
            (true, _) => Share::All,
            (false, true) => Share::Nothing,
            (false, false) => Share::Part,
        }
    }
}

impl Block {
    fn of(net: &IpNet, ports: &RangeInclusive<u16>) -> Self {
        Self {
            v6: matches!(net, IpNet::V6(_)),
            addresses: (number(net.network()), number(net.broadcast())),
            ports: (*ports.start(), *ports.end()),
        }
    }

    fn common(&self, other: &Self) -> Option<Self> {
        let addresses = overlap(self.addresses, other.addresses)?;
        let ports = overlap(self.ports, other.ports)?;
        (self.v6 == other.v6).then_some(Self { addresses, ports, ..*self })
    }

    /// Up to four rectangles around the common one: below and above it by address, then by port.
    fn without(&self, other: &Self) -> Vec<Self> {
        let Some(common) = self.common(other) else { return vec![*self] };
        let mut left = Vec::new();
        for addresses in around(self.addresses, common.addresses, |n| n.wrapping_sub(1), |n| n.wrapping_add(1)) {
            left.push(Self { addresses, ..*self });
        }
        for ports in around(self.ports, common.ports, |n| n.wrapping_sub(1), |n| n.wrapping_add(1)) {
            left.push(Self { ports, addresses: common.addresses, ..*self });
        }
        left
    }
}

fn overlap<N: Ord + Copy>(a: (N, N), b: (N, N)) -> Option<(N, N)> {
    let common = (a.0.max(b.0), a.1.min(b.1));
    (common.0 <= common.1).then_some(common)
}

/// What of `whole` stands before and after `part`, which lies in it.
fn around<N: Ord + Copy>(whole: (N, N), part: (N, N), down: fn(N) -> N, up: fn(N) -> N) -> Vec<(N, N)> {
    let before = (whole.0 < part.0).then(|| (whole.0, down(part.0)));
    let after = (part.1 < whole.1).then(|| (up(part.1), whole.1));
    before.into_iter().chain(after).collect()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The blocks that can be read; EC2 gives no others.
pub fn nets<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<IpNet> {
    texts.into_iter().filter_map(net).collect()
}

/// A CIDR block as EC2 writes it.
pub fn net(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().map(|net| net.trunc())
}

/// Whether an address is one of the internet.
pub fn is_public(address: IpAddr) -> bool {
    Traffic::to_address(address, 0..=0) == Traffic::public(address.is_ipv6(), 0..=0).inside(&IpNet::from(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_cuts_a_rectangle_out_of_a_set() {
        let all = Traffic::to(&nets(["10.0.0.0/30"]), 10..=19);
        let rest = all.without(&net("10.0.0.1/32").unwrap(), &(12..=13));
        assert_eq!(rest.blocks.len(), 4);
        assert!(rest.within(&net("10.0.0.1/32").unwrap(), &(12..=13)).is_empty());
        assert!(!rest.within(&net("10.0.0.1/32").unwrap(), &(14..=14)).is_empty());
    }

    #[test]
    fn families_do_not_meet() {
        let v4 = Traffic::anywhere(false, 443..=443);
        assert_eq!(v4.share_of(&nets(["::/0"])), Share::Nothing);
        assert_eq!(v4.share_of(&nets(["0.0.0.0/1", "128.0.0.0/1"])), Share::All);
    }

    #[test]
    fn the_internet_has_no_private_addresses() {
        for (address, public) in [("10.0.3.7", false), ("172.32.0.1", true), ("8.8.8.8", true), ("fd00::1", false)] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}
