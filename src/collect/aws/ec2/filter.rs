//! Security groups and network ACLs.
//!
//! `DescribeSecurityGroups` lists permissions, each of one protocol and port range for many peers; a rule of
//! `case::network` has one peer.

use aws_sdk_ec2::{Client, types};

use super::{absent, by, by_any, word};
use crate::case::{
    Answer, Gap,
    network::{AclAssociation, AclEntry, GroupRule, IcmpTypeCode, NetworkAcl, PortRange, SecurityGroup},
};

/// Those of the groups that EC2 knows. A filter needs a value: without one, EC2 refuses it.
pub async fn security_groups(client: &Client, groups: &[String]) -> Result<Answer, Gap> {
    if groups.is_empty() {
        return Ok(Answer::SecurityGroups(Vec::new()));
    }
    let pages = client.describe_security_groups().filters(by_any("group-id", groups)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::SecurityGroups(found.into_iter().map(mapped_group).collect()))
}

pub async fn default_security_group(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let request = client.describe_security_groups().filters(by("vpc-id", vpc)).filters(by("group-name", "default"));
    let mut found = request.into_paginator().items().send();
    let group = found.try_next().await?.ok_or_else(|| absent("default security group of the VPC", vpc))?;
    Ok(Answer::DefaultSecurityGroup(mapped_group(group)))
}

pub async fn network_acls(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_network_acls().filters(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::NetworkAcls(found.into_iter().map(mapped_acl).collect()))
}

fn mapped_group(group: types::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        group_id: group.group_id.unwrap_or_default(),
        group_name: group.group_name.unwrap_or_default(),
        vpc_id: group.vpc_id.unwrap_or_default(),
        ingress: group.ip_permissions.into_iter().flatten().flat_map(rules).collect(),
        egress: group.ip_permissions_egress.into_iter().flatten().flat_map(rules).collect(),
    }
}

/// One rule for each peer of a permission.
fn rules(permission: types::IpPermission) -> Vec<GroupRule> {
    let to_all = GroupRule {
        ip_protocol: permission.ip_protocol.unwrap_or_default(),
        from_port: permission.from_port,
        to_port: permission.to_port,
        ..GroupRule::default()
    };
    let cidr = |range: types::IpRange| GroupRule { cidr_ipv4: range.cidr_ip, ..to_all.clone() };
    let cidr6 = |range: types::Ipv6Range| GroupRule { cidr_ipv6: range.cidr_ipv6, ..to_all.clone() };
    let list = |list: types::PrefixListId| GroupRule { prefix_list_id: list.prefix_list_id, ..to_all.clone() };
    let group = |pair: types::UserIdGroupPair| GroupRule { referenced_group_id: pair.group_id, ..to_all.clone() };
    let mut rules: Vec<_> = permission.ip_ranges.into_iter().flatten().map(cidr).collect();
    rules.extend(permission.ipv6_ranges.into_iter().flatten().map(cidr6));
    rules.extend(permission.prefix_list_ids.into_iter().flatten().map(list));
    rules.extend(permission.user_id_group_pairs.into_iter().flatten().map(group));
    rules
}

fn mapped_acl(acl: types::NetworkAcl) -> NetworkAcl {
    let subnets = acl.associations.into_iter().flatten().filter_map(|association| association.subnet_id);
    NetworkAcl {
        network_acl_id: acl.network_acl_id.unwrap_or_default(),
        vpc_id: acl.vpc_id.unwrap_or_default(),
        is_default: acl.is_default.unwrap_or_default(),
        associations: subnets.map(|subnet_id| AclAssociation { subnet_id }).collect(),
        entries: acl.entries.into_iter().flatten().map(mapped_entry).collect(),
    }
}

fn mapped_entry(entry: types::NetworkAclEntry) -> AclEntry {
    AclEntry {
        rule_number: entry.rule_number.unwrap_or_default(),
        egress: entry.egress.unwrap_or_default(),
        protocol: entry.protocol.unwrap_or_default(),
        cidr_block: entry.cidr_block,
        ipv6_cidr_block: entry.ipv6_cidr_block,
        port_range: entry.port_range.and_then(mapped_ports),
        icmp_type_code: entry.icmp_type_code.and_then(mapped_icmp),
        rule_action: word(entry.rule_action),
    }
}

fn mapped_ports(ports: types::PortRange) -> Option<PortRange> {
    Some(PortRange { from: ports.from?, to: ports.to? })
}

fn mapped_icmp(icmp: types::IcmpTypeCode) -> Option<IcmpTypeCode> {
    Some(IcmpTypeCode { code: icmp.code?, r#type: icmp.r#type? })
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_permission_is_a_rule_for_each_peer() {
        let permission = types::IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(444)
            .ip_ranges(types::IpRange::builder().cidr_ip("10.0.0.0/16").build())
            .ip_ranges(types::IpRange::builder().cidr_ip("10.1.0.0/16").build())
            .ipv6_ranges(types::Ipv6Range::builder().cidr_ipv6("::/0").build())
            .prefix_list_ids(types::PrefixListId::builder().prefix_list_id("pl-1").build())
            .user_id_group_pairs(types::UserIdGroupPair::builder().group_id("sg-2").build());
        let group = types::SecurityGroup::builder().group_id("sg-1").ip_permissions_egress(permission.build());
        let group = mapped_group(group.build());
        assert_eq!((group.ingress.len(), group.egress.len()), (0, 5));
        assert!(group.egress.iter().all(|rule| (rule.from_port, rule.to_port) == (Some(443), Some(444))));
        let peers = group.egress.iter().map(|rule| {
            let peers = [&rule.cidr_ipv4, &rule.cidr_ipv6, &rule.prefix_list_id, &rule.referenced_group_id];
            peers.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(peers.collect::<Vec<_>>(), ["10.0.0.0/16", "10.1.0.0/16", "::/0", "pl-1", "sg-2"]);
    }

    #[test]
    fn an_entry_of_an_acl_keeps_number_direction_and_ports() {
        let entry = types::NetworkAclEntry::builder()
            .rule_number(100)
            .egress(true)
            .protocol("6")
            .cidr_block("0.0.0.0/0")
            .port_range(types::PortRange::builder().from(1024).to(65535).build())
            .rule_action(types::RuleAction::Deny);
        let last =
            types::NetworkAclEntry::builder().rule_number(32767).protocol("-1").rule_action(types::RuleAction::Deny);
        let subnet = types::NetworkAclAssociation::builder().subnet_id("subnet-1").build();
        let acl = types::NetworkAcl::builder().associations(subnet).entries(entry.build()).entries(last.build());
        let acl = mapped_acl(acl.build());
        assert_eq!(acl.associations, [AclAssociation { subnet_id: "subnet-1".to_owned() }]);
        let (first, last) = (&acl.entries[0], &acl.entries[1]);
        assert_eq!((first.egress, first.port_range), (true, Some(PortRange { from: 1024, to: 65535 })));
        assert_eq!(first.rule_action, "deny");
        assert_eq!((last.rule_number, last.egress, last.port_range), (32767, false, None));
    }
}
