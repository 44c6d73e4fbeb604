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
