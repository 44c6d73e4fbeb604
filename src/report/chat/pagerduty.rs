//! An event for PagerDuty's Events API v2.
//!
//! The routing key is a secret: it is left empty, and whoever sends the event fills it in. One `dedup_key` for failures
//! of one kind makes them one alert, which the answer that they are mended resolves. Nothing in an event formats, so
//! nothing is escaped. <https://developer.pagerduty.com/docs/send-alert-event>

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    cut::cut,
    digest::{Part, headline, links, parts},
    document::document,
};
use crate::report::{Brief, Link, Outcome};

/// Characters of `summary`.
const SUMMARY: usize = 1024;
/// Characters of `dedup_key`.
const DEDUP_KEY: usize = 255;
/// Characters of `source`, `component`, `group` and `class`, for which no limit is documented.
const NAME: usize = 255;

#[derive(Serialize)]
struct Event {
    routing_key: &'static str,
    event_action: &'static str,
    dedup_key: String,
    client: &'static str,
    payload: Payload,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Href>,
}

#[derive(Serialize)]
struct Payload {
    summary: String,
    source: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    custom_details: Details,
}

#[derive(Serialize)]
struct Href {
    href: String,
    text: String,
}

/// The digest by kinds: PagerDuty shows a field each.
#[derive(Serialize, Default)]
struct Details {
    facts: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Proposal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Proposal {
    title: String,
    proven: bool,
    commands: Vec<String>,
}

/// The event as JSON.
///
/// # Errors
/// Only if serialisation itself fails, which plain data does not cause.
pub fn pagerduty(brief: &Brief) -> Result<String, serde_json::Error> {
    document(&Event {
        routing_key: "",
        event_action: action(brief.outcome),
        dedup_key: cut(&brief.key, DEDUP_KEY),
        client: "ecs-why",
        payload: payload(brief),
        links: links(brief).iter().map(href).collect(),
    })
}

/// What is in order again closes the alert that is open under the key, if there is one; it never wakes anybody.
fn action(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Mended | Outcome::NotFailed | Outcome::InOrder => "resolve",
        Outcome::Failed | Outcome::Unclear | Outcome::NotFound | Outcome::Explained | Outcome::Listed => "trigger",
    }
}

fn severity(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "error",
        Outcome::Unclear | Outcome::NotFound => "warning",
        _ => "info",
    }
}

fn payload(brief: &Brief) -> Payload {
    let place = |label| place(brief, label);
    Payload {
        summary: cut(&headline(brief), SUMMARY),
        source: source(brief),
        severity: severity(brief.outcome),
        timestamp: stopped(brief),
        component: place("service").or_else(|| place("definition")),
        group: place("cluster"),
        class: brief.findings.first().map(|finding| cut(&finding.cause, NAME)),
        custom_details: details(brief),
    }
}

/// PagerDuty takes no event without it.
fn source(brief: &Brief) -> String {
    let known = [brief.task_arn.clone(), place(brief, "cluster")].into_iter().flatten();
    let known = known.map(|source| cut(&source, NAME)).find(|source| !source.is_empty());
    known.unwrap_or_else(|| "ecs-why".to_owned())
}

fn place(brief: &Brief, wanted: &str) -> Option<String> {
    brief.place.iter().find(|(label, _)| *label == wanted).map(|(_, value)| cut(value, NAME))
}

/// When the task stopped, or what happened last.
fn stopped(brief: &Brief) -> Option<String> {
    let stopped = brief.timeline.iter().find(|event| event.event == "stopped");
    stopped.or(brief.timeline.last()).map(|event| event.at.clone())
}

fn details(brief: &Brief) -> Details {
    let mut details = Details::default();
    for part in parts(brief) {
        match part {
            Part::Facts(facts) => details.facts.extend(facts),
            Part::Prose { text, .. } => details.causes.push(text),
            Part::Quoted { source, text } => details.evidence.push(format!("{source}: {text}")),
            Part::Fix { title, proven, commands } => details.fixes.push(Proposal { title, proven, commands }),
            Part::Note { label, text } => details.notes.push(format!("{label}: {text}")),
            Part::Links(_) => {}
        }
    }
    details.notes.push(cut(&brief.footer, SUMMARY));
    details
}

fn href(Link { title, url, .. }: &Link) -> Href {
    Href { href: url.clone(), text: cut(title, NAME) }
}
