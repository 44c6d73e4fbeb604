//! What has to be asked next: the needs that follow from the target and the facts so far.
//!
//! Pure: the engine asks what is new and calls again, until nothing is. Each round's needs depend only on answers of
//! earlier rounds, so a diagnosis takes as many round trips as its facts truly depend on one another: the task, its
//! definition, the role's policies, a policy's default version, that version.

mod network;
mod thing;

use std::collections::BTreeSet;

use crate::{
    case::{Answer, Case, Need, Task},
    id::{Arn, short_name},
    require::{LogStream, Permission, PolicySide, Requirements, Workload, streams_by_id},
    subject::{Subject, failed_sibling, was_scaled_in},
    symptom::{Denial, ran},
};

/// Most tasks that one `DescribeTasks` takes, and services that one `DescribeServices` takes.
const TASKS_A_CALL: usize = 100;
const SERVICES_A_CALL: usize = 10;

/// Every need that the facts so far give rise to, asked or not.
pub fn needs(case: &Case) -> BTreeSet<Need> {
    let mut needs = base(case);
    let subject = Subject::of(case);
    if let Some(workload) = subject.workload(case) {
        workload_needs(case, &workload, &mut needs);
    } else if let Some(definition) = subject.task_definition() {
        needs.insert(Need::TaskDefinition { task_definition: definition.to_owned() });
    }
    match subject {
        Subject::Missing { .. } => expired(case, &mut needs),
        Subject::Task(task) if was_scaled_in(task) => sibling_needs(case, task, &mut needs),
        Subject::Task(task) => network::of_task(case, task, &mut needs),
        _ => {}
    }
    needs
}

/// The task, the service and its stopped tasks, or the task definition.
fn base(case: &Case) -> BTreeSet<Need> {
    let target = &case.target;
    let cluster = target.cluster.clone();
    let mut needs = BTreeSet::new();
    if let Some(task) = &target.task {
        needs.insert(Need::Tasks { cluster: cluster.clone(), tasks: vec![task.clone()] });
    }
    if let Some(definition) = &target.task_definition {
        needs.insert(Need::TaskDefinition { task_definition: definition.clone() });
    }
    if let Some(service) = &target.service {
        needs.insert(Need::Services { cluster: cluster.clone(), services: vec![service.clone()] });
        if target.task.is_none() {
            stopped_tasks(case, Some(service), &mut needs);
        }
    }
    needs
}

/// What a list of the stopped tasks takes, of the target's service or of its whole cluster; nothing of why they stopped.
pub fn of_stopped_tasks(case: &Case) -> BTreeSet<Need> {
    let mut needs = BTreeSet::new();
    stopped_tasks(case, case.target.service.as_deref(), &mut needs);
    needs
}

/// The stopped tasks of a service or a cluster: first which, then what became of them.
fn stopped_tasks(case: &Case, service: Option<&str>, needs: &mut BTreeSet<Need>) {
    let cluster = case.target.cluster.clone();
    let stopped = Need::StoppedTasks { cluster: cluster.clone(), service: service.map(str::to_owned) };
    if let Ok(Answer::StoppedTasks(found)) = case.answer(&stopped) {
        let ids: Vec<String> = found.task_arns.iter().map(|arn| short_name(arn).to_owned()).collect();
        let batches = ids.chunks(TASKS_A_CALL);
        needs.extend(batches.map(|ids| Need::Tasks { cluster: cluster.clone(), tasks: ids.to_vec() }));
    }
    needs.insert(stopped);
}

/// A task that its service stopped may have gone down with a deployment whose other tasks failed.
fn sibling_needs(case: &Case, task: &Task, needs: &mut BTreeSet<Need>) {
    let Some(service) = task.service() else { return };
    needs.insert(Need::Services { cluster: case.target.cluster.clone(), services: vec![service.to_owned()] });
    stopped_tasks(case, Some(service), needs);
    if let Some(workload) = failed_sibling(case, task).and_then(|sibling| Workload::of(case, Some(sibling), None)) {
        workload_needs(case, &workload, needs);
    }
}

/// What is left of a task that ECS no longer knows: event capture, and the service whose events name it.
fn expired(case: &Case, needs: &mut BTreeSet<Need>) {
    let target = &case.target;
    let Some(task) = &target.task else { return };
    let cluster = target.cluster.as_deref().unwrap_or("default");
    needs.insert(Need::CapturedEvents {
        region: target.region.clone(),
        group: format!("/aws/events/ecs/containerinsights/{cluster}/performance"),
        task: task.clone(),
    });
    if target.service.is_none() {
        let names = Need::ServiceNames { cluster: target.cluster.clone() };
        if let Ok(Answer::ServiceNames(found)) = case.answer(&names) {
            let batches = found.service_names.chunks(SERVICES_A_CALL);
            needs.extend(batches.map(|b| Need::Services { cluster: target.cluster.clone(), services: b.to_vec() }));
        }
        needs.insert(names);
    }
    for definition in case.services().filter(|s| mentions(s, task)).filter_map(|s| s.task_definition.as_deref()) {
        needs.insert(Need::TaskDefinition { task_definition: definition.to_owned() });
        if let Ok(definition) = case.task_definition_named(definition) {
            let streams = streams_by_id(definition, &target.region, task);
            needs.extend(streams.into_iter().filter_map(log_events));
        }
    }
}

fn mentions(service: &crate::case::Service, task: &str) -> bool {
    service.events.iter().any(|event| event.message.contains(task))
}

