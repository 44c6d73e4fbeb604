//! The signals of a case: the task's reason, its containers' reasons and exit codes, log lines, service events.

use super::{LaunchType, Source, Symptom, denial::continued};
use crate::case::{Container, LogEvents, Service, Task};

/// The signals that the task itself carries, most telling first: container reasons name what the task's reason sums up.
pub fn task_symptoms(task: &Task) -> Vec<Symptom> {
    let mut symptoms: Vec<Symptom> = Vec::new();
    for container in task.containers.iter().filter(|c| !is_stale(task, c)) {
        if let Some(reason) = container.reason.as_deref().filter(|r| !r.trim().is_empty()) {
            symptoms.push(of_container(task, container, Source::ContainerReason, reason));
        }
    }
    if let Some(reason) = task.stopped_reason.as_deref().filter(|r| !r.trim().is_empty()) {
        // The task has no exit code; where several containers ended, theirs are signals of their own.
        let mut ends = task.containers.iter().filter_map(|c| c.exit_code);
        let exit_code = ends.next().filter(|_| ends.next().is_none());
        let symptom = Symptom { exit_code, ..with_task(task, Symptom::new(Source::TaskStoppedReason, reason)) };
        symptoms.push(symptom);
    }
    for container in &task.containers {
        if let Some(code) = container.exit_code {
            symptoms.push(of_container(task, container, Source::ExitCode, &format!("exit code {code}")));
        }
    }
    symptoms
}

/// The EC2 agent keeps the first error of a container, so a failed pull that a cached image made up for is still
/// reported when the container stops much later: a pull error of a container that ran is stale.
fn is_stale(task: &Task, container: &Container) -> bool {
    let pull_error = container.reason.as_deref().is_some_and(|r| r.trim_start().starts_with("CannotPull"));
    pull_error && !task.is_fargate() && container.exit_code.is_some()
}

/// The lines at the end of a container's log, oldest first; a refusal that takes several lines is read as one.
pub fn log_symptoms(task: &Task, container: &Container, events: &LogEvents) -> Vec<Symptom> {
    let lines: Vec<&str> = events.events.iter().map(|e| e.message.as_str()).filter(|m| !m.trim().is_empty()).collect();
    let symptom = |(at, line): (usize, &&str)| Symptom {
        raw: (*line).to_owned(),
        ..of_container(task, container, Source::ContainerLog, &continued(&lines, at))
    };
    lines.iter().enumerate().map(symptom).collect()
}

/// The service's events, newest first.
pub fn service_symptoms(service: &Service) -> Vec<Symptom> {
    let launch_type = LaunchType::named(service.launch_type.as_deref().unwrap_or_default());
    service
        .events
        .iter()
        .map(|event| Symptom { launch_type, ..Symptom::new(Source::ServiceEvent, &event.message) })
        .collect()
}

fn of_container(task: &Task, container: &Container, source: Source, raw: &str) -> Symptom {
    let symptom = with_task(task, Symptom::new(source, raw));
    Symptom { container: Some(container.name.clone()), exit_code: container.exit_code, ..symptom }
}

fn with_task(task: &Task, symptom: Symptom) -> Symptom {
    let launch_type = match task.launch_type.as_deref() {
        Some(name) => LaunchType::named(name),
        None if task.is_fargate() => LaunchType::Fargate,
        None => LaunchType::Unknown,
    };
    Symptom { launch_type, stop_code: task.stop_code.clone(), ..symptom }
}
