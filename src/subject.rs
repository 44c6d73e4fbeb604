//! What a judgement is about: the task that was asked for, the service's newest failed task, the service itself, or a task
//! definition that is only to be started.
//!
//! Given a case, says which of them the facts support. Decides nothing about causes.

use crate::{
    case::{Answer, Case, Gap, Need, Service, Task, TaskDefinition},
    require::Workload,
};

/// The thing to judge.
#[derive(Debug, Clone)]
pub enum Subject<'a> {
    Task(&'a Task),
    /// No stopped task failed: only the service's events can tell.
    Service(&'a Service),
    /// No task is asked about.
    Definition(&'a TaskDefinition),
    /// ECS does not know the task, the service or the definition.
    Missing {
        message: String,
    },
    /// The question that everything depends on has no answer.
    Unread(&'a Gap),
}

impl<'a> Subject<'a> {
    pub fn of(case: &'a Case) -> Self {
        let target = &case.target;
        match (&target.task, &target.service, &target.task_definition) {
            (Some(id), _, _) => Self::task(case, id),
            (None, Some(service), _) => Self::service(case, service),
            (None, None, Some(definition)) => Self::definition(case, definition),
            (None, None, None) => Self::Unread(&Gap::NotAsked),
        }
    }

    fn definition(case: &'a Case, name: &str) -> Self {
        match case.task_definition_named(name) {
            Ok(definition) => Self::Definition(definition),
            Err(Gap::NotFound { message }) => Self::Missing { message: message.clone() },
            Err(gap) => Self::Unread(gap),
        }
    }

    fn task(case: &'a Case, id: &str) -> Self {
        if let Some(task) = described(case).chain(captured(case)).find(|task| task.id() == id) {
            return Self::Task(task);
        }
        let need = Need::Tasks { cluster: case.target.cluster.clone(), tasks: vec![id.to_owned()] };
        match case.answer(&need) {
            Ok(_) => Self::Missing { message: format!("ECS knows no task {id} in this cluster and Region") },
            Err(Gap::NotFound { message }) => Self::Missing { message: message.clone() },
            Err(gap) => Self::Unread(gap),
        }
    }

    fn service(case: &'a Case, name: &str) -> Self {
        let failed = described(case).filter(|task| task.service() == Some(name) && may_have_failed(task));
        let newest = failed.max_by(|a, b| (a.stopped_at, &a.task_arn).cmp(&(b.stopped_at, &b.task_arn)));
        if let Some(task) = newest {
            return Self::Task(task);
        }
        let need = Need::Services { cluster: case.target.cluster.clone(), services: vec![name.to_owned()] };
        match (case.service(name), case.answer(&need)) {
            (Some(service), _) if service.status.as_deref() != Some("INACTIVE") => Self::Service(service),
            (_, Ok(_)) => {
                Self::Missing { message: format!("there is no active service {name} in this cluster and Region") }
            }
            (_, Err(Gap::NotFound { message })) => Self::Missing { message: message.clone() },
            (_, Err(gap)) => Self::Unread(gap),
        }
    }

    /// The definition in use, where its facts are there.
    pub fn workload(&self, case: &'a Case) -> Option<Workload<'a>> {
        match self {
            Self::Task(task) => Workload::of(case, Some(task), None),
            Self::Service(service) => Workload::of(case, None, Some(service)),
            Self::Definition(definition) => Some(Workload::of_definition(case, definition)),
            Self::Missing { .. } | Self::Unread(_) => None,
        }
    }

    pub fn task_definition(&self) -> Option<&'a str> {
        match self {
            Self::Task(task) => task.task_definition_arn.as_deref(),
            Self::Service(service) => service.task_definition.as_deref(),
            Self::Definition(definition) => definition.task_definition_arn.as_deref(),
            Self::Missing { .. } | Self::Unread(_) => None,
        }
    }
}

fn described(case: &Case) -> impl Iterator<Item = &Task> {
    case.facts().filter(|(need, _)| matches!(need, Need::Tasks { .. })).flat_map(|(need, _)| match case.answer(need) {
        Ok(Answer::Tasks(found)) => found.tasks.as_slice(),
        _ => &[],
    })
}

fn captured(case: &Case) -> impl Iterator<Item = &Task> {
    case.facts().filter_map(|(need, _)| match case.answer(need) {
        Ok(Answer::CapturedEvents(found)) => found.task.as_deref(),
        _ => None,
    })
}

/// The reason of a task that its service stopped for a scale-in or a deployment, be it a rollback.
const SCALED_IN: &str = "Scaling activity initiated by";

pub fn was_scaled_in(task: &Task) -> bool {
    task.stopped_reason.as_deref().is_some_and(|reason| reason.trim_start().starts_with(SCALED_IN))
}

/// The newest task of the same deployment that failed by itself.
pub fn failed_sibling<'a>(case: &'a Case, task: &Task) -> Option<&'a Task> {
    let deployment = task.deployment()?;
    let sibling = |t: &&Task| t.task_arn != task.task_arn && t.started_by.as_deref() == Some(deployment);
    let failed = described(case).filter(sibling).filter(|t| may_have_failed(t) && !was_scaled_in(t));
    failed.max_by(|a, b| (a.stopped_at, &a.task_arn).cmp(&(b.stopped_at, &b.task_arn)))
}

/// Whether a stopped task is worth a diagnosis: not one that a person, a scale-in or a deployment stopped in order.
pub fn may_have_failed(task: &Task) -> bool {
    let killed = task.containers.iter().any(|c| c.exit_code == Some(137));
    let in_order = match task.stop_code.as_deref() {
        Some("UserInitiated") => !killed,
        Some("ServiceSchedulerInitiated") => was_scaled_in(task) && !killed,
        Some("EssentialContainerExited") => {
            task.service().is_none() && task.containers.iter().all(|c| c.exit_code == Some(0))
        }
        _ => false,
    };
    task.is_stopped() && !in_order
}
