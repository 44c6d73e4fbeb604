//! From arguments and files to a case that knows what it is about.

use jiff::Timestamp;

use super::{args::DiagnoseArgs, error::CliError, output};
use crate::{
    case::{Answer, Case, Fact, Loaded, Need, Origin, Target, Task, Tasks, load},
    id::{Arn, ServiceName, TaskName, short_name},
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
    let task = args.task.as_deref().map(parse).transpose()?;
    let service = args.service.as_deref().map(ServiceName::parse).transpose();
    let service = service.map_err(|error| CliError::input(error, "give the service's name, or its ARN"))?;
    if task.is_none() && service.is_none() {
        return Err(CliError::input("no task is named", TASK_FORMS));
    }
    let (task, service) = (task.unwrap_or_default(), service.unwrap_or_default());
    let cluster = one_of("--cluster", [cluster_name(args), task.cluster.clone(), service.cluster])?;
    let region = one_of("--region", [args.aws.region.clone(), task.region, service.region])?;
    if !task.id.is_empty() && cluster.is_none() && task.account.is_none() {
        let what = format!("task id {} says nothing of its cluster", task.id);
        return Err(CliError::input(what, "add --cluster, or give the task's ARN"));
    }
    Ok(Target {
        region: region.unwrap_or_default(),
        cluster,
        task: Some(task.id).filter(|id| !id.is_empty()),
        service: Some(service.name).filter(|name| !name.is_empty()),
        task_definition: None,
        account: task.account.or(service.account),
    })
}

/// The one value that the option, the task and the service state, if they state any.
fn one_of(option: &str, stated: [Option<String>; 3]) -> Result<Option<String>, CliError> {
    let [given, of_task, of_service] = stated;
    agree(option, given.as_deref(), "the task's ARN or address", of_task.as_deref())?;
    agree(option, given.as_deref(), "the service's ARN", of_service.as_deref())?;
    agree("the task's ARN or address", of_task.as_deref(), "the service's ARN", of_service.as_deref())?;
    Ok(of_task.or(of_service).or(given))
}

fn parse(text: &str) -> Result<TaskName, CliError> {
    TaskName::parse(text).map_err(|error| CliError::input(error, TASK_FORMS))
}

fn cluster_name(args: &DiagnoseArgs) -> Option<String> {
    args.cluster.as_deref().map(|c| short_name(c).to_owned())
}

pub fn agree(option: &str, given: Option<&str>, other: &str, stated: Option<&str>) -> Result<(), CliError> {
    match (given, stated) {
        (Some(given), Some(stated)) if given != stated => Err(CliError::input(
            format!("{option} says '{given}', but {other} says '{stated}'"),
            format!("leave {option} out, or correct it"),
        )),
        _ => Ok(()),
    }
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
    agree("--cluster", cluster_name(args).as_deref(), "the task in the file", cluster.as_deref())?;
    agree("--region", args.aws.region.as_deref(), "the task in the file", name.region.as_deref())?;
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
