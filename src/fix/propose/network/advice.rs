//! What to do about a broken path where no change by the user's own ids is proven: things to be made, waited for, or
//! decided by somebody else.

use super::{
    Advice,
    scene::{Scene, kind_of},
    words::{
        BLOCK_PUBLIC_ACCESS, ECS_ENDPOINTS, EFS_NETWORK, INTERFACE_ENDPOINTS, INTERNET_GATEWAY, NAT_GATEWAYS,
        NAT_TROUBLE, NAT64, PUBLIC_ADDRESS, ROUTES, all_told,
    },
};
use crate::net::{Destination, Reason};

/// What to do about the break.
pub fn of(scene: &Scene<'_>) -> Vec<Advice> {
    let Some(reason) = scene.reason() else { return Vec::new() };
    let id = scene.broken.hop.subject.as_str();
    let (text, page) = match reason {
        Reason::NoPublicAddress => return address(scene),
        Reason::NoRoute | Reason::NatGatewayPrivate | Reason::WrongFamily => return way_out(scene),
        Reason::Blackhole { target } if kind_of(target) == "igw" => (
            format!(
                "Internet gateway {target}, to which table {id} routes, is not attached to {}: attach it again",
                scene.vpc()
            ),
            INTERNET_GATEWAY,
        ),
        Reason::Blackhole { target } => (
            format!(
                "The route of table {id} to {target} leads nowhere: make its target again, or turn the route elsewhere"
            ),
            ROUTES,
        ),
        Reason::NatGatewayState(state) if state == "pending" => {
            (format!("Wait until NAT gateway {id} is available, then start the task again"), NAT_TROUBLE)
        }
        Reason::NatGatewayState(state) => (
            format!(
                "NAT gateway {id} is {state}: create another in a public subnet and turn the route there; NAT gateways are \
                 billed by the hour and by data"
            ),
            NAT_TROUBLE,
        ),
        Reason::NatSubnetNotPublic { route_table } => (
            format!(
                "The subnet of NAT gateway {id} (table {route_table}) has no route to an internet gateway: move the gateway \
                 to a public subnet, or give its subnet that route"
            ),
            NAT_TROUBLE,
        ),
        Reason::NoDns64 => (
            format!(
                "{id} has no IPv4 addresses, and {} no IPv6 address: enable DNS64 for the subnet and route 64:ff9b::/96 to a \
                 NAT gateway",
                all_told(scene.destinations())
            ),
            NAT64,
        ),
        Reason::EndpointState(state) if state.eq_ignore_ascii_case("pending") => {
            (format!("Wait until endpoint {id} is available, then start the task again"), INTERFACE_ENDPOINTS)
        }
        Reason::EndpointState(state) => (
            format!("Endpoint {id} is {state} and serves nobody: delete it and create it again, or have it accepted"),
            INTERFACE_ENDPOINTS,
        ),
        Reason::PublicAccessBlocked(mode) => (
            format!(
                "VPC Block Public Access is {mode} in this Region: have its administrator exclude the subnet, or reach AWS by \
                 VPC endpoints"
            ),
            BLOCK_PUBLIC_ACCESS,
        ),
        Reason::PrivateAddress => (
            format!(
                "The name of {} stands for a private address, to which the VPC has no way: route to the network that it is in, \
                 or see what answers the name (resolver rules, profiles, name servers)",
                all_told(scene.destinations())
            ),
            ROUTES,
        ),
        Reason::MountTargetState(state) => (
            format!("Mount target {id} is {state}: wait until it is available, or delete it and create it again"),
            EFS_NETWORK,
        ),
        Reason::DnsSupportOff
        | Reason::DnsHostnamesOff
        | Reason::EgressClosed
        | Reason::IngressClosed
        | Reason::AclDropsRequest { .. }
        | Reason::AclDropsAnswer { .. }
        | Reason::EndpointHasNoSubnet
        | Reason::NoMountTarget { .. } => return Vec::new(),
    };
    vec![(text, vec![page.to_owned()])]
}

/// Only Fargate gives tasks public addresses, and only when told to.
fn address(scene: &Scene<'_>) -> Vec<Advice> {
    let text = match scene.is_fargate_task() {
        true => {
            "Run the task with assignPublicIp=ENABLED, or in a subnet whose route leads to a NAT gateway".to_owned()
        }
        false => {
            "Interfaces of tasks on EC2 get no public address: run the tasks in a subnet whose route leads to a NAT \
                  gateway, or create the endpoints that they call"
                .to_owned()
        }
    };
    vec![(text, vec![PUBLIC_ADDRESS.to_owned()])]
}

/// Endpoints lead to AWS alone.
fn way_out(scene: &Scene<'_>) -> Vec<Advice> {
    let is_of_aws = |d: &Destination| matches!(d, Destination::Service { region, .. } if region == scene.region());
    let elsewhere: Vec<&Destination> = scene.destinations().filter(|d| !is_of_aws(d)).collect();
    let nat =
        "create a NAT gateway in a public subnet (billed by the hour and by data) and route the task's subnet to it";
    if elsewhere.is_empty() {
        let text = format!(
            "{} has no way to {}: {nat}, or create their VPC endpoints",
            scene.subnet.subnet_id,
            all_told(scene.destinations())
        );
        return vec![(text, vec![NAT_GATEWAYS.to_owned(), ECS_ENDPOINTS.to_owned()])];
    }
    let text = format!("No VPC endpoint leads to {}: {nat}", all_told(elsewhere));
    vec![(text, vec![NAT_GATEWAYS.to_owned()])]
}
