//! From arguments and files to a case that knows what it is about.

use jiff::Timestamp;

use super::{args::DiagnoseArgs, error::CliError, output};
use crate::{
    case::{
        Answer, Case, Disagreement, Fact, Loaded, Names, Need, Origin, Stating, Target, TargetError, Task, Tasks,
        agree, load,
    },
    id::{Arn, TaskName, short_name},
    subject::may_have_failed,
};

/// What is to be diagnosed, and whether its facts are all there already.
pub struct Start {
    pub case: Case,
    /// A snapshot answers for itself: nothing more is asked.
    pub replay: bool,
}

/// Reads the arguments, and the file if one is given.
pub fn start(args: &DiagnoseArgs) -> Result<Start, CliError> {
    match &args.from {
        Some(name) => from_file(args, name),
        None if args.offline => Err(CliError::input(
            "--offline needs facts from somewhere",
            "add --from with a snapshot, an event or the output of 'aws ecs describe-tasks'",
        )),
        None => Ok(Start { case: Case::new(from_arguments(args)?, now()), replay: false }),
    }
}

const TASK_FORMS: &str =
    "give a task ARN, a task id with --cluster, an ECS console address, or --service with --cluster";

fn from_arguments(args: &DiagnoseArgs) -> Result<Target, CliError> {
    let names = Names {
        task: args.task.as_deref(),
        service: args.service.as_deref(),
        cluster: args.cluster.as_deref(),
        region: args.aws.region.as_deref(),
    };
    Target::named(&names).map_err(unnamed)
}

/// With what to do about it.
pub fn unnamed(error: TargetError) -> CliError {
    match error {
        TargetError::Task(_) | TargetError::Nothing => CliError::input(error, TASK_FORMS),
        TargetError::Service(_) => CliError::input(error, "give the service's name, or its ARN"),
        TargetError::NoCluster { .. } => CliError::input(error, "add --cluster, or give the task's ARN"),
        TargetError::Disagreement(disagreement) => contradicted(disagreement),
    }
}

pub fn contradicted(disagreement: Disagreement) -> CliError {
    let dashes = if matches!(disagreement.one, Stating::Cluster | Stating::Region) { "--" } else { "" };
    let hint = format!("leave {dashes}{} out, or correct it", disagreement.one);
    CliError::input(format!("{dashes}{disagreement}"), hint)
}

fn parse(text: &str) -> Result<TaskName, CliError> {
    TaskName::parse(text).map_err(|error| CliError::input(error, TASK_FORMS))
}

fn cluster_name(args: &DiagnoseArgs) -> Option<String> {
    args.cluster.as_deref().map(|c| short_name(c).to_owned())
}

fn from_file(args: &DiagnoseArgs, name: &str) -> Result<Start, CliError> {
    let text = output::read(name)?;
    let shown = if name == "-" { "standard input" } else { name };
    let loaded = load(&text).map_err(|error| {
        CliError::input(
            format!("cannot use '{shown}': {error}"),
            "expected: a file written by --save, 'aws ecs describe-tasks' output, or an ECS Task State Change event",
        )
    })?;
    match loaded {
        Loaded::Snapshot(case) => replayed(args, *case, shown),
        Loaded::Tasks(tasks) => chosen(args, tasks, shown),
    }
}

fn replayed(args: &DiagnoseArgs, case: Case, shown: &str) -> Result<Start, CliError> {
    if let Some(text) = &args.task {
        let asked = parse(text)?.id;
        let saved = case.target.task.as_deref();
        if saved.is_some_and(|saved| saved != asked) {
            let what = format!("snapshot '{shown}' is of task {}, not of {asked}", saved.unwrap_or_default());
            return Err(CliError::input(what, "leave the task out to diagnose the snapshot"));
        }
    }
    Ok(Start { case, replay: true })
}

fn chosen(args: &DiagnoseArgs, tasks: Vec<Task>, shown: &str) -> Result<Start, CliError> {
    let task = choose(args, tasks, shown)?;
    let arn: Option<Arn> = task.task_arn.parse().ok();
    let name = TaskName::parse(&task.task_arn).map_err(|error| {
        CliError::input(format!("cannot use '{shown}': {error}"), "the task in the file needs its own ARN")
    })?;
    let cluster = task.cluster_arn.as_deref().map(|c| short_name(c).to_owned()).or(name.cluster);
    let file = Stating::Other("the task in the file");
    agree(Stating::Cluster, cluster_name(args).as_deref(), file, cluster.as_deref()).map_err(contradicted)?;
    agree(Stating::Region, args.aws.region.as_deref(), file, name.region.as_deref()).map_err(contradicted)?;
    let target = Target {
        region: name.region.unwrap_or_default(),
        cluster,
        task: Some(name.id.clone()),
        service: None,
        task_definition: None,
        account: arn.map(|a| a.account),
    };
    let mut case = Case::new(target, now());
    let need = Need::Tasks { cluster: case.target.cluster.clone(), tasks: vec![name.id] };
    let answer = Answer::Tasks(Tasks { tasks: vec![task], failures: Vec::new() });
    case.admit(need, Fact::Known(answer, Origin::File));
    Ok(Start { case, replay: false })
}

/// The task that is named, the only one, or the only one that failed.
fn choose(args: &DiagnoseArgs, tasks: Vec<Task>, shown: &str) -> Result<Task, CliError> {
    let wanted = args.task.as_deref().map(parse).transpose()?;
    let all = ids(&tasks);
    let mut left: Vec<Task> = match &wanted {
        Some(name) => tasks.into_iter().filter(|t| t.id() == name.id).collect(),
        None if tasks.len() == 1 => tasks,
        None => tasks.into_iter().filter(may_have_failed).collect(),
    };
    match (left.len(), left.pop()) {
        (1, Some(task)) => Ok(task),
        (0, _) => Err(CliError::input(
            format!("'{shown}' holds no such task that failed; it holds {all}"),
            "name one of them",
        )),
        (_, last) => {
            left.extend(last);
            Err(CliError::input(format!("'{shown}' holds several failed tasks: {}", ids(&left)), "name one of them"))
        }
    }
}

/// Ids that are listed; of more, their number says enough.
const MOST_IDS: usize = 10;

fn ids(tasks: &[Task]) -> String {
    let listed = tasks.iter().take(MOST_IDS).map(Task::id).collect::<Vec<_>>().join(", ");
    match tasks.len().saturating_sub(MOST_IDS) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// The one place that asks for the time; a case keeps it.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
