//! Which container's end the task stopped for: the essential one that failed first and what it waited for, then the other
//! essential ones, then side-cars.
//!
//! ECS states no time for a container's end
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html>). What tells the order: a signal means
//! that something else ended before, `dependsOn` says who waited for whom, and a log ends with its container.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{exit, symptoms::log};
use crate::{
    case::{Case, Container, Gap, Task},
    require::Workload,
    symptom::{never_started, ran},
};

/// How near a container is to the cause of the stop, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its end is the first that is known.
    First,
    Essential,
    /// The task goes on without it.
    SideCar,
    /// AWS put it into the task; the task definition does not have it.
    Injected,
}

/// How GuardDuty's container begins, without which the task goes on.
pub const GUARDDUTY: &str = "aws-guardduty-agent";

/// The service that put a container into the task, by the names that it gives to its containers
/// (<https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html>).
pub fn injector(workload: Option<&Workload<'_>>, container: &str) -> Option<&'static str> {
    const INJECTORS: [(&str, &str); 2] =
        [(GUARDDUTY, "Amazon GuardDuty Runtime Monitoring"), ("ecs-service-connect-", "ECS Service Connect")];
    let defined = workload.is_some_and(|w| w.definition.container(container).is_some());
    let known = INJECTORS.into_iter().find(|(prefix, _)| container.starts_with(prefix));
    known.filter(|_| !defined).map(|(_, service)| service)
}

/// The standing of every container of the task. None is first where several ended and a log that would tell which was not
/// read.
pub fn standings(case: &Case, workload: &Workload<'_>, task: &Task) -> BTreeMap<String, Standing> {
    let ends = ends(case, workload, task);
    let open = ends.len() > 1 && ends.iter().any(|c| ran(c) && is_unread(case, workload, &c.name));
    let first = ends.first().filter(|_| !open).map(|c| c.name.as_str());
    let standing = |c: &Container| {
        let standing = match exit::is_essential(workload, c) {
            _ if first == Some(c.name.as_str()) => Standing::First,
            _ if injector(Some(workload), &c.name).is_some() => Standing::Injected,
            true if ends.is_empty() => Standing::First,
            true => Standing::Essential,
            false => Standing::SideCar,
        };
        (c.name.clone(), standing)
    };
    task.containers.iter().map(standing).collect()
}

/// The containers whose ends can have stopped the task, the first one first.
fn ends<'t>(case: &Case, workload: &Workload<'_>, task: &'t Task) -> Vec<&'t Container> {
    let failed: Vec<&Container> = task.containers.iter().filter(|c| ended_first(workload, task, c)).collect();
    let counts = |c: &&&Container| exit::is_essential(workload, c) || is_waited_for(workload, task, &c.name);
    let mut ends: Vec<&Container> = failed.iter().filter(counts).copied().collect();
    if ends.is_empty() {
        // A container that cannot be started stops the task even if it is not essential.
        ends = failed.into_iter().filter(|c| !ran(c)).collect();
    }
    let times: BTreeMap<&str, Timestamp> =
        ends.iter().filter_map(|c| Some((c.name.as_str(), last_line(case, workload, &c.name)?))).collect();
    let comparable = times.len() == ends.len();
    let waits = |c: &Container| ends.iter().filter(|other| waits_for(workload, &c.name, &other.name)).count();
    let key = |c: &Container| {
        let time = times.get(c.name.as_str()).filter(|_| comparable).copied();
        (waits(c), time, c.exit_code == Some(0))
    };
    let mut keyed: Vec<_> = ends.iter().map(|c| (key(c), *c)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, c)| c).collect()
}

/// Whether a container ended, or could not start, for a reason of its own.
fn ended_first(workload: &Workload<'_>, task: &Task, container: &Container) -> bool {
    let states_why = container.reason.as_deref().is_some_and(|r| !r.trim().is_empty());
    match container.exit_code {
        _ if exit::was_out_of_memory(container) || never_started(container) => true,
        Some(_) if exit::is_signalled(container) => !exit::was_stopped(workload, task, container) && states_why,
        Some(_) => true,
        None => states_why,
    }
}

/// Whether a container that never ran waits for this one, maybe by way of others.
fn is_waited_for(workload: &Workload<'_>, task: &Task, name: &str) -> bool {
    task.containers.iter().any(|c| !ran(c) && waits_for(workload, &c.name, name))
}

