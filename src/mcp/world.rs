//! Where a server's answers come from: AWS, as whoever started the server may reach it, or snapshots alone.
//!
//! Given checked names, gives a case with its facts. A caller chooses a Region and names; profile, endpoint and
//! deadline are those of the start.

use std::{borrow::Cow, time::Instant};

use super::{
    arguments,
    call::{Watch, Watched},
};
use crate::{
    case::{Answer, Case, Fact, Names, Need, Target, Task},
    cli::{args::AwsArgs, aws, error::CliError, knowledge::Knowledge, target::now},
    collect::{Collector, Nothing},
    diagnose::{Cost, blocked, collect, collect_stopped_tasks, first_actions},
    id::{ServiceName, TaskDefinitionName, TaskName, short_name},
    knowledge::Catalogue,
    subject::Subject,
};

/// Where facts come from.
pub enum Source {
    Aws(AwsArgs),
    /// Nothing is asked of AWS.
    Snapshots(Vec<Case>),
}

pub struct World {
    source: Source,
    knowledge: Knowledge,
}

/// How much is asked: one of the engine's functions.
type Asking = fn(&mut Case, &mut dyn Collector) -> Cost;

/// A case with its facts, and what they cost.
pub struct Facts<'w> {
    pub case: Cow<'w, Case>,
    pub cost: Cost,
}

impl World {
    pub fn new(source: Source, knowledge: Knowledge) -> Self {
        let source = match source {
            Source::Snapshots(cases) => Source::Snapshots(cases.into_iter().map(complete).collect()),
            aws => aws,
        };
        Self { source, knowledge }
    }

    pub fn catalogue(&self) -> &Catalogue {
        &self.knowledge
    }

    /// The facts about a task, or about the service whose newest failed task is meant.
    ///
    /// # Errors
    /// The names do not say what is meant, or nothing could be learnt of it.
    pub fn task(&self, names: &Names<'_>, watch: &Watch) -> Result<Facts<'_>, CliError> {
        let facts = match &self.source {
            Source::Snapshots(cases) => {
                arguments::checked(names)?;
                of_snapshot(only(chosen(cases, names)?, cases)?)
            }
            Source::Aws(args) => asked(args, arguments::target(names)?, watch, collect)?,
        };
        let action = first_actions(&facts.case);
        answered(facts, action)
    }

    /// The facts about what a task definition needs.
    ///
    /// # Errors
    /// There is no such definition, or it could not be read.
    pub fn definition(
        &self,
        name: TaskDefinitionName,
        region: Option<&str>,
        watch: &Watch,
    ) -> Result<Facts<'_>, CliError> {
        let facts = match &self.source {
            Source::Snapshots(cases) => of_definition(cases, &name)?,
            Source::Aws(args) => {
                let region = name.region.or(region.map(str::to_owned)).unwrap_or_default();
                let target =
                    Target { region, account: name.account, task_definition: Some(name.text), ..Target::default() };
                asked(args, target, watch, collect)?
            }
        };
        answered(facts, "ecs:DescribeTaskDefinition")
    }

    /// The facts about which tasks stopped: of AWS those of one cluster or service, else those of every snapshot.
    ///
    /// # Errors
    /// AWS does not answer.
    pub fn stopped(&self, target: &Target, watch: &Watch) -> Result<Vec<Facts<'_>>, CliError> {
        match &self.source {
            Source::Snapshots(cases) => Ok(cases.iter().map(of_snapshot).collect()),
            Source::Aws(args) => {
                let facts = asked(args, target.clone(), watch, collect_stopped_tasks)?;
                let gap = facts.case.facts().find_map(|(need, fact)| match fact {
                    Fact::Missing(gap) => Some((need.action(), gap)),
                    Fact::Known(..) => None,
                });
                match gap {
                    Some((action, gap)) => Err(aws::unanswered(action, gap)),
                    None => Ok(vec![facts]),
                }
            }
        }
    }
}

/// A snapshot in which every question that follows has its gap, so that it need not be changed any more.
fn complete(mut case: Case) -> Case {
    collect(&mut case, &mut Nothing);
    case
}

fn of_snapshot(case: &Case) -> Facts<'_> {
    Facts { case: Cow::Borrowed(case), cost: Cost::default() }
}

