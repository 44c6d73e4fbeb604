//! Edits of networks as Terraform of the AWS provider.
//!
//! Routes, rules and associations are resources of their own there, so they stand beside whatever manages the rest. Of a
//! service or a VPC only the arguments that change are given.

use hcl::{
    Attribute, Block, Body, Expression,
    structure::{BlockBuilder, Structure},
};
use serde_json::Value;

use super::{
    DnsAttribute, EndpointEdit, EndpointKind, NetworkChange, NetworkEdit, NewEndpoint, cloudformation::rule_name,
};
use crate::{
    case::{
        AwsVpcConfiguration,
        network::{AclEntry, GroupRule},
    },
    fix::terraform::{encoded, label},
};

/// The arguments of a resource that exists, where they are the whole change; `None` where there are others.
pub fn arguments(changes: &[&NetworkChange]) -> Option<Body> {
    let parts = changes.iter().map(|change| match &change.edit {
        NetworkEdit::AssignPublicIp { configuration, .. } => {
            Some(Structure::Block(network_configuration(configuration)))
        }
        NetworkEdit::EnableDns { attribute: DnsAttribute::Support, .. } => {
            Some(Structure::Attribute(Attribute::new("enable_dns_support", true)))
        }
        NetworkEdit::EnableDns { attribute: DnsAttribute::Hostnames, .. } => {
            Some(Structure::Attribute(Attribute::new("enable_dns_hostnames", true)))
        }
        _ => None,
    });
    let parts = parts.collect::<Option<Vec<Structure>>>()?;
    (!parts.is_empty()).then(|| Body::from_iter(parts))
}

fn network_configuration(configuration: &AwsVpcConfiguration) -> Block {
    let block = Block::builder("network_configuration").add_attribute(("subnets", configuration.subnets.clone()));
    let block = match configuration.security_groups.is_empty() {
        true => block,
        false => block.add_attribute(("security_groups", configuration.security_groups.clone())),
    };
    block.add_attribute(("assign_public_ip", configuration.assign_public_ip.as_deref() == Some("ENABLED"))).build()
}

/// The resource as it should be; `None` where only a part of one changes.
pub fn block(change: &NetworkChange) -> Option<BlockBuilder> {
    match &change.edit {
        NetworkEdit::PutRoute { table, destination, target, .. } => Some(route(table, destination, target)),
        NetworkEdit::CreateEndpoint(new) => Some(endpoint(new)),
        NetworkEdit::ModifyEndpoint { endpoint, edit } => modified(endpoint, edit),
        NetworkEdit::AuthorizeRule { group, egress, rule } => Some(group_rule(group, *egress, rule)),
        NetworkEdit::CreateAclEntry { acl, entry } => Some(acl_entry(acl, entry)),
        NetworkEdit::CreateMountTarget { file_system, subnet, groups, .. } => Some(
            resource("aws_efs_mount_target", &format!("{file_system}_{subnet}"))
                .add_attribute(("file_system_id", file_system.as_str()))
                .add_attribute(("subnet_id", subnet.as_str()))
                .add_attribute(("security_groups", groups.clone())),
        ),
        NetworkEdit::AssignPublicIp { .. } | NetworkEdit::EnableDns { .. } => None,
    }
}

fn resource(kind: &str, name: &str) -> BlockBuilder {
    Block::builder("resource").add_labels([kind, &label(name)])
}

fn route(table: &str, destination: &str, target: &str) -> BlockBuilder {
    let to = if destination.contains(':') { "destination_ipv6_cidr_block" } else { "destination_cidr_block" };
    let by = match target.split('-').next() {
        Some("nat") => "nat_gateway_id",
        Some("eigw") => "egress_only_gateway_id",
        _ => "gateway_id",
    };
    resource("aws_route", &format!("{table}_{destination}"))
        .add_attribute(("route_table_id", table))
        .add_attribute((to, destination))
        .add_attribute((by, target))
}

