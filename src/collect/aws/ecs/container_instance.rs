//! Container instances of the SDK as those of `case`.

use aws_sdk_ecs::types;

use super::mapped as all;
use crate::case::ContainerInstance;

pub fn mapped(instance: types::ContainerInstance) -> ContainerInstance {
    let remaining = instance.remaining_resources.unwrap_or_default();
    ContainerInstance {
        container_instance_arn: instance.container_instance_arn.unwrap_or_default(),
        ec2_instance_id: instance.ec2_instance_id,
        status: instance.status.unwrap_or_default(),
        agent_connected: instance.agent_connected,
        agent_version: instance.version_info.and_then(|version| version.agent_version),
        attributes: all(instance.attributes, |attribute| attribute.name),
        remaining_cpu: amount(&remaining, "CPU"),
        remaining_memory: amount(&remaining, "MEMORY"),
    }
}

/// CPU and memory are whole numbers; ports, the other kind of resource, are sets of texts.
fn amount(resources: &[types::Resource], name: &str) -> Option<i64> {
    resources.iter().find(|resource| resource.name() == Some(name)).map(|resource| resource.integer_value.into())
}
