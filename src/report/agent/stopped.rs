//! The stopped tasks that ECS still lists, for a language model: newest first.
//!
//! Given tasks as `DescribeTasks` has them. Ids, stop codes of ECS's own list, instants and exit codes are ours to
//! tell; reasons and names are the account's.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Untrusted, diagnosis::ContainerText};
use crate::{
    case::{Container, Task},
    id::{TaskName, short_name},
    subject::may_have_failed,
};

/// `stopCode` as ECS has it
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html#ECS-Type-Task-stopCode>).
const STOP_CODES: [&str; 7] = [
    "EssentialContainerExited",
    "InfrastructureHealth",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "TaskFailedToStart",
    "TerminationNotice",
    "UserInitiated",
];

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedTasks {
    /// How many stopped tasks are known, listed here or not.
    pub count: usize,
    /// Newest first.
    pub tasks: Vec<StoppedTask>,
    /// What was left out to keep the answer short.
    pub omitted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedTask {
    /// The id, which `diagnose_task` takes beside the cluster.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<&'static str>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<String>,
    /// Of the containers that ended by themselves, in the order of the task.
    pub exit_codes: Vec<i64>,
    /// False for a stop in order: by a person, a scale-in or a deployment.
    pub may_have_failed: bool,
    pub untrusted: Untrusted<StoppedText>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedText {
    pub arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_reason: Option<String>,
    pub containers: Vec<ContainerText>,
}

/// The newest of the tasks; what has not stopped is left out.
pub fn stopped_tasks(tasks: &[&Task], most: usize) -> StoppedTasks {
    let mut stopped: Vec<&Task> = tasks.iter().copied().filter(|task| task.is_stopped()).collect();
    stopped.sort_by(|a, b| (b.stopped_at, &a.task_arn).cmp(&(a.stopped_at, &b.task_arn)));
    stopped.dedup_by(|a, b| a.task_arn == b.task_arn);
    let count = stopped.len();
    let omitted = (count > most).then(|| format!("tasks: the newest {most} of {count}"));
    StoppedTasks {
        count,
        tasks: stopped.into_iter().take(most).filter_map(view).collect(),
        omitted: omitted.into_iter().collect(),
    }
}

fn view(task: &Task) -> Option<StoppedTask> {
    let stop_code = task.stop_code.as_deref();
    Some(StoppedTask {
        id: TaskName::parse(&task.task_arn).ok()?.id,
        stop_code: STOP_CODES.into_iter().find(|code| Some(*code) == stop_code),
        stopped_at: task.stopped_at.map(|at| at.to_string()),
        exit_codes: task.containers.iter().filter_map(|container| container.exit_code).collect(),
        may_have_failed: may_have_failed(task),
        untrusted: text(task).into(),
    })
}

fn text(task: &Task) -> StoppedText {
    StoppedText {
        arn: task.task_arn.clone(),
        cluster: task.cluster_arn.as_deref().map(|arn| short_name(arn).to_owned()),
        service: task.service().map(str::to_owned),
        task_definition: task.task_definition_arn.as_deref().map(|arn| short_name(arn).to_owned()),
        stopped_reason: task.stopped_reason.clone(),
        containers: task.containers.iter().map(container).collect(),
    }
}

fn container(container: &Container) -> ContainerText {
    ContainerText {
        name: container.name.clone(),
        image: container.image.clone(),
        exit_code: container.exit_code,
        reason: container.reason.clone(),
    }
}
