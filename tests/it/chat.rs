//! Messages for chats and pagers over every shipped case: the documented limits of each receiver, and no text from
//! outside where it would format, mention or link.

use std::time::Duration;

use ecs_why::{
    diagnose::{Cost, judge},
    explain::explain,
    judge::checks,
    report::{Brief, Evidence, Fix, LogsView, Meta, Report, chat, requirements},
    require::Requirements,
    subject::Subject,
};
use regex::Regex;
use serde_json::Value;

use crate::{Fixture, catalogue, fixtures};

type Render = fn(&Brief) -> Result<String, serde_json::Error>;
/// Panics where a limit does not hold.
type Walk = fn(&Value);

/// Each form with the walker of its receiver's limits.
const FORMS: [(&str, Render, Walk); 4] = [
    ("slack", chat::slack, slack),
    ("teams", chat::teams, teams),
    ("q", chat::q, q),
    ("pagerduty", chat::pagerduty, pagerduty),
];

fn report(fixture: &Fixture) -> Report {
    Report { meta: Meta::default(), ..judge(&fixture.case, catalogue(), Cost::default(), Duration::ZERO) }
}

/// What the three commands say of a case.
fn briefs(fixture: &Fixture) -> Vec<Brief> {
    let report = report(fixture);
    let explained =
        report.task.stopped_reason.as_deref().map(|text| Brief::of_explanation(&explain(catalogue(), text)));
    let subject = Subject::of(&fixture.case);
    let required = subject.workload(&fixture.case).map(|workload| {
        let needed = Requirements::of(&fixture.case, &workload);
        let checks = checks(&fixture.case, &workload, &needed, &[]);
        Brief::of_requirements(&requirements(&fixture.case, &workload, &checks, Meta::default()))
    });
    std::iter::once(Brief::of_report(&report)).chain(explained).chain(required).collect()
}

/// Holds a message of every form against its limits; gives it.
pub fn held(brief: &Brief) -> Vec<Value> {
    let message = |(name, render, walk): &(&str, Render, Walk)| {
        let text = render(brief).unwrap();
        assert!(text.ends_with("}\n") && text.chars().all(|c| matches!(c, ' '..='~' | '\n')), "{name}: {text}");
        assert!(text.len() < bytes(name), "{name}: {} bytes", text.len());
        let message = serde_json::from_str(&text).unwrap();
        walk(&message);
        message
    };
    FORMS.iter().map(message).collect()
}

/// Teams takes 28 KB (<https://learn.microsoft.com/microsoftteams/limits-specifications-teams>), SNS 256 KiB
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>), PagerDuty 512 KB
/// (<https://developer.pagerduty.com/docs/send-alert-event>).
fn bytes(form: &str) -> usize {
    match form {
        "slack" => 64 * 1024,
        "teams" => 25_000,
        "q" => 64 * 1024,
        _ => 128 * 1024,
    }
}

fn length(text: &Value) -> usize {
    text.as_str().unwrap_or_else(|| panic!("{text} is no text")).encode_utf16().count()
}

/// A text that is there and at most so long.
fn text(text: &Value, most: usize) {
    assert!((1..=most).contains(&length(text)) && !text.as_str().unwrap().trim().is_empty(), "{most}: {text}");
}

fn items(list: &Value, most: usize) -> impl Iterator<Item = &Value> {
    let list = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    assert!((1..=most).contains(&list.len()), "{} of {most}", list.len());
    list.iter()
}

fn keys(value: &Value, known: &[&str]) {
    let unknown: Vec<_> = value.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} in {value}");
}

fn console(url: &Value, most: usize) {
    text(url, most);
    let console =
        Regex::new(r"^https://([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)/[!-~]*$");
    assert!(console.unwrap().is_match(url.as_str().unwrap()), "{url}");
}

