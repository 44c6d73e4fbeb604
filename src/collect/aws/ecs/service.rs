//! Services of the SDK, with their events and deployments, as services of `case`.

use aws_sdk_ecs::types;

use super::mapped as all;
use crate::{
    case::{Deployment, Service, ServiceEvent},
    collect::aws::time::instant,
};

pub fn mapped(service: types::Service) -> Service {
    Service {
        service_name: service.service_name.unwrap_or_default(),
        service_arn: service.service_arn.unwrap_or_default(),
        status: service.status,
        task_definition: service.task_definition,
        launch_type: service.launch_type.map(|kind| kind.as_str().to_owned()),
        platform_version: service.platform_version,
        desired_count: service.desired_count.into(),
        running_count: service.running_count.into(),
        pending_count: service.pending_count.into(),
        events: all(service.events, mapped_event),
        deployments: all(service.deployments, mapped_deployment),
    }
}

fn mapped_event(event: types::ServiceEvent) -> ServiceEvent {
    ServiceEvent {
        id: event.id.unwrap_or_default(),
        created_at: event.created_at.and_then(instant),
        message: event.message.unwrap_or_default(),
    }
}

fn mapped_deployment(deployment: types::Deployment) -> Deployment {
    Deployment {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        task_definition: deployment.task_definition,
        rollout_state: deployment.rollout_state.map(|state| state.as_str().to_owned()),
        rollout_state_reason: deployment.rollout_state_reason,
        failed_tasks: deployment.failed_tasks.into(),
    }
}
