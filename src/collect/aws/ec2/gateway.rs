//! NAT gateways and VPC endpoints.

use aws_sdk_ec2::{Client, types};

use super::{by, word};
use crate::case::{
    Answer, Gap, PolicyDocument,
    network::{EndpointDns, NatAddress, NatGateway, VpcEndpoint},
};

pub async fn nat_gateways(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_nat_gateways().filter(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::NatGateways(found.into_iter().map(mapped_nat).collect()))
}

pub async fn vpc_endpoints(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let pages = client.describe_vpc_endpoints().filters(by("vpc-id", vpc)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::VpcEndpoints(found.into_iter().map(mapped_endpoint).collect()))
}

/// A gateway that says no kind is from before there were private ones.
fn mapped_nat(gateway: types::NatGateway) -> NatGateway {
    let is_regional = gateway.availability_mode == Some(types::AvailabilityMode::Regional);
    let connectivity = gateway.connectivity_type.unwrap_or(types::ConnectivityType::Public);
    NatGateway {
        nat_gateway_id: gateway.nat_gateway_id.unwrap_or_default(),
        vpc_id: gateway.vpc_id.unwrap_or_default(),
        subnet_id: gateway.subnet_id.filter(|subnet| !is_regional && !subnet.is_empty()),
        state: word(gateway.state),
        connectivity_type: connectivity.as_str().to_owned(),
        nat_gateway_addresses: gateway.nat_gateway_addresses.into_iter().flatten().map(mapped_address).collect(),
    }
}

fn mapped_address(address: types::NatGatewayAddress) -> NatAddress {
    NatAddress { public_ip: address.public_ip, private_ip: address.private_ip }
}

/// Without a word on families an endpoint has IPv4, as all had before there was a choice.
fn mapped_endpoint(endpoint: types::VpcEndpoint) -> VpcEndpoint {
    let inbound_only = endpoint.dns_options.and_then(|dns| dns.private_dns_only_for_inbound_resolver_endpoint);
    let family = endpoint.ip_address_type.unwrap_or(types::IpAddressType::Ipv4);
    VpcEndpoint {
        vpc_endpoint_id: endpoint.vpc_endpoint_id.unwrap_or_default(),
        vpc_endpoint_type: word(endpoint.vpc_endpoint_type),
        vpc_id: endpoint.vpc_id.unwrap_or_default(),
        service_name: endpoint.service_name.unwrap_or_default(),
        state: lower_first(&word(endpoint.state)),
        subnet_ids: endpoint.subnet_ids.unwrap_or_default(),
        groups: endpoint.groups.into_iter().flatten().filter_map(|group| group.group_id).collect(),
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        network_interface_ids: endpoint.network_interface_ids.unwrap_or_default(),
        private_dns_enabled: endpoint.private_dns_enabled.unwrap_or_default(),
        private_dns_only_for_inbound_resolver_endpoint: inbound_only.unwrap_or_default(),
        policy: endpoint.policy_document.map(|document| PolicyDocument { document }),
        dns_entries: endpoint.dns_entries.into_iter().flatten().map(mapped_dns).collect(),
        ip_address_type: family.as_str().to_owned(),
    }
}

fn mapped_dns(entry: types::DnsEntry) -> EndpointDns {
    EndpointDns {
        dns_name: entry.dns_name.unwrap_or_default(),
        hosted_zone_id: entry.hosted_zone_id.unwrap_or_default(),
    }
}

