//! Logs of programs that do well: a rule that matches one of these lines would blame it for a failure.
//!
//! Lines come from templates in `fixtures/messages/ordinary`: `lines.txt` has what servers and frameworks print, under a
//! heading each; `messages.txt` has what applications say through them, with words that tempt rules. Holes are filled
//! from a seed, so that every run reads the same lines.

use std::{collections::BTreeMap, fmt::Write, fs};

use ecs_why::symptom::{Source, Symptom};
use serde::Deserialize;
use serde_json::Value;

use crate::{Fixture, catalogue, fixtures};

const LINES: usize = 10_000;
const FRAMEWORKS: usize = 30;

const TEMPLATES: &str = include_str!("../../fixtures/messages/ordinary/lines.txt");
const MESSAGES: &str = include_str!("../../fixtures/messages/ordinary/messages.txt");
/// Lines as they stood in logs.
const HEALTHY: &str = include_str!("../../fixtures/messages/healthy.txt");

/// What a hole may hold; `{msg}`, times and numbers are made.
const WORDS: &[(&str, &[&str])] = &[
    ("class", &["OrderService", "ErrorHandler", "FailureDetector", "HealthCheck", "TimeoutPolicy", "PaymentGateway"]),
    ("host", &["shop-db.internal", "cache.internal", "broker-1.internal", "api.example.com", "ip-10-0-1-12"]),
    ("level", &["INFO", "info", "DEBUG", "debug", "WARN", "warn", "WARNING", "warning", "NOTICE", "Information"]),
    ("method", &["GET", "POST", "PUT", "DELETE"]),
    ("path", &["/app/errors", "/tmp/upload-1", "/var/cache/app", "/app/dist/timeout.js", "/srv/fatal/README"]),
    ("queue", &["orders", "retries", "failed-payments", "emails"]),
    ("short", &["INF", "WRN", "DBG"]),
    (
        "status",
        &["200", "201", "204", "301", "302", "304", "400", "401", "403", "404", "409", "422", "429", "500", "503"],
    ),
    ("table", &["orders", "payments", "errors", "customers", "failed_jobs", "sessions"]),
    (
        "thread",
        &["main", "http-nio-8080-exec-1", "scheduling-1", "ForkJoinPool.commonPool-worker-1", "pool-2-thread-3"],
    ),
    (
        "url",
        &["/", "/timeout", "/memory", "/errors/disk-full", "/health", "/api/v1/orders/failed", "/.env", "/oom?kill=1"],
    ),
    ("user", &["alice", "bob", "shop", "root"]),
];

/// Numbers from a seed (SplitMix64): the same on every machine, and no dependency.
struct Seed(u64);

impl Seed {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.next(of.len() as u64)).unwrap()]
    }

    fn hexadecimal(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(u32::try_from(self.next(16)).unwrap(), 16).unwrap()).collect()
    }
}

/// A moment, in the forms in which loggers print it.
struct Moment {
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    milli: u64,
}

impl Moment {
    fn of(seed: &mut Seed) -> Self {
        let (day, hour) = (seed.next(28) + 1, seed.next(24));
        Self { day, hour, minute: seed.next(60), second: seed.next(60), milli: seed.next(1000) }
    }

    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    fn named(&self, form: &str) -> String {
        let Self { day, milli, .. } = self;
        let clock = self.clock();
        match form {
            "iso" => format!("2024-05-{day:02}T{clock}.{milli:03}Z"),
            "slash" => format!("2024/05/{day:02} {clock}"),
            "clf" => format!("{day:02}/May/2024:{clock} +0000"),
            "time" => format!("{clock}.{milli:03}"),
            "epoch" => format!("1715{:06}{milli:03}", day * 3600 + self.second),
            "comma" => format!("2024-05-{day:02} {clock},{milli:03}"),
            "zone" => format!("2024-05-{day:02} {clock} +0000"),
            "syslog" => format!("May {day:2} {clock}"),
            other => panic!("no time is written as {other}"),
        }
    }
}

const FORMS: [&str; 8] = ["iso", "slash", "clf", "time", "epoch", "comma", "zone", "syslog"];

/// What a hole of that name holds now; `None` where braces are those of the line itself.
fn filled(name: &str, message: &str, seed: &mut Seed) -> Option<String> {
    if let Some((_, words)) = WORDS.iter().find(|(hole, _)| *hole == name) {
        return Some(seed.one(words).to_owned());
    }
    Some(match name {
        "msg" => with_holes_filled(message, "", seed),
        "ts" => {
            let form = seed.one(&FORMS);
            Moment::of(seed).named(form)
        }
        form if FORMS.contains(&form) => Moment::of(seed).named(form),
        "hex" => seed.hexadecimal(8),
        "ip" => format!("10.0.{}.{}", seed.next(8), seed.next(250) + 2),
        "mb" => (256 << seed.next(5)).to_string(),
        "ms" => (seed.next(4000) + 1).to_string(),
        "n" => (seed.next(99) + 1).to_string(),
        "port" => (seed.next(60_000) + 1024).to_string(),
        "s" => (seed.next(60) + 1).to_string(),
        "uuid" => format!(
            "{}-{}-4{}-8{}-{}",
            seed.hexadecimal(8),
            seed.hexadecimal(4),
            seed.hexadecimal(3),
            seed.hexadecimal(3),
            seed.hexadecimal(12)
        ),
        "ver" => format!("{}.{}.{}", seed.next(9), seed.next(20), seed.next(9)),
        _ => return None,
    })
}

