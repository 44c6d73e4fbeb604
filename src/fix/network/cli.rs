//! Edits of networks as `aws` commands: <https://docs.aws.amazon.com/cli/latest/reference/ec2/>.

use serde_json::{Map, Value, json};

use super::{DnsAttribute, EndpointEdit, EndpointKind, NetworkChange, NetworkEdit, NewEndpoint};
use crate::{
    case::{
        AwsVpcConfiguration,
        network::{AclEntry, GroupRule},
    },
    fix::cli::quoted,
};

/// The command that makes a change.
pub fn command(change: &NetworkChange) -> String {
    let command = match &change.edit {
        NetworkEdit::AssignPublicIp { cluster, service, configuration } => format!(
            "aws ecs update-service --cluster {} --service {} --network-configuration {}",
            quoted(cluster),
            quoted(service),
            quoted(&awsvpc(configuration))
        ),
        NetworkEdit::PutRoute { table, destination, target, replaces } => {
            let verb = if *replaces { "replace-route" } else { "create-route" };
            let (to, by) = (destination_option(destination), target_option(target));
            format!(
                "aws ec2 {verb} --route-table-id {} {to} {} {by} {}",
                quoted(table),
                quoted(destination),
                quoted(target)
            )
        }
        NetworkEdit::CreateEndpoint(new) => create_endpoint(new),
        NetworkEdit::ModifyEndpoint { endpoint, edit } => {
            format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} {}", quoted(endpoint), endpoint_option(edit))
        }
        NetworkEdit::AuthorizeRule { group, egress, rule } => format!(
            "aws ec2 authorize-security-group-{} --group-id {} --ip-permissions {}",
            if *egress { "egress" } else { "ingress" },
            quoted(group),
            quoted(&json!([permission(rule)]).to_string())
        ),
        NetworkEdit::CreateAclEntry { acl, entry } => acl_entry(acl, entry),
        NetworkEdit::EnableDns { vpc, attribute } => {
            let option = match attribute {
                DnsAttribute::Support => "--enable-dns-support",
                DnsAttribute::Hostnames => "--enable-dns-hostnames",
            };
            format!("aws ec2 modify-vpc-attribute --vpc-id {} {option} '{{\"Value\":true}}'", quoted(vpc))
        }
        NetworkEdit::CreateMountTarget { file_system, subnet, groups, .. } => format!(
            "aws efs create-mount-target --file-system-id {} --subnet-id {} --security-groups {}",
            quoted(file_system),
            quoted(subnet),
            words(groups)
        ),
    };
    format!("{command} --region {}", quoted(&change.region))
}

fn awsvpc(configuration: &AwsVpcConfiguration) -> String {
    let AwsVpcConfiguration { subnets, security_groups, assign_public_ip } = configuration;
    let mut parts = vec![format!("subnets=[{}]", subnets.join(","))];
    if !security_groups.is_empty() {
        parts.push(format!("securityGroups=[{}]", security_groups.join(",")));
    }
    parts.extend(assign_public_ip.as_ref().map(|assigns| format!("assignPublicIp={assigns}")));
    format!("awsvpcConfiguration={{{}}}", parts.join(","))
}

fn destination_option(destination: &str) -> &'static str {
    if destination.contains(':') { "--destination-ipv6-cidr-block" } else { "--destination-cidr-block" }
}

/// EC2 has an option for each kind of target.
fn target_option(target: &str) -> &'static str {
    match target.split('-').next() {
        Some("nat") => "--nat-gateway-id",
        Some("eigw") => "--egress-only-internet-gateway-id",
        _ => "--gateway-id",
    }
}

fn create_endpoint(new: &NewEndpoint) -> String {
    let (kind, options) = match &new.kind {
        EndpointKind::Interface { subnets, groups } => {
            let placed = format!("--subnet-ids {} --security-group-ids {}", words(subnets), words(groups));
            ("Interface", format!("{placed} --private-dns-enabled"))
        }
        EndpointKind::Gateway { tables } => ("Gateway", format!("--route-table-ids {}", words(tables))),
    };
    let named = format!("--vpc-id {} --service-name {}", quoted(&new.vpc), quoted(&new.service));
    format!("aws ec2 create-vpc-endpoint --vpc-endpoint-type {kind} {named} {options}")
}

