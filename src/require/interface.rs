//! By which network interface the calls of a start leave, as the facts have it: the task's own, or the container
//! instance's.
//!
//! The interface of a stopped task is gone; its attachment still names the subnet, and the service's configuration says
//! what the next task gets. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html>

use super::Workload;
use crate::{
    case::{AwsVpcConfiguration, Case, Gap, Need, Task, network::NetworkInterface},
    id::short_name,
    net::{Interface, LeavesBy},
};

/// An interface by which calls leave, or may leave where a service has several subnets.
#[derive(Debug, Clone)]
pub struct Leaving<'a> {
    pub interface: Interface<'a>,
    pub vpc: Result<&'a str, &'a Gap>,
}

static NOT_ASKED: Gap = Gap::NotAsked;

/// The interfaces for a way out; none where the facts name none.
pub fn leaving<'a>(case: &'a Case, workload: &Workload<'a>, by: LeavesBy) -> Vec<Leaving<'a>> {
    let windows = workload.runs().windows;
    let found = match by {
        LeavesBy::TaskInterface => of_task(case, workload),
        LeavesBy::InstanceInterface => of_instance(case, workload).into_iter().collect(),
        _ => Vec::new(),
    };
    let on = |leaving: Leaving<'a>| Leaving { interface: Interface { windows, ..leaving.interface }, ..leaving };
    found.into_iter().map(on).collect()
}

/// What has to be asked to know the interfaces, as far as the facts go by now.
pub fn needs_of(case: &Case, task: Option<&Task>, service: Option<&str>, region: &str) -> Vec<Need> {
    let region = region.to_owned();
    let mut needs = Vec::new();
    if let Some(interface) = task.and_then(|t| detail(t, "networkInterfaceId")) {
        needs.push(Need::NetworkInterface { region: region.clone(), interface: interface.to_owned() });
    }
    let service = service.and_then(|name| case.service(name));
    let configured = service.and_then(|s| s.awsvpc()).map(|c| c.subnets.clone()).unwrap_or_default();
    let attached = task.and_then(|t| detail(t, "subnetId")).map(str::to_owned);
    for subnets in [attached.into_iter().collect(), configured] {
        if !Vec::is_empty(&subnets) {
            needs.push(Need::Subnets { region: region.clone(), subnets });
        }
    }
    needs.extend(task.and_then(|task| instance_need(case, task)));
    needs.extend(
        task.and_then(|task| ec2_instance(case, task)).map(|i| Need::Instance { region, instance: i.to_owned() }),
    );
    needs
}

fn instance_need(case: &Case, task: &Task) -> Option<Need> {
    let instance = task.container_instance_arn.clone()?;
    Some(Need::ContainerInstances { cluster: case.target.cluster.clone(), container_instances: vec![instance] })
}

/// The EC2 instance under a task.
pub fn ec2_instance<'a>(case: &'a Case, task: &Task) -> Option<&'a str> {
    let instance = task.container_instance_arn.clone()?;
    let found = case.container_instances(&case.target.cluster, std::slice::from_ref(&instance)).ok()?;
    let named = |arn: &str| short_name(arn) == short_name(&instance);
    found.container_instances.iter().find(|i| named(&i.container_instance_arn))?.ec2_instance_id.as_deref()
}

/// A detail of the task's network interface.
fn detail<'t>(task: &'t Task, name: &str) -> Option<&'t str> {
    let interfaces = task.attachments.iter().filter(|a| matches!(a.kind.as_str(), "ElasticNetworkInterface" | "eni"));
    let mut details = interfaces.flat_map(|attachment| &attachment.details);
    details.find(|detail| detail.name == name && !detail.value.is_empty()).map(|detail| detail.value.as_str())
}

/// The interface itself, if EC2 still knows it; else what the next task would get.
fn of_task<'a>(case: &'a Case, workload: &Workload<'a>) -> Vec<Leaving<'a>> {
    let attached = workload.task.and_then(|task| detail(task, "networkInterfaceId"));
    if let Some(found) = attached.and_then(|id| case.network_interface(&workload.region, id).ok()) {
        return vec![of_interface(found)];
    }
    let name = workload.task.and_then(Task::service).or_else(|| workload.service.map(|s| s.service_name.as_str()));
    let configured = name.and_then(|name| case.service(name)).and_then(|service| service.awsvpc());
    let attached = workload.task.and_then(|task| detail(task, "subnetId"));
    let subnets = subnets(attached, configured);
    subnets.into_iter().map(|subnet| of_configuration(case, workload, subnet, configured)).collect()
}

/// The subnet that the task was in, unless the service has left it since.
fn subnets<'a>(attached: Option<&'a str>, configured: Option<&'a AwsVpcConfiguration>) -> Vec<&'a str> {
    let all = || configured.into_iter().flat_map(|c| &c.subnets).map(String::as_str);
    match attached {
        Some(own) if configured.is_none() || all().any(|subnet| subnet == own) => vec![own],
        _ => all().collect(),
    }
}

fn of_interface(found: &NetworkInterface) -> Leaving<'_> {
    Leaving { interface: Interface::of(found), vpc: Ok(&found.vpc_id) }
}

fn of_configuration<'a>(
    case: &'a Case,
    workload: &Workload<'a>,
    subnet: &'a str,
    configured: Option<&'a AwsVpcConfiguration>,
) -> Leaving<'a> {
    let vpc = vpc_of(case, &workload.region, subnet);
    let groups = match configured {
        Some(configured) if !configured.security_groups.is_empty() => Ok(configured.security_groups.as_slice()),
        Some(_) => vpc.and_then(|vpc| {
            let group = case.default_security_group(&workload.region, vpc)?;
            Ok(std::slice::from_ref(&group.group_id))
        }),
        None => Err(&NOT_ASKED),
    };
    // Who started a task by hand said whether it gets an address, and no API repeats it.
    let public = configured.and_then(|c| workload.runs().assigns_public_ip(c.assign_public_ip.as_deref()));
    let of_host = || (!workload.fargate).then(|| workload.runs().assigns_public_ip(None)).flatten();
    Leaving { interface: Interface::configured(Ok(subnet), groups, public.or_else(of_host)), vpc }
}

/// The VPC of a subnet, from whichever answer describes it.
fn vpc_of<'a>(case: &'a Case, region: &str, subnet: &str) -> Result<&'a str, &'a Gap> {
    let mut gap = &NOT_ASKED;
    for (need, _) in case.facts() {
        let Need::Subnets { region: of, subnets } = need else { continue };
        if of != region || !subnets.iter().any(|id| id == subnet) {
            continue;
        }
        match case.subnets(region, subnets) {
            Ok(found) => match found.iter().find(|one| one.subnet_id == subnet) {
                Some(found) => return Ok(&found.vpc_id),
                None => continue,
            },
            Err(why) => gap = why,
        }
    }
    Err(gap)
}

fn of_instance<'a>(case: &'a Case, workload: &Workload<'a>) -> Option<Leaving<'a>> {
    let instance = ec2_instance(case, workload.task?)?;
    let found = case.instance(&workload.region, instance).ok()?;
    found.primary_interface.as_ref().map(of_interface)
}
