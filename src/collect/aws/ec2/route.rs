//! Route tables, and the managed prefix lists that their routes and the rules of groups name.

use aws_sdk_ec2::{Client, types};

use super::{by, word};
use crate::case::{
    Answer, Gap,
    network::{PrefixList, Route, RouteTable, RouteTableAssociation},
};

pub async fn route_tables(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_route_tables().filters(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::RouteTables(found.into_iter().map(mapped).collect()))
}

pub async fn prefix_lists(client: &Client) -> Result<Answer, Gap> {
    let pages = client.describe_managed_prefix_lists().into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::PrefixLists(found.into_iter().map(mapped_prefix_list).collect()))
}

pub async fn prefix_list_entries(client: &Client, prefix_list: &str) -> Result<Answer, Gap> {
    let pages = client.get_managed_prefix_list_entries().prefix_list_id(prefix_list).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::PrefixListEntries(found.into_iter().filter_map(|entry| entry.cidr).collect()))
}

fn mapped_prefix_list(list: types::ManagedPrefixList) -> PrefixList {
    PrefixList {
        prefix_list_id: list.prefix_list_id.unwrap_or_default(),
        prefix_list_name: list.prefix_list_name.unwrap_or_default(),
        entries: None,
    }
}

fn mapped(table: types::RouteTable) -> RouteTable {
    let associations = table.associations.into_iter().flatten().filter(is_in_force);
    RouteTable {
        route_table_id: table.route_table_id.unwrap_or_default(),
        vpc_id: table.vpc_id.unwrap_or_default(),
        associations: associations.map(mapped_association).collect(),
        routes: table.routes.into_iter().flatten().map(mapped_route).collect(),
    }
}

/// An association is listed for a while after it ended, and one that failed never began.
fn is_in_force(association: &types::RouteTableAssociation) -> bool {
    use types::RouteTableAssociationStateCode::{Disassociated, Failed};
    let state = association.association_state().and_then(|state| state.state());
    !matches!(state, Some(Disassociated | Failed))
}

fn mapped_association(association: types::RouteTableAssociation) -> RouteTableAssociation {
    RouteTableAssociation {
        main: association.main.unwrap_or_default(),
        subnet_id: association.subnet_id,
        gateway_id: association.gateway_id,
    }
}

fn mapped_route(route: types::Route) -> Route {
    let target = target(&route);
    Route {
        destination_cidr_block: route.destination_cidr_block,
        destination_ipv6_cidr_block: route.destination_ipv6_cidr_block,
        destination_prefix_list_id: route.destination_prefix_list_id,
        target,
        state: word(route.state),
        propagated: route.origin == Some(types::RouteOrigin::EnableVgwRoutePropagation),
    }
}

/// EC2 has a field for each kind of target. A route to an instance names the instance and its interface; the interface
/// says it more exactly.
fn target(route: &types::Route) -> String {
    let ids = [
        &route.gateway_id,
        &route.nat_gateway_id,
        &route.egress_only_internet_gateway_id,
        &route.transit_gateway_id,
        &route.vpc_peering_connection_id,
        &route.network_interface_id,
        &route.instance_id,
        &route.carrier_gateway_id,
        &route.local_gateway_id,
        &route.core_network_arn,
        &route.odb_network_arn,
    ];
    ids.into_iter().flatten().find(|id| !id.is_empty()).cloned().unwrap_or_default()
}
