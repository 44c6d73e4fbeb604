//! `diagnose_task`: why a task stopped, and what mends it.

use std::time::Instant;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Entry, LONG, SHORT};
use crate::{
    case::Names,
    cli::error::CliError,
    diagnose::judge,
    mcp::{arguments, call::Watch, schema, world::World},
    report::agent::{Detail, Diagnosis, diagnosis},
};

pub const TOOL: Entry = Entry {
    name: "diagnose_task",
    title: "Diagnose a stopped ECS task",
    description: "Finds why an Amazon ECS task stopped or cannot start: reads the task, its definition, roles and \
        policies, secrets, images, logs and network, gives the cause with its evidence, and fixes that were proven by \
        judging again with the change applied. Name a task (ARN, id with cluster, or console address), or a service, \
        whose newest failed task is taken. Changes nothing in the account.",
    arguments: schema::of_arguments::<Arguments>,
    result: schema::of_result::<Diagnosis>,
    answer,
};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Arguments {
    /// ARN of the task, its id (with cluster), or the address of its page in the ECS console
    #[schemars(with = "String", length(max = 2048))]
    task: Option<String>,
    /// Name or ARN of the cluster; an ARN of the task has it already
    #[schemars(with = "String", length(max = 2048))]
    cluster: Option<String>,
    /// Name or ARN of a service: its newest stopped task that failed is diagnosed
    #[schemars(with = "String", length(max = 2048))]
    service: Option<String>,
    /// AWS Region, such as eu-west-1; an ARN has it already
    #[schemars(with = "String", length(max = 32))]
    region: Option<String>,
    /// 'summary' tells the verdict, its evidence and the fixes; 'full' adds the whole report, which is long
    detail: Detail,
}

fn answer(world: &World, arguments: &JsonObject, watch: &Watch) -> Result<Answer, CliError> {
    let began = Instant::now();
    let asked: Arguments = arguments::read(TOOL.name, arguments)?;
    watch.tell("looking for the task");
    let names = Names {
        task: asked.task.as_deref(),
        service: asked.service.as_deref(),
        cluster: asked.cluster.as_deref(),
        region: asked.region.as_deref(),
    };
    let facts = world.task(&names, watch)?;
    watch.tell("judging the facts");
    let report = judge(&facts.case, world.catalogue(), facts.cost, began.elapsed());
    let most = if asked.detail == Detail::Full { LONG } else { SHORT };
    Answer::of(&diagnosis(&report, world.catalogue(), asked.detail), most)
}
