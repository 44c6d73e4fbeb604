//! EC2: the network around a task, by subject as in `case::network`.
//!
//! Things are asked for by filters and not by their ids: a filter that nothing matches gives an empty list, where one
//! unknown id among several would be an error for all of them. Each listing is read to its end
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination>).

mod filter;
mod gateway;
mod interface;
mod route;
mod vpc;

use aws_sdk_ec2::types::Filter;

use crate::case::Gap;

pub use self::{
    filter::{default_security_group, network_acls, security_groups},
    gateway::{nat_gateways, vpc_endpoints},
    interface::{instance, network_interface, network_interfaces_at},
    route::{prefix_list_entries, prefix_lists, route_tables},
    vpc::{
        block_public_access, block_public_access_exclusions, dhcp_options, subnets, vpc, vpc_attribute, vpc_subnets,
    },
};

/// What has this value in the field that the filter is about.
fn by(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

fn by_any(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// The filter matched nothing: EC2 has no such thing.
fn absent(what: &str, id: &str) -> Gap {
    Gap::NotFound { message: format!("EC2 lists no {what} '{id}'") }
}

/// A word of the API, empty where EC2 said none.
fn word(value: Option<impl AsRef<str>>) -> String {
    value.map(|value| value.as_ref().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {

    use crate::{
        case::{Answer, Need},
        collect::aws::wire::{REGION, asked, ec2, ec2_error},
    };

    fn region() -> String {
        REGION.to_owned()
    }

    fn subnets_of(vpc: &str) -> Need {
        Need::VpcSubnets { region: region(), vpc: vpc.to_owned() }
    }

    #[test]
    fn every_page_is_read() {
        let subnet = |id: &str| format!("<subnetSet><item><subnetId>{id}</subnetId></item></subnetSet>");
        let first = ec2("DescribeSubnets", &(subnet("subnet-1") + "<nextToken>more</nextToken>"));
        let last = ec2("DescribeSubnets", &subnet("subnet-2"));
        let asked = asked(&subnets_of("vpc-1"), [first, last]);
        let Ok(Answer::VpcSubnets(subnets)) = &asked.answer else { panic!("{asked:?}") };
        assert_eq!(
            subnets.iter().map(|subnet| subnet.subnet_id.as_str()).collect::<Vec<_>>(),
            ["subnet-1", "subnet-2"]
        );
        assert!(asked.requests[0].contains("Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1"), "{asked:?}");
        assert!(asked.requests[1].contains("NextToken=more"), "{asked:?}");
    }

    #[test]
    fn a_filter_without_a_match_is_a_missing_thing_or_an_empty_list() {
        let missing = [
            (Need::Vpc { region: region(), vpc: "vpc-1".to_owned() }, "DescribeVpcs"),
            (Need::DhcpOptions { region: region(), dhcp_options: "default".to_owned() }, "DescribeDhcpOptions"),
            (Need::Instance { region: region(), instance: "i-1".to_owned() }, "DescribeInstances"),
            (Need::NetworkInterface { region: region(), interface: "eni-1".to_owned() }, "DescribeNetworkInterfaces"),
            (Need::DefaultSecurityGroup { region: region(), vpc: "vpc-1".to_owned() }, "DescribeSecurityGroups"),
        ];
        for (need, operation) in missing {
            let asked = asked(&need, [ec2(operation, "")]);
            assert_eq!(asked.status(), "not-found", "{need:?}: {asked:?}");
        }
        let asked = asked(&subnets_of("vpc-1"), [ec2("DescribeSubnets", "<subnetSet/>")]);
        assert_eq!(asked.answer, Ok(Answer::VpcSubnets(Vec::new())));
    }

    #[test]
    fn ec2_says_no_in_its_own_form() {
        for (code, status) in [
            ("UnauthorizedOperation", "denied"),
            ("RequestLimitExceeded", "throttled"),
            ("InvalidVpcID.NotFound", "not-found"),
            ("UnsupportedOperation", "error"),
        ] {
            let asked = asked(&subnets_of("vpc-1"), [ec2_error(code)]);
            assert_eq!(asked.status(), status, "{code}");
            let gap = asked.answer.unwrap_err();
            assert_eq!(gap.message(), Some(format!("{code}: Why it is so.").as_str()));
        }
    }

    #[test]
    fn nothing_is_asked_about_no_ids() {
        let none = asked(&Need::Subnets { region: region(), subnets: Vec::new() }, []);
        assert_eq!(none.answer, Ok(Answer::Subnets(Vec::new())));
        let none = asked(&Need::SecurityGroups { region: region(), groups: Vec::new() }, []);
        assert_eq!(none.answer, Ok(Answer::SecurityGroups(Vec::new())));
    }
}
