//! What a chat, a pager or a pipeline is told of an answer: the same few things for all of them, in the order in which a
//! tired person wants them.
//!
//! Given a report, an explanation or the requirements of a task definition. Nothing here is escaped: names, messages and
//! the prose that quotes them are text from outside, and each rendering puts them where they cannot format or mention.

use std::hash::Hasher as _;

use fnv::FnvHasher;

use super::{
    console::{self, Link},
    text::broken_path,
    v1::{
        Check, Coverage, Explanation, Finding, Meta, Report, Requirements, RolePermissions, RoleRef, TaskView,
        TimelineEvent,
    },
};
use crate::id::short_name;

#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    pub outcome: Outcome,
    /// One sentence that names the resource.
    pub summary: String,
    /// Where it happened; label and value, the most telling first.
    pub place: Vec<(&'static str, String)>,
    /// The one that explains the failure first. Of an explanation each cause, without confidence and state.
    pub findings: Vec<Finding>,
    /// The hops of the path that breaks, in one line.
    pub path: Option<String>,
    /// Of every role the checks that are not allowed.
    pub refused: Vec<(RoleRef, Check)>,
    /// How many checks are allowed.
    pub allowed: usize,
    pub timeline: Vec<TimelineEvent>,
    /// What could not be read.
    pub unseen: Vec<Coverage>,
    /// Pages of the AWS console; we build their addresses.
    pub links: Vec<Link>,
    /// The same for failures of one service that have one cause, whichever task it was: `ecs:SERVICE:HASH`.
    pub key: String,
    pub task_arn: Option<String>,
    /// What it cost and which version said it.
    pub footer: String,
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Failed,
    /// The cause has been mended since.
    Mended,
    Unclear,
    InOrder,
    NotFailed,
    NotFound,
    /// A message was explained; nothing is known of a task.
    Explained,
    /// What a task definition needs was listed.
    Listed,
}

impl Outcome {
    /// As a headline begins.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::Mended => "FAILED, MENDED SINCE",
            Self::Unclear => "UNCLEAR",
            Self::InOrder => "STOPPED IN ORDER",
            Self::NotFailed => "NOT FAILED",
            Self::NotFound => "NOT FOUND",
            Self::Explained => "EXPLAINED",
            Self::Listed => "REQUIRED",
        }
    }

    fn of(report: &Report) -> Self {
        match report.status {
            "diagnosed" if report.findings.first().is_some_and(|first| first.state == "resolved") => Self::Mended,
            "diagnosed" => Self::Failed,
            "inconclusive" => Self::Unclear,
            "benign" => Self::InOrder,
            "not-failed" => Self::NotFailed,
            _ => Self::NotFound,
        }
    }
}

impl Brief {
    pub fn of_report(report: &Report) -> Self {
        Self {
            outcome: Outcome::of(report),
            summary: report.summary.clone(),
            place: place(&report.task),
            findings: report.findings.clone(),
            path: broken_path(report),
            refused: refused(&report.permissions),
            allowed: allowed(&report.permissions),
            timeline: report.timeline.clone(),
            unseen: unseen(&report.coverage),
            links: console::links(report),
            key: key(report),
            task_arn: report.task.arn.clone(),
            footer: footer(&report.meta),
        }
    }

    pub fn of_explanation(explanation: &Explanation) -> Self {
        let findings: Vec<Finding> = explanation.causes.iter().map(super::explained::finding).collect();
        let first = findings.first().map(|first| first.title.clone()).unwrap_or_default();
        let footer = format!("from the message alone, ecs-why {}", env!("CARGO_PKG_VERSION"));
        Self { findings, ..Self::empty(Outcome::Explained, format!("{first}."), footer) }
    }

    pub fn of_requirements(requirements: &Requirements) -> Self {
        let summary = format!("What starting {} needs.", requirements.task_definition);
        Self {
            refused: refused(&requirements.permissions),
            allowed: allowed(&requirements.permissions),
            unseen: unseen(&requirements.coverage),
            ..Self::empty(Outcome::Listed, summary, footer(&requirements.meta))
        }
    }

    fn empty(outcome: Outcome, summary: String, footer: String) -> Self {
        Self {
            outcome,
            key: format!("ecs:{}", hashed(&[outcome.word(), &summary])),
            summary,
            place: Vec::new(),
            findings: Vec::new(),
            path: None,
            refused: Vec::new(),
            allowed: 0,
            timeline: Vec::new(),
            unseen: Vec::new(),
            links: Vec::new(),
            task_arn: None,
            footer,
        }
    }
}

fn place(task: &TaskView) -> Vec<(&'static str, String)> {
    let known = [
        ("service", task.service.clone()),
        ("cluster", task.cluster.clone()),
        ("task", task.arn.as_deref().map(|arn| short_name(arn).to_owned())),
        ("definition", task.task_definition.as_deref().map(|arn| short_name(arn).to_owned())),
        ("Region", task.region.clone()),
        ("account", task.account.clone()),
    ];
    known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn refused(roles: &[RolePermissions]) -> Vec<(RoleRef, Check)> {
    let of = |role: &RolePermissions| {
        let checks = role.checks.iter().filter(|check| check.decision != "allowed");
        checks.map(|check| (role.role.clone(), check.clone())).collect::<Vec<_>>()
    };
    roles.iter().flat_map(of).collect()
}

fn allowed(roles: &[RolePermissions]) -> usize {
    roles.iter().flat_map(|role| &role.checks).filter(|check| check.decision == "allowed").count()
}

fn unseen(coverage: &[Coverage]) -> Vec<Coverage> {
    super::text::gaps(coverage).cloned().collect()
}

fn footer(meta: &Meta) -> String {
    super::text::cost_of(meta)
}

/// What of a service's name stands in a key; its hash has the whole. Pagers take keys of 255 characters.
const LONGEST_NAME: usize = 100;

/// Failures alike have one key: what differs from task to task is left out of it.
fn key(report: &Report) -> String {
    let task = &report.task;
    let family = task.task_definition.as_deref().map(|arn| short_name(arn).split(':').next().unwrap_or_default());
    let whose = task.service.as_deref().or(family).unwrap_or("task");
    let first = report.findings.first();
    let parts = [
        task.account.as_deref(),
        task.region.as_deref(),
        task.cluster.as_deref(),
        Some(whose),
        first.map(|first| first.cause.as_str()),
        first.and_then(|first| first.container.as_deref()),
        first.and_then(|first| first.resource.as_deref()),
    ];
    let name: String = whose.chars().take(LONGEST_NAME).collect();
    format!("ecs:{name}:{}", hashed(&parts.map(Option::unwrap_or_default)))
}

/// A stable hash, in hexadecimal: keys are kept by other systems, beyond this version.
fn hashed(parts: &[&str]) -> String {
    let mut hasher = FnvHasher::default();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0);
    }
    format!("{:016x}", hasher.finish())
}
