//! A diagnosis for a language model: the verdict in our words, and beside it what the account says.
//!
//! Given the report and the catalogue; with [`Detail::Full`] the whole report stands among the untrusted texts, since
//! most of its fields have names in them. Decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Advice, Refusal, Unseen, Untrusted, advice, headline, meaning, refusal, unseen};
use crate::{
    id::TaskName,
    knowledge::Catalogue,
    report::{
        text::broken_path,
        v1::{ContainerView, Finding, Fix, Report, TaskView},
    },
};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    #[default]
    Summary,
    Full,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// `diagnosed`, `inconclusive`, `benign` (stopped in order), `not-failed` or `not-found`.
    pub status: &'static str,
    /// Id of the cause, as `ecs-why://rules` lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The verdict in general words; `untrusted.summary` names the resource.
    pub summary: String,
    /// `confirmed` (message and facts agree), `likely` or `possible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<&'static str>,
    /// Whether the fault is in the account now: `present`, `resolved` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// What such a failure means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// The rule that recognised it; `ecs-why://rules/{id}` has its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The role that is at fault: `execution`, `task`, `instance` or `infrastructure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// What to do, in general words, where no fix is proven.
    pub advice: Vec<Advice>,
    /// What mends it, most of it proven; a person has to approve the commands.
    pub fixes: Vec<FixView>,
    /// Calls of the task's roles that are not allowed, or not known to be.
    pub refused: Vec<Refusal>,
    /// What is wrong besides, or candidates where nothing is settled.
    pub other_findings: Vec<OtherFinding>,
    /// What could not be read, so that the verdict does not rest on it.
    pub not_seen: Vec<Unseen>,
    pub timeline: Vec<Moment>,
    pub untrusted: Untrusted<DiagnosisText>,
    /// What was left out to keep the answer short.
    pub omitted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FixView {
    /// True: judged again with the change applied, and found to hold. Left out for advice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// Pages of AWS's documentation.
    pub docs: Vec<String>,
    pub untrusted: Untrusted<FixText>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FixText {
    pub title: String,
    /// Commands of the AWS CLI with the account's names in them.
    pub commands: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherFinding {
    pub cause: String,
    pub summary: String,
    pub confidence: &'static str,
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    pub untrusted: Untrusted<FindingText>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingText {
    pub title: String,
    pub why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    pub evidence: Vec<EvidenceText>,
}

/// What was said, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceText {
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Moment {
    /// RFC 3339.
    pub at: String,
    pub event: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosisText {
    /// One sentence that names the resource.
    pub summary: String,
    /// The finding that explains the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingText>,
    /// The hops of the network path that breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub task: TaskText,
    /// The report `ecs-why/report/v1`, whose schema is `ecs-why://schema/report`; with detail `full` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Map<String, Value>")]
    pub report: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskText {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_reason: Option<String>,
    pub containers: Vec<ContainerText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerText {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The view of a report.
pub fn diagnosis(report: &Report, catalogue: &Catalogue, detail: Detail) -> Diagnosis {
    let first = report.findings.first();
    let rule = first.and_then(|first| first.rule.as_deref()).filter(|id| catalogue.rule(id).is_some());
    let cause = report.cause.as_deref().filter(|id| catalogue.cause(id).is_some());
    Diagnosis {
        status: report.status,
        cause: cause.map(str::to_owned),
        summary: summary(report, catalogue),
        confidence: first.map(|first| first.confidence),
        state: first.map(|first| first.state),
        meaning: cause.and_then(|cause| meaning(cause, rule, catalogue)),
        rule: rule.map(str::to_owned),
        role: first.and_then(|first| first.role.as_ref()).map(|role| role.kind),
        task_id: report.task.arn.as_deref().and_then(|arn| TaskName::parse(arn).ok()).map(|task| task.id),
        advice: first.map(|first| given(first, advice(rule, catalogue))).unwrap_or_default(),
        fixes: first.map(|first| first.fixes.iter().map(fix).collect()).unwrap_or_default(),
        refused: refused(report, catalogue),
        other_findings: report.findings.iter().skip(1).filter_map(|f| other(f, catalogue)).collect(),
        not_seen: unseen(&report.coverage),
        timeline: report.timeline.iter().map(|one| Moment { at: one.at.clone(), event: one.event }).collect(),
        untrusted: text(report, detail).into(),
        omitted: Vec::new(),
    }
}

fn summary(report: &Report, catalogue: &Catalogue) -> String {
    let first = report.findings.first();
    let told = first.and_then(|f| headline(&f.cause, f.rule.as_deref(), catalogue)).unwrap_or_default();
    match (report.status, first.map(|first| first.state)) {
        ("diagnosed", Some("present")) => format!("{told}. It is still so."),
        ("diagnosed", Some("resolved")) => format!("{told}. It has been mended since."),
        ("diagnosed", _) => format!("{told}."),
        ("benign", _) => format!("The task stopped in order. {told}."),
        ("inconclusive", _) => "The task failed, and the evidence does not settle why.".to_owned(),
        ("not-failed", _) => "Nothing has failed.".to_owned(),
        _ => "ECS does not know it, or no longer: a stopped task is known for about an hour.".to_owned(),
    }
}

/// What of a rule's advice the report gives too: facts may have ruled the rest out.
fn given(finding: &Finding, advice: Vec<Advice>) -> Vec<Advice> {
    let told = |advice: &Advice| finding.fixes.iter().any(|fix| fix.commands.is_empty() && fix.docs == advice.docs);
    advice.into_iter().filter(told).collect()
}

fn fix(fix: &Fix) -> FixView {
    let ours = |page: &&String| page.starts_with("https://docs.aws.amazon.com/");
    FixView {
        verified: fix.verified,
        docs: fix.docs.iter().filter(ours).cloned().collect(),
        untrusted: FixText { title: fix.title.clone(), commands: fix.commands.clone(), proof: fix.proof.clone() }
            .into(),
    }
}

/// What is refused first, then what is not known.
fn refused(report: &Report, catalogue: &Catalogue) -> Vec<Refusal> {
    let of = |role: &'_ crate::report::RolePermissions| {
        let checks = role.checks.iter().filter(|check| check.decision != "allowed");
        checks.map(|check| refusal(&role.role, check, catalogue)).collect::<Vec<_>>()
    };
    let mut all: Vec<Refusal> = report.permissions.iter().flat_map(of).collect();
    all.sort_by_key(|refusal| refusal.decision == "unknown");
    all
}

fn other(finding: &Finding, catalogue: &Catalogue) -> Option<OtherFinding> {
    Some(OtherFinding {
        cause: catalogue.cause(&finding.cause)?.id.clone(),
        summary: headline(&finding.cause, finding.rule.as_deref(), catalogue)? + ".",
        confidence: finding.confidence,
        state: finding.state,
        role: finding.role.as_ref().map(|role| role.kind),
        untrusted: finding_text(finding).into(),
    })
}

fn finding_text(finding: &Finding) -> FindingText {
    let evidence = finding.evidence.iter();
    FindingText {
        title: finding.title.clone(),
        why: finding.why.clone(),
        container: finding.container.clone(),
        resource: finding.resource.clone(),
        role_arn: finding.role.as_ref().map(|role| role.arn.clone()),
        evidence: evidence.map(|e| EvidenceText { source: e.source.clone(), text: e.text.clone() }).collect(),
    }
}

fn text(report: &Report, detail: Detail) -> DiagnosisText {
    DiagnosisText {
        summary: report.summary.clone(),
        finding: report.findings.first().map(finding_text),
        path: broken_path(report),
        task: task_text(&report.task),
        report: (detail == Detail::Full).then(|| serde_json::to_value(report).unwrap_or_default()),
    }
}

fn task_text(task: &TaskView) -> TaskText {
    let container = |container: &ContainerView| ContainerText {
        name: container.name.clone(),
        image: container.image.clone(),
        exit_code: container.exit_code,
        reason: container.reason.clone(),
    };
    TaskText {
        arn: task.arn.clone(),
        cluster: task.cluster.clone(),
        service: task.service.clone(),
        task_definition: task.task_definition.clone(),
        stop_code: task.stop_code.clone(),
        stopped_reason: task.stopped_reason.clone(),
        containers: task.containers.iter().map(container).collect(),
    }
}
