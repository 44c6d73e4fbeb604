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

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn an_instance_keeps_what_is_left_of_it() {
        let resource = |name: &str, value: i32| types::Resource::builder().name(name).integer_value(value).build();
        let attribute = types::Attribute::builder().name("ecs.capability.execution-role-awslogs").build().unwrap();
        let instance = types::ContainerInstance::builder()
            .ec2_instance_id("i-1")
            .status("ACTIVE")
            .agent_connected(false)
            .version_info(types::VersionInfo::builder().agent_version("1.96.0").build())
            .attributes(attribute)
            .remaining_resources(resource("CPU", 1024))
            .remaining_resources(resource("MEMORY", 0))
            .registered_resources(resource("CPU", 2048));
        let mapped = mapped(instance.build());
        assert_eq!((mapped.remaining_cpu, mapped.remaining_memory), (Some(1024), Some(0)));
        assert_eq!((mapped.agent_connected, mapped.agent_version.as_deref()), (false, Some("1.96.0")));
        assert_eq!(mapped.attributes, ["ecs.capability.execution-role-awslogs"]);
        assert_eq!(amount(&[], "CPU"), None);
    }
}
