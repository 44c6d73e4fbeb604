//! Public addresses: an internet gateway serves only those who have one, and Fargate gives them to whom it is told to.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>

use super::{scene::Scene, words::PUBLIC_ADDRESS};
use crate::{
    case::AwsVpcConfiguration,
    fix::{NetworkEdit, propose::Proposal},
    id::Arn,
};

/// The service told to give its tasks public addresses; everything else of its configuration stays.
pub fn assigned(scene: &Scene<'_>) -> Option<Proposal> {
    let service = scene.service().filter(|service| scene.is_fargate_task() && service.is_deployed_by_ecs())?;
    let cluster = cluster_of(&service.service_arn)
        .or_else(|| scene.workload.task?.cluster_arn.as_deref().map(|arn| crate::id::short_name(arn).to_owned()))?;
    let configuration =
        AwsVpcConfiguration { assign_public_ip: Some("ENABLED".to_owned()), ..service.awsvpc()?.clone() };
    let name = service.service_name.clone();
    let title = format!(
        "Give the tasks of service {name} public addresses, in the same subnets and groups; whomever the groups admit can \
         then reach them from the internet"
    );
    let edit = NetworkEdit::AssignPublicIp { cluster, service: name, configuration };
    scene.proposal(title, vec![edit], &[PUBLIC_ADDRESS])
}

/// ARNs of services in the long format name the cluster.
fn cluster_of(service: &str) -> Option<String> {
    let arn: Arn = service.parse().ok()?;
    let (cluster, _) = arn.resource.strip_prefix("service/")?.split_once('/')?;
    Some(cluster.to_owned())
}
