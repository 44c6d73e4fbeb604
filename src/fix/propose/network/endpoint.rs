//! VPC endpoints: those that are there made to serve, or those that are missing made.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>

use super::{
    filter,
    name::dns_of_endpoints,
    scene::Scene,
    words::{
        DNS, ECR_ENDPOINTS, ECS_ENDPOINTS, GATEWAY_ENDPOINTS, INTERFACE_ENDPOINTS, OF_INTERFACE_ENDPOINTS, OF_ROUTES,
        listed,
    },
};
use crate::{
    case::network::{Subnet, VpcEndpoint},
    fix::{EndpointEdit, EndpointKind, NetworkEdit, NewEndpoint, propose::Proposal},
    id::partition_of_region,
    net::{Destination, UnusedBecause},
};

/// The ports of the APIs.
const HTTPS: u16 = 443;
/// Services whose endpoints have a prefix of China's own there.
const OF_CHINA: [&str; 4] = ["ecr.api", "ecr.dkr", "sts", "elasticfilesystem"];

/// Edits of endpoints so far, in words, with the pages that they rest on; and the calls that are left.
#[derive(Debug, Clone, Default)]
struct PutRight<'a> {
    edits: Vec<NetworkEdit>,
    titles: Vec<String>,
    pages: Vec<&'static str>,
    left: Vec<&'a Destination>,
}

/// Endpoints that lead to what is called: those that are there put right, those that are missing made, the latter with the
/// groups that are most likely to admit the task first.
pub fn led(scene: &Scene<'_>) -> Vec<Proposal> {
    let known = unused(scene);
    if known.left.is_empty() {
        return scene.proposal(known.titles.join("; "), known.edits, &known.pages).into_iter().collect();
    }
    missing(scene, &known)
}

/// Whether nothing has to be made.
pub fn are_there(scene: &Scene<'_>) -> bool {
    unused(scene).left.is_empty()
}

/// Endpoints that are made for the calls and do not serve them, each put right.
fn unused<'a>(scene: &Scene<'a>) -> PutRight<'a> {
    let mut found = PutRight::default();
    for (reach, path) in scene.paths() {
        let mut unused = path.unused.iter();
        let mended = unused.find_map(|one| Some((one.because, put_right(scene, &one.endpoint, one.because)?)));
        let Some((because, (edit, title))) = mended else {
            found.left.push(&reach.connection.destination);
            continue;
        };
        if because == UnusedBecause::PrivateDnsOff {
            found.edits.extend(dns_of_endpoints(scene));
        }
        found.edits.push(edit);
        found.say(title, because);
    }
    found
}

impl PutRight<'_> {
    fn say(&mut self, title: String, because: UnusedBecause) {
        let page = match because {
            UnusedBecause::NotInRouteTable => GATEWAY_ENDPOINTS,
            UnusedBecause::DnsHostnamesOff => DNS,
            _ => INTERFACE_ENDPOINTS,
        };
        if !self.titles.contains(&title) {
            self.titles.push(title);
        }
        if !self.pages.contains(&page) {
            self.pages.push(page);
        }
    }
}

/// What would make an endpoint serve, and that in words.
fn put_right(scene: &Scene<'_>, id: &str, because: UnusedBecause) -> Option<(NetworkEdit, String)> {
    let edit = |edit| NetworkEdit::ModifyEndpoint { endpoint: id.to_owned(), edit };
    match because {
        UnusedBecause::PrivateDnsOff => {
            let title = format!("Enable private DNS of endpoint {id}, whose name then leads there in the whole VPC");
            Some((edit(EndpointEdit::EnablePrivateDns), title))
        }
        UnusedBecause::NotInRouteTable => {
            let table = scene.table()?.route_table_id.clone();
            let title = format!("Add route table {table} to gateway endpoint {id}; {OF_ROUTES}");
            Some((edit(EndpointEdit::AddRouteTables(vec![table])), title))
        }
        UnusedBecause::DnsHostnamesOff => {
            let edit = dns_of_endpoints(scene).into_iter().next_back()?;
            let title =
                format!("Enable DNS hostnames in {}, so that the private names of its endpoints hold", scene.vpc());
            Some((edit, title))
        }
        UnusedBecause::OtherVpc | UnusedBecause::NotAvailable | UnusedBecause::InboundResolverOnly => None,
    }
}

