//! How containers ended, read from exit codes and the task's timeline, whatever the reasons say.
//!
//! 137 alone does not tell memory from an ignored SIGTERM; the time between the order to stop and the end does
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>).

use jiff::SignedDuration;

use super::{
    fault::{Fault, FaultSubject},
    standing,
};
use crate::{
    case::{Container, ContainerDefinition, Task},
    require::Workload,
};

pub const KILLED: i64 = 137;
pub const TERMINATED: i64 = 143;
const SEGMENTATION: i64 = 139;
/// Seconds between SIGTERM and SIGKILL where the definition says nothing.
const STOP_TIMEOUT: i64 = 30;
/// What the agent's clock and ours may differ by, in seconds.
const SLACK: i64 = 3;

/// Ends that are faults by themselves.
pub fn faults(workload: &Workload<'_>) -> Vec<Fault> {
    let Some(task) = workload.task.filter(|t| t.is_stopped()) else { return Vec::new() };
    let ends = task.containers.iter().filter_map(|container| {
        killed_for_memory(workload, task, container)
            .or_else(|| killed_after_stop(workload, task, container))
            .or_else(|| ended_as_awaited(workload, container))
            .or_else(|| ended_itself(workload, task, container))
    });
    ends.chain(task.containers.iter().filter_map(unhealthy)).collect()
}

const PARAMETERS: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html";

/// What to do about an end that the definition explains better than any message.
pub fn advice(workload: &Workload<'_>, fault: &Fault) -> Option<(String, Vec<String>)> {
    let container = fault.container.as_deref().filter(|_| fault.subject == FaultSubject::End)?;
    let awaited = waiting_for(workload, container).is_some();
    let title = match fault.cause.as_str() {
        "app-exit-zero" if awaited => {
            format!("Set \"essential\": false on container {container} in the task definition")
        }
        "app-exit-nonzero" => format!(
            "Follow the last lines of the log of container {container}; nothing in them is a failure that is known. Start the image \
             with the same command and variables to see more"
        ),
        "oom-task" => "Raise the memory of the task, or find what grows in the container".to_owned(),
        _ => return None,
    };
    Some((title, vec![PARAMETERS.to_owned()]))
}

/// Unhealthy by the check that the task definition gives it; ECS ignores that of the image.
fn unhealthy(container: &Container) -> Option<Fault> {
    (container.health_status.as_deref() == Some("UNHEALTHY")).then(|| Fault {
        cause: "container-healthcheck".to_owned(),
        shows: format!("container {} is UNHEALTHY by its own health check", container.name),
        ..end_of(container)
    })
}

/// Whether a container's reason says that it was killed for memory; old agents write `OutofMemoryError`.
pub fn was_out_of_memory(container: &Container) -> bool {
    let states = |reason: &str| reason.to_ascii_lowercase().contains("outofmemoryerror");
    container.reason.as_deref().is_some_and(states)
}

/// Killed for memory, by the limit that it met: its own, or the task's where it has none
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).
fn killed_for_memory(workload: &Workload<'_>, task: &Task, container: &Container) -> Option<Fault> {
    if !was_out_of_memory(container) {
        return None;
    }
    let overridden = task.overrides.container_overrides.iter().find(|o| o.name.as_deref() == Some(&container.name));
    let defined = workload.definition.container(&container.name)?;
    let own = overridden.and_then(|o| o.memory).or(defined.memory);
    let (cause, shows) = match (own, task.memory.as_deref().or(workload.definition.memory.as_deref())) {
        (Some(own), _) => {
            ("oom-container", format!("container {} has a memory limit of {own} MiB of its own", container.name))
        }
        (None, Some(of_task)) => (
            "oom-task",
            format!("container {} has no memory limit of its own, so it met the task's {of_task} MiB", container.name),
        ),
        (None, None) => return None,
    };
    Some(Fault { cause: cause.to_owned(), shows, ..end_of(container) })
}

/// An essential container that others wait for to end: its end is what they need, and stops the task all the same.
fn ended_as_awaited(workload: &Workload<'_>, container: &Container) -> Option<Fault> {
    let waiting = waiting_for(workload, &container.name).filter(|_| container.exit_code == Some(0))?;
    is_essential(workload, container).then(|| Fault {
        cause: "app-exit-zero".to_owned(),
        shows: format!(
            "container {} is to end before {} starts, and is marked essential, so its end stops the task: it wants \
             \"essential\": false",
            container.name, waiting.name
        ),
        ..end_of(container)
    })
}

/// A container that waits for another one's end.
fn waiting_for<'w>(workload: &Workload<'w>, container: &str) -> Option<&'w ContainerDefinition> {
    let waits = |d: &&ContainerDefinition| matches!(d.condition_on(container), Some("SUCCESS" | "COMPLETE"));
    workload.definition.container_definitions.iter().find(waits)
}

/// Whether every container that the task depends on ended with success, those apart that another one's end brought down.
pub fn succeeded(workload: &Workload<'_>, task: &Task) -> bool {
    let counts = |c: &&Container| is_essential(workload, c) && !was_brought_down(workload, task, c);
    let mut ends = task.containers.iter().filter(counts).map(|c| c.exit_code).peekable();
    task.stop_code.as_deref() == Some("EssentialContainerExited")
        && ends.peek().is_some()
        && ends.all(|code| code == Some(0))
}

/// Whether the task stops with the container. GuardDuty's is not essential; of another that the definition lacks nothing
/// is known.
pub fn is_essential(workload: &Workload<'_>, container: &Container) -> bool {
    let defined = workload.definition.container(&container.name);
    defined.map_or(!container.name.starts_with(standing::GUARDDUTY), ContainerDefinition::is_essential)
}

