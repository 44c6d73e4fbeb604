//! The engine: rounds of asking and judging what is still lacking, then one judgement. The one place where collecting
//! meets the core.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    case::{Case, Fact, Gap, Need},
    collect::Collector,
    fix::least,
    judge::{diagnose, simulations},
    knowledge::Catalogue,
    needs::{needs, of_stopped_tasks},
    report::{Meta, Report, report, with_least},
    subject::Subject,
};

/// A bound that no chain of facts comes near; it stops a mistake from asking for ever.
const MOST_ROUNDS: usize = 12;

/// What a collection cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    pub calls: usize,
    /// Rounds in which AWS was asked: calls of one round do not wait for one another.
    pub round_trips: usize,
}

/// Asks round by round until the facts give rise to no new need.
pub fn collect(case: &mut Case, collector: &mut dyn Collector) -> Cost {
    rounds(case, collector, needs)
}

/// As [`collect`], and then one round more: what AWS's policy simulator thinks of the permission checks.
pub fn collect_with_second_opinion(case: &mut Case, collector: &mut dyn Collector) -> Cost {
    rounds(case, collector, |case| {
        let facts = needs(case);
        // What to ask follows from the checks, and these follow from all other facts.
        if case.unasked(facts.clone()).is_empty() { simulations(case) } else { facts }
    })
}

/// Asks for the stopped tasks of the target's service or cluster, and for nothing that explains them.
pub fn collect_stopped_tasks(case: &mut Case, collector: &mut dyn Collector) -> Cost {
    rounds(case, collector, of_stopped_tasks)
}

fn rounds(case: &mut Case, collector: &mut dyn Collector, next: impl Fn(&Case) -> BTreeSet<Need>) -> Cost {
    let mut cost = Cost::default();
    for _ in 0..MOST_ROUNDS {
        let wanted = case.unasked(next(case));
        if wanted.is_empty() {
            break;
        }
        let before = collector.calls();
        for (need, fact) in collector.answer(&wanted) {
            case.admit(need, fact);
        }
        cost.round_trips += usize::from(collector.calls() > before);
        // A collector that left a need out must not be asked for it again.
        for need in case.unasked(wanted) {
            case.admit(need, Fact::Missing(Gap::NotAsked));
        }
    }
    cost.calls = collector.calls();
    cost
}

/// Why there is nothing to judge: the question on which all others rest was not answered.
pub fn blocked(case: &Case) -> Option<&Gap> {
    match Subject::of(case) {
        Subject::Unread(gap) => Some(gap),
        _ => None,
    }
}

/// The IAM actions of the question on which all others about a task or a service rest.
pub fn first_actions(case: &Case) -> &'static str {
    if case.target.task.is_some() { "ecs:DescribeTasks" } else { "ecs:DescribeServices and ecs:ListTasks" }
}

/// Judges a case and gives the report.
pub fn judge(case: &Case, catalogue: &Catalogue, cost: Cost, took: Duration) -> Report {
    report(case, &diagnose(case, catalogue), catalogue, meta(cost, took))
}

/// As [`judge`], with the tightened policies of the execution role.
pub fn judge_with_least(case: &Case, catalogue: &Catalogue, cost: Cost, took: Duration) -> Report {
    let diagnosis = diagnose(case, catalogue);
    let plain = report(case, &diagnosis, catalogue, meta(cost, took));
    with_least(plain, least(case, &diagnosis, catalogue))
}

/// What a run cost, as reports tell it.
pub fn meta(cost: Cost, took: Duration) -> Meta {
    Meta {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        aws_calls: cost.calls,
        aws_round_trips: cost.round_trips,
    }
}