fn endpoint_option(edit: &EndpointEdit) -> String {
    match edit {
        EndpointEdit::AddSubnets(subnets) => format!("--add-subnet-ids {}", words(subnets)),
        EndpointEdit::AddGroups(groups) => format!("--add-security-group-ids {}", words(groups)),
        EndpointEdit::AddRouteTables(tables) => format!("--add-route-table-ids {}", words(tables)),
        EndpointEdit::EnablePrivateDns => "--private-dns-enabled".to_owned(),
        EndpointEdit::PutPolicy(document) => format!("--policy-document {}", quoted(&document.to_string())),
    }
}

/// A rule as an `IpPermission`.
fn permission(rule: &GroupRule) -> Value {
    let peers = [
        ("IpRanges", "CidrIp", &rule.cidr_ipv4),
        ("Ipv6Ranges", "CidrIpv6", &rule.cidr_ipv6),
        ("PrefixListIds", "PrefixListId", &rule.prefix_list_id),
        ("UserIdGroupPairs", "GroupId", &rule.referenced_group_id),
    ];
    let mut permission = Map::from_iter([("IpProtocol".to_owned(), json!(rule.ip_protocol))]);
    for (key, port) in [("FromPort", rule.from_port), ("ToPort", rule.to_port)] {
        permission.extend(port.map(|port| (key.to_owned(), json!(port))));
    }
    for (list, key, value) in peers {
        permission.extend(value.as_ref().map(|value| (list.to_owned(), json!([{ key: value }]))));
    }
    Value::Object(permission)
}

fn acl_entry(acl: &str, entry: &AclEntry) -> String {
    let direction = if entry.egress { "--egress" } else { "--ingress" };
    let block = match (&entry.cidr_block, &entry.ipv6_cidr_block) {
        (Some(block), _) => format!(" --cidr-block {}", quoted(block)),
        (None, Some(block)) => format!(" --ipv6-cidr-block {}", quoted(block)),
        (None, None) => String::new(),
    };
    let ports = entry.port_range.map(|range| format!(" --port-range From={},To={}", range.from, range.to));
    format!(
        "aws ec2 create-network-acl-entry --network-acl-id {} --rule-number {} {direction} --protocol {}{}{block} \
         --rule-action {}",
        quoted(acl),
        entry.rule_number,
        quoted(&entry.protocol),
        ports.unwrap_or_default(),
        quoted(&entry.rule_action)
    )
}

