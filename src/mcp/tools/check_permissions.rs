//! `check_permissions`: what starting a task definition needs of its roles, and what they lack.
//!
//! Only what is registered can be named. A path or a document is refused, so that a caller cannot have files read.

use std::time::Instant;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Entry, LONG};
use crate::{
    case::{Case, Stating, agree},
    cli::error::CliError,
    diagnose::meta,
    fix::{ExecutionRole, doubts},
    id::TaskDefinitionName,
    judge::checks,
    mcp::{
        arguments::{self, contradicted},
        call::Watch,
        schema,
        world::{Facts, World},
    },
    report::{
        agent::{Permissions, permissions},
        requirements as view,
    },
    require::{Requirements, Workload},
    subject::Subject,
};

pub const TOOL: Entry = Entry {
    name: "check_permissions",
    title: "Check the permissions of an ECS task definition",
    description: "Says which calls the start of a registered task definition makes, with which role, and which of them \
        the roles' policies, boundaries, resource policies and trust refuse, with the layer that decides; and gives \
        the least policy for the execution role. Use it before a deployment, or where a task cannot start. Changes \
        nothing in the account.",
    arguments: schema::of_arguments::<Arguments>,
    result: schema::of_result::<Permissions>,
    answer,
};

const FORMS: &str = "give a family, family:revision, or the ARN of a registered task definition; files are not read";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// A family (its newest revision), family:revision, or an ARN; no file
    #[schemars(length(min = 1, max = 2048))]
    task_definition: String,
    /// AWS Region, such as eu-west-1; an ARN has it already
    #[serde(default)]
    #[schemars(with = "String", length(max = 32))]
    region: Option<String>,
}

fn answer(world: &World, arguments: &JsonObject, watch: &Watch) -> Result<Answer, CliError> {
    let began = Instant::now();
    let asked: Arguments = arguments::read(TOOL.name, arguments)?;
    let name = named(&asked)?;
    watch.tell("reading the task definition");
    let Facts { case, cost } = world.definition(name, asked.region.as_deref(), watch)?;
    watch.tell("judging its permissions");
    let subject = Subject::of(&case);
    let workload = subject.workload(&case).ok_or_else(|| missing(&subject))?;
    let requirements = Requirements::of(&case, &workload);
    let checks = checks(&case, &workload, &requirements, &[]);
    let decided = view(&case, &workload, &checks, meta(cost, began.elapsed()));
    let (policy, notes) = least(&case, &workload, &requirements);
    Answer::of(&permissions(&decided, world.catalogue(), policy, notes), LONG)
}

fn named(asked: &Arguments) -> Result<TaskDefinitionName, CliError> {
    let text = asked.task_definition.as_str();
    arguments::bounded("task_definition", Some(text))?;
    arguments::region(asked.region.as_deref())?;
    let name = TaskDefinitionName::parse(text).map_err(|error| CliError::input(error, FORMS))?;
    let whose = Stating::Other("the task definition's ARN");
    agree(Stating::Region, asked.region.as_deref(), whose, name.region.as_deref()).map_err(contradicted)?;
    Ok(name)
}

fn missing(subject: &Subject<'_>) -> CliError {
    let message = match subject {
        Subject::Missing { message } => message.as_str(),
        _ => "there is no such task definition",
    };
    CliError::input(message, "'aws ecs list-task-definition-families' lists the families")
}

/// The least policy of the execution role, and what it may lack. A name that would be a pattern is told of, since the
/// policy would grant more than is needed.
fn least(
    case: &Case,
    workload: &Workload<'_>,
    requirements: &Requirements,
) -> (Option<serde_json::Value>, Vec<String>) {
    let role = ExecutionRole::of(workload, requirements);
    let excess = role.as_ref().and_then(ExecutionRole::excess);
    let nameless = requirements.nameless().map(|(permission, _)| {
        format!("{} is not known by its whole name: {}", permission.action, permission.resource)
    });
    let notes = nameless.chain(excess).chain(doubts(case, workload, requirements)).collect();
    (role.map(|role| role.policy), notes)
}
