//! A task that was well and went down with its deployment: ECS says "Scaling activity" of a rollback as of any other
//! deployment, so the service and the task's siblings have to tell.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>

use super::{
    diagnose,
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
};
use crate::{
    case::{Need, Service, Task},
    knowledge::Ranked,
    subject::{failed_sibling, was_scaled_in},
    symptom::Source,
};

impl<'a> Join<'a> {
    /// The rollback, and what failed in a sibling; `None` for a task that was not stopped by its service, and for one
    /// whose deployment did not fail.
    pub(super) fn rolled_back(&self, task: &Task, ranked: &[Ranked<'a>]) -> Option<Vec<Finding>> {
        if !was_scaled_in(task) {
            return None;
        }
        let of_stop = ranked.iter().find(|r| r.matched.rule.causes().any(|cause| cause == "deployment-rollback"))?;
        let service = self.case.service(task.service()?)?;
        let sibling = failed_sibling(self.case, task).and_then(|sibling| self.of_sibling(sibling));
        let failed =
            deployment_failed(service, task).or_else(|| went_back(service, task).filter(|_| sibling.is_some()))?;
        let stated = self.stated(of_stop, "deployment-rollback");
        let cause = self.catalogue.cause("deployment-rollback");
        let under = match &sibling {
            Some(finding) => format!("What failed in it: {}.", finding.title),
            None => "No stopped task of the deployment is left that would say what failed in it.".to_owned(),
        };
        let rollback = Finding {
            confidence: Confidence::Confirmed,
            title: cause.map_or(stated.title, |c| c.title.clone()),
            why: format!("This task did not fail itself: its deployment did, and ECS took its tasks down. {under}"),
            evidence: stated.evidence.into_iter().chain([failed]).collect(),
            advice: Vec::new(),
            ..stated
        };
        Some(std::iter::once(rollback).chain(sibling).collect())
    }

    /// What the diagnosis of a sibling finds first.
    fn of_sibling(&self, sibling: &Task) -> Option<Finding> {
        let mut case = self.case.clone();
        case.target.task = Some(sibling.id().to_owned());
        let found = diagnose(&case, self.catalogue).findings.into_iter().next()?;
        let note = Evidence {
            source: "ecs:DescribeTasks".to_owned(),
            text: format!("task {} of the same deployment", sibling.id()),
        };
        (found.cause != "unknown")
            .then(|| Finding { evidence: std::iter::once(note).chain(found.evidence.clone()).collect(), ..found })
    }

    /// Of a stop in order by the service: whether the service was read and shows no failed deployment.
    pub(super) fn scaled_in(&self, task: &Task, finding: Finding) -> Finding {
        if !was_scaled_in(task) {
            return finding;
        }
        let Some(name) = task.service() else { return finding };
        if self.case.service(name).is_some() {
            return Finding { confidence: Confidence::Confirmed, state: State::Unknown, ..finding };
        }
        let need = Need::Services { cluster: self.case.target.cluster.clone(), services: vec![name.to_owned()] };
        let why = finding.why.trim_end();
        let why = match self.case.answer(&need) {
            Ok(_) => format!("{why} The service is gone by now, so nothing else is known of the deployment."),
            Err(_) => format!("{why} The service was not read, so a rollback is not ruled out."),
        };
        Finding { why, ..finding }
    }
}

/// What the service says of the failure of the task's own deployment.
fn deployment_failed(service: &Service, task: &Task) -> Option<Evidence> {
    let id = task.deployment()?;
    let mut deployments = service.deployments.iter();
    let failed = deployments.find(|d| d.id == id && d.rollout_state.as_deref() == Some("FAILED"));
    let stated = failed.map(|d| {
        let reason = d.rollout_state_reason.as_deref().unwrap_or("no reason is given");
        (Source::ServiceDeployment, format!("deployment {id} FAILED: {reason}"))
    });
    let event = || {
        let event = service.events.iter().find(|e| names(&e.message, id) && e.message.contains("deployment failed"))?;
        Some((Source::ServiceEvent, event.message.clone()))
    };
    let (source, text) = stated.or_else(event)?;
    Some(Evidence { source: source.name().to_owned(), text })
}

/// A service that runs an older revision than the stopped task's went back.
fn went_back(service: &Service, task: &Task) -> Option<Evidence> {
    let (family, revision) = revision(task.task_definition_arn.as_deref()?)?;
    let (now, older) = self::revision(service.task_definition.as_deref()?)?;
    (now == family && older < revision).then(|| Evidence {
        source: "ecs:DescribeServices".to_owned(),
        text: format!("service {} runs {family}:{older}, the task was of {family}:{revision}", service.service_name),
    })
}

/// Family and revision of a task definition's ARN.
fn revision(arn: &str) -> Option<(&str, u64)> {
    let (family, revision) = crate::id::short_name(arn).split_once(':')?;
    Some((family, revision.parse().ok()?))
}

/// Whether a text names a deployment, rather than one whose id begins with it.
fn names(text: &str, id: &str) -> bool {
    let mut ends = text.match_indices(id).map(|(at, _)| at + id.len());
    ends.any(|end| !text.get(end..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
}
