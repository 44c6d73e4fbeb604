//! Tasks of the SDK as tasks of `case`. Values of environment overrides are left behind.

use aws_sdk_ecs::types;

use super::{definition::mapped_environment_file, mapped as all};
use crate::{
    case::{Attachment, Container, ContainerOverride, KeyValue, Overrides, Task},
    collect::aws::time::instant,
};

pub fn mapped(task: types::Task) -> Task {
    Task {
        task_arn: task.task_arn.unwrap_or_default(),
        cluster_arn: task.cluster_arn,
        task_definition_arn: task.task_definition_arn,
        last_status: task.last_status,
        desired_status: task.desired_status,
        health_status: task.health_status.map(|status| status.as_str().to_owned()),
        launch_type: task.launch_type.map(|kind| kind.as_str().to_owned()),
        capacity_provider_name: task.capacity_provider_name,
        platform_version: task.platform_version,
        platform_family: task.platform_family,
        container_instance_arn: task.container_instance_arn,
        group: task.group,
        started_by: task.started_by,
        stop_code: task.stop_code.map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason,
        containers: all(task.containers, mapped_container),
        attachments: all(task.attachments, mapped_attachment),
        overrides: task.overrides.map(mapped_overrides).unwrap_or_default(),
        cpu: task.cpu,
        memory: task.memory,
        created_at: task.created_at.and_then(instant),
        connectivity_at: task.connectivity_at.and_then(instant),
        pull_started_at: task.pull_started_at.and_then(instant),
        pull_stopped_at: task.pull_stopped_at.and_then(instant),
        started_at: task.started_at.and_then(instant),
        stopping_at: task.stopping_at.and_then(instant),
        execution_stopped_at: task.execution_stopped_at.and_then(instant),
        stopped_at: task.stopped_at.and_then(instant),
        version: task.version,
    }
}

fn mapped_container(container: types::Container) -> Container {
    Container {
        name: container.name.unwrap_or_default(),
        image: container.image,
        image_digest: container.image_digest,
        runtime_id: container.runtime_id,
        last_status: container.last_status,
        exit_code: container.exit_code.map(Into::into),
        reason: container.reason,
        health_status: container.health_status.map(|status| status.as_str().to_owned()),
    }
}

fn mapped_attachment(attachment: types::Attachment) -> Attachment {
    Attachment {
        kind: attachment.r#type.unwrap_or_default(),
        status: attachment.status.unwrap_or_default(),
        details: all(attachment.details, mapped_detail),
    }
}

fn mapped_detail(detail: types::KeyValuePair) -> KeyValue {
    KeyValue { name: detail.name.unwrap_or_default(), value: detail.value.unwrap_or_default() }
}

fn mapped_overrides(overrides: types::TaskOverride) -> Overrides {
    Overrides {
        execution_role_arn: overrides.execution_role_arn,
        task_role_arn: overrides.task_role_arn,
        container_overrides: all(overrides.container_overrides, mapped_container_override),
    }
}

fn mapped_container_override(of: types::ContainerOverride) -> ContainerOverride {
    ContainerOverride {
        name: of.name,
        memory: of.memory.map(Into::into),
        environment_files: all(of.environment_files, mapped_environment_file),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_task_keeps_what_says_why_it_died() {
        let container = types::Container::builder().name("app").exit_code(137).reason("OutOfMemoryError: killed");
        let task = types::Task::builder()
            .task_arn("arn:aws:ecs:eu-west-1:123456789012:task/prod/x")
            .stop_code(types::TaskStopCode::EssentialContainerExited)
            .launch_type(types::LaunchType::Fargate)
            .stopped_at(DateTime::from_millis(1_700_000_000_500))
            .containers(container.build())
            .version(4)
            .build();
        let mapped = mapped(task);
        assert_eq!(mapped.stop_code.as_deref(), Some("EssentialContainerExited"));
        assert_eq!(mapped.launch_type.as_deref(), Some("FARGATE"));
        assert_eq!(mapped.stopped_at.map(|at| at.as_millisecond()), Some(1_700_000_000_500));
        assert_eq!(mapped.container("app").and_then(|app| app.exit_code), Some(137));
        assert_eq!((mapped.version, mapped.started_at), (4, None));
    }

    #[test]
    fn no_value_of_the_environment_comes_through() {
        let value = |value: &str| types::KeyValuePair::builder().name("TOKEN").value(value).build();
        let of = types::ContainerOverride::builder().name("app").command("run").environment(value("hunter2")).build();
        let task = types::Task::builder().overrides(types::TaskOverride::builder().container_overrides(of).build());
        let mapped = mapped(task.build());
        assert_eq!(mapped.overrides.container_overrides.len(), 1);
        assert!(!format!("{mapped:?}").contains("hunter2"));
    }
}
