//! VPCs, their subnets, and what decides for all of them: DNS attributes, DHCP options, Block Public Access.

use aws_sdk_ec2::{Client, types};

use super::{absent, by, by_any, word};
use crate::{
    case::{
        Answer, Gap,
        network::{BlockPublicAccess, BlockPublicAccessExclusion, DhcpOptions, Subnet, Vpc, VpcAttribute},
    },
    collect::aws::error::empty,
};

pub async fn vpc(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    let mut found = client.describe_vpcs().filters(by("vpc-id", vpc)).into_paginator().items().send();
    found.try_next().await?.map(|found| Answer::Vpc(mapped_vpc(found))).ok_or_else(|| absent("VPC", vpc))
}

/// The operation tells one attribute a call.
pub async fn vpc_attribute(client: &Client, vpc: &str, attribute: &str) -> Result<Answer, Gap> {
    let answer = client.describe_vpc_attribute().vpc_id(vpc).attribute(attribute.into()).send().await?;
    let told = match attribute {
        "enableDnsSupport" => answer.enable_dns_support,
        "enableDnsHostnames" => answer.enable_dns_hostnames,
        _ => None,
    };
    let value = told.and_then(|told| told.value).ok_or_else(|| empty("DescribeVpcAttribute"))?;
    Ok(Answer::VpcAttribute(VpcAttribute { value }))
}

pub async fn dhcp_options(client: &Client, id: &str) -> Result<Answer, Gap> {
    let mut found = client.describe_dhcp_options().filters(by("dhcp-options-id", id)).into_paginator().items().send();
    let options = found.try_next().await?.ok_or_else(|| absent("DHCP option set", id))?;
    Ok(Answer::DhcpOptions(mapped_dhcp_options(options)))
}

/// Those of the subnets that EC2 knows. A filter needs a value: without one, EC2 refuses it.
pub async fn subnets(client: &Client, subnets: &[String]) -> Result<Answer, Gap> {
    if subnets.is_empty() {
        return Ok(Answer::Subnets(Vec::new()));
    }
    Ok(Answer::Subnets(listed_subnets(client, by_any("subnet-id", subnets)).await?))
}

pub async fn vpc_subnets(client: &Client, vpc: &str) -> Result<Answer, Gap> {
    Ok(Answer::VpcSubnets(listed_subnets(client, by("vpc-id", vpc)).await?))
}

async fn listed_subnets(client: &Client, filter: types::Filter) -> Result<Vec<Subnet>, Gap> {
    let pages = client.describe_subnets().filters(filter).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(found.into_iter().map(mapped_subnet).collect())
}

pub async fn block_public_access(client: &Client) -> Result<Answer, Gap> {
    let options = client.describe_vpc_block_public_access_options().send().await?.vpc_block_public_access_options;
    let mode = options.and_then(|options| options.internet_gateway_block_mode);
    let mode = mode.ok_or_else(|| empty("DescribeVpcBlockPublicAccessOptions"))?;
    let internet_gateway_block_mode = mode.as_str().to_owned();
    Ok(Answer::BlockPublicAccess(BlockPublicAccess { internet_gateway_block_mode }))
}

/// The SDK has no paginator for this operation.
pub async fn block_public_access_exclusions(client: &Client) -> Result<Answer, Gap> {
    let mut exclusions = Vec::new();
    let mut token = None;
    loop {
        let page = client.describe_vpc_block_public_access_exclusions().set_next_token(token).send().await?;
        let listed = page.vpc_block_public_access_exclusions.into_iter().flatten();
        exclusions.extend(listed.map(mapped_exclusion));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(Answer::BlockPublicAccessExclusions(exclusions));
        }
    }
}