/// <https://docs.slack.dev/reference/block-kit/blocks>; of a whole message see `src/report/chat/slack.rs`.
fn slack(message: &Value) {
    keys(message, &["text", "mrkdwn", "unfurl_links", "unfurl_media", "blocks"]);
    // <https://docs.slack.dev/reference/methods/chat.postMessage>
    text(&message["text"], 40_000);
    assert!(!message["text"].as_str().unwrap().contains(['<', '>']), "{}", message["text"]);
    assert_eq!([&message["mrkdwn"], &message["unfurl_links"], &message["unfurl_media"]], [false, false, false]);
    items(&message["blocks"], 50).for_each(slack_block);
    let size = serde_json::to_string(&message["blocks"]).unwrap().len();
    assert!(size <= 12_000, "{size} bytes of blocks");
}

fn slack_block(block: &Value) {
    match block["type"].as_str().unwrap() {
        "header" => plain(&block["text"], 150),
        "section" => items(&block["fields"], 10).for_each(|field| plain(field, 2000)),
        "context" => items(&block["elements"], 10).for_each(|element| plain(element, 3000)),
        "rich_text" => items(&block["elements"], 20).for_each(rich),
        other => panic!("{other}"),
    }
}

/// <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>
fn plain(object: &Value, most: usize) {
    keys(object, &["type", "text", "emoji"]);
    assert_eq!((&object["type"], &object["emoji"]), (&Value::from("plain_text"), &Value::from(false)), "{object}");
    text(&object["text"], most);
}

/// <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>
fn rich(element: &Value) {
    assert!(["rich_text_section", "rich_text_preformatted"].contains(&element["type"].as_str().unwrap()), "{element}");
    for inline in items(&element["elements"], 50) {
        match inline["type"].as_str().unwrap() {
            "text" => assert!(length(&inline["text"]) > 0, "{inline}"),
            "link" => console(&inline["url"], 3000),
            other => panic!("{other}"),
        }
    }
}

const WORDS: [&str; 8] = [
    "FAILED",
    "FAILED, MENDED SINCE",
    "UNCLEAR",
    "STOPPED IN ORDER",
    "NOT FAILED",
    "NOT FOUND",
    "EXPLAINED",
    "REQUIRED",
];

/// <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference>
fn teams(message: &Value) {
    keys(message, &["type", "attachments"]);
    let attachment = items(&message["attachments"], 1).next().unwrap();
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    let card = &attachment["content"];
    assert_eq!((&card["type"], &card["version"]), (&Value::from("AdaptiveCard"), &Value::from("1.5")));
    items(&card["body"], 100).for_each(element);
    for action in card["actions"].as_array().into_iter().flatten() {
        assert_eq!(action["type"], "Action.OpenUrl");
        text(&action["title"], 60);
        console(&action["url"], 4000);
    }
    assert!(card["actions"].as_array().is_none_or(|actions| actions.len() <= 6));
}

fn element(element: &Value) {
    match element["type"].as_str().unwrap() {
        // Markdown is read here.
        "TextBlock" => assert!(WORDS.contains(&element["text"].as_str().unwrap()), "{element}"),
        "RichTextBlock" => items(&element["inlines"], 20).for_each(|run| {
            keys(run, &["type", "text", "weight", "fontType", "isSubtle"]);
            assert_eq!(run["type"], "TextRun");
            assert!(length(&run["text"]) > 0, "{run}");
        }),
        "Container" => items(&element["items"], 30).for_each(self::element),
        other => panic!("{other}"),
    }
}

