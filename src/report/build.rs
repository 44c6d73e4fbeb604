//! A diagnosis, or the requirements of a task definition, as the public report: every type translated once, nothing
//! decided.

use std::collections::BTreeMap;

use super::{
    path::{path_of, path_view},
    v1::{
        Check, ContainerView, Coverage, DecidedBy, Evidence, Finding, Fix, LogsView, Meta, REQUIREMENTS_SCHEMA, Report,
        Requirements, RolePermissions, RoleRef, SCHEMA, SecondOpinion, Surplus, TaskView, TimelineEvent,
    },
};
use crate::{
    case::{Case, Fact, Gap, Need, Task},
    fix,
    iam::{Layer, Outcome},
    id::{Arn, short_name},
    judge::{self, Confidence, Diagnosis, State, Status},
    knowledge::Catalogue,
    require::{self, RoleKind},
    subject::Subject,
};

/// The report of a diagnosis.
pub fn report(case: &Case, diagnosis: &Diagnosis<'_>, catalogue: &Catalogue, meta: Meta) -> Report {
    let fixes = fix::in_turn(case, diagnosis, catalogue).into_iter().chain(std::iter::repeat(Vec::new()));
    let findings: Vec<Finding> =
        diagnosis.findings.iter().zip(fixes).map(|(f, fixes)| finding_view(f, fixes, catalogue)).collect();
    let checks = &diagnosis.ground.checks;
    Report {
        schema: SCHEMA,
        status: status(diagnosis.status),
        cause: findings.first().map(|f| f.cause.clone()),
        summary: summary(diagnosis, findings.first()),
        task: task_view(case, diagnosis),
        timeline: timeline(&diagnosis.subject),
        permissions: permissions(
            checks,
            diagnosis.workload.as_ref().map_or_else(|| Ok(Vec::new()), |w| surplus(case, w, checks)),
            &|check| judge::second_opinion(case, diagnosis.workload.as_ref()?, check),
        ),
        findings,
        paths: diagnosis.ground.reaches.iter().map(path_view).collect(),
        coverage: coverage(case),
        meta,
    }
}

/// The requirements of a workload, decided. No task runs yet, whose log stream could be named, so each resource is the one
/// that a policy has to grant.
pub fn requirements(
    case: &Case,
    workload: &require::Workload<'_>,
    checks: &[judge::Check],
    meta: Meta,
) -> Requirements {
    Requirements {
        schema: REQUIREMENTS_SCHEMA,
        task_definition: workload.definition.label(),
        permissions: permissions(
            &checks.iter().map(granted).collect::<Vec<_>>(),
            surplus(case, workload, checks),
            &|_| None,
        ),
        coverage: coverage(case),
        meta,
    }
}

fn granted(check: &judge::Check) -> judge::Check {
    let mut check = check.clone();
    check.permission.resource = check.permission.granted_resource();
    check
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Diagnosed => "diagnosed",
        Status::Inconclusive => "inconclusive",
        Status::Benign => "benign",
        Status::NotFailed => "not-failed",
        Status::NotFound => "not-found",
    }
}

fn summary(diagnosis: &Diagnosis<'_>, first: Option<&Finding>) -> String {
    match (diagnosis.status, first, &diagnosis.subject) {
        (Status::NotFailed, _, Subject::Task(task)) => {
            format!(
                "Task {} has not failed: it is {}.",
                task.id(),
                task.last_status.as_deref().unwrap_or("not stopped")
            )
        }
        (Status::NotFailed, _, Subject::Service(service)) => {
            format!(
                "Service {} has no failed task and reports no failure since it was last steady.",
                service.service_name
            )
        }
        (Status::NotFailed, _, Subject::Definition(definition)) => {
            format!("Task definition {} is no task that could fail.", definition.label())
        }
        (Status::NotFound, _, Subject::Missing { message }) => format!("{}.", message.trim_end_matches('.')),
        (_, Some(first), _) => match first.resource.as_deref().filter(|r| *r != "*" && !first.title.contains(r)) {
            // What follows the group is empty where a group is to be created.
            Some(resource) => format!("{}: {}.", first.title, resource.trim_end_matches(":log-stream:")),
            None => format!("{}.", first.title),
        },
        _ => "Nothing is known of the task.".to_owned(),
    }
}

