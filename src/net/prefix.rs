//! Prefix lists: which of a call's packets a list that a route or rule names stands for.
//!
//! AWS's own lists are known by their names even where their entries were not read.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>

use ipnet::IpNet;

use super::{
    cidr::{Traffic, nets},
    destination::Destination,
    hop::{Missing, What},
    view::Network,
};
use crate::case::network::PrefixList;

/// Packets on their way out, and what their destination is called.
#[derive(Debug, Clone)]
pub struct Aim<'c> {
    pub there: Traffic,
    /// None where only addresses are known.
    pub name: Option<&'c Destination>,
}

/// What of an aim a prefix list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    All,
    Blocks(Vec<IpNet>),
    Nothing,
    Unknown(Missing),
}

/// What a prefix list stands for, seen from a call.
pub fn members(network: &Network<'_>, id: &str, aim: &Aim<'_>) -> Members {
    let list = list(network, id);
    let name = list.map(|list| list.prefix_list_name.as_str()).or_else(|| name_by_endpoint(network, id));
    let (of_aws, meant) = name.map_or((false, false), |name| (is_of_aws(name), is_meant(aim, name)));
    match list.and_then(|list| list.entries.as_ref()) {
        _ if of_aws && !meant && aim.name.is_some_and(|name| !may_be_any_of_aws(name)) => Members::Nothing,
        Some(entries) => Members::Blocks(nets(entries.iter().map(String::as_str))),
        None if meant => Members::All,
        None => Members::Unknown(unread(network, id)),
    }
}

/// The addresses of an AWS service that has a prefix list whose entries are known.
pub fn addresses_of(network: &Network<'_>, destination: &Destination, v6: bool) -> Option<Vec<IpNet>> {
    let lists = network.prefix_lists.ok()?;
    let list = lists.iter().find(|list| destination.is_of(&list.prefix_list_name))?;
    let mut found = nets(list.entries.as_ref()?.iter().map(String::as_str));
    found.retain(|net| matches!(net, IpNet::V6(_)) == v6);
    (!found.is_empty()).then_some(found)
}

fn list<'a>(network: &Network<'a>, id: &str) -> Option<&'a PrefixList> {
    network.prefix_lists.ok()?.iter().find(|list| list.prefix_list_id == id)
}

/// A route from a list to a gateway endpoint says whose list it is.
fn name_by_endpoint<'a>(network: &Network<'a>, id: &str) -> Option<&'a str> {
    let routes = network.route_tables.ok()?.iter().flat_map(|table| &table.routes);
    let mut targets = routes.filter(|route| route.destination_prefix_list_id.as_deref() == Some(id));
    targets.find_map(|route| {
        let endpoint = network.endpoint(&route.target).ok()?;
        (endpoint.vpc_endpoint_type == "Gateway").then_some(endpoint.service_name.as_str())
    })
}

fn is_of_aws(name: &str) -> bool {
    name.starts_with("com.amazonaws.") || name.starts_with("cn.com.amazonaws.")
}

fn is_meant(aim: &Aim<'_>, name: &str) -> bool {
    aim.name.is_some_and(|destination| destination.is_of(name))
}

/// A host of AWS that names no Region may be an address of any service.
fn may_be_any_of_aws(destination: &Destination) -> bool {
    matches!(destination, Destination::Host { name, .. } if name.contains("amazonaws.com"))
}

fn unread(network: &Network<'_>, id: &str) -> Missing {
    match network.prefix_lists {
        Ok(_) => Missing::of(What::PrefixList, id),
        Err(gap) => Missing::unread(What::PrefixList, id, gap),
    }
}