fn endpoint(new: &NewEndpoint) -> BlockBuilder {
    let block = resource("aws_vpc_endpoint", new.name())
        .add_attribute(("vpc_id", new.vpc.as_str()))
        .add_attribute(("service_name", new.service.as_str()));
    match &new.kind {
        EndpointKind::Interface { subnets, groups } => block
            .add_attribute(("vpc_endpoint_type", "Interface"))
            .add_attribute(("subnet_ids", subnets.clone()))
            .add_attribute(("security_group_ids", groups.clone()))
            .add_attribute(("private_dns_enabled", true)),
        EndpointKind::Gateway { tables } => {
            block.add_attribute(("vpc_endpoint_type", "Gateway")).add_attribute(("route_table_ids", tables.clone()))
        }
    }
}

/// The part of an endpoint that changes, where it is one resource.
fn modified(endpoint: &str, edit: &EndpointEdit) -> Option<BlockBuilder> {
    let (kind, key, value): (_, _, Expression) = match edit {
        EndpointEdit::AddSubnets(ids) => ("subnet_association", "subnet_id", one(ids)?.into()),
        EndpointEdit::AddGroups(ids) => ("security_group_association", "security_group_id", one(ids)?.into()),
        EndpointEdit::AddRouteTables(ids) => ("route_table_association", "route_table_id", one(ids)?.into()),
        EndpointEdit::EnablePrivateDns => ("private_dns", "private_dns_enabled", true.into()),
        EndpointEdit::PutPolicy(document) => ("policy", "policy", policy(document)?),
    };
    let block = resource(&format!("aws_vpc_endpoint_{kind}"), endpoint);
    Some(block.add_attribute(("vpc_endpoint_id", endpoint)).add_attribute((key, value)))
}

fn policy(document: &Value) -> Option<Expression> {
    encoded(document)
}

fn one(ids: &[String]) -> Option<&str> {
    match ids {
        [single] => Some(single),
        _ => None,
    }
}

fn group_rule(group: &str, egress: bool, rule: &GroupRule) -> BlockBuilder {
    let direction = if egress { "egress" } else { "ingress" };
    let kind = format!("aws_vpc_security_group_{direction}_rule");
    let block = resource(&kind, &rule_name(group, direction, rule))
        .add_attribute(("security_group_id", group))
        .add_attribute(("ip_protocol", rule.ip_protocol.as_str()));
    let ports = [("from_port", rule.from_port), ("to_port", rule.to_port)];
    let block = ports.into_iter().fold(block, |block, (key, port)| match port {
        Some(port) => block.add_attribute((key, port)),
        None => block,
    });
    let peers = [
        ("cidr_ipv4", &rule.cidr_ipv4),
        ("cidr_ipv6", &rule.cidr_ipv6),
        ("prefix_list_id", &rule.prefix_list_id),
        ("referenced_security_group_id", &rule.referenced_group_id),
    ];
    peers.into_iter().fold(block, |block, (key, value)| match value {
        Some(value) => block.add_attribute((key, value.as_str())),
        None => block,
    })
}

fn acl_entry(acl: &str, entry: &AclEntry) -> BlockBuilder {
    let direction = if entry.egress { "egress" } else { "ingress" };
    let block = resource("aws_network_acl_rule", &format!("{acl}_{direction}_{}", entry.rule_number))
        .add_attribute(("network_acl_id", acl))
        .add_attribute(("rule_number", entry.rule_number))
        .add_attribute(("egress", entry.egress))
        .add_attribute(("protocol", entry.protocol.as_str()))
        .add_attribute(("rule_action", entry.rule_action.as_str()));
    let block = match (&entry.cidr_block, &entry.ipv6_cidr_block) {
        (Some(cidr), _) => block.add_attribute(("cidr_block", cidr.as_str())),
        (None, Some(cidr)) => block.add_attribute(("ipv6_cidr_block", cidr.as_str())),
        (None, None) => block,
    };
    match entry.port_range {
        Some(range) => block.add_attribute(("from_port", range.from)).add_attribute(("to_port", range.to)),
        None => block,
    }
}