fn with_holes_filled(template: &str, message: &str, seed: &mut Seed) -> String {
    let mut line = String::new();
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        line.push_str(before);
        let hole = from.split_once('}').and_then(|(name, after)| Some((filled(name, message, seed)?, after)));
        match hole {
            Some((text, after)) => {
                line.push_str(&text);
                rest = after;
            }
            None => {
                line.push('{');
                rest = from;
            }
        }
    }
    line.push_str(rest);
    line
}

fn templates() -> Vec<&'static str> {
    TEMPLATES.lines().filter(|line| !line.starts_with("== ")).collect()
}

/// Every other line is something that an application says, so that each message is met in many frames.
fn ordinary(count: usize) -> impl Iterator<Item = String> {
    let all = templates();
    let frames: Vec<_> = all.iter().copied().filter(|template| template.contains("{msg}")).collect();
    let messages: Vec<_> = MESSAGES.lines().collect();
    let mut seed = Seed(20_240_514);
    (0..count).map(move |at| {
        let turn = at / 2;
        let message = messages[turn % messages.len()];
        let template =
            if at % 2 == 0 { all[turn % all.len()] } else { frames[(turn + turn / messages.len()) % frames.len()] };
        with_holes_filled(template, message, &mut seed)
    })
}

/// The rules that match a line where it stands, each with up to three such lines.
fn matched(lines: impl Iterator<Item = String>, source: Source) -> String {
    let mut by_rule: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in lines {
        for found in catalogue().matches(&Symptom::new(source, &line)) {
            by_rule.entry(found.rule.id.as_str()).or_default().push(line.clone());
        }
    }
    by_rule.iter().fold(String::new(), |mut told, (rule, lines)| {
        let shown = lines.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n  ");
        writeln!(told, "{rule} matches {} lines:\n  {shown}", lines.len()).unwrap();
        told
    })
}

#[test]
fn the_lines_are_many_and_always_the_same() {
    let headings = TEMPLATES.lines().filter(|line| line.starts_with("== ")).count();
    assert!(headings >= FRAMEWORKS, "only {headings} frameworks");
    let lines: Vec<_> = ordinary(LINES).collect();
    assert!(lines.iter().eq(ordinary(LINES).collect::<Vec<_>>().iter()));
    assert!(MESSAGES.lines().count() + templates().len() >= 500);
    let open = lines
        .iter()
        .find(|line| FORMS.iter().chain(&["msg", "ip", "n"]).any(|hole| line.contains(&format!("{{{hole}}}"))));
    assert_eq!(open, None);
}

#[test]
fn no_rule_matches_an_ordinary_line_of_a_log() {
    let told = matched(ordinary(LINES), Source::ContainerLog);
    assert!(told.is_empty(), "{told}");
}

#[test]
fn no_rule_matches_an_ordinary_line_that_is_pasted() {
    let told = matched(ordinary(LINES).chain(HEALTHY.lines().map(str::to_owned)), Source::Text);
    assert!(told.is_empty(), "{told}");
}

/// Cases whose tasks were stopped from outside: what their applications print is ordinary.
const STOPPED_FROM_OUTSIDE: [&str; 5] = [
    "killed-after-stop-timeout",
    "killed-after-user-stopped-it",
    "load-balancer-gives-up",
    "out-of-memory",
    "still-running",
];

#[derive(Deserialize)]
struct Snapshot {
    facts: Vec<Value>,
}

fn log_lines(fixture: &Fixture) -> Vec<String> {
    let text = fs::read_to_string(fixture.folder.join("case.json")).unwrap();
    let facts = serde_json::from_str::<Snapshot>(&text).unwrap().facts;
    let events = facts.iter().filter_map(|fact| fact.pointer("/known/logEvents/events")?.as_array());
    events.flatten().filter_map(|event| Some(event.get("message")?.as_str()?.to_owned())).collect()
}

#[test]
fn no_rule_matches_the_logs_of_tasks_that_did_well() {
    let cases = fixtures().into_iter().filter(|fixture| STOPPED_FROM_OUTSIDE.contains(&fixture.name.as_str()));
    let lines: Vec<_> = cases.flat_map(|fixture| log_lines(&fixture)).collect();
    assert!(lines.len() >= 4, "{lines:?}");
    let told = matched(lines.into_iter(), Source::ContainerLog);
    assert!(told.is_empty(), "{told}");
}
