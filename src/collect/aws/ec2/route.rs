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

#[cfg(test)]
mod tests {

    use super::*;

    fn route() -> types::builders::RouteBuilder {
        types::Route::builder().destination_cidr_block("0.0.0.0/0").state(types::RouteState::Active)
    }

    #[test]
    fn a_target_is_found_in_whichever_field_it_stands() {
        for (route, target) in [
            (route().gateway_id("local"), "local"),
            (route().gateway_id("igw-1"), "igw-1"),
            (route().gateway_id("vpce-1"), "vpce-1"),
            (route().nat_gateway_id("nat-1"), "nat-1"),
            (route().egress_only_internet_gateway_id("eigw-1"), "eigw-1"),
            (route().transit_gateway_id("tgw-1"), "tgw-1"),
            (route().vpc_peering_connection_id("pcx-1"), "pcx-1"),
            (route().instance_id("i-1").network_interface_id("eni-1"), "eni-1"),
            (route().carrier_gateway_id("cagw-1"), "cagw-1"),
            (route().local_gateway_id("lgw-1"), "lgw-1"),
            (
                route().core_network_arn("arn:aws:networkmanager::1:core-network/c"),
                "arn:aws:networkmanager::1:core-network/c",
            ),
            (route().gateway_id(""), ""),
        ] {
            assert_eq!(mapped_route(route.build()).target, target);
        }
    }

    #[test]
    fn a_route_keeps_its_state_and_whether_it_was_propagated() {
        let gone = route().nat_gateway_id("nat-1").state(types::RouteState::Blackhole);
        let gone = mapped_route(gone.origin(types::RouteOrigin::CreateRoute).build());
        assert_eq!((gone.state.as_str(), gone.propagated), ("blackhole", false));
        let learnt = route().gateway_id("vgw-1").origin(types::RouteOrigin::EnableVgwRoutePropagation);
        assert!(mapped_route(learnt.build()).propagated);
    }

    #[test]
    fn an_association_that_ended_is_none() {
        use types::RouteTableAssociationStateCode::{Associated, Disassociated, Failed};
        let association = |subnet: &str, state: types::RouteTableAssociationStateCode| {
            let state = types::RouteTableAssociationState::builder().state(state).build();
            types::RouteTableAssociation::builder().subnet_id(subnet).association_state(state).build()
        };
        let table = types::RouteTable::builder()
            .associations(association("subnet-1", Associated))
            .associations(association("subnet-2", Disassociated))
            .associations(association("subnet-3", Failed))
            .associations(types::RouteTableAssociation::builder().main(true).build());
        let associations = mapped(table.build()).associations;
        let subnets: Vec<_> = associations.iter().map(|one| (one.main, one.subnet_id.as_deref())).collect();
        assert_eq!(subnets, [(false, Some("subnet-1")), (true, None)]);
    }
}
