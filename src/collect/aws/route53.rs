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

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{Reply, asked, reply},
    };

    fn page(zones: &str, rest: &str) -> Reply {
        let namespace = "https://route53.amazonaws.com/doc/2013-04-01/";
        let zones = format!("<HostedZoneSummaries>{zones}</HostedZoneSummaries><MaxItems>100</MaxItems>{rest}");
        let body =
            format!(r#"<ListHostedZonesByVPCResponse xmlns="{namespace}">{zones}</ListHostedZonesByVPCResponse>"#);
        reply(200, body)
    }

    fn zone(id: &str, name: &str, owner: &str) -> String {
        format!(
            "<HostedZoneSummary><HostedZoneId>{id}</HostedZoneId><Name>{name}</Name><Owner>{owner}</Owner>\
             </HostedZoneSummary>"
        )
    }

    #[test]
    fn zones_of_accounts_are_listed_and_those_of_services_are_not() {
        let account = "<OwningAccount>123456789012</OwningAccount>";
        let first = zone("Z1", "example.com.", account)
            + &zone("Z2", "efs.eu-west-1.amazonaws.com.", "<OwningService>efs.amazonaws.com</OwningService>");
        let pages = [page(&first, "<NextToken>more</NextToken>"), page(&zone("Z3", "internal.", account), "")];
        let need = Need::HostedZones { region: "us-east-1".to_owned(), vpc: "vpc-1".to_owned() };
        let asked = asked(&need, pages);
        let Ok(Answer::HostedZones(zones)) = &asked.answer else { panic!("{asked:?}") };
        let zones: Vec<_> = zones.iter().map(|zone| (zone.hosted_zone_id.as_str(), zone.name.as_str())).collect();
        assert_eq!(zones, [("Z1", "example.com."), ("Z3", "internal.")]);
        assert!(asked.requests[0].contains("vpcid=vpc-1&vpcregion=us-east-1"), "{asked:?}");
        assert!(asked.requests[1].contains("nexttoken=more"), "{asked:?}");
    }

    /// Route 53 says so of a VPC that it may not look at, too.
    #[test]
    fn an_invalid_vpc_is_not_a_missing_one() {
        let error = "<Error><Code>InvalidVPCId</Code><Message>The VPC is not valid</Message></Error>";
        let need = Need::HostedZones { region: "eu-west-1".to_owned(), vpc: "vpc-1".to_owned() };
        let asked = asked(&need, [reply(400, format!("<ErrorResponse>{error}</ErrorResponse>"))]);
        assert_eq!(asked.status(), "error", "{asked:?}");
    }
}