/// EC2's reference writes the states of endpoints as `PendingAcceptance`, its answers as `pendingAcceptance`.
fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, ec2},
    };

    fn vpc() -> (String, String) {
        (REGION.to_owned(), "vpc-1".to_owned())
    }

    #[test]
    fn a_regional_nat_gateway_is_in_no_subnet() {
        let gateway = || types::NatGateway::builder().subnet_id("subnet-1").state(types::NatGatewayState::Failed);
        let zonal = mapped_nat(gateway().availability_mode(types::AvailabilityMode::Zonal).build());
        assert_eq!((zonal.subnet_id.as_deref(), zonal.state.as_str()), (Some("subnet-1"), "failed"));
        let regional = gateway().availability_mode(types::AvailabilityMode::Regional);
        let regional = mapped_nat(regional.connectivity_type(types::ConnectivityType::Private).build());
        assert_eq!((regional.subnet_id, regional.connectivity_type.as_str()), (None, "private"));
        let old = mapped_nat(gateway().build());
        assert_eq!((old.subnet_id.as_deref(), old.connectivity_type.as_str()), (Some("subnet-1"), "public"));
    }

    #[test]
    fn nat_gateways_are_asked_for_by_their_vpc() {
        let (region, vpc) = vpc();
        let asked = asked(&Need::NatGateways { region, vpc }, [ec2("DescribeNatGateways", "<natGatewaySet/>")]);
        assert_eq!(asked.answer, Ok(Answer::NatGateways(Vec::new())));
        assert!(asked.requests[0].contains("Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1"), "{asked:?}");
    }

    #[test]
    fn an_endpoint_keeps_what_a_call_through_it_depends_on() {
        let item = r#"<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcId>vpc-1</vpcId>
            <vpcEndpointType>Interface</vpcEndpointType><serviceName>com.amazonaws.eu-west-1.s3</serviceName>
            <state>pendingAcceptance</state><policyDocument>{"Statement":[]}</policyDocument><routeTableIdSet/>
            <subnetIdSet><item>subnet-1</item></subnetIdSet>
            <groupSet><item><groupId>sg-1</groupId><groupName>app</groupName></item></groupSet>
            <networkInterfaceIdSet><item>eni-1</item></networkInterfaceIdSet>
            <privateDnsEnabled>true</privateDnsEnabled><ipAddressType>dualstack</ipAddressType>
            <dnsOptions><privateDnsOnlyForInboundResolverEndpoint>true</privateDnsOnlyForInboundResolverEndpoint></dnsOptions>
            <dnsEntrySet><item><dnsName>s3.eu-west-1.amazonaws.com</dnsName><hostedZoneId>Z1</hostedZoneId></item></dnsEntrySet>
            </item></vpcEndpointSet>"#;
        let (region, vpc) = vpc();
        let asked = asked(&Need::VpcEndpoints { region, vpc }, [ec2("DescribeVpcEndpoints", item)]);
        let Ok(Answer::VpcEndpoints(found)) = &asked.answer else { panic!("{asked:?}") };
        let endpoint = VpcEndpoint {
            vpc_endpoint_id: "vpce-1".to_owned(),
            vpc_endpoint_type: "Interface".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            service_name: "com.amazonaws.eu-west-1.s3".to_owned(),
            state: "pendingAcceptance".to_owned(),
            subnet_ids: vec!["subnet-1".to_owned()],
            groups: vec!["sg-1".to_owned()],
            route_table_ids: Vec::new(),
            network_interface_ids: vec!["eni-1".to_owned()],
            private_dns_enabled: true,
            private_dns_only_for_inbound_resolver_endpoint: true,
            policy: Some(PolicyDocument { document: r#"{"Statement":[]}"#.to_owned() }),
            dns_entries: vec![EndpointDns {
                dns_name: "s3.eu-west-1.amazonaws.com".to_owned(),
                hosted_zone_id: "Z1".to_owned(),
            }],
            ip_address_type: "dualstack".to_owned(),
        };
        assert_eq!(*found, [endpoint]);
    }

    #[test]
    fn states_are_written_in_one_way() {
        for (told, state) in [(types::State::PendingAcceptance, "pendingAcceptance"), ("available".into(), "available")]
        {
            assert_eq!(mapped_endpoint(types::VpcEndpoint::builder().state(told).build()).state, state);
        }
        let quiet = mapped_endpoint(types::VpcEndpoint::builder().build());
        assert_eq!((quiet.state.as_str(), quiet.ip_address_type.as_str()), ("", "ipv4"));
    }
}
