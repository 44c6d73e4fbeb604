//! Things that matter only because a message speaks of them: the platform of an image, the container instance, target
//! groups, the roles of ECS itself.
//!
//! What they are now is not what they were when the task failed, so none of them is looked at without a message; of a task
//! that is still coming up, its host.

use super::{Existence, HostSide, Requirements, Thing, Workload};
use crate::{
    case::Case,
    id::{Arn, ImageRef},
    symptom::{
        Symptom, Topic, closest_instance, deployment_symptoms, infrastructure_role, service_symptoms, target_groups,
        task_symptoms, topics,
    },
};

const LINKED_ROLE: &str = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for symptom in symptoms(workload) {
        for topic in topics(&symptom.text) {
            requirements.things.extend(things(case, workload, &symptom, topic));
        }
    }
    requirements.things.extend(logged_platform(case, workload));
    let coming_up = workload.task.is_some_and(|task| !task.is_stopped() && task.started_at.is_none());
    if coming_up {
        let sides = [HostSide::Agent, HostSide::Life].into_iter();
        requirements.things.extend(sides.filter_map(|side| own_host(case, workload, side)).map(of_task));
    }
}

/// What ECS says of the task, or of the service since it was last steady.
fn symptoms(workload: &Workload<'_>) -> Vec<Symptom> {
    let steady = |symptom: &Symptom| symptom.text.contains("has reached a steady state");
    let of_service = workload.service.filter(|_| workload.task.is_none()).into_iter().flat_map(|service| {
        service_symptoms(service).into_iter().take_while(|s| !steady(s)).chain(deployment_symptoms(service))
    });
    workload.task.into_iter().flat_map(task_symptoms).chain(of_service).collect()
}

fn of_task(thing: Thing) -> Existence {
    Existence { thing, container: None }
}

fn things(case: &Case, workload: &Workload<'_>, symptom: &Symptom, topic: Topic) -> Vec<Existence> {
    let host = |side| host(case, workload, &symptom.text, side).into_iter().map(of_task).collect();
    match topic {
        Topic::Platform => platforms(workload, symptom.container.as_deref()),
        Topic::TargetGroup => target_groups_of(case, workload, &symptom.text).map(of_task).collect(),
        Topic::Agent => host(HostSide::Agent),
        Topic::Host => host(HostSide::Life),
        Topic::Attributes => host(HostSide::Attributes(required_attributes(workload))),
        Topic::ServiceLinkedRole => vec![of_task(linked_role(workload))],
        Topic::InfrastructureRole => infrastructure(workload, &symptom.text).into_iter().map(of_task).collect(),
    }
}

/// The platform that the task asks for, of the container's image or of all. On EC2 a definition that names none takes
/// that of the host, which is not known here.
fn platforms(workload: &Workload<'_>, of: Option<&str>) -> Vec<Existence> {
    let Some((os, architecture)) = platform(workload) else { return Vec::new() };
    let wanted = workload.containers().filter(|(container, _)| of.is_none_or(|name| name == container.name));
    let images = wanted.filter_map(|(container, image)| Some((container, ImageRef::parse(image).ecr()?)));
    let existence = |(container, image): (&crate::case::ContainerDefinition, _)| Existence {
        thing: Thing::Platform { image, os: os.to_owned(), architecture: architecture.to_owned() },
        container: Some(container.name.clone()),
    };
    images.map(existence).collect()
}

/// Operating system and architecture in OCI's words
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html>).
fn platform(workload: &Workload<'_>) -> Option<(&'static str, &'static str)> {
    let stated = workload.definition.runtime_platform.as_ref();
    if stated.is_none() && !workload.fargate {
        return None;
    }
    let architecture = match stated.and_then(|p| p.cpu_architecture.as_deref()).unwrap_or("X86_64") {
        "X86_64" => "amd64",
        "ARM64" => "arm64",
        _ => return None,
    };
    let family = stated.and_then(|p| p.operating_system_family.as_deref()).unwrap_or("LINUX");
    Some((if family.starts_with("WINDOWS") { "windows" } else { "linux" }, architecture))
}

/// The same, where a program's log says that the kernel could not run it.
fn logged_platform(case: &Case, workload: &Workload<'_>) -> Vec<Existence> {
    let refused = workload.containers().filter(|(container, _)| {
        let place = workload.log_stream(container).and_then(|place| Some((place.region, place.group, place.stream?)));
        let log = place.and_then(|(region, group, stream)| case.log_events(&region, &group, &stream).ok());
        log.is_some_and(|log| log.events.iter().any(|event| topics(&event.message).contains(&Topic::Platform)))
    });
    refused.flat_map(|(container, _)| platforms(workload, Some(&container.name))).collect()
}

