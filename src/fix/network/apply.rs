//! Edits of networks applied to the facts, as EC2, ECS and EFS would apply them.

use std::net::Ipv4Addr;

use super::{DnsAttribute, EndpointEdit, EndpointKind, NetworkChange, NetworkEdit, NewEndpoint};
use crate::case::{
    Answer, AwsVpcConfiguration, Case, Fact, Need, NetworkConfiguration, Origin, PolicyDocument,
    network::{AclEntry, GroupRule, MountTarget, NetworkAcl, Route, RouteTable, SecurityGroup, VpcEndpoint},
};

/// Stands for the public address that EC2 would give, of those reserved for documentation.
const SOME_ADDRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// The case as it would be read after the edit.
pub fn apply(case: &mut Case, change: &NetworkChange) {
    let region = &change.region;
    match &change.edit {
        NetworkEdit::AssignPublicIp { service, configuration, .. } => assign_public_ip(case, service, configuration),
        NetworkEdit::PutRoute { table, destination, target, .. } => put_route(case, table, destination, target),
        NetworkEdit::CreateEndpoint(new) => create_endpoint(case, region, new),
        NetworkEdit::ModifyEndpoint { endpoint, edit } => modify_endpoint(case, endpoint, edit),
        NetworkEdit::AuthorizeRule { group, egress, rule } => authorize(case, group, *egress, rule),
        NetworkEdit::CreateAclEntry { acl, entry } => create_acl_entry(case, acl, entry),
        NetworkEdit::EnableDns { vpc, attribute } => enable_dns(case, region, vpc, *attribute),
        NetworkEdit::CreateMountTarget { file_system, subnet, zone, groups } => {
            let target = MountTarget {
                mount_target_id: format!("fsmt-new-{subnet}"),
                file_system_id: file_system.clone(),
                subnet_id: subnet.clone(),
                availability_zone_name: zone.clone(),
                life_cycle_state: "available".to_owned(),
                ip_address: None,
                security_groups: Some(groups.clone()),
            };
            create_mount_target(case, region, target);
        }
    }
}

/// Edits every answer of a kind; the edit says whether it changed one.
fn edit(case: &mut Case, mut edit: impl FnMut(&Need, &mut Answer) -> bool) {
    let mut edited = Vec::new();
    for (need, fact) in case.facts() {
        let Fact::Known(answer, _) = fact else { continue };
        let mut answer = answer.clone();
        if edit(need, &mut answer) {
            edited.push((need.clone(), answer));
        }
    }
    for (need, answer) in edited {
        case.admit(need, Fact::Known(answer, Origin::Aws));
    }
}

/// The tasks that the service starts from now on have a public address; those that are there stand for them.
fn assign_public_ip(case: &mut Case, name: &str, configuration: &AwsVpcConfiguration) {
    edit(case, |_, answer| {
        let Answer::Services(found) = answer else { return false };
        let services = found.services.iter_mut().filter(|service| service.service_name == name);
        let configured = services.map(|service| {
            let awsvpc_configuration = Some(configuration.clone());
            service.network_configuration = Some(NetworkConfiguration { awsvpc_configuration });
        });
        configured.count() > 0
    });
    let group = format!("service:{name}");
    let mut interfaces: Vec<String> = Vec::new();
    edit(case, |_, answer| {
        let Answer::Tasks(found) = answer else { return false };
        let own = found.tasks.iter().filter(|task| task.group.as_ref() == Some(&group));
        let details = own.flat_map(|task| &task.attachments).flat_map(|attachment| &attachment.details);
        interfaces.extend(details.filter(|d| d.name == "networkInterfaceId").map(|d| d.value.clone()));
        false
    });
    edit(case, |_, answer| match answer {
        Answer::NetworkInterface(found) if interfaces.contains(&found.network_interface_id) => {
            found.public_ip = found.public_ip.or(Some(SOME_ADDRESS));
            true
        }
        _ => false,
    });
}

fn edit_table(case: &mut Case, id: &str, change: impl Fn(&mut RouteTable)) {
    edit(case, |_, answer| {
        let Answer::RouteTables(tables) = answer else { return false };
        let table = tables.iter_mut().find(|table| table.route_table_id == id);
        table.map(&change).is_some()
    });
}

/// A table has one route to a destination.
fn put_route(case: &mut Case, table: &str, destination: &str, target: &str) {
    let destination = Some(destination.to_owned());
    let (v6, v4) = match destination.as_deref().is_some_and(|block| block.contains(':')) {
        true => (destination, None),
        false => (None, destination),
    };
    edit_table(case, table, |table| {
        table.routes.retain(|route| {
            route.propagated || (&route.destination_cidr_block, &route.destination_ipv6_cidr_block) != (&v4, &v6)
        });
        table.routes.push(Route {
            destination_cidr_block: v4.clone(),
            destination_ipv6_cidr_block: v6.clone(),
            target: target.to_owned(),
            state: "active".to_owned(),
            ..Route::default()
        });
    });
}

fn create_endpoint(case: &mut Case, region: &str, new: &NewEndpoint) {
    let id = new.id();
    let blank = VpcEndpoint {
        vpc_endpoint_id: id.clone(),
        vpc_id: new.vpc.clone(),
        service_name: new.service.clone(),
        state: "available".to_owned(),
        ip_address_type: "ipv4".to_owned(),
        ..VpcEndpoint::default()
    };
    let made = match &new.kind {
        EndpointKind::Interface { subnets, groups } => VpcEndpoint {
            vpc_endpoint_type: "Interface".to_owned(),
            subnet_ids: subnets.clone(),
            groups: groups.clone(),
            private_dns_enabled: true,
            ..blank
        },
        EndpointKind::Gateway { tables } => {
            VpcEndpoint { vpc_endpoint_type: "Gateway".to_owned(), route_table_ids: tables.clone(), ..blank }
        }
    };
    let tables = made.route_table_ids.clone();
    edit(case, |need, answer| match (need, answer) {
        (Need::VpcEndpoints { region: of, vpc }, Answer::VpcEndpoints(all)) if of == region && *vpc == new.vpc => {
            all.push(made.clone());
            true
        }
        _ => false,
    });
    add_list_routes(case, region, &new.service, &id, &tables);
}