/// Whether a container was stopped rather than ended: because another one had, or because somebody ordered it. What its
/// log says last is then not why the task stopped.
pub fn was_stopped(workload: &Workload<'_>, task: &Task, container: &Container) -> bool {
    was_ordered(task) || was_brought_down(workload, task, container)
}

/// Whether a container got its signal because an essential one had ended by itself.
pub fn was_brought_down(workload: &Workload<'_>, task: &Task, container: &Container) -> bool {
    let other = |c: &Container| c.name != container.name && is_essential(workload, c) && ended_by_itself(c);
    is_signalled(container) && task.containers.iter().any(other)
}

pub fn is_signalled(container: &Container) -> bool {
    matches!(container.exit_code, Some(KILLED | TERMINATED)) && !was_out_of_memory(container)
}

fn ended_by_itself(container: &Container) -> bool {
    container.exit_code.is_some() && !is_signalled(container)
}

const ORDERED: [&str; 4] = ["UserInitiated", "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice"];

/// Whether somebody ordered the stop, rather than a container's end bringing it about.
pub fn was_ordered(task: &Task) -> bool {
    task.stop_code.as_deref().is_some_and(|code| ORDERED.contains(&code))
}

/// Whether the way the task stopped excludes a cause: nobody who was not asked to stop can have ignored the order, and exit
/// codes that are there say how the containers ended.
pub fn rules_out(task: &Task, cause: &str) -> bool {
    let codes: Vec<i64> = task.containers.iter().filter_map(|c| c.exit_code).collect();
    let chosen = |code: &i64| !matches!(*code, 0 | KILLED | TERMINATED);
    match cause {
        "sigkill-stop-timeout" => task.stop_code.is_some() && !was_ordered(task),
        "app-exit-zero" => !codes.is_empty() && !codes.contains(&0),
        "app-exit-nonzero" | "exec-format-arch" => !codes.is_empty() && !codes.iter().any(chosen),
        _ => false,
    }
}

/// Killed when `stopTimeout` had passed since somebody ordered the stop. A kill before that has another reason; where the
/// times are missing, the order is all that is known.
fn killed_after_stop(workload: &Workload<'_>, task: &Task, container: &Container) -> Option<Fault> {
    let ended = task.execution_stopped_at.or(task.stopped_at);
    let took = task.stopping_at.zip(ended).map(|(ordered, ended)| ended.duration_since(ordered));
    let timeout = workload.definition.container(&container.name).and_then(|c| c.stop_timeout).unwrap_or(STOP_TIMEOUT);
    let early = took.is_some_and(|took| took < SignedDuration::from_secs((timeout - SLACK).max(1)));
    let waited = took.map_or_else(String::new, |took| format!(" {} s", took.as_secs()));
    (was_ordered(task) && !early && container.exit_code == Some(KILLED)).then(|| Fault {
        cause: "sigkill-stop-timeout".to_owned(),
        shows: format!(
            "container {} was killed{waited} after the stop was ordered, and its stopTimeout is {timeout} s",
            container.name
        ),
        ..end_of(container)
    })
}

/// The exit code of an essential container that nobody had asked to stop. Success is a fault where ECS is to keep the
/// container running.
fn ended_itself(workload: &Workload<'_>, task: &Task, container: &Container) -> Option<Fault> {
    let code = container.exit_code.filter(|_| is_essential(workload, container) && !was_ordered(task))?;
    let name = &container.name;
    let (cause, shows) = match code {
        0 => {
            let service = task.service()?;
            ("app-exit-zero", format!("container {name} ended with exit code 0, and service {service} starts it again"))
        }
        SEGMENTATION => ("app-sigsegv", format!("container {name} was killed by SIGSEGV, exit code 139")),
        1..=125 | 255 => ("app-exit-nonzero", format!("container {name} ended by itself with exit code {code}")),
        _ => return None,
    };
    Some(Fault { cause: cause.to_owned(), shows, ..end_of(container) })
}

fn end_of(container: &Container) -> Fault {
    Fault {
        cause: String::new(),
        subject: FaultSubject::End,
        container: Some(container.name.clone()),
        role: None,
        resource: None,
        shows: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::TaskDefinition;

    /// Causes of a task whose one container ended with 137.
    fn causes(stop_code: &str, stopping_at: Option<i64>, ended_at: Option<i64>) -> Vec<String> {
        let instant = |second: Option<i64>| second.and_then(|s| jiff::Timestamp::from_second(s).ok());
        let container = Container { name: "web".into(), exit_code: Some(KILLED), ..Container::default() };
        let task = Task {
            last_status: Some("STOPPED".into()),
            stop_code: Some(stop_code.into()),
            stopping_at: instant(stopping_at),
            execution_stopped_at: instant(ended_at),
            containers: vec![container],
            ..Task::default()
        };
        let definition = TaskDefinition::default();
        let workload = Workload {
            task: Some(&task),
            service: None,
            definition: &definition,
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            fargate: true,
        };
        faults(&workload).into_iter().map(|fault| fault.cause).collect()
    }

    #[test]
    fn the_time_tells_a_kill_for_slowness_from_another() {
        assert_eq!(causes("ServiceSchedulerInitiated", Some(0), Some(30)), ["sigkill-stop-timeout"]);
        assert_eq!(causes("UserInitiated", Some(0), None), ["sigkill-stop-timeout"]);
        assert!(causes("ServiceSchedulerInitiated", Some(0), Some(5)).is_empty());
        assert!(causes("EssentialContainerExited", Some(0), Some(30)).is_empty());
    }
}
