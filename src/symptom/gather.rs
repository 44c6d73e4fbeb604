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
    } else if let Some(code) = task.stop_code.as_ref().filter(|code| !FAILED.contains(&code.as_str())) {
        symptoms.push(with_task(task, Symptom::new(Source::TaskStoppedReason, code)));
    }
    symptoms.extend(attachment_symptoms(task));
    for container in &task.containers {
        if let Some(code) = container.exit_code.filter(|_| !never_started(container)) {
            symptoms.push(of_container(task, container, Source::ExitCode, &format!("exit code {code}")));
        }
        if let Some(status @ "UNHEALTHY") = container.health_status.as_deref() {
            symptoms.push(of_container(task, container, Source::HealthStatus, &format!("health status {status}")));
        }
    }
    symptoms
}

/// Stop codes that say only that something failed.
const FAILED: [&str; 2] = ["TaskFailedToStart", "EssentialContainerExited"];

/// What a volume or a network interface says of itself, where it is more than the task's reason repeats.
fn attachment_symptoms(task: &Task) -> Vec<Symptom> {
    let reasons = task.attachments.iter().flat_map(|a| &a.details).filter(|d| d.name == "statusReason");
    let told = |reason: &&str| task.stopped_reason.as_deref().is_some_and(|stated| stated.contains(reason));
    let new = reasons.map(|d| d.value.trim()).filter(|reason| !reason.is_empty() && !told(reason));
    new.map(|reason| with_task(task, Symptom::new(Source::TaskAttachment, reason))).collect()
}

/// Whether the EC2 agent gave the container up while it waited for another one. It makes up the exit code 143 for it.
pub fn never_started(container: &Container) -> bool {
    let gave_up = |reason: &str| reason.to_ascii_lowercase().contains("dependency graph:");
    container.reason.as_deref().is_some_and(gave_up)
}

/// Whether a container ran and ended: its exit code is not made up.
pub fn ran(container: &Container) -> bool {
    container.exit_code.is_some() && !never_started(container)
}

/// The EC2 agent keeps the first error of a container, so a failed pull that a cached image made up for is still
/// reported when the container stops much later: a pull error of a container that ran is stale.
fn is_stale(task: &Task, container: &Container) -> bool {
    let pull_error = container.reason.as_deref().is_some_and(|r| r.trim_start().starts_with("CannotPull"));
    pull_error && !task.is_fargate() && container.exit_code.is_some()
}

/// The lines at the end of a container's log, newest first; a refusal that takes several lines is read as one.
pub fn log_symptoms(task: &Task, container: &Container, events: &LogEvents) -> Vec<Symptom> {
    let lines: Vec<&str> = events.events.iter().map(|e| e.message.as_str()).filter(|m| !m.trim().is_empty()).collect();
    let mut lines_after = 0;
    let symptoms = lines.iter().enumerate().rev().map(|(at, line)| {
        let whole = of_container(task, container, Source::ContainerLog, &continued(&lines, at));
        let symptom = Symptom { raw: (*line).to_owned(), lines_after, ..whole };
        lines_after += usize::from(!is_frame(line));
        symptom
    });
    symptoms.collect()
}

/// Whether a line continues the one before it: a stack trace is one message however deep it is.
fn is_frame(line: &str) -> bool {
    line.starts_with([' ', '\t']) || ["at ", "Caused by", "..."].iter().any(|start| line.starts_with(start))
}

/// The service's events, newest first.
pub fn service_symptoms(service: &Service) -> Vec<Symptom> {
    service.events.iter().map(|event| of_service(service, Source::ServiceEvent, &event.message)).collect()
}

/// Why deployments of the service are in their states, as far as it failed.
pub fn deployment_symptoms(service: &Service) -> Vec<Symptom> {
    let failed = service.deployments.iter().filter(|d| d.rollout_state.as_deref() == Some("FAILED"));
    let reasons = failed.filter_map(|d| d.rollout_state_reason.as_deref());
    reasons.map(|reason| of_service(service, Source::ServiceDeployment, reason)).collect()
}

fn of_service(service: &Service, source: Source, text: &str) -> Symptom {
    let launch_type = LaunchType::named(service.launch_type.as_deref().unwrap_or_default());
    Symptom { launch_type, ..Symptom::new(source, text) }
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
