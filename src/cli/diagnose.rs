//! `diagnose`: from a task to its cause, and to an exit status that says which way it went.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    time::Instant,
};

use super::{
    args::{DiagnoseArgs, Format},
    error::{CliError, line},
    explain::catalogue,
    output,
    target::{Start, start},
};
use crate::{
    case::{Case, Gap, save},
    collect::Nothing,
    diagnose::{Cost, blocked, collect, judge, judge_with_least},
    report::{Report, report_text, report_text_with_surplus},
};

pub fn run(args: &DiagnoseArgs) -> Result<u8, CliError> {
    let began = Instant::now();
    let Start { mut case, replay } = start(args)?;
    let cost =
        if replay || args.offline { collect(&mut case, &mut Nothing) } else { read_from_aws(args, &mut case, began)? };
    if args.verbose {
        tell(&case);
    }
    if let Some(gap) = blocked(&case) {
        return Err(unanswered(args, &case, gap));
    }
    if let Some(name) = &args.save {
        write_snapshot(&case, name)?;
    }
    let judged = if args.least { judge_with_least } else { judge };
    let report = judged(&case, catalogue()?, cost, began.elapsed());
    if args.least {
        tell_unproven(&report);
    }
    match args.output {
        Format::Text if args.least => output::print(&report_text_with_surplus(&report))?,
        Format::Text => output::print(&report_text(&report))?,
        Format::Json => output::print(&output::json(&report)?)?,
    }
    Ok(status(&report))
}

/// The contract's exit statuses.
fn status(report: &Report) -> u8 {
    match report.status {
        "diagnosed" => 1,
        "inconclusive" => 3,
        "not-found" => 4,
        _ => 0,
    }
}

#[cfg(feature = "aws")]
fn read_from_aws(args: &DiagnoseArgs, case: &mut Case, began: Instant) -> Result<Cost, CliError> {
    use crate::collect::aws::{AwsCollector, AwsOptions};

    let options = AwsOptions {
        region: Some(case.target.region.clone()).filter(|r| !r.is_empty()),
        profile: args.aws.profile.clone(),
        endpoint_url: args.aws.endpoint_url.clone(),
        deadline: began + args.aws.deadline,
    };
    let mut collector = AwsCollector::connect(&options).map_err(|error| unconnected(&error))?;
    case.target.region = collector.region().to_owned();
    Ok(collect(case, &mut collector))
}

#[cfg(feature = "aws")]
fn unconnected(error: &crate::collect::aws::ConnectError) -> CliError {
    use crate::collect::aws::ConnectError;

    let hint = match error {
        ConnectError::NoRegion => "add --region, set AWS_REGION, or give the task's ARN",
        ConnectError::NoSuchProfile { .. } => "'aws configure list-profiles' lists the profiles",
        ConnectError::Endpoint { .. } => "correct --endpoint-url or AWS_ENDPOINT_URL",
        ConnectError::TimedOut => "give more time with --deadline",
        ConnectError::Runtime(_) | ConnectError::Profiles(_) => "",
    };
    CliError::input(error, hint)
}

#[cfg(not(feature = "aws"))]
fn read_from_aws(_: &DiagnoseArgs, _: &mut Case, _: Instant) -> Result<Cost, CliError> {
    Err(CliError::input(
        "this ecs-why was built without access to AWS",
        "give --from with --offline, or build with the feature 'aws'",
    ))
}

fn write_snapshot(case: &Case, name: &str) -> Result<(), CliError> {
    let text = save(case)?;
    write_private(name, text.as_bytes()).map_err(|source| CliError::Write { name: format!("'{name}'"), source })
}

/// Writes a file that its owner alone may read: a snapshot holds names, policies and log lines of an account.
fn write_private(name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(name)?;
    close_to_others(&file)?;
    file.write_all(bytes)
}

/// A file that was there keeps its mode when it is opened. A pipe or a terminal is left as it is.
#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    if file.metadata()?.is_file() { file.set_permissions(Permissions::from_mode(0o600)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

/// The one question that everything depends on, and why it has no answer.
fn unanswered(args: &DiagnoseArgs, case: &Case, gap: &Gap) -> CliError {
    let action =
        if case.target.task.is_some() { "ecs:DescribeTasks" } else { "ecs:DescribeServices and ecs:ListTasks" };
    let said = gap.message().map(|m| format!(": {m}")).unwrap_or_default();
    let (what, hint, status) = match gap {
        Gap::Denied { .. } => (
            format!("the caller may not call {action}{said}"),
            "'ecs-why policy' prints the read-only policy that ecs-why needs",
            2,
        ),
        Gap::Unauthenticated { .. } => (
            format!("AWS accepts no credentials{said}"),
            "sign in again (aws sso login), choose another --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            2,
        ),
        Gap::Unreachable { .. } => {
            (format!("AWS cannot be reached{said}"), "check the Region, the endpoint and the network", 2)
        }
        Gap::TimedOut => (format!("the deadline passed before {action} answered"), "give more time with --deadline", 5),
        Gap::NotAsked if args.offline => {
            ("the file does not hold the task, and no AWS call may be made".to_owned(), "leave --offline out", 2)
        }
        Gap::NotAsked => (
            "the snapshot does not hold the task that it is about".to_owned(),
            "name the task without --from to ask AWS, or take the snapshot again with --save",
            2,
        ),
        Gap::Throttled { .. } => (format!("AWS throttles {action}{said}"), "try again in a minute", 2),
        Gap::NotFound { .. } | Gap::Failed { .. } => {
            (format!("{action} failed{said}"), "check the cluster, the Region and the endpoint", 2)
        }
    };
    CliError::Input { what, hint: hint.to_owned(), status }
}

/// Says where policies without the surplus were asked for and none is proven.
fn tell_unproven(report: &Report) {
    for role in report.permissions.iter().filter(|role| !role.surplus.is_empty() && role.least.is_none()) {
        let why = "none could be proven, or a fix changes the same policy and has to be made first";
        eprintln!("{}", line(&format!("note: no tightened policy for role {}: {why}", role.role.arn)));
    }
}

fn tell(case: &Case) {
    for (need, fact) in case.facts() {
        let outcome = match fact {
            crate::case::Fact::Known(..) => "ok".to_owned(),
            crate::case::Fact::Missing(gap) => format!("{} {}", gap.status(), gap.message().unwrap_or_default()),
        };
        eprintln!("{}", line(&format!("{} {}: {outcome}", need.action(), need.subject())));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_snapshot_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.json");
        std::fs::write(&path, "longer than what follows").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        write_private(path.to_str().unwrap(), b"{}\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"{}\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