/// Those that the message names, else those of the service.
fn target_groups_of(case: &Case, workload: &Workload<'_>, text: &str) -> impl Iterator<Item = Thing> {
    let named: Vec<String> = target_groups(text).into_iter().map(str::to_owned).collect();
    let service = workload.task.and_then(|task| task.service()).and_then(|name| case.service(name));
    let service = service.or(workload.service);
    let balanced = service.into_iter().flat_map(|s| &s.load_balancers).filter_map(|b| b.target_group_arn.clone());
    let all: Vec<String> = if named.is_empty() { balanced.collect() } else { named };
    let region = workload.region.clone();
    let region_of = move |arn: &str| arn.parse::<Arn>().map_or_else(|_| region.clone(), |arn| arn.region);
    all.into_iter().map(move |target_group| Thing::TargetGroup { region: region_of(&target_group), target_group })
}

/// The instance that the message names, else the task's own.
fn host(case: &Case, workload: &Workload<'_>, text: &str, side: HostSide) -> Option<Thing> {
    match closest_instance(text) {
        Some(instance) => {
            Some(Thing::Host { cluster: case.target.cluster.clone(), instance: instance.to_owned(), side })
        }
        None => own_host(case, workload, side),
    }
}

fn own_host(case: &Case, workload: &Workload<'_>, side: HostSide) -> Option<Thing> {
    let instance = workload.task?.container_instance_arn.clone()?;
    Some(Thing::Host { cluster: case.target.cluster.clone(), instance, side })
}

fn required_attributes(workload: &Workload<'_>) -> Vec<String> {
    workload.definition.requires_attributes.iter().map(|attribute| attribute.name.clone()).collect()
}

fn linked_role(workload: &Workload<'_>) -> Thing {
    let arn = Arn { region: String::new(), ..Arn::new("iam", &workload.region, &workload.account, LINKED_ROLE) };
    Thing::ServiceRole { arn: arn.to_string(), cause: "service-assume-role" }
}

/// For a volume of the task, its absence is why the volume could not be attached.
fn infrastructure(workload: &Workload<'_>, text: &str) -> Option<Thing> {
    let arn = infrastructure_role(text)?.to_owned();
    let cause = if workload.task.is_some() { "ebs-volume" } else { "service-assume-role" };
    Some(Thing::ServiceRole { arn, cause })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::case::{Target, Task, TaskDefinition};

    const HOST: &str = "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/0a";

    fn required(task: Value, definition: Value) -> Vec<Thing> {
        let mut whole = json!({
            "taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/prod/0b", "containerInstanceArn": HOST,
            "lastStatus": "STOPPED"
        });
        whole.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        let task: Task = serde_json::from_value(whole).unwrap();
        let definition: TaskDefinition = serde_json::from_value(definition).unwrap();
        let case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
        let (region, account) = ("eu-west-1".to_owned(), "123456789012".to_owned());
        let fargate = task.is_fargate();
        let workload = Workload { task: Some(&task), service: None, definition: &definition, region, account, fargate };
        let mut requirements = Requirements::default();
        require(&case, &workload, &mut requirements);
        requirements.things.into_iter().map(|existence| existence.thing).collect()
    }

    fn definition(more: Value) -> Value {
        let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1";
        let mut whole = json!({"family": "f", "containerDefinitions": [{"name": "web", "image": image}]});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    }

    #[test]
    fn nothing_is_looked_at_that_nobody_speaks_of() {
        let reason = json!({"stoppedReason": "Essential container in task exited"});
        assert_eq!(required(reason, definition(json!({}))), []);
        let coming_up = required(json!({"lastStatus": "PENDING"}), definition(json!({})));
        assert_eq!(coming_up.len(), 2, "{coming_up:?}");
        let up = json!({"lastStatus": "RUNNING", "startedAt": "2026-01-01T00:00:00Z"});
        assert_eq!(required(up, definition(json!({}))), []);
    }

    #[test]
    fn the_platform_is_the_definition_s() {
        let reason = json!({"stoppedReason": "image Manifest does not contain descriptor matching platform 'linux/x'"});
        let wanted = |task: &Value, more: Value| match required(task.clone(), definition(more)).as_slice() {
            [Thing::Platform { os, architecture, .. }] => format!("{os}/{architecture}"),
            _ => String::new(),
        };
        let arm = json!({"runtimePlatform": {"cpuArchitecture": "ARM64"}});
        assert_eq!(wanted(&reason, arm), "linux/arm64");
        let windows = json!({"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}});
        assert_eq!(wanted(&reason, windows), "windows/amd64");
        assert_eq!(wanted(&reason, json!({})), "", "EC2 takes the host's");
        let fargate = json!({"stoppedReason": reason["stoppedReason"], "launchType": "FARGATE"});
        assert_eq!(wanted(&fargate, json!({})), "linux/amd64");
    }

    #[test]
    fn roles_of_ecs_are_named_by_messages() {
        let infra = "arn:aws:iam::123456789012:role/infra";
        let reason = format!("ECS was unable to assume the configured ECS Infrastructure Role '{infra}'.");
        let found = required(json!({"stoppedReason": reason}), definition(json!({})));
        assert_eq!(found, [Thing::ServiceRole { arn: infra.to_owned(), cause: "ebs-volume" }]);
    }
}
