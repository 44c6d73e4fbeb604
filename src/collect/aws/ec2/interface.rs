//! Network interfaces, and instances with their primary one.

use std::str::FromStr;

use aws_sdk_ec2::{Client, types};

use super::{absent, by, word};
use crate::case::{
    Answer, Gap,
    network::{Instance, NetworkInterface},
};

pub async fn network_interface(client: &Client, interface: &str) -> Result<Answer, Gap> {
    let request = client.describe_network_interfaces().filters(by("network-interface-id", interface));
    let found = request.into_paginator().items().send().try_next().await?;
    let found = found.ok_or_else(|| absent("network interface", interface))?;
    Ok(Answer::NetworkInterface(mapped(found)))
}

pub async fn network_interfaces_at(client: &Client, vpc: &str, address: &str) -> Result<Answer, Gap> {
    let request = client.describe_network_interfaces().filters(by("vpc-id", vpc));
    let request = request.filters(by("addresses.private-ip-address", address));
    let found: Vec<_> = request.into_paginator().items().send().try_collect().await?;
    Ok(Answer::NetworkInterfacesAt(found.into_iter().map(mapped).collect()))
}

pub async fn instance(client: &Client, instance: &str) -> Result<Answer, Gap> {
    let request = client.describe_instances().filters(by("instance-id", instance));
    let reservations: Vec<_> = request.into_paginator().items().send().try_collect().await?;
    let mut instances = reservations.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default());
    let found = instances.next().ok_or_else(|| absent("instance", instance))?;
    Ok(Answer::Instance(mapped_instance(found)))
}

fn mapped(interface: types::NetworkInterface) -> NetworkInterface {
    let ipv6 = interface.ipv6_addresses.into_iter().flatten().filter_map(|address| address.ipv6_address);
    NetworkInterface {
        network_interface_id: interface.network_interface_id.unwrap_or_default(),
        subnet_id: interface.subnet_id.unwrap_or_default(),
        vpc_id: interface.vpc_id.unwrap_or_default(),
        groups: ids(interface.groups),
        private_ip_address: address(interface.private_ip_address),
        public_ip: address(interface.association.and_then(|association| association.public_ip)),
        ipv6_addresses: ipv6.filter_map(|text| address(Some(text))).collect(),
    }
}

fn mapped_instance(instance: types::Instance) -> Instance {
    let interfaces = instance.network_interfaces.into_iter().flatten();
    Instance {
        instance_id: instance.instance_id.unwrap_or_default(),
        state: word(instance.state.and_then(|state| state.name)),
        iam_instance_profile: instance.iam_instance_profile.and_then(|profile| profile.arn),
        primary_interface: interfaces.into_iter().find(is_primary).map(mapped_own),
    }
}

/// Device index 0 of network card 0: an instance with several cards has an index 0 on each.
fn is_primary(interface: &types::InstanceNetworkInterface) -> bool {
    let attachment = interface.attachment();
    let card = attachment.and_then(|attachment| attachment.network_card_index).unwrap_or_default();
    card == 0 && attachment.and_then(|attachment| attachment.device_index) == Some(0)
}

/// An interface as its instance lists it.
fn mapped_own(interface: types::InstanceNetworkInterface) -> NetworkInterface {
    let ipv6 = interface.ipv6_addresses.into_iter().flatten().filter_map(|address| address.ipv6_address);
    NetworkInterface {
        network_interface_id: interface.network_interface_id.unwrap_or_default(),
        subnet_id: interface.subnet_id.unwrap_or_default(),
        vpc_id: interface.vpc_id.unwrap_or_default(),
        groups: ids(interface.groups),
        private_ip_address: address(interface.private_ip_address),
        public_ip: address(interface.association.and_then(|association| association.public_ip)),
        ipv6_addresses: ipv6.filter_map(|text| address(Some(text))).collect(),
    }
}

fn ids(groups: Option<Vec<types::GroupIdentifier>>) -> Vec<String> {
    groups.into_iter().flatten().filter_map(|group| group.group_id).collect()
}

/// None for an empty text, too.
fn address<A: FromStr>(text: Option<String>) -> Option<A> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {

    use super::*;

    fn own(id: &str, card: i32, index: i32) -> types::InstanceNetworkInterface {
        let attachment =
            types::InstanceNetworkInterfaceAttachment::builder().network_card_index(card).device_index(index);
        let group = types::GroupIdentifier::builder().group_id("sg-1").build();
        types::InstanceNetworkInterface::builder()
            .network_interface_id(id)
            .attachment(attachment.build())
            .groups(group)
            .private_ip_address("10.0.1.4")
            .association(types::InstanceNetworkInterfaceAssociation::builder().public_ip("203.0.113.7").build())
            .ipv6_addresses(types::InstanceIpv6Address::builder().ipv6_address("2a05::4").build())
            .build()
    }

    #[test]
    fn the_primary_interface_is_the_first_of_the_first_card() {
        let profile =
            types::IamInstanceProfile::builder().arn("arn:aws:iam::123456789012:instance-profile/ecs").build();
        let instance = types::Instance::builder()
            .state(types::InstanceState::builder().name(types::InstanceStateName::Running).build())
            .iam_instance_profile(profile)
            .network_interfaces(own("eni-trunk", 0, 1))
            .network_interfaces(own("eni-card", 1, 0))
            .network_interfaces(own("eni-primary", 0, 0));
        let mapped = mapped_instance(instance.build());
        assert_eq!(mapped.state, "running");
        assert!(mapped.iam_instance_profile.is_some());
        let primary = mapped.primary_interface.unwrap();
        assert_eq!(primary.network_interface_id, "eni-primary");
        assert_eq!(primary.groups, ["sg-1"]);
        assert_eq!(primary.public_ip, Some([203, 0, 113, 7].into()));
        assert_eq!(primary.ipv6_addresses.len(), 1);
        let gone = types::InstanceState::builder().name(types::InstanceStateName::Terminated).build();
        let gone = mapped_instance(types::Instance::builder().state(gone).build());
        assert_eq!((gone.state.as_str(), gone.primary_interface), ("terminated", None));
    }

    #[test]
    fn an_address_that_is_none_is_absent() {
        let interface = types::NetworkInterface::builder().private_ip_address("10.0.1.4");
        let association = types::NetworkInterfaceAssociation::builder().public_ip("").build();
        let mapped = mapped(interface.association(association).build());
        assert_eq!((mapped.private_ip_address, mapped.public_ip), (Some([10, 0, 1, 4].into()), None));
    }
}
