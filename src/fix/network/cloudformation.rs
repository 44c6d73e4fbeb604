//! Edits of networks as resources of a CloudFormation template:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EC2.html>.

use serde_json::{Map, Value, json};

use super::{EndpointKind, NetworkChange, NetworkEdit, NewEndpoint};
use crate::case::network::{AclEntry, GroupRule};

/// The name, type and properties of the resource; `None` where something that exists changes in a part.
pub fn resource(change: &NetworkChange) -> Option<(String, &'static str, Value)> {
    Some(match &change.edit {
        NetworkEdit::PutRoute { table, destination, target, .. } => {
            (format!("{table}-{destination}-{target}"), "AWS::EC2::Route", route(table, destination, target))
        }
        NetworkEdit::CreateEndpoint(new) => {
            (format!("{}-{}", new.vpc, new.name()), "AWS::EC2::VPCEndpoint", endpoint(new))
        }
        NetworkEdit::AuthorizeRule { group, egress: true, rule } => {
            (rule_name(group, "egress", rule), "AWS::EC2::SecurityGroupEgress", group_rule(group, true, rule))
        }
        NetworkEdit::AuthorizeRule { group, egress: false, rule } => {
            (rule_name(group, "ingress", rule), "AWS::EC2::SecurityGroupIngress", group_rule(group, false, rule))
        }
        NetworkEdit::CreateAclEntry { acl, entry } => {
            let direction = if entry.egress { "egress" } else { "ingress" };
            let name = format!("{acl}-{direction}-{}", entry.rule_number);
            (name, "AWS::EC2::NetworkAclEntry", acl_entry(acl, entry))
        }
        NetworkEdit::CreateMountTarget { file_system, subnet, groups, .. } => (
            format!("{file_system}-{subnet}"),
            "AWS::EFS::MountTarget",
            json!({"FileSystemId": file_system, "SubnetId": subnet, "SecurityGroups": groups}),
        ),
        NetworkEdit::AssignPublicIp { .. } | NetworkEdit::ModifyEndpoint { .. } | NetworkEdit::EnableDns { .. } => {
            return None;
        }
    })
}

fn route(table: &str, destination: &str, target: &str) -> Value {
    let to = if destination.contains(':') { "DestinationIpv6CidrBlock" } else { "DestinationCidrBlock" };
    let by = match target.split('-').next() {
        Some("nat") => "NatGatewayId",
        Some("eigw") => "EgressOnlyInternetGatewayId",
        _ => "GatewayId",
    };
    json!({"RouteTableId": table, to: destination, by: target})
}

fn endpoint(new: &NewEndpoint) -> Value {
    let NewEndpoint { vpc, service, kind } = new;
    match kind {
        EndpointKind::Interface { subnets, groups } => json!({
            "VpcEndpointType": "Interface", "VpcId": vpc, "ServiceName": service,
            "SubnetIds": subnets, "SecurityGroupIds": groups, "PrivateDnsEnabled": true,
        }),
        EndpointKind::Gateway { tables } => {
            json!({"VpcEndpointType": "Gateway", "VpcId": vpc, "ServiceName": service, "RouteTableIds": tables})
        }
    }
}

/// A name for a rule that no other rule of the group has.
pub fn rule_name(group: &str, direction: &str, rule: &GroupRule) -> String {
    let port = rule.from_port.map_or_else(|| "all".to_owned(), |port| port.to_string());
    format!("{group}-{direction}-{port}-{}", peer(rule))
}

fn peer(rule: &GroupRule) -> &str {
    let peers = [&rule.cidr_ipv4, &rule.cidr_ipv6, &rule.prefix_list_id, &rule.referenced_group_id];
    peers.into_iter().flatten().next().map_or("", String::as_str)
}

fn group_rule(group: &str, egress: bool, rule: &GroupRule) -> Value {
    let (list, other) = match egress {
        true => ("DestinationPrefixListId", "DestinationSecurityGroupId"),
        false => ("SourcePrefixListId", "SourceSecurityGroupId"),
    };
    let mut properties =
        Map::from_iter([("GroupId".to_owned(), json!(group)), ("IpProtocol".to_owned(), json!(rule.ip_protocol))]);
    for (key, port) in [("FromPort", rule.from_port), ("ToPort", rule.to_port)] {
        properties.extend(port.map(|port| (key.to_owned(), json!(port))));
    }
    for (key, value) in [
        ("CidrIp", &rule.cidr_ipv4),
        ("CidrIpv6", &rule.cidr_ipv6),
        (list, &rule.prefix_list_id),
        (other, &rule.referenced_group_id),
    ] {
        properties.extend(value.as_ref().map(|value| (key.to_owned(), json!(value))));
    }
    Value::Object(properties)
}

fn acl_entry(acl: &str, entry: &AclEntry) -> Value {
    let mut properties = Map::from_iter([
        ("NetworkAclId".to_owned(), json!(acl)),
        ("RuleNumber".to_owned(), json!(entry.rule_number)),
        ("Egress".to_owned(), json!(entry.egress)),
        ("Protocol".to_owned(), json!(entry.protocol.parse::<i32>().unwrap_or(6))),
        ("RuleAction".to_owned(), json!(entry.rule_action)),
    ]);
    properties.extend(entry.cidr_block.as_ref().map(|block| ("CidrBlock".to_owned(), json!(block))));
    properties.extend(entry.ipv6_cidr_block.as_ref().map(|block| ("Ipv6CidrBlock".to_owned(), json!(block))));
    let ports = entry.port_range.map(|range| json!({"From": range.from, "To": range.to}));
    properties.extend(ports.map(|range| ("PortRange".to_owned(), range)));
    Value::Object(properties)
}