fn asked<'w>(args: &AwsArgs, target: Target, watch: &Watch, asking: Asking) -> Result<Facts<'w>, CliError> {
    let region = Some(target.region.clone()).filter(|region| !region.is_empty()).or_else(|| args.region.clone());
    let mut case = Case::new(Target { region: region.unwrap_or_default(), ..target }, now());
    let cost = aws::read(args, &mut case, Instant::now(), |case, inner| asking(case, &mut Watched { inner, watch }))?;
    Ok(Facts { case: Cow::Owned(case), cost })
}

fn answered<'w>(facts: Facts<'w>, action: &str) -> Result<Facts<'w>, CliError> {
    match blocked(&facts.case) {
        Some(gap) => Err(aws::unanswered(action, gap)),
        None => Ok(facts),
    }
}

/// The snapshots that are of what is named; nothing named is every one.
fn chosen<'w>(cases: &'w [Case], names: &Names<'_>) -> Result<Vec<&'w Case>, CliError> {
    let task = names.task.map(TaskName::parse).transpose().map_err(|error| arguments::unnamed(error.into()))?;
    let service =
        names.service.map(ServiceName::parse).transpose().map_err(|error| arguments::unnamed(error.into()))?;
    let cluster = names.cluster.map(short_name);
    let is_meant = |case: &&Case| {
        let (id, whose, at) = about(case);
        task.as_ref().is_none_or(|task| id.as_deref() == Some(&task.id))
            && service.as_ref().is_none_or(|service| whose.as_deref() == Some(&service.name))
            && cluster.is_none_or(|cluster| at.is_none_or(|at| at == cluster))
    };
    Ok(cases.iter().filter(is_meant).collect())
}

/// Task, service and cluster that a snapshot is about.
fn about(case: &Case) -> (Option<String>, Option<String>, Option<String>) {
    let target = &case.target;
    let task = match Subject::of(case) {
        Subject::Task(task) => Some(task),
        _ => None,
    };
    let id = task.map(|task| task.id().to_owned()).or_else(|| target.task.clone());
    let service = target.service.clone().or_else(|| task.and_then(Task::service).map(str::to_owned));
    (id, service, target.cluster.clone())
}

fn only<'w>(chosen: Vec<&'w Case>, all: &[Case]) -> Result<&'w Case, CliError> {
    match chosen.as_slice() {
        [case] => Ok(case),
        [] => Err(CliError::input(
            "no snapshot of this server is of what is named",
            format!("it has snapshots of the tasks {}", ids(all.iter())),
        )),
        several => Err(CliError::input(
            "several snapshots of this server may be meant",
            format!("name one of the tasks {}", ids(several.iter().copied())),
        )),
    }
}

fn ids<'c>(cases: impl Iterator<Item = &'c Case>) -> String {
    const MOST: usize = 20;
    let named = |case: &Case| {
        let (id, _, cluster) = about(case);
        Some(format!("{} in cluster {}", id?, cluster.as_deref().unwrap_or("default")))
    };
    let mut ids: Vec<String> = cases.filter_map(named).collect();
    ids.sort();
    ids.dedup();
    let more = ids.len().saturating_sub(MOST);
    ids.truncate(MOST);
    let listed = ids.join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

/// The first snapshot that has the definition, turned to what starting it needs.
fn of_definition<'w>(cases: &[Case], name: &TaskDefinitionName) -> Result<Facts<'w>, CliError> {
    let found = cases.iter().find_map(|case| Some((case, definition_named(case, &name.text)?)));
    let (case, known) = found.ok_or_else(|| {
        CliError::input(
            format!("no snapshot of this server has the task definition '{}'", name.text),
            "name the definition of one of its tasks; list_stopped_tasks tells them",
        )
    })?;
    let target = Target {
        task: None,
        service: None,
        task_definition: Some(known),
        region: name.region.clone().unwrap_or_else(|| case.target.region.clone()),
        account: name.account.clone().or_else(|| case.target.account.clone()),
        cluster: case.target.cluster.clone(),
    };
    let mut case = case.clone();
    case.target = target;
    Ok(Facts { case: Cow::Owned(complete(case)), cost: Cost::default() })
}

/// The name under which a case knows the definition: its family, revision or ARN.
fn definition_named(case: &Case, name: &str) -> Option<String> {
    case.facts().find_map(|(need, _)| match (need, case.answer(need)) {
        (Need::TaskDefinition { task_definition }, Ok(Answer::TaskDefinition(definition))) => {
            let arn = definition.task_definition_arn.as_deref().unwrap_or(task_definition);
            let is_it = [task_definition, arn, short_name(arn), &definition.family].contains(&name);
            is_it.then(|| task_definition.clone())
        }
        _ => None,
    })
}