/// <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>: the page gives no lengths, so those of
/// the Slack blocks that a notification becomes are held.
fn q(message: &Value) {
    keys(message, &["version", "source", "id", "content", "metadata"]);
    assert_eq!((&message["version"], &message["source"]), (&Value::from("1.0"), &Value::from("custom")));
    let (content, metadata) = (&message["content"], &message["metadata"]);
    keys(content, &["textType", "title", "description", "nextSteps", "keywords"]);
    keys(metadata, &["threadId", "summary", "eventType", "relatedResources", "additionalContext"]);
    assert_eq!(content["textType"], "client-markdown");
    text(&message["id"], 500);
    text(&metadata["threadId"], 255);
    text(&content["title"], 150);
    // A part of the description may be a footer of 600 characters.
    text(&content["description"], 3000);
    let list = |list: &Value| list.as_array().cloned().unwrap_or_default();
    for said in [&content["title"], &content["description"], &metadata["summary"]]
        .into_iter()
        .chain(&list(&content["nextSteps"]))
    {
        formats_nothing(said.as_str().unwrap());
    }
    list(&content["nextSteps"]).iter().for_each(|step| text(step, 3000));
    list(&content["keywords"]).iter().for_each(|word| matches(word, "^[A-Za-z0-9-]{1,150}$"));
    list(&metadata["relatedResources"]).iter().for_each(|arn| matches(arn, "^arn:[^<>&`|]+$"));
    // <https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionAttachment.html>
    for (key, value) in metadata["additionalContext"].as_object().into_iter().flatten() {
        matches(&Value::from(key.as_str()), "^[A-Za-z0-9_-]{1,100}$");
        matches(value, "^[!-~]{1,1024}$");
    }
}

fn matches(value: &Value, pattern: &str) {
    assert!(Regex::new(pattern).unwrap().is_match(value.as_str().unwrap()), "{value}");
}

/// Outside of code there is nothing but words of ours and addresses of the console.
fn formats_nothing(markdown: &str) {
    assert!(!markdown.contains(['<', '>']), "{markdown}");
    let commands = Regex::new("(?s)^```\n(.*)\n```$").unwrap();
    let markdown = commands.captures(markdown).map_or(markdown, |fence| {
        assert!(!fence[1].contains("``"), "{markdown}");
        ""
    });
    let rest = Regex::new("(?s)```\n[^`]*\n```").unwrap().replace_all(markdown, "");
    let rest = Regex::new("`[^`\n]+`").unwrap().replace_all(&rest, "");
    let urls = Regex::new(r"https://\S+").unwrap();
    urls.find_iter(&rest).for_each(|url| console(&Value::from(url.as_str()), 3000));
    let rest = urls.replace_all(&rest, "");
    let ours = Regex::new("^[A-Za-z0-9,;: \n-]*$").unwrap();
    assert!(ours.is_match(&rest), "{rest}");
}

/// <https://developer.pagerduty.com/docs/send-alert-event>
fn pagerduty(event: &Value) {
    keys(event, &["routing_key", "event_action", "dedup_key", "client", "payload", "links"]);
    assert_eq!(event["routing_key"], "");
    matches(&event["event_action"], "^(trigger|resolve)$");
    text(&event["dedup_key"], 255);
    let payload = &event["payload"];
    keys(payload, &["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"]);
    text(&payload["summary"], 1024);
    text(&payload["source"], 255);
    matches(&payload["severity"], "^(critical|error|warning|info)$");
    if let Some(at) = payload["timestamp"].as_str() {
        at.parse::<jiff::Timestamp>().unwrap();
    }
    assert!(payload["custom_details"].is_object());
    for link in event["links"].as_array().into_iter().flatten() {
        console(&link["href"], 4000);
        text(&link["text"], 255);
    }
}

#[test]
fn every_limit_holds_for_every_answer() {
    let held: usize = fixtures().iter().flat_map(briefs).map(|brief| held(&brief).len()).sum();
    assert!(held > 1000, "{held}");
}

/// The first finding of a report, for tests that change it.
fn with_first(report: &mut Report, change: impl FnOnce(&mut ecs_why::report::Finding)) {
    change(report.findings.first_mut().unwrap());
}

fn of(name: &str) -> Report {
    report(fixtures().iter().find(|fixture| fixture.name == name).unwrap())
}

/// What a name, a message or a line may try to be; the last are a delete, a control and a reversal.
const HOSTILE: &[&str] = &[
    "<!channel> <@U012AB3CD> <!subteam^S0> @here",
    "<https://evil.example|click> [click](https://evil.example)",
    "` *bold* _it_ ~x~ `` ``` ```\n# title\n> quote",
    "&lt;!channel&gt; <at>all</at>",
    ":warning: ![x](https://evil.example/x.png)",
    "\u{7f}\u{9b}31m\u{202e}\u{200b}\u{2028}",
];