fn workload_needs(case: &Case, workload: &Workload<'_>, needs: &mut BTreeSet<Need>) {
    let requirements = Requirements::of(case, workload);
    for role in [workload.execution_role(), workload.task_role(), workload.instance_role()] {
        if let Some(name) = role.name_in(&workload.account) {
            role_needs(case, name, needs);
        }
    }
    for existence in &requirements.things {
        thing::need(case, &existence.thing, &requirements, needs);
    }
    thing::parameters(&requirements, needs);
    needs.extend(thing::service(case, workload, &requirements));
    refused_keys(case, workload, needs);
    for permission in &requirements.permissions {
        needs.extend(policy_need(&permission.policy));
        needs.extend(grants_need(permission));
    }
    log_needs(workload, needs);
    network::of_workload(case, workload, &requirements, needs);
}

fn role_needs(case: &Case, role: &str, needs: &mut BTreeSet<Need>) {
    let role = role.to_owned();
    needs.insert(Need::Role { role: role.clone() });
    needs.insert(Need::RolePolicyNames { role: role.clone() });
    needs.insert(Need::AttachedPolicies { role: role.clone() });
    if let Ok(names) = case.role_policy_names(&role) {
        let inline = |policy: &String| Need::RolePolicy { role: role.clone(), policy: policy.clone() };
        needs.extend(names.policy_names.iter().map(inline));
    }
    let attached = case.attached_policies(&role).map(|a| a.policy_arns.clone()).unwrap_or_default();
    let boundary = case.role(&role).ok().and_then(|r| r.permissions_boundary.clone());
    for policy in attached.into_iter().chain(boundary) {
        if let Ok(managed) = case.managed_policy(&policy) {
            let version = managed.default_version_id.clone();
            needs.insert(Need::ManagedPolicyVersion { policy: policy.clone(), version });
        }
        needs.insert(Need::ManagedPolicy { policy });
    }
}

/// A key's policy is asked with the key: see `thing::need`.
fn policy_need(policy: &PolicySide) -> Option<Need> {
    match policy {
        PolicySide::None | PolicySide::Key { .. } | PolicySide::Unread(_) => None,
        PolicySide::Repository(image) => Some(Need::repository_policy(image)),
        PolicySide::Secret { region, secret } => {
            Some(Need::SecretPolicy { region: region.clone(), secret: secret.clone() })
        }
        PolicySide::Bucket { region, bucket } => {
            Some(Need::BucketPolicy { region: region.clone(), bucket: bucket.clone() })
        }
    }
}

/// What a key's grants give to the role; asked by the key's own ARN, which an alias does not tell.
fn grants_need(permission: &Permission) -> Option<Need> {
    let PolicySide::Key { region, key } = permission.policy.clone() else { return None };
    let grantee = permission.role.arn.clone().filter(|_| key.contains(":key/"))?;
    Some(Need::KeyGrants { region, key, grantee })
}

/// The policies of keys that the task role was refused, as an application's log says: a key's policy decides every call.
fn refused_keys(case: &Case, workload: &Workload<'_>, needs: &mut BTreeSet<Need>) {
    let Some(grantee) = workload.task_role().arn else { return };
    for key in logged_lines(case, workload).filter_map(|line| refused_key(workload, line)) {
        let region = key.region.clone();
        let key = key.to_string();
        needs.insert(Need::KeyPolicy { region: region.clone(), key: key.clone() });
        needs.insert(Need::KeyGrants { region, key, grantee: grantee.clone() });
    }
}

fn logged_lines<'c>(case: &'c Case, workload: &Workload<'_>) -> impl Iterator<Item = &'c str> {
    let places = workload.containers().filter_map(|(container, _)| workload.log_stream(container));
    let logs = places.filter_map(|place| case.log_events(&place.region, &place.group, &place.stream?).ok());
    let logs: Vec<_> = logs.collect();
    logs.into_iter().flat_map(|log| log.events.iter().map(|event| event.message.as_str()))
}

/// A key of the task's account: nobody else may ask for its policy.
fn refused_key(workload: &Workload<'_>, line: &str) -> Option<Arn> {
    if !line.contains("kms:") {
        return None;
    }
    let denial = Denial::find(line).filter(|denial| denial.action.starts_with("kms:"))?;
    let key: Arn = denial.resource?.parse().ok()?;
    (key.resource_of("key").is_some() && key.account == workload.account).then_some(key)
}

/// The group and the stream of every awslogs container, and the end of the log of those that ran and ended.
fn log_needs(workload: &Workload<'_>, needs: &mut BTreeSet<Need>) {
    for (container, _) in workload.containers() {
        let Some(place) = workload.log_stream(container) else { continue };
        needs.insert(Need::LogGroup { region: place.region.clone(), group: place.group.clone() });
        if workload.task.is_some_and(|task| ran_and_ended(task, &container.name)) {
            let LogStream { region, group, stream } = place.clone();
            needs.extend(stream.map(|prefix| Need::LogStreams { region, group, prefix }));
            needs.extend(log_events(place));
        }
    }
}

fn ran_and_ended(task: &Task, container: &str) -> bool {
    task.is_stopped() && task.container(container).is_some_and(ran)
}

fn log_events(place: LogStream) -> Option<Need> {
    let LogStream { region, group, stream } = place;
    stream.map(|stream| Need::LogEvents { region, group, stream })
}
