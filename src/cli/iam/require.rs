//! `iam require`: what starting a task definition needs, and the least policy for its execution role.

use std::{path::Path, time::Instant};

use crate::{
    case::{self, Case, Fact, Need, Origin, Stating, Target, TaskDefinition, agree, load_task_definition},
    cli::{
        answer::deliver,
        args::{PolicyFormat, RequireArgs, RequireFormat},
        aws, delivery,
        error::{CliError, warn},
        output,
        target::{contradicted, now},
    },
    collect::Nothing,
    diagnose::{Cost, blocked, collect, meta},
    fix::{ExecutionRole, configuration, doubts, template},
    id::TaskDefinitionName,
    judge::checks,
    report::{Answer, quiet_line, requirements as view},
    require::{Malformed, Nameless, Permission, Requirements, Workload, region_stated},
    subject::Subject,
};

const FORMS: &str = "give a family, family:revision, the ARN of a task definition, or a JSON file";

pub fn run(args: &RequireArgs) -> Result<u8, CliError> {
    let began = Instant::now();
    delivery::check(&args.delivery, args.output, false)?;
    let name = args.task_definition.as_str();
    let from_file = is_file(name);
    let (case, cost) = if from_file { read_file(args, name)? } else { read_from_aws(args, name, began)? };
    let subject = Subject::of(&case);
    let workload = subject.workload(&case).ok_or_else(|| missing(&subject))?;
    let requirements = Requirements::of(&case, &workload);
    if from_file || matches!(args.output, RequireFormat::Policy(_)) {
        nameable(name, &requirements, args.output)?;
    }
    let checks = checks(&case, &workload, &requirements, &[]);
    let view = view(&case, &workload, &checks, meta(cost, began.elapsed()));
    let answer = Answer::Requirements(&view);
    let notes = match args.output {
        RequireFormat::Answer(format) => {
            deliver(&answer, format, &args.delivery)?;
            requirements.malformed.iter().map(malformed).collect()
        }
        RequireFormat::Policy(format) => {
            let (policy, notes) = policy(format, &case, &workload, &requirements)?;
            delivery::put(&args.delivery, || Ok(policy), || quiet_line(&answer.brief()))?;
            notes
        }
    };
    if !args.delivery.quiet {
        notes.iter().for_each(|note| warn(note));
    }
    Ok(0)
}

fn malformed(reference: &Malformed) -> String {
    format!("container {}, {}: {}", reference.container, reference.name, reference.error)
}

/// No family has a slash or a dot.
fn is_file(name: &str) -> bool {
    let like_a_path = name.contains('/') || name.ends_with(".json") || Path::new(name).is_file();
    name == "-" || (!name.starts_with("arn:") && like_a_path)
}

fn read_from_aws(args: &RequireArgs, text: &str, began: Instant) -> Result<(Case, Cost), CliError> {
    let name = TaskDefinitionName::parse(text).map_err(|error| CliError::input(error, FORMS))?;
    in_region(args, "the task definition's ARN", name.region.as_deref())?;
    let target = Target {
        region: name.region.or(args.aws.region.clone()).unwrap_or_default(),
        account: name.account,
        task_definition: Some(name.text),
        ..Target::default()
    };
    let mut case = Case::new(target, now());
    let cost = aws::read(&args.aws, &mut case, began, collect)?;
    match blocked(&case) {
        Some(gap) => Err(aws::unanswered("ecs:DescribeTaskDefinition", gap)),
        None => Ok((case, cost)),
    }
}

fn in_region(args: &RequireArgs, whose: &'static str, stated: Option<&str>) -> Result<(), CliError> {
    let option = args.aws.region.as_deref();
    agree(Stating::Region, option, Stating::Other(whose), stated).map_err(contradicted)
}

fn missing(subject: &Subject<'_>) -> CliError {
    let message = match subject {
        Subject::Missing { message } => message.as_str(),
        _ => "there is no such task definition",
    };
    CliError::input(message, "'aws ecs list-task-definition-families' lists the families")
}

fn read_file(args: &RequireArgs, name: &str) -> Result<(Case, Cost), CliError> {
    let text = output::read(name).map_err(unreadable)?;
    let definition = load_task_definition(&text).map_err(|error| {
        CliError::input(
            format!("cannot use {}: {error}", shown(name)),
            "expected: JSON as 'aws ecs register-task-definition' takes it or 'aws ecs describe-task-definition' gives it",
        )
    })?;
    let stated = region_stated(&definition);
    in_region(args, "the definition's taskDefinitionArn", stated.as_deref())?;
    let mut case = in_case(definition, args.aws.region.clone());
    let cost = collect(&mut case, &mut Nothing);
    Ok((case, cost))
}

