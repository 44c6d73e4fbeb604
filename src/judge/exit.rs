//! How containers ended, read from exit codes and the task's timeline, whatever the reasons say.
//!
//! 137 alone does not tell memory from an ignored SIGTERM; the time between the order to stop and the end does
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>).

use jiff::SignedDuration;

use super::fault::{Fault, FaultSubject};
use crate::{
    case::{Container, Task},
    require::Workload,
};

pub const KILLED: i64 = 137;
/// Seconds between SIGTERM and SIGKILL where the definition says nothing.
const STOP_TIMEOUT: i64 = 30;
/// What the agent's clock and ours may differ by, in seconds.
const SLACK: i64 = 3;

/// Ends that are faults by themselves.
pub fn faults(workload: &Workload<'_>) -> Vec<Fault> {
    let Some(task) = workload.task.filter(|t| t.is_stopped()) else { return Vec::new() };
    let ends = task.containers.iter().filter_map(|container| {
        killed_after_stop(workload, task, container).or_else(|| ended_itself(workload, container))
    });
    ends.collect()
}

/// Whether every container that the task depends on ended with success.
pub fn succeeded(workload: &Workload<'_>, task: &Task) -> bool {
    let essential = |c: &&Container| is_essential(workload, c);
    let mut ends = task.containers.iter().filter(essential).map(|c| c.exit_code).peekable();
    task.stop_code.as_deref() == Some("EssentialContainerExited")
        && ends.peek().is_some()
        && ends.all(|code| code == Some(0))
}

fn is_essential(workload: &Workload<'_>, container: &Container) -> bool {
    workload.definition.container(&container.name).is_none_or(crate::case::ContainerDefinition::is_essential)
}

/// Whether a container was stopped rather than ended: because another one had, or because somebody ordered it. What its
/// log says last is then not why the task stopped.
pub fn was_stopped(workload: &Workload<'_>, task: &Task, container: &Container) -> bool {
    is_signalled(container) && (was_ordered(task) || was_brought_down(workload, task, container))
}

/// Whether a container got its signal because an essential one had ended by itself.
pub fn was_brought_down(workload: &Workload<'_>, task: &Task, container: &Container) -> bool {
    let other = |c: &Container| c.name != container.name && is_essential(workload, c) && ended_by_itself(c);
    is_signalled(container) && task.containers.iter().any(other)
}

fn is_signalled(container: &Container) -> bool {
    matches!(container.exit_code, Some(137 | 143))
}

fn ended_by_itself(container: &Container) -> bool {
    container.exit_code.is_some() && !is_signalled(container)
}

const ORDERED: [&str; 4] = ["UserInitiated", "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice"];

/// Whether somebody ordered the stop, rather than a container's end bringing it about.
fn was_ordered(task: &Task) -> bool {
    task.stop_code.as_deref().is_some_and(|code| ORDERED.contains(&code))
}

/// Whether the way the task stopped excludes a cause: nobody who was not asked to stop can have ignored the order.
pub fn rules_out(task: &Task, cause: &str) -> bool {
    cause == "sigkill-stop-timeout" && task.stop_code.is_some() && !was_ordered(task)
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

/// An exit code that the program chose, and not a signal.
fn ended_itself(workload: &Workload<'_>, container: &Container) -> Option<Fault> {
    let code = container.exit_code.filter(|code| (1..=125).contains(code) || *code == 255)?;
    is_essential(workload, container).then(|| Fault {
        cause: "app-exit-nonzero".to_owned(),
        shows: format!("container {} ended by itself with exit code {code}", container.name),
        ..end_of(container)
    })
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
