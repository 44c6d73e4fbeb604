//! What would mend a broken path, by the hop at which it breaks: the user's own gateways, endpoints and filters first.
//!
//! Given the [`Break`] of a finding, gives proposals in the order in which they are to be tried, and advice where none holds.

mod acl;
mod address;
mod advice;
mod endpoint;
mod filter;
mod name;
pub mod policy;
mod route;
mod scene;
mod words;

pub use words::all_told;

use super::{Advice, Proposal, Remedy};
use crate::{
    case::{Case, network::VpcEndpoint},
    fix::DnsAttribute,
    judge::Break,
    net::{HopKind, Reason},
    require::Workload,
};
use scene::{Scene, kind_of};

/// Proposals and advice for a break.
pub fn propose(case: &Case, workload: &Workload<'_>, broken: &Break) -> Remedy {
    let Some(scene) = Scene::of(case, workload, broken) else { return Remedy::default() };
    let advice = advice::of(&scene);
    // Who starts a task by hand can give it an address next time, which costs nothing.
    let by_hand = scene.reason() == Some(&Reason::NoPublicAddress) && scene.service().is_none();
    let beside = if by_hand { advice.clone() } else { Vec::new() };
    let mut remedy = Remedy { proposals: Vec::new(), advice, beside };
    for proposal in proposals(&scene) {
        remedy.add(Some(proposal));
    }
    remedy
}

fn proposals(scene: &Scene<'_>) -> Vec<Proposal> {
    let Some(reason) = scene.reason() else { return Vec::new() };
    match reason {
        Reason::DnsSupportOff => name::enabled(scene, DnsAttribute::Support).into_iter().collect(),
        Reason::DnsHostnamesOff => name::enabled(scene, DnsAttribute::Hostnames).into_iter().collect(),
        Reason::EgressClosed => filter::egress(scene),
        Reason::IngressClosed => filter::ingress(scene).into_iter().collect(),
        Reason::AclDropsRequest { .. } | Reason::AclDropsAnswer { .. } => acl::entries(scene),
        Reason::NoPublicAddress => address::assigned(scene).into_iter().chain(endpoint::led(scene)).collect(),
        Reason::EndpointHasNoSubnet => endpoint::placed(scene).into_iter().collect(),
        Reason::NoMountTarget { .. } => name::mount_targets(scene),
        Reason::NatSubnetNotPublic { route_table } => {
            let published = route::publish_nat_subnet(scene, route_table);
            let mut ways = ways(scene);
            ways.splice(0..0, published);
            ways
        }
        Reason::WrongFamily if scene.broken.hop.kind == HopKind::Endpoint => Vec::new(),
        // It is coming up: nothing has to be changed.
        Reason::NatGatewayState(state) if state == "pending" => Vec::new(),
        Reason::NoRoute
        | Reason::Blackhole { .. }
        | Reason::NatGatewayState(_)
        | Reason::NatGatewayPrivate
        | Reason::WrongFamily => ways(scene),
        Reason::NoDns64
        | Reason::PrivateAddress
        | Reason::EndpointState(_)
        | Reason::PublicAccessBlocked(_)
        | Reason::MountTargetState(_) => Vec::new(),
    }
}

/// What is there already, then routes, then new endpoints; in a VPC that keeps to endpoints a route to the internet comes
/// last.
fn ways(scene: &Scene<'_>) -> Vec<Proposal> {
    let out = route::ways_out(scene);
    if is_internet_gateway_gone(scene) {
        return out;
    }
    let led = endpoint::led(scene);
    match endpoint::are_there(scene) || keeps_to_endpoints(scene) {
        true => led.into_iter().chain(out).collect(),
        false => out.into_iter().chain(led).collect(),
    }
}

/// A table without a way out, in a VPC with endpoints, is meant to have none.
fn keeps_to_endpoints(scene: &Scene<'_>) -> bool {
    let has_names = |endpoint: &VpcEndpoint| endpoint.vpc_endpoint_type == "Interface" && endpoint.private_dns_enabled;
    scene.reason() == Some(&Reason::NoRoute) && scene.endpoints().iter().any(has_names)
}

/// A public subnet that lost its internet gateway lost more than the calls to AWS.
fn is_internet_gateway_gone(scene: &Scene<'_>) -> bool {
    matches!(scene.reason(), Some(Reason::Blackhole { target }) if kind_of(target) == "igw")
}
