//! `diagnose`: from a task to its cause, and to an exit status that says which way it went.

use std::time::Instant;

use super::{
    answer::deliver,
    args::DiagnoseArgs,
    aws, delivery,
    error::{CliError, note},
    fail_on,
    knowledge::Knowledge,
    post::Post,
    private_file,
    target::{Start, start},
};
use crate::{
    case::{Case, Gap, Need, save},
    collect::Nothing,
    diagnose::{blocked, collect, collect_with_second_opinion, first_actions, judge, judge_with_least},
    report::{Answer, Report},
};

pub fn run(args: &DiagnoseArgs) -> Result<u8, CliError> {
    let began = Instant::now();
    let post = Post::ordered(args)?;
    delivery::check(&args.delivery, args.output, post.is_some())?;
    let knowledge = Knowledge::load(&args.rules)?;
    let Start { mut case, replay } = start(args)?;
    let asks = !replay && !args.offline;
    let asking = if args.verify_with_aws { collect_with_second_opinion } else { collect };
    let cost = if asks { aws::read(&args.aws, &mut case, began, asking)? } else { collect(&mut case, &mut Nothing) };
    if args.verbose {
        tell(&case);
    }
    if let Some(gap) = blocked(&case) {
        return Err(unanswered(args, &case, gap));
    }
    if let Some(name) = &args.save {
        write_snapshot(&case, name)?;
    }
    if args.verify_with_aws && !asks && !args.delivery.quiet {
        tell_no_second_opinion(&case);
    }
    let judged = if args.least { judge_with_least } else { judge };
    let report = judged(&case, &knowledge, cost, began.elapsed());
    if args.least && !args.delivery.quiet {
        tell_unproven(&report);
    }
    let answer = Answer::Report { report: &report, with_surplus: args.least };
    // Printed first, whatever becomes of the post; and posted, whether or not somebody reads what is printed.
    let delivered = deliver(&answer, args.output, &args.delivery);
    if let Some(post) = post {
        post.send(args, &answer, &case.target.region, began)?;
    }
    delivered?;
    Ok(knowledge.status(fail_on::status(&report, args.fail_on)))
}

fn write_snapshot(case: &Case, name: &str) -> Result<(), CliError> {
    let text = save(case)?;
    private_file::write(name, text.as_bytes()).map_err(|source| CliError::Write { name: format!("'{name}'"), source })
}

/// The one question that everything depends on, and why it has no answer.
fn unanswered(args: &DiagnoseArgs, case: &Case, gap: &Gap) -> CliError {
    let action = first_actions(case);
    match gap {
        Gap::NotAsked if args.offline => {
            CliError::input("the file does not hold the task, and no AWS call may be made", "leave --offline out")
        }
        Gap::NotAsked => CliError::input(
            "the snapshot does not hold the task that it is about",
            "name the task without --from to ask AWS, or take the snapshot again with --save",
        ),
        Gap::TimedOut => aws::unanswered(action, gap).with_status(5),
        _ => aws::unanswered(action, gap),
    }
}

/// Says where policies without the surplus were asked for and none is proven.
fn tell_unproven(report: &Report) {
    for role in report.permissions.iter().filter(|role| !role.surplus.is_empty() && role.least.is_none()) {
        let why = "none could be proven, or a fix changes the same policy and has to be made first";
        note(&format!("note: no tightened policy for role {}: {why}", role.role.arn));
    }
}

/// Says where a file has none of what only AWS could add.
fn tell_no_second_opinion(case: &Case) {
    if !case.facts().any(|(need, _)| matches!(need, Need::Simulation(_))) {
        note("note: the file holds no second opinion of AWS's policy simulator, and no AWS call is made");
    }
}

fn tell(case: &Case) {
    for (need, fact) in case.facts() {
        let outcome = match fact {
            crate::case::Fact::Known(..) => "ok".to_owned(),
            crate::case::Fact::Missing(gap) => format!("{} {}", gap.status(), gap.message().unwrap_or_default()),
        };
        note(&format!("{} {}: {outcome}", need.action(), need.subject()));
    }
}