/// Blocks that are on their way in or out route nothing. The primary block comes first: the resolver's address follows
/// from it.
fn mapped_vpc(vpc: types::Vpc) -> Vpc {
    let blocks = vpc.cidr_block_association_set.into_iter().flatten();
    let blocks = blocks.filter(|block| is_associated(block.cidr_block_state.as_ref()));
    let mut cidr_blocks: Vec<String> = blocks.filter_map(|block| block.cidr_block).collect();
    cidr_blocks.sort_by_key(|block| vpc.cidr_block.as_ref() != Some(block));
    let ipv6 = vpc.ipv6_cidr_block_association_set.into_iter().flatten();
    let ipv6 = ipv6.filter(|block| is_associated(block.ipv6_cidr_block_state.as_ref()));
    Vpc {
        vpc_id: vpc.vpc_id.unwrap_or_default(),
        cidr_blocks,
        ipv6_cidr_blocks: ipv6.filter_map(|block| block.ipv6_cidr_block).collect(),
        enable_dns_support: None,
        enable_dns_hostnames: None,
        dhcp_options_id: vpc.dhcp_options_id,
    }
}

fn is_associated(state: Option<&types::VpcCidrBlockState>) -> bool {
    state.and_then(|state| state.state()) == Some(&types::VpcCidrBlockStateCode::Associated)
}

fn mapped_subnet(subnet: types::Subnet) -> Subnet {
    let associated = Some(&types::SubnetCidrBlockStateCode::Associated);
    let ipv6 = subnet.ipv6_cidr_block_association_set.into_iter().flatten();
    let ipv6 = ipv6.filter(|block| block.ipv6_cidr_block_state().and_then(|state| state.state()) == associated);
    Subnet {
        subnet_id: subnet.subnet_id.unwrap_or_default(),
        vpc_id: subnet.vpc_id.unwrap_or_default(),
        availability_zone: subnet.availability_zone.unwrap_or_default(),
        cidr_block: subnet.cidr_block.filter(|block| !block.is_empty()),
        ipv6_cidr_blocks: ipv6.filter_map(|block| block.ipv6_cidr_block).collect(),
        ipv6_native: subnet.ipv6_native.unwrap_or_default(),
        enable_dns64: subnet.enable_dns64.unwrap_or_default(),
        available_ip_address_count: subnet.available_ip_address_count.map(Into::into),
    }
}

fn mapped_dhcp_options(options: types::DhcpOptions) -> DhcpOptions {
    let configurations = options.dhcp_configurations.into_iter().flatten();
    let servers = configurations.filter(|one| one.key() == Some("domain-name-servers"));
    let servers = servers.flat_map(|one| one.values.unwrap_or_default());
    DhcpOptions {
        dhcp_options_id: options.dhcp_options_id.unwrap_or_default(),
        domain_name_servers: servers.filter_map(|server| server.value).collect(),
    }
}

