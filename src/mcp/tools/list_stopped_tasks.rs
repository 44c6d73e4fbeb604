//! `list_stopped_tasks`: which tasks ECS still knows to have stopped, newest first.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Entry, SHORT};
use crate::{
    case::{self, Case, Names, Target, Task},
    cli::error::CliError,
    id::{Arn, short_name},
    mcp::{arguments, call::Watch, schema, world::World},
    report::agent::{StoppedTasks, stopped_tasks},
};

pub const TOOL: Entry = Entry {
    name: "list_stopped_tasks",
    title: "List stopped ECS tasks",
    description: "Lists the stopped tasks that ECS still knows, for about an hour after they stopped: of a cluster \
        ('default' if none is named), or of one service. Newest first, with stop code, exit codes, and whether the \
        task may have failed rather than been stopped in order. Give an id of the list to diagnose_task, with the \
        same cluster. Changes nothing in the account.",
    arguments: schema::of_arguments::<Arguments>,
    result: schema::of_result::<StoppedTasks>,
    answer,
};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Arguments {
    /// Name or ARN of the cluster; without it the cluster 'default'
    #[schemars(with = "String", length(max = 2048))]
    cluster: Option<String>,
    /// Name or ARN of a service of the cluster
    #[schemars(with = "String", length(max = 2048))]
    service: Option<String>,
    /// AWS Region, such as eu-west-1; an ARN of the service has it already
    #[schemars(with = "String", length(max = 32))]
    region: Option<String>,
    /// How many tasks are listed at most
    #[schemars(with = "u16", range(min = 1, max = 100), extend("default" = 20))]
    limit: Option<u16>,
}

const FEWEST: u16 = 1;
const MOST: u16 = 100;
const USUAL: u16 = 20;

fn answer(world: &World, arguments: &JsonObject, watch: &Watch) -> Result<Answer, CliError> {
    let asked: Arguments = arguments::read(TOOL.name, arguments)?;
    let limit = asked.limit.unwrap_or(USUAL);
    if !(FEWEST..=MOST).contains(&limit) {
        return Err(CliError::input(format!("limit is {limit}"), format!("give a number from {FEWEST} to {MOST}")));
    }
    let target = target(&asked)?;
    watch.tell("looking for stopped tasks");
    let all = world.stopped(&target, watch)?;
    let is_meant = |task: &&Task| is_of(task, &target);
    let tasks: Vec<&Task> = all.iter().flat_map(|facts| tasks(&facts.case)).filter(is_meant).collect();
    Answer::of(&stopped_tasks(&tasks, usize::from(limit)), SHORT)
}

fn target(asked: &Arguments) -> Result<Target, CliError> {
    let names = Names {
        task: None,
        service: asked.service.as_deref(),
        cluster: asked.cluster.as_deref(),
        region: asked.region.as_deref(),
    };
    if names.service.is_some() {
        return arguments::target(&names);
    }
    arguments::checked(&names)?;
    let cluster = names.cluster.map(|cluster| short_name(cluster).to_owned());
    Ok(Target { region: asked.region.clone().unwrap_or_default(), cluster, ..Target::default() })
}

/// Of the cluster, the service and the Region that are named; a snapshot may be of others.
fn is_of(task: &Task, target: &Target) -> bool {
    let arn = task.task_arn.parse::<Arn>().ok();
    let cluster = task.cluster_arn.as_deref().map(short_name);
    target.cluster.as_deref().is_none_or(|named| cluster == Some(named))
        && target.service.as_deref().is_none_or(|named| task.service() == Some(named))
        && (target.region.is_empty() || arn.is_some_and(|arn| arn.region == target.region))
}

/// Every task that a case has, from the API or from captured events.
fn tasks(case: &Case) -> impl Iterator<Item = &Task> {
    case.facts().flat_map(|(need, _)| match case.answer(need) {
        Ok(case::Answer::Tasks(found)) => found.tasks.iter().collect(),
        Ok(case::Answer::CapturedEvents(found)) => found.task.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    })
}