#[test]
fn text_from_outside_formats_nothing() {
    for hostile in HOSTILE {
        let mut report = of("no-endpoint-for-secrets");
        let said = || (*hostile).to_owned();
        report.summary = said();
        report.task.service = Some(said());
        report.task.cluster = Some(said());
        report.task.arn = Some(format!("arn:aws:ecs:eu-west-1:123456789012:task/{hostile}"));
        report.coverage.iter_mut().for_each(|gap| (gap.source, gap.status) = (said(), "denied"));
        with_first(&mut report, |first| {
            (first.cause, first.title, first.why) = (said(), said(), said());
            (first.container, first.resource, first.rule) = (Some(said()), Some(said()), Some(said()));
            first.evidence.push(Evidence { source: said(), text: said() });
            first.fixes = vec![Fix { title: said(), commands: vec![said()], ..Fix::default() }];
        });
        let brief = Brief::of_report(&report);
        held(&brief);
    }
}

#[test]
fn names_of_the_greatest_length_make_no_message_too_long() {
    let mut report = of("secret-is-denied");
    let name = || "/".repeat(512);
    report.task.service = Some(name());
    report.summary = "\u{2026}".repeat(5000);
    for container in &mut report.task.containers {
        container.logs = Some(LogsView { region: "eu-west-1".to_owned(), group: name(), stream: Some(name()) });
    }
    report.task.containers = vec![report.task.containers[0].clone(); 6];
    with_first(&mut report, |first| {
        (first.why, first.resource) = ("\u{2026}".repeat(5000), Some(name()));
        first.evidence.iter_mut().for_each(|evidence| evidence.text = "\u{1f600}".repeat(5000));
    });
    held(&Brief::of_report(&report));
}

#[test]
fn a_command_is_whole_or_not_there() {
    let command = |length: usize| format!("aws x {}", "a".repeat(length));
    for (length, shown) in [(200, ["slack", "teams", "q", "pagerduty"].as_slice()), (50_000, &[])] {
        let mut report = of("secret-is-denied");
        with_first(&mut report, |first| {
            first.fixes = vec![Fix { title: "Mend it".to_owned(), commands: vec![command(length)], ..Fix::default() }];
        });
        let brief = Brief::of_report(&report);
        for (name, render, _) in FORMS {
            let message = render(&brief).unwrap();
            assert_eq!(message.contains(&command(length)), shown.contains(&name), "{name}");
            assert!(message.contains("Mend it") && !message.contains(&"a".repeat(300)), "{name}");
        }
    }
}

#[test]
fn a_pager_rings_for_what_is_wrong_only() {
    let action = |name| {
        let event: Value = serde_json::from_str(&chat::pagerduty(&Brief::of_report(&of(name))).unwrap()).unwrap();
        format!("{} {}", event["event_action"], event["payload"]["severity"]).replace('"', "")
    };
    assert_eq!(action("secret-is-denied"), "trigger error");
    assert_eq!(action("secret-is-denied-healthy"), "resolve info");
    assert_eq!(action("scaled-in"), "resolve info");
    assert_eq!(action("truncated-reason"), "trigger warning");
}

#[test]
fn failures_alike_have_one_key_of_bounded_length() {
    let mut report = of("newest-failure-of-a-service");
    let key = Brief::of_report(&report).key;
    report.task.arn = Some("arn:aws:ecs:eu-west-1:123456789012:task/c/another".to_owned());
    assert_eq!(Brief::of_report(&report).key, key);
    let named = |last: char| {
        let service = Some(format!("{}{last}", "s".repeat(254)));
        let task = ecs_why::report::TaskView { service, ..report.task.clone() };
        Brief::of_report(&Report { task, ..report.clone() }).key
    };
    assert!(named('a') != named('b') && named('a').len() <= 255, "{}", named('a'));
}

#[test]
fn messages_stay_as_they_were() {
    for name in ["secret-is-denied", "truncated-reason", "scaled-in"] {
        let brief = Brief::of_report(&of(name));
        for (form, render, _) in FORMS {
            insta::assert_snapshot!(format!("{name}.{form}"), render(&brief).unwrap());
        }
    }
}