/// Whether `dependsOn` leads from one container to another. A cycle, which ECS refuses, ends the search.
pub fn waits_for(workload: &Workload<'_>, container: &str, other: &str) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut next = vec![container];
    while let Some(name) = next.pop() {
        let Some(definition) = workload.definition.container(name).filter(|_| !seen.contains(&name)) else { continue };
        seen.push(name);
        if definition.condition_on(other).is_some() {
            return true;
        }
        next.extend(definition.depends_on.iter().map(|d| d.container_name.as_str()));
    }
    false
}

/// When a container wrote the last line of its log.
fn last_line(case: &Case, workload: &Workload<'_>, container: &str) -> Option<Timestamp> {
    log(case, workload, container)?.ok()?.events.last()?.timestamp
}

/// Whether a container has a log that could not be read. One that does not exist says nothing either way.
fn is_unread(case: &Case, workload: &Workload<'_>, container: &str) -> bool {
    matches!(log(case, workload, container), Some(Err(gap)) if !matches!(gap, Gap::NotFound { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{ContainerDefinition, Dependency, Target, TaskDefinition};

    fn container(name: &str, exit_code: Option<i64>, reason: &str) -> Container {
        Container {
            name: name.into(),
            exit_code,
            reason: Some(reason.to_owned()).filter(|r| !r.is_empty()),
            ..Container::default()
        }
    }

    fn defined(name: &str, essential: bool, waits_for: &[&str]) -> ContainerDefinition {
        let on = |name: &&str| Dependency { container_name: (*name).into(), condition: "SUCCESS".into() };
        ContainerDefinition {
            name: name.into(),
            essential: Some(essential),
            depends_on: waits_for.iter().map(on).collect(),
            ..ContainerDefinition::default()
        }
    }

    fn order(definitions: Vec<ContainerDefinition>, containers: Vec<Container>) -> Vec<(String, Standing)> {
        let task = Task { last_status: Some("STOPPED".into()), containers, ..Task::default() };
        let definition = TaskDefinition { container_definitions: definitions, ..TaskDefinition::default() };
        let workload = Workload {
            task: Some(&task),
            service: None,
            definition: &definition,
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            fargate: true,
        };
        let case = Case::new(Target::default(), Timestamp::UNIX_EPOCH);
        let mut order: Vec<_> = standings(&case, &workload, &task).into_iter().collect();
        order.sort_by_key(|(_, standing)| *standing);
        order
    }

    #[test]
    fn what_is_waited_for_ended_before_what_waits() {
        let gave_up = "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [init] for target [app] as dependency did not exit successfully.";
        let order = order(
            vec![defined("app", true, &["init"]), defined("init", false, &[]), defined("log", false, &[])],
            vec![container("app", Some(143), gave_up), container("init", Some(1), ""), container("log", Some(1), "")],
        );
        let expected = [("init", Standing::First), ("app", Standing::Essential), ("log", Standing::SideCar)];
        assert_eq!(order, expected.map(|(name, standing)| (name.to_owned(), standing)));
    }

    #[test]
    fn a_signal_means_that_another_container_ended_before() {
        let order = order(
            vec![defined("proxy", true, &[]), defined("app", true, &[])],
            vec![container("proxy", Some(137), ""), container("app", Some(2), "")],
        );
        assert_eq!(order.first().map(|(name, _)| name.as_str()), Some("app"));
    }

    #[test]
    fn a_container_that_aws_put_there_comes_last() {
        let order = order(
            vec![defined("app", true, &[])],
            vec![container("aws-guardduty-agent-x1", Some(1), ""), container("app", Some(1), "")],
        );
        assert_eq!(order.last(), Some(&("aws-guardduty-agent-x1".to_owned(), Standing::Injected)));
    }

    #[test]
    fn one_that_cannot_start_stops_the_task_although_it_is_not_essential() {
        let order = order(
            vec![defined("app", true, &[]), defined("log", false, &[])],
            vec![container("app", None, ""), container("log", None, "CannotPullContainerError: x")],
        );
        assert_eq!(order.first(), Some(&("log".to_owned(), Standing::First)));
    }

    #[test]
    fn circles_end() {
        let definitions = || vec![defined("a", true, &["b"]), defined("b", true, &["a"])];
        let order = order(definitions(), vec![container("a", Some(1), ""), container("b", Some(1), "")]);
        assert_eq!(order.len(), 2);
    }
}