fn task_view(case: &Case, diagnosis: &Diagnosis<'_>) -> TaskView {
    let target = &case.target;
    let base = TaskView {
        cluster: target.cluster.clone(),
        region: Some(target.region.clone()).filter(|r| !r.is_empty()),
        account: target.account.clone(),
        service: target.service.clone(),
        ..TaskView::default()
    };
    match &diagnosis.subject {
        Subject::Task(task) => described(task, diagnosis, base),
        Subject::Service(service) => TaskView {
            account: service.service_arn.parse::<Arn>().ok().map(|arn| arn.account).or(base.account),
            service: Some(service.service_name.clone()),
            task_definition: service.task_definition.clone(),
            launch_type: service.launch_type.clone(),
            platform_version: service.platform_version.clone(),
            ..base
        },
        Subject::Definition(definition) => TaskView { task_definition: Some(definition.label()), ..base },
        Subject::Missing { .. } | Subject::Unread(_) => base,
    }
}

fn described(task: &Task, diagnosis: &Diagnosis<'_>, base: TaskView) -> TaskView {
    let arn = task.task_arn.parse::<Arn>().ok();
    let hour = jiff::SignedDuration::from_hours(1);
    let containers = task.containers.iter().map(|container| ContainerView {
        name: container.name.clone(),
        image: container.image.clone(),
        exit_code: container.exit_code,
        reason: container.reason.clone(),
        essential: diagnosis
            .workload
            .as_ref()
            .and_then(|w| w.definition.container(&container.name))
            .map(|d| d.is_essential()),
        logs: logs(diagnosis, &container.name),
    });
    TaskView {
        arn: Some(task.task_arn.clone()),
        cluster: task.cluster_arn.as_deref().map(|c| short_name(c).to_owned()).or(base.cluster),
        region: arn.as_ref().map(|a| a.region.clone()).or(base.region),
        account: arn.map(|a| a.account).or(base.account),
        service: task.service().map(str::to_owned),
        task_definition: task.task_definition_arn.clone(),
        launch_type: task.launch_type.clone(),
        platform_version: task.platform_version.clone(),
        stop_code: task.stop_code.clone(),
        stopped_reason: task.stopped_reason.clone(),
        known_until: task.stopped_at.and_then(|at| at.checked_add(hour).ok()).map(|at| at.to_string()),
        containers: containers.collect(),
    }
}

fn logs(diagnosis: &Diagnosis<'_>, container: &str) -> Option<LogsView> {
    let workload = diagnosis.workload.as_ref()?;
    let place = workload.log_stream(workload.definition.container(container)?)?;
    Some(LogsView { region: place.region, group: place.group, stream: place.stream })
}

fn timeline(subject: &Subject<'_>) -> Vec<TimelineEvent> {
    match subject {
        Subject::Task(task) => {
            let moments = [
                (task.created_at, "created"),
                (task.connectivity_at, "connected"),
                (task.pull_started_at, "pullStarted"),
                (task.pull_stopped_at, "pullStopped"),
                (task.started_at, "started"),
                (task.stopping_at, "stopping"),
                (task.execution_stopped_at, "executionStopped"),
                (task.stopped_at, "stopped"),
            ];
            let mut known: Vec<_> = moments.into_iter().filter_map(|(at, event)| Some((at?, event))).collect();
            known.sort_by_key(|(at, _)| *at);
            known.into_iter().map(|(at, event)| TimelineEvent { at: at.to_string(), event }).collect()
        }
        _ => Vec::new(),
    }
}

fn finding_view(finding: &judge::Finding, fixes: Vec<fix::Fix>, catalogue: &Catalogue) -> Finding {
    Finding {
        cause: finding.cause.clone(),
        confidence: match finding.confidence {
            Confidence::Confirmed => "confirmed",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        },
        state: match finding.state {
            State::Present => "present",
            State::Resolved => "resolved",
            State::Unknown => "unknown",
        },
        title: finding.title.clone(),
        why: finding.why.clone(),
        rule: finding.rule.clone(),
        rule_docs: finding.rule.as_deref().and_then(|id| catalogue.rule(id)?.page()),
        container: finding.container.clone(),
        role: finding.role.as_ref().and_then(role_ref),
        resource: finding.resource.clone(),
        evidence: finding
            .evidence
            .iter()
            .map(|e| Evidence { source: e.source.clone(), text: e.text.clone() })
            .collect(),
        path: path_of(finding),
        fixes: fixes.into_iter().map(fix_view).collect(),
    }
}

fn role_ref(role: &require::RoleRef) -> Option<RoleRef> {
    role.arn.clone().map(|arn| RoleRef { kind: role.kind.name(), arn })
}

