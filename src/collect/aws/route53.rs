//! Route 53: the private hosted zones that a VPC's resolver looks names up in first. No record is read.

use aws_sdk_route53::{
    Client,
    types::{HostedZoneSummary, VpcRegion},
};

use crate::case::{Answer, Gap, network::HostedZone};

/// The SDK has no paginator for this operation.
pub async fn hosted_zones(client: &Client, region: &str, vpc: &str) -> Result<Answer, Gap> {
    let request = client.list_hosted_zones_by_vpc().vpc_id(vpc).vpc_region(VpcRegion::from(region));
    let mut zones = Vec::new();
    let mut token = None;
    loop {
        let page = request.clone().set_next_token(token).send().await?;
        zones.extend(page.hosted_zone_summaries.into_iter().filter(is_of_an_account).map(mapped));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(Answer::HostedZones(zones));
        }
    }
}

/// A zone that a service keeps (of an interface endpoint, of a file system) holds the names that the service says it
/// holds. A zone of an account may hold anything.
fn is_of_an_account(zone: &HostedZoneSummary) -> bool {
    zone.owner().and_then(|owner| owner.owning_service()).is_none()
}

fn mapped(zone: HostedZoneSummary) -> HostedZone {
    HostedZone { hosted_zone_id: zone.hosted_zone_id, name: zone.name }
}