/// A gateway endpoint puts a route from its service's prefix list into each of its tables.
fn add_list_routes(case: &mut Case, region: &str, service: &str, endpoint: &str, tables: &[String]) {
    let lists = case.prefix_lists(region).map(Vec::as_slice).unwrap_or_default();
    let list = lists.iter().find(|list| list.prefix_list_name == service).map(|list| list.prefix_list_id.clone());
    let list = list.unwrap_or_else(|| format!("pl-of-{endpoint}"));
    for table in tables {
        edit_table(case, table, |table| {
            table.routes.retain(|route| route.destination_prefix_list_id.as_ref() != Some(&list));
            table.routes.push(Route {
                destination_prefix_list_id: Some(list.clone()),
                target: endpoint.to_owned(),
                state: "active".to_owned(),
                ..Route::default()
            });
        });
    }
}

fn modify_endpoint(case: &mut Case, id: &str, change: &EndpointEdit) {
    let mut found: Option<(String, String)> = None;
    edit(case, |need, answer| {
        let Answer::VpcEndpoints(all) = answer else { return false };
        let Some(endpoint) = all.iter_mut().find(|one| one.vpc_endpoint_id == id) else { return false };
        modify(endpoint, change);
        if let Need::VpcEndpoints { region, .. } = need {
            found = Some((region.clone(), endpoint.service_name.clone()));
        }
        true
    });
    if let (EndpointEdit::AddRouteTables(tables), Some((region, service))) = (change, found) {
        add_list_routes(case, &region, &service, id, tables);
    }
}

fn modify(endpoint: &mut VpcEndpoint, change: &EndpointEdit) {
    match change {
        EndpointEdit::AddSubnets(ids) => add(&mut endpoint.subnet_ids, ids),
        EndpointEdit::AddGroups(ids) => add(&mut endpoint.groups, ids),
        EndpointEdit::AddRouteTables(ids) => add(&mut endpoint.route_table_ids, ids),
        EndpointEdit::EnablePrivateDns => endpoint.private_dns_enabled = true,
        EndpointEdit::PutPolicy(document) => {
            endpoint.policy = Some(PolicyDocument { document: document.to_string() });
        }
    }
}

fn add(known: &mut Vec<String>, more: &[String]) {
    for id in more {
        if !known.contains(id) {
            known.push(id.clone());
        }
    }
}

fn authorize(case: &mut Case, group: &str, egress: bool, rule: &GroupRule) {
    let admit = |found: &mut SecurityGroup| {
        let rules = if egress { &mut found.egress } else { &mut found.ingress };
        let has = found.group_id == group && !rules.contains(rule);
        if has {
            rules.push(rule.clone());
        }
        has
    };
    edit(case, |_, answer| match answer {
        Answer::SecurityGroups(groups) => groups.iter_mut().map(admit).fold(false, |any, one| any | one),
        Answer::DefaultSecurityGroup(found) => admit(found),
        _ => false,
    });
}

/// A rule number stands once in each direction.
fn create_acl_entry(case: &mut Case, id: &str, entry: &AclEntry) {
    let is_free = |acl: &&mut NetworkAcl| {
        !acl.entries.iter().any(|known| (known.egress, known.rule_number) == (entry.egress, entry.rule_number))
    };
    edit(case, |_, answer| {
        let Answer::NetworkAcls(acls) = answer else { return false };
        let acl = acls.iter_mut().find(|acl| acl.network_acl_id == id).filter(is_free);
        acl.map(|acl| acl.entries.push(entry.clone())).is_some()
    });
}

fn enable_dns(case: &mut Case, region: &str, id: &str, attribute: DnsAttribute) {
    edit(case, |need, answer| match (need, answer) {
        (Need::VpcAttribute { region: of, vpc, attribute: name }, Answer::VpcAttribute(found))
            if of == region && vpc == id && name == attribute.word() =>
        {
            found.value = true;
            true
        }
        (Need::Vpc { region: of, vpc }, Answer::Vpc(found)) if of == region && vpc == id => {
            let known = match attribute {
                DnsAttribute::Support => &mut found.enable_dns_support,
                DnsAttribute::Hostnames => &mut found.enable_dns_hostnames,
            };
            known.as_mut().map(|value| *value = true).is_some()
        }
        _ => false,
    });
}

/// EFS tells a mount target's groups by another call.
fn create_mount_target(case: &mut Case, region: &str, target: MountTarget) {
    let file_system_id = &target.file_system_id;
    edit(case, |need, answer| match (need, answer) {
        (Need::MountTargets { region: of, file_system }, Answer::MountTargets(all))
            if of == region && file_system == file_system_id =>
        {
            all.push(target.clone());
            true
        }
        _ => false,
    });
    let need = Need::MountTargetGroups { region: region.to_owned(), mount_target: target.mount_target_id.clone() };
    let groups = target.security_groups.unwrap_or_default();
    case.admit(need, Fact::Known(Answer::MountTargetGroups(groups), Origin::Aws));
}