/// The endpoints that the calls lack, beside those that are put right.
fn missing(scene: &Scene<'_>, known: &PutRight<'_>) -> Vec<Proposal> {
    let Some(names) = services(scene, &known.left) else { return Vec::new() };
    let (gateways, interfaces): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| is_by_gateway(name));
    let Some(gateways) = gateways.iter().map(|name| gateway(scene, name)).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    if interfaces.is_empty() {
        return proposal(scene, known, gateways, Vec::new(), "").into_iter().collect();
    }
    let subnets = subnets(scene);
    let mut found = Vec::new();
    for (groups, admitting) in groups(scene) {
        let made = interfaces.iter().map(|name| interface(scene, name, &subnets, &groups));
        let Some(made) = made.collect::<Option<Vec<_>>>() else { return Vec::new() };
        let told = match admitting.is_empty() {
            true => format!("; group {}", groups.join(", ")),
            false => format!("; group {}, whose members are let in to one another on port {HTTPS}", groups.join(", ")),
        };
        found.extend(proposal(scene, known, gateways.iter().cloned().chain(made).collect(), admitting, &told));
    }
    found
}

/// The services of the calls; `None` where one goes elsewhere, to another Region, or has an endpoint that is in the way.
fn services<'s>(scene: &Scene<'_>, called: &[&'s Destination]) -> Option<Vec<&'s str>> {
    let mut names: Vec<&str> = Vec::new();
    for destination in called {
        let Destination::Service { name, region, dual_stack: false, .. } = destination else { return None };
        if region != scene.region() {
            return None;
        }
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let is_new = |name: &&str| !scene.endpoints().iter().any(|endpoint| stands_in_the_way(scene, endpoint, name));
    names.iter().all(is_new).then_some(names)
}

/// EC2 makes no second endpoint of a service with the same private names.
fn stands_in_the_way(scene: &Scene<'_>, endpoint: &VpcEndpoint, name: &str) -> bool {
    let is_gone = ["deleted", "rejected", "expired"].iter().any(|state| endpoint.state.eq_ignore_ascii_case(state));
    let is_same_kind = (endpoint.vpc_endpoint_type == "Gateway") == is_by_gateway(name);
    let is_same = endpoint.service_name.ends_with(&format!(".{}.{name}", scene.region()));
    is_same && is_same_kind && !is_gone && endpoint.vpc_id == scene.vpc()
}

fn is_by_gateway(name: &str) -> bool {
    matches!(name, "s3" | "dynamodb")
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>; in China some have a prefix
/// of their own. Of other partitions the names are not known.
fn service_name(region: &str, name: &str) -> Option<String> {
    let prefix = match partition_of_region(region) {
        "aws-cn" if OF_CHINA.contains(&name) => "cn.com.amazonaws",
        "aws" | "aws-cn" | "aws-us-gov" => "com.amazonaws",
        _ => return None,
    };
    Some(format!("{prefix}.{region}.{name}"))
}

fn gateway(scene: &Scene<'_>, name: &str) -> Option<NewEndpoint> {
    let kind = EndpointKind::Gateway { tables: tables(scene) };
    Some(NewEndpoint { vpc: scene.vpc().to_owned(), service: service_name(scene.region(), name)?, kind })
}

fn interface(scene: &Scene<'_>, name: &str, subnets: &[String], groups: &[String]) -> Option<NewEndpoint> {
    let kind = EndpointKind::Interface { subnets: subnets.to_vec(), groups: groups.to_vec() };
    Some(NewEndpoint { vpc: scene.vpc().to_owned(), service: service_name(scene.region(), name)?, kind })
}

/// The caller's subnet, and of the service's others one in each other zone.
fn subnets(scene: &Scene<'_>) -> Vec<String> {
    let mut chosen: Vec<&Subnet> = Vec::new();
    for subnet in scene.subnets() {
        if chosen.iter().all(|known| known.availability_zone != subnet.availability_zone) {
            chosen.push(subnet);
        }
    }
    chosen.into_iter().map(|subnet| subnet.subnet_id.clone()).collect()
}

/// The tables of the subnets that the tasks may be in.
fn tables(scene: &Scene<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for table in scene.subnets().into_iter().filter_map(|subnet| scene.table_of(&subnet.subnet_id)) {
        if !found.contains(&table.route_table_id) {
            found.push(table.route_table_id.clone());
        }
    }
    found
}

/// Groups for new endpoints, with the rule that they lack: those of endpoints that are there, then the caller's own.
fn groups(scene: &Scene<'_>) -> Vec<(Vec<String>, Vec<NetworkEdit>)> {
    let mut found: Vec<(Vec<String>, Vec<NetworkEdit>)> = Vec::new();
    let interfaces = scene.endpoints().iter().filter(|e| e.vpc_endpoint_type == "Interface" && e.vpc_id == scene.vpc());
    for endpoint in interfaces.filter(|e| filter::admits(scene, &e.groups, HTTPS)) {
        if found.iter().all(|(known, _)| *known != endpoint.groups) {
            found.push((endpoint.groups.clone(), Vec::new()));
        }
    }
    found.truncate(2);
    if let Some(own) = scene.groups.first().cloned() {
        let admits = filter::admits(scene, std::slice::from_ref(&own), HTTPS);
        let rule = (!admits).then(|| filter::from_group(&own, &own, HTTPS));
        found.push((vec![own], rule.into_iter().collect()));
    }
    found
}

fn proposal(
    scene: &Scene<'_>,
    known: &PutRight<'_>,
    endpoints: Vec<NewEndpoint>,
    admitting: Vec<NetworkEdit>,
    groups: &str,
) -> Option<Proposal> {
    let of = |by_gateway: bool| {
        let names = endpoints.iter().map(NewEndpoint::name).filter(|name| is_by_gateway(name) == by_gateway);
        names.collect::<Vec<&str>>()
    };
    let (gateways, interfaces) = (of(true), of(false));
    let mut parts = Vec::new();
    if !interfaces.is_empty() {
        let kind = if interfaces.len() == 1 { "an interface endpoint" } else { "interface endpoints" };
        parts.push(format!("{kind} for {} ({OF_INTERFACE_ENDPOINTS}{groups})", listed(interfaces.iter().copied())));
    }
    if !gateways.is_empty() {
        parts
            .push(format!("a gateway endpoint for {} (free of charge; {OF_ROUTES})", listed(gateways.iter().copied())));
    }
    let title = format!("Create {} in {}", parts.join(" and "), scene.vpc());
    let title = known.titles.iter().cloned().chain([title]).collect::<Vec<_>>().join("; ");
    let mut edits = known.edits.clone();
    edits.extend(if interfaces.is_empty() { Vec::new() } else { dns_of_endpoints(scene) });
    edits.extend(admitting);
    edits.extend(endpoints.iter().cloned().map(NetworkEdit::CreateEndpoint));
    let pages: Vec<&str> = known.pages.iter().copied().chain(pages(&interfaces, &gateways)).collect();
    scene.proposal(title, edits, &pages)
}

fn pages(interfaces: &[&str], gateways: &[&str]) -> Vec<&'static str> {
    let ecr = interfaces.iter().any(|name| name.starts_with("ecr.")).then_some(ECR_ENDPOINTS);
    let some = (!interfaces.is_empty()).then_some(INTERFACE_ENDPOINTS);
    let others = (!gateways.is_empty()).then_some(GATEWAY_ENDPOINTS);
    [Some(ECS_ENDPOINTS), ecr, some, others].into_iter().flatten().collect()
}

/// An endpoint without any subnet has no address: it is put where the tasks are.
pub fn placed(scene: &Scene<'_>) -> Option<Proposal> {
    let endpoint = scene.broken.hop.subject.as_str();
    let subnets = vec![scene.subnet.subnet_id.clone()];
    let title = format!("Add subnet {} to endpoint {endpoint}; billed by the hour in each zone", subnets.concat());
    let edit = NetworkEdit::ModifyEndpoint { endpoint: endpoint.to_owned(), edit: EndpointEdit::AddSubnets(subnets) };
    scene.proposal(title, vec![edit], &[INTERFACE_ENDPOINTS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_as_in_their_partition() {
        for (region, name, expected) in [
            ("eu-central-1", "ecr.api", Some("com.amazonaws.eu-central-1.ecr.api")),
            ("cn-north-1", "ecr.api", Some("cn.com.amazonaws.cn-north-1.ecr.api")),
            ("cn-north-1", "s3", Some("com.amazonaws.cn-north-1.s3")),
            ("cn-north-1", "logs", Some("com.amazonaws.cn-north-1.logs")),
            ("us-gov-west-1", "kms", Some("com.amazonaws.us-gov-west-1.kms")),
            ("us-iso-east-1", "kms", None),
        ] {
            assert_eq!(service_name(region, name).as_deref(), expected);
        }
    }
}