/// Several words of one option.
fn words(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::network::PortRange;

    fn told(edit: NetworkEdit) -> String {
        command(&NetworkChange { region: "eu-central-1".into(), edit })
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|&text| text.to_owned()).collect()
    }

    fn rule(peer: GroupRule) -> GroupRule {
        GroupRule { ip_protocol: "tcp".into(), from_port: Some(443), to_port: Some(443), ..peer }
    }

    #[test]
    fn a_service_keeps_its_subnets_and_groups() {
        let configuration = AwsVpcConfiguration {
            subnets: texts(&["subnet-a", "subnet-b"]),
            security_groups: texts(&["sg-1"]),
            assign_public_ip: Some("ENABLED".into()),
        };
        let edit = NetworkEdit::AssignPublicIp { cluster: "prod".into(), service: "web".into(), configuration };
        let expected = "aws ecs update-service --cluster prod --service web --network-configuration \
            'awsvpcConfiguration={subnets=[subnet-a,subnet-b],securityGroups=[sg-1],assignPublicIp=ENABLED}' \
            --region eu-central-1";
        assert_eq!(told(edit), expected);
    }

    #[test]
    fn routes_name_the_kind_of_their_target() {
        for (destination, target, replaces, expected) in [
            (
                "0.0.0.0/0",
                "nat-1",
                false,
                "create-route --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-1",
            ),
            (
                "0.0.0.0/0",
                "igw-1",
                true,
                "replace-route --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1",
            ),
            (
                "64:ff9b::/96",
                "nat-1",
                false,
                "create-route --route-table-id rtb-1 --destination-ipv6-cidr-block 64:ff9b::/96 --nat-gateway-id nat-1",
            ),
            (
                "::/0",
                "eigw-1",
                false,
                "create-route --route-table-id rtb-1 --destination-ipv6-cidr-block ::/0 --egress-only-internet-gateway-id eigw-1",
            ),
        ] {
            let edit = NetworkEdit::PutRoute {
                table: "rtb-1".into(),
                destination: destination.into(),
                target: target.into(),
                replaces,
            };
            assert_eq!(told(edit), format!("aws ec2 {expected} --region eu-central-1"));
        }
    }

    #[test]
    fn endpoints_are_made_whole() {
        let new = |service: &str, kind| {
            NetworkEdit::CreateEndpoint(NewEndpoint { vpc: "vpc-1".into(), service: service.into(), kind })
        };
        let kind = EndpointKind::Interface { subnets: texts(&["subnet-a", "subnet-b"]), groups: texts(&["sg-1"]) };
        let expected = "aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id vpc-1 --service-name com.amazonaws.eu-central-1.ecr.api --subnet-ids subnet-a subnet-b --security-group-ids sg-1 --private-dns-enabled --region eu-central-1";
        assert_eq!(told(new("com.amazonaws.eu-central-1.ecr.api", kind)), expected);
        let kind = EndpointKind::Gateway { tables: texts(&["rtb-1"]) };
        let expected = "aws ec2 create-vpc-endpoint --vpc-endpoint-type Gateway --vpc-id vpc-1 --service-name com.amazonaws.eu-central-1.s3 --route-table-ids rtb-1 --region eu-central-1";
        assert_eq!(told(new("com.amazonaws.eu-central-1.s3", kind)), expected);
    }

    #[test]
    fn endpoints_are_changed_in_one_thing() {
        let policy = json!({"Statement": [{"Principal": "*"}]});
        for (edit, option) in [
            (EndpointEdit::AddSubnets(texts(&["subnet-a"])), "--add-subnet-ids subnet-a"),
            (EndpointEdit::AddGroups(texts(&["sg-1", "sg-2"])), "--add-security-group-ids sg-1 sg-2"),
            (EndpointEdit::AddRouteTables(texts(&["rtb-1"])), "--add-route-table-ids rtb-1"),
            (EndpointEdit::EnablePrivateDns, "--private-dns-enabled"),
            (EndpointEdit::PutPolicy(policy), r#"--policy-document '{"Statement":[{"Principal":"*"}]}'"#),
        ] {
            let edit = NetworkEdit::ModifyEndpoint { endpoint: "vpce-1".into(), edit };
            assert_eq!(
                told(edit),
                format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-1 {option} --region eu-central-1")
            );
        }
    }

    #[test]
    fn rules_have_one_peer() {
        for (egress, peer, expected) in [
            (
                true,
                GroupRule { cidr_ipv4: Some("0.0.0.0/0".into()), ..GroupRule::default() },
                r#"egress --group-id sg-1 --ip-permissions '[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'"#,
            ),
            (
                true,
                GroupRule { prefix_list_id: Some("pl-1".into()), ..GroupRule::default() },
                r#"egress --group-id sg-1 --ip-permissions '[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"PrefixListIds":[{"PrefixListId":"pl-1"}]}]'"#,
            ),
            (
                false,
                GroupRule { referenced_group_id: Some("sg-2".into()), ..GroupRule::default() },
                r#"ingress --group-id sg-1 --ip-permissions '[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"UserIdGroupPairs":[{"GroupId":"sg-2"}]}]'"#,
            ),
        ] {
            let edit = NetworkEdit::AuthorizeRule { group: "sg-1".into(), egress, rule: rule(peer) };
            assert_eq!(told(edit), format!("aws ec2 authorize-security-group-{expected} --region eu-central-1"));
        }
    }

    #[test]
    fn other_edits_name_everything() {
        let entry = AclEntry {
            rule_number: 90,
            egress: false,
            protocol: "6".into(),
            cidr_block: Some("0.0.0.0/0".into()),
            port_range: Some(PortRange { from: 1024, to: 65535 }),
            rule_action: "allow".into(),
            ..AclEntry::default()
        };
        let dns = |attribute| NetworkEdit::EnableDns { vpc: "vpc-1".into(), attribute };
        let target = NetworkEdit::CreateMountTarget {
            file_system: "fs-1".into(),
            subnet: "subnet-a".into(),
            zone: "eu-central-1a".into(),
            groups: texts(&["sg-1"]),
        };
        for (edit, expected) in [
            (
                NetworkEdit::CreateAclEntry { acl: "acl-1".into(), entry },
                "ec2 create-network-acl-entry --network-acl-id acl-1 --rule-number 90 --ingress --protocol 6 --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow",
            ),
            (
                dns(DnsAttribute::Support),
                r#"ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-support '{"Value":true}'"#,
            ),
            (
                dns(DnsAttribute::Hostnames),
                r#"ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames '{"Value":true}'"#,
            ),
            (target, "efs create-mount-target --file-system-id fs-1 --subnet-id subnet-a --security-groups sg-1"),
        ] {
            assert_eq!(told(edit), format!("aws {expected} --region eu-central-1"));
        }
    }
}
