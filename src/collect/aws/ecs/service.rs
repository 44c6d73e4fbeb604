//! Services of the SDK, with their events and deployments, as services of `case`.

use aws_sdk_ecs::types;

use super::mapped as all;
use crate::{
    case::{
        AwsVpcConfiguration, Deployment, DeploymentController, NetworkConfiguration, Service, ServiceEvent,
        ServiceLoadBalancer,
    },
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
        network_configuration: service.network_configuration.map(mapped_network),
        deployment_controller: service
            .deployment_controller
            .map(|controller| DeploymentController { kind: controller.r#type.as_str().to_owned() }),
        load_balancers: all(service.load_balancers, mapped_load_balancer),
        events: all(service.events, mapped_event),
        deployments: all(service.deployments, mapped_deployment),
    }
}

fn mapped_network(network: types::NetworkConfiguration) -> NetworkConfiguration {
    NetworkConfiguration { awsvpc_configuration: network.awsvpc_configuration.map(mapped_awsvpc) }
}

fn mapped_awsvpc(awsvpc: types::AwsVpcConfiguration) -> AwsVpcConfiguration {
    AwsVpcConfiguration {
        subnets: awsvpc.subnets,
        security_groups: awsvpc.security_groups.unwrap_or_default(),
        assign_public_ip: awsvpc.assign_public_ip.map(|assign| assign.as_str().to_owned()),
    }
}

fn mapped_load_balancer(balancer: types::LoadBalancer) -> ServiceLoadBalancer {
    ServiceLoadBalancer {
        target_group_arn: balancer.target_group_arn,
        container_name: balancer.container_name,
        container_port: balancer.container_port,
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

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_service_keeps_where_its_tasks_run_and_what_they_are_registered_with() {
        let awsvpc = types::AwsVpcConfiguration::builder().subnets("subnet-1").security_groups("sg-1");
        let awsvpc = awsvpc.assign_public_ip(types::AssignPublicIp::Enabled).build().unwrap();
        let balancer =
            types::LoadBalancer::builder().target_group_arn("arn:x").container_name("app").container_port(80);
        let service = types::Service::builder()
            .network_configuration(types::NetworkConfiguration::builder().awsvpc_configuration(awsvpc).build())
            .load_balancers(balancer.build());
        let mapped = mapped(service.build());
        let awsvpc = mapped.awsvpc().unwrap();
        assert_eq!((awsvpc.subnets.len(), awsvpc.security_groups.len()), (1, 1));
        assert_eq!(awsvpc.assign_public_ip.as_deref(), Some("ENABLED"));
        assert_eq!(mapped.load_balancers.first().and_then(|balancer| balancer.container_port), Some(80));
    }
}