fn mapped_exclusion(exclusion: types::VpcBlockPublicAccessExclusion) -> BlockPublicAccessExclusion {
    BlockPublicAccessExclusion {
        exclusion_id: exclusion.exclusion_id.unwrap_or_default(),
        resource_arn: exclusion.resource_arn.unwrap_or_default(),
        internet_gateway_exclusion_mode: word(exclusion.internet_gateway_exclusion_mode),
        state: word(exclusion.state),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, ec2},
    };

    #[test]
    fn a_vpc_has_the_blocks_that_are_associated_and_the_primary_one_first() {
        let block = |block: &str, state: &str| {
            let state = types::VpcCidrBlockState::builder().state(state.into()).build();
            types::VpcCidrBlockAssociation::builder().cidr_block(block).cidr_block_state(state).build()
        };
        let vpc = types::Vpc::builder()
            .cidr_block("10.0.0.0/16")
            .cidr_block_association_set(block("10.2.0.0/16", "associated"))
            .cidr_block_association_set(block("10.1.0.0/16", "disassociating"))
            .cidr_block_association_set(block("10.0.0.0/16", "associated"))
            .build();
        assert_eq!(mapped_vpc(vpc).cidr_blocks, ["10.0.0.0/16", "10.2.0.0/16"]);
    }

    #[test]
    fn a_subnet_of_ipv6_alone_has_no_ipv4_block() {
        let state = types::SubnetCidrBlockState::builder().state(types::SubnetCidrBlockStateCode::Associated).build();
        let block = types::SubnetIpv6CidrBlockAssociation::builder().ipv6_cidr_block("2a05::/64");
        let subnet = types::Subnet::builder()
            .ipv6_native(true)
            .available_ip_address_count(0)
            .ipv6_cidr_block_association_set(block.ipv6_cidr_block_state(state).build());
        let mapped = mapped_subnet(subnet.build());
        assert_eq!((mapped.cidr_block, mapped.ipv6_cidr_blocks), (None, vec!["2a05::/64".to_owned()]));
        assert_eq!((mapped.ipv6_native, mapped.available_ip_address_count), (true, Some(0)));
    }

    #[test]
    fn an_attribute_is_told_under_its_own_name() {
        let vpc_attribute = |attribute: &str| Need::VpcAttribute {
            region: REGION.to_owned(),
            vpc: "vpc-1".to_owned(),
            attribute: attribute.to_owned(),
        };
        for attribute in ["enableDnsSupport", "enableDnsHostnames"] {
            let told = format!("<vpcId>vpc-1</vpcId><{attribute}><value>true</value></{attribute}>");
            let asked = asked(&vpc_attribute(attribute), [ec2("DescribeVpcAttribute", &told)]);
            assert_eq!(asked.answer, Ok(Answer::VpcAttribute(VpcAttribute { value: true })));
            assert!(asked.requests[0].contains(&format!("Attribute={attribute}")), "{asked:?}");
        }
        let other = ec2("DescribeVpcAttribute", "<enableDnsSupport><value>true</value></enableDnsSupport>");
        assert_eq!(asked(&vpc_attribute("enableDnsHostnames"), [other]).status(), "error");
    }

    #[test]
    fn only_name_servers_count_of_dhcp_options() {
        let configuration = |key: &str, value: &str| {
            let value = types::AttributeValue::builder().value(value).build();
            types::DhcpConfiguration::builder().key(key).values(value).build()
        };
        let options = types::DhcpOptions::builder()
            .dhcp_configurations(configuration("domain-name", "example.com"))
            .dhcp_configurations(configuration("domain-name-servers", "AmazonProvidedDNS"));
        assert_eq!(mapped_dhcp_options(options.build()).domain_name_servers, ["AmazonProvidedDNS"]);
    }

    #[test]
    fn exclusions_are_read_to_their_end() {
        let page = |id: &str, rest: &str| {
            let item = format!(
                "<item><exclusionId>{id}</exclusionId><resourceArn>arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1</resourceArn>\
                 <internetGatewayExclusionMode>allow-egress</internetGatewayExclusionMode>\
                 <state>create-complete</state></item>"
            );
            let set = format!("<vpcBlockPublicAccessExclusionSet>{item}</vpcBlockPublicAccessExclusionSet>{rest}");
            ec2("DescribeVpcBlockPublicAccessExclusions", &set)
        };
        let need = Need::BlockPublicAccessExclusions { region: REGION.to_owned() };
        let asked = asked(&need, [page("one", "<nextToken>more</nextToken>"), page("two", "")]);
        let Ok(Answer::BlockPublicAccessExclusions(found)) = &asked.answer else { panic!("{asked:?}") };
        assert_eq!(found.iter().map(|one| one.exclusion_id.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert!(found.iter().all(|one| one.internet_gateway_exclusion_mode == "allow-egress"), "{found:?}");
        assert!(asked.requests[1].contains("NextToken=more"), "{asked:?}");
    }

    #[test]
    fn the_mode_of_block_public_access_is_ec2s_word() {
        let need = Need::BlockPublicAccess { region: REGION.to_owned() };
        let options = "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>block-ingress</internetGatewayBlockMode>\
                       </vpcBlockPublicAccessOptions>";
        let told = asked(&need, [ec2("DescribeVpcBlockPublicAccessOptions", options)]);
        let internet_gateway_block_mode = "block-ingress".to_owned();
        assert_eq!(told.answer, Ok(Answer::BlockPublicAccess(BlockPublicAccess { internet_gateway_block_mode })));
        assert_eq!(asked(&need, [ec2("DescribeVpcBlockPublicAccessOptions", "")]).status(), "error");
    }
}
