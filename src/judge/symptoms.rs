//! The signals of a subject, in the order in which they may be believed.

use super::exit;
use crate::{
    case::{Case, Container, Gap, LogEvents, Service, Task},
    require::Workload,
    subject::Subject,
    symptom::{Source, Symptom, deployment_symptoms, log_symptoms, service_symptoms, task_symptoms},
};

/// A task's own signals and the ends of its containers' logs; of a service the events since it was last steady.
pub fn of(case: &Case, subject: &Subject<'_>, workload: Option<&Workload<'_>>) -> Vec<Symptom> {
    match subject {
        Subject::Task(task) => {
            let mut symptoms = task_symptoms(task);
            symptoms.retain(|symptom| !is_aftermath(workload, task, symptom));
            symptoms.extend(workload.into_iter().flat_map(|w| logs(case, w, task)));
            symptoms
        }
        Subject::Service(service) => since_steady(service).into_iter().chain(deployment_symptoms(service)).collect(),
        Subject::Definition(_) | Subject::Missing { .. } | Subject::Unread(_) => Vec::new(),
    }
}

/// The exit code of a container that the end of another brought about, or of one that obeyed an order to stop.
fn is_aftermath(workload: Option<&Workload<'_>>, task: &Task, symptom: &Symptom) -> bool {
    let container = symptom.container.as_deref().and_then(|name| task.container(name));
    let brought_down = |c| workload.is_some_and(|w| exit::was_brought_down(w, task, c));
    let obeyed = exit::was_ordered(task) && symptom.exit_code == Some(exit::TERMINATED);
    symptom.source == Source::ExitCode && (obeyed || container.is_some_and(brought_down))
}

/// Lines of one container that are matched: as many as are read from AWS. A file may bring any number.
const MOST_LINES: usize = 200;

/// Lines of the containers that ended, those of essential ones first, newest first: what ended a process stands at the
/// end of its log.
fn logs(case: &Case, workload: &Workload<'_>, task: &Task) -> Vec<Symptom> {
    let mut containers: Vec<_> = workload.containers().map(|(container, _)| container).collect();
    containers.sort_by_key(|c| !c.is_essential());
    let lines = containers.into_iter().flat_map(|definition| {
        let failed = |c: &&Container| c.exit_code.is_some_and(|code| code != 0);
        let container = task.container(&definition.name).filter(failed);
        let container = container.filter(|c| !exit::was_stopped(workload, task, c));
        let events = log(case, workload, &definition.name).and_then(Result::ok);
        match (container, events) {
            (Some(container), Some(events)) => {
                let mut lines = log_symptoms(task, container, events);
                lines.truncate(MOST_LINES);
                lines
            }
            _ => Vec::new(),
        }
    });
    lines.collect()
}

/// Lines before and after one that matters.
const BEFORE: usize = 2;
const AFTER: usize = 1;
/// Lines that are shown of a log in which none stands out.
const LAST: usize = 5;

/// A line of a container's log with its neighbours.
pub fn log_around(case: &Case, workload: &Workload<'_>, container: &str, line: &str) -> Option<String> {
    let lines = log_lines(case, workload, container)?;
    let at = lines.iter().rposition(|l| *l == line)?;
    let shown = lines.iter().skip(at.saturating_sub(BEFORE)).take(at.min(BEFORE) + 1 + AFTER);
    Some(shown.map(|l| l.trim_end()).collect::<Vec<_>>().join("\n"))
}

/// The last lines of a container's log, or that there is none.
pub fn log_end(case: &Case, workload: &Workload<'_>, container: &str) -> Option<String> {
    let Some(lines) = log_lines(case, workload, container) else { return no_stream(case, workload, container) };
    let shown = lines.iter().skip(lines.len().saturating_sub(LAST));
    Some(shown.map(|l| l.trim_end()).collect::<Vec<_>>().join("\n")).filter(|text| !text.is_empty())
}

/// A container that ran and left no stream: it ended before its first line, or logging is broken.
fn no_stream(case: &Case, workload: &Workload<'_>, container: &str) -> Option<String> {
    let place = workload.log_stream(workload.definition.container(container)?)?;
    let (group, stream) = (place.group, place.stream?);
    let streams = case.log_streams(&place.region, &group, &stream).ok()?;
    streams.log_stream_names.is_empty().then(|| format!("group {group} has no stream {stream}"))
}

/// What was read of a container's log; nothing where CloudWatch Logs does not have it.
pub fn log<'a>(case: &'a Case, workload: &Workload<'_>, container: &str) -> Option<Result<&'a LogEvents, &'a Gap>> {
    let place = workload.log_stream(workload.definition.container(container)?)?;
    Some(case.log_events(&place.region, &place.group, &place.stream?))
}

fn log_lines<'a>(case: &'a Case, workload: &Workload<'_>, container: &str) -> Option<Vec<&'a str>> {
    let log = log(case, workload, container)?.ok()?;
    Some(log.events.iter().map(|event| event.message.as_str()).collect())
}

fn since_steady(service: &Service) -> Vec<Symptom> {
    let steady = |s: &Symptom| s.text.contains("has reached a steady state");
    service_symptoms(service).into_iter().take_while(|s| !steady(s)).collect()
}
