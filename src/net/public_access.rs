//! VPC Block Public Access: a switch of the account that closes internet gateways, and what it spares.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>

use super::{
    hop::{Hop, HopKind, Missing, Reason, Verdict, What},
    view::Network,
};
use crate::case::network::{BlockPublicAccessExclusion, Subnet};

/// By what a call comes to the internet gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Direct,
    /// A NAT gateway or an egress-only gateway: nobody outside can open a connection.
    OutwardOnly,
}

/// Whether the account lets a call from these subnets out.
pub fn lets_out(network: &Network<'_>, subnets: &[&Subnet], way: Way) -> Hop {
    let verdict = verdict(network, subnets, way).unwrap_or_else(Verdict::Unknown);
    let subject = subnets.first().map_or_else(String::new, |subnet| subnet.vpc_id.clone());
    Hop { kind: HopKind::BlockPublicAccess, subject, verdict }
}

fn verdict(network: &Network<'_>, subnets: &[&Subnet], way: Way) -> Result<Verdict, Missing> {
    let mode = network.block_public_access()?.internet_gateway_block_mode.as_str();
    let ingress_only = match mode {
        "off" => return Ok(Verdict::Passes),
        "block-ingress" if way == Way::OutwardOnly => return Ok(Verdict::Passes),
        "block-ingress" => true,
        "block-bidirectional" => false,
        _ => return Err(Missing::of(What::BlockPublicAccess, mode)),
    };
    let exclusions = network.exclusions()?;
    let spared = |subnet: &&&Subnet| exclusions.iter().any(|one| spares(one, subnet, ingress_only));
    match subnets.iter().filter(spared).count() {
        0 => Ok(Verdict::Breaks(Reason::PublicAccessBlocked(mode.to_owned()))),
        all if all == subnets.len() => Ok(Verdict::Passes),
        // Of a caller and its NAT gateway one is spared: the documentation does not say whose exclusion counts.
        _ => Err(Missing::of(What::BlockPublicAccess, "exclusions")),
    }
}

/// An exclusion for outbound traffic alone counts only where both directions are blocked.
fn spares(exclusion: &BlockPublicAccessExclusion, subnet: &Subnet, ingress_only: bool) -> bool {
    let mode = exclusion.internet_gateway_exclusion_mode.as_str();
    let named = |kind: &str, id: &str| exclusion.resource_arn.ends_with(&format!(":{kind}/{id}"));
    let in_force = matches!(exclusion.state.as_str(), "" | "create-complete" | "update-complete");
    in_force
        && (mode == "allow-bidirectional" || (mode == "allow-egress" && !ingress_only))
        && (named("vpc", &subnet.vpc_id) || named("subnet", &subnet.subnet_id))
}