fn fix_view(fix: fix::Fix) -> Fix {
    let fix::Fix { title, changes: _, commands, policy, diffs, terraform, cloudformation, docs, verified, proof } = fix;
    Fix { title, commands, policy, diffs, terraform, cloudformation, docs, verified, proof }
}

/// The report with the tightened policies of the execution role.
pub fn with_least(mut report: Report, least: Option<fix::Fix>) -> Report {
    let least = least.map(fix_view);
    if let Some(role) = report.permissions.iter_mut().find(|r| r.role.kind == RoleKind::Execution.name()) {
        role.least = least;
    }
    report
}

type Opinion<'a> = &'a dyn Fn(&judge::Check) -> Option<judge::SecondOpinion>;

/// Checks by role; a role without an ARN is listed by its kind alone.
fn permissions(
    checks: &[judge::Check],
    surplus: Result<Vec<Surplus>, String>,
    opinion: Opinion<'_>,
) -> Vec<RolePermissions> {
    let (mut surplus, mut surplus_unknown) = surplus.map_or_else(|why| (Vec::new(), Some(why)), |all| (all, None));
    let mut roles: Vec<RolePermissions> = Vec::new();
    for check in checks {
        let role = &check.permission.role;
        let own = check_view(check, opinion(check));
        let view = RoleRef { kind: role.kind.name(), arn: role.arn.clone().unwrap_or_default() };
        match roles.iter_mut().find(|r| r.role == view) {
            Some(known) => known.checks.push(own),
            None => {
                let (surplus, surplus_unknown) = match role.kind {
                    RoleKind::Execution => (std::mem::take(&mut surplus), surplus_unknown.take()),
                    _ => (Vec::new(), None),
                };
                roles.push(RolePermissions { role: view, checks: vec![own], surplus, surplus_unknown, least: None });
            }
        }
    }
    roles
}

fn surplus(case: &Case, workload: &require::Workload<'_>, checks: &[judge::Check]) -> Result<Vec<Surplus>, String> {
    let all = judge::grants(case, workload, checks)?;
    let view = |grant: judge::Grant| Surplus {
        policy: grant.by.policy,
        statement: grant.by.statement,
        action: grant.action,
        resource: grant.resource,
    };
    Ok(all.into_iter().filter(judge::Grant::is_surplus).map(view).collect())
}

fn check_view(check: &judge::Check, opinion: Option<judge::SecondOpinion>) -> Check {
    let decision = &check.decision;
    let (keys, mut notes): (Vec<String>, Vec<String>) =
        decision.unknown.iter().cloned().partition(|text| judge::is_condition_key(text));
    notes.extend(opinion.as_ref().filter(|o| o.is_by_organization).and_then(|o| o.note.clone()));
    Check {
        action: check.permission.action.clone(),
        resource: check.permission.resource.clone(),
        because: check.permission.because.clone(),
        container: check.permission.container.clone(),
        decision: match decision.outcome {
            Outcome::Allowed => "allowed",
            Outcome::ImplicitlyDenied => "missing",
            Outcome::ExplicitlyDenied => "denied",
            Outcome::Unknown => "unknown",
        },
        layer: decision.layer.map(Layer::name),
        by: decision.by.clone().map(|by| DecidedBy { policy: by.policy, statement: by.statement }),
        unknown_keys: keys,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        second_opinion: opinion.map(|o| SecondOpinion { decision: o.decision.name(), agrees: o.agrees, note: o.note }),
    }
}

/// One line for each kind of question and outcome; what went wrong is listed by what it was about.
fn coverage(case: &Case) -> Vec<Coverage> {
    let mut outcomes: BTreeMap<(&str, &'static str), Vec<String>> = BTreeMap::new();
    for (need, fact) in case.facts() {
        let (status, note) = match fact {
            Fact::Known(..) => ("ok", None),
            Fact::Missing(gap) => (gap.status(), Some(gap_note(need, gap))),
        };
        outcomes.entry((need.action(), status)).or_default().extend(note);
    }
    let lines = outcomes.into_iter().map(|((source, status), mut notes)| {
        notes.dedup();
        Coverage { source: source.to_owned(), status, note: (!notes.is_empty()).then(|| notes.join("; ")) }
    });
    lines.collect()
}

/// One word on it is enough where the caller may not have any second opinion.
fn gap_note(need: &Need, gap: &Gap) -> String {
    if let (Need::Simulation(_), Gap::Denied { .. }) = (need, gap) {
        return format!("second opinion not possible: the caller lacks {}", need.action());
    }
    let message = gap.message().map(|m| format!(": {}", first_line(m))).unwrap_or_default();
    format!("{}{message}", need.subject())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