fn unreadable(error: CliError) -> CliError {
    match error {
        CliError::Read { .. } => {
            CliError::input(error, format!("{FORMS}; a name with a slash or with .json is a file"))
        }
        other => other,
    }
}

fn in_case(definition: TaskDefinition, region: Option<String>) -> Case {
    let label = definition.label();
    let region = region.unwrap_or_default();
    let target = Target { region, task_definition: Some(label.clone()), ..Target::default() };
    let mut case = Case::new(target, now());
    let answer = case::Answer::TaskDefinition(Box::new(definition));
    case.admit(Need::TaskDefinition { task_definition: label }, Fact::Known(answer, Origin::File));
    case
}

fn shown(name: &str) -> String {
    if name == "-" { "standard input".to_owned() } else { format!("'{name}'") }
}

/// What is printed has real names in it, or nothing is. A name that would be a pattern is one all the same outside of a
/// policy.
fn nameable(name: &str, requirements: &Requirements, format: RequireFormat) -> Result<(), CliError> {
    let refused =
        |(_, why): &(&Permission, Nameless)| matches!(format, RequireFormat::Policy(_)) || *why != Nameless::Pattern;
    let Some((Permission { action, resource, .. }, why)) = requirements.nameless().find(refused) else { return Ok(()) };
    let shown = shown(name);
    let (what, hint) = match why {
        Nameless::Region => (
            format!("cannot use {shown}: the Region of {resource}, which {action} is for, is not known"),
            "add --region, or taskDefinitionArn to the definition",
        ),
        Nameless::Account => (
            format!("cannot use {shown}: the account of {resource}, which {action} is for, is not known"),
            "add executionRoleArn or taskDefinitionArn to the definition: either tells the account",
        ),
        Nameless::Pattern => (
            format!("cannot use {shown}: {resource} is no name of a resource, but would be a pattern in a policy"),
            "write the name that the resource has",
        ),
    };
    Err(CliError::input(what, hint))
}

/// The policy in that form, and what there is to say beside it.
fn policy(
    format: PolicyFormat,
    case: &Case,
    workload: &Workload<'_>,
    requirements: &Requirements,
) -> Result<(String, Vec<String>), CliError> {
    let (text, mut notes) = match ExecutionRole::of(workload, requirements) {
        Some(role) => (rendered(format, workload, &role)?, beside(format, workload, &role)),
        None => {
            let note = "starting this task definition needs nothing of an execution role: there is no policy to print";
            (String::new(), vec![note.to_owned()])
        }
    };
    notes.extend(doubts(case, workload, requirements));
    Ok((text, notes))
}

/// What the policy's text does not say: which role it is for, and that IAM would not take it.
fn beside(format: PolicyFormat, workload: &Workload<'_>, role: &ExecutionRole) -> Vec<String> {
    let named = role.made.as_ref().filter(|_| format != PolicyFormat::Policy).map(|arn| {
        let region = &workload.region;
        format!(
            "the task definition names no execution role: set its executionRoleArn to {arn}, which trusts tasks in {region}"
        )
    });
    named.into_iter().chain(role.excess()).collect()
}

fn rendered(format: PolicyFormat, workload: &Workload<'_>, role: &ExecutionRole) -> Result<String, CliError> {
    if format == PolicyFormat::Policy {
        return output::json(&role.policy);
    }
    if role.made.is_some() {
        placed(workload)?;
    }
    let text = match format {
        PolicyFormat::Terraform => configuration(&role.changes),
        _ => template(&role.changes),
    };
    let text =
        text.ok_or_else(|| CliError::input("the policy cannot be written in this form", "print it with -o policy"))?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// The trust of a role that is made names its account and Region.
fn placed(workload: &Workload<'_>) -> Result<(), CliError> {
    let lacking = |what: &str, hint| Err(CliError::input(format!("the {what} of the role to make is not known"), hint));
    match (workload.account.as_str(), workload.region.as_str()) {
        ("", _) => {
            lacking("account", "add taskDefinitionArn or taskRoleArn to the definition: either tells the account")
        }
        (_, "") => lacking("Region", "add --region, or taskDefinitionArn to the definition"),
        _ => Ok(()),
    }
}
