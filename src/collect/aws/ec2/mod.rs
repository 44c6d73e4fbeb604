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
