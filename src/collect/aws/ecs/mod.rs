//! ECS: tasks, services, task definitions and container instances.
//!
//! Given a client and the parts of a need, gives the answer in the types of `case`. One file a subject maps
//! the answers; names that ECS does not know come as `failures` beside the answer, not as an error.

mod container_instance;
mod definition;
mod service;
mod task;

use aws_sdk_ecs::{
    Client,
    types::{DesiredStatus, Failure as SdkFailure},
};

use super::error::empty;
use crate::{
    case::{Answer, ContainerInstances, Failure, Gap, ServiceNames, Services, TaskArns, Tasks},
    id::short_name,
};

/// The longest page of a listing.
const PAGE: i32 = 100;

pub async fn tasks(client: &Client, cluster: &Option<String>, tasks: &[String]) -> Result<Answer, Gap> {
    let request = client.describe_tasks().set_cluster(cluster.clone()).set_tasks(Some(tasks.to_vec()));
    let found = request.send().await?;
    Ok(Answer::Tasks(Tasks {
        tasks: mapped(found.tasks, task::mapped),
        failures: mapped(found.failures, mapped_failure),
    }))
}

pub async fn stopped_tasks(client: &Client, cluster: &Option<String>, service: &Option<String>) -> Result<Answer, Gap> {
    let request = client.list_tasks().set_cluster(cluster.clone()).set_service_name(service.clone());
    let pages = request.desired_status(DesiredStatus::Stopped).max_results(PAGE).into_paginator();
    let task_arns = pages.items().send().try_collect().await?;
    Ok(Answer::StoppedTasks(TaskArns { task_arns }))
}

pub async fn services(client: &Client, cluster: &Option<String>, services: &[String]) -> Result<Answer, Gap> {
    let request = client.describe_services().set_cluster(cluster.clone()).set_services(Some(services.to_vec()));
    let found = request.send().await?;
    Ok(Answer::Services(Services {
        services: mapped(found.services, service::mapped),
        failures: mapped(found.failures, mapped_failure),
    }))
}

pub async fn service_names(client: &Client, cluster: &Option<String>) -> Result<Answer, Gap> {
    let pages = client.list_services().set_cluster(cluster.clone()).max_results(PAGE).into_paginator();
    let arns = pages.items().send().try_collect().await?;
    let service_names = arns.iter().map(|arn| short_name(arn).to_owned()).collect();
    Ok(Answer::ServiceNames(ServiceNames { service_names }))
}

pub async fn task_definition(client: &Client, name: &str) -> Result<Answer, Gap> {
    let found = client.describe_task_definition().task_definition(name).send().await?.task_definition;
    let definition = found.map(definition::mapped).ok_or_else(|| empty("DescribeTaskDefinition"))?;
    Ok(Answer::TaskDefinition(Box::new(definition)))
}

pub async fn container_instances(client: &Client, cluster: &Option<String>, ids: &[String]) -> Result<Answer, Gap> {
    let request = client.describe_container_instances().set_cluster(cluster.clone());
    let found = request.set_container_instances(Some(ids.to_vec())).send().await?;
    Ok(Answer::ContainerInstances(ContainerInstances {
        container_instances: mapped(found.container_instances, container_instance::mapped),
        failures: mapped(found.failures, mapped_failure),
    }))
}

/// The SDK writes an empty list as none.
fn mapped<T, U>(items: Option<Vec<T>>, map: fn(T) -> U) -> Vec<U> {
    items.unwrap_or_default().into_iter().map(map).collect()
}

fn mapped_failure(failure: SdkFailure) -> Failure {
    Failure { arn: failure.arn, reason: failure.reason }
}
