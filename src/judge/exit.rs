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

const KILLED: i64 = 137;
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

/// Killed when `stopTimeout` had passed since somebody ordered the stop.
fn killed_after_stop(workload: &Workload<'_>, task: &Task, container: &Container) -> Option<Fault> {
    let ordered = ["UserInitiated", "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice"];
    let was_ordered = task.stop_code.as_deref().is_some_and(|code| ordered.contains(&code));
    let took = task.execution_stopped_at?.duration_since(task.stopping_at?);
    let timeout = workload.definition.container(&container.name).and_then(|c| c.stop_timeout).unwrap_or(STOP_TIMEOUT);
    let waited = took >= SignedDuration::from_secs((timeout - SLACK).max(1));
    (was_ordered && waited && container.exit_code == Some(KILLED)).then(|| Fault {
        cause: "sigkill-stop-timeout".to_owned(),
        shows: format!(
            "container {} was killed {} s after the stop was ordered, and its stopTimeout is {timeout} s",
            container.name,
            took.as_secs()
        ),
        ..end_of(container)
    })
}

/// An exit code that the program chose, and not a signal.
fn ended_itself(workload: &Workload<'_>, container: &Container) -> Option<Fault> {
    let essential =
        workload.definition.container(&container.name).is_none_or(crate::case::ContainerDefinition::is_essential);
    let code = container.exit_code.filter(|code| (1..=125).contains(code) || *code == 255)?;
    essential.then(|| Fault {
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
