//! Paths of calls: every row of `fixtures/net` comes out as AWS documents it.

mod case;
mod fixes;
mod properties;
mod world;

use std::collections::BTreeSet;

use ecs_why::net::{Hop, Path, Summary, Verdict};
use world::{World, rows};

/// What a row expects, and as much of it as it says.
fn agrees(path: &Path, expect: &str) -> bool {
    let (word, rest) = expect.split_once(':').unwrap_or((expect, ""));
    match (word, path.summary()) {
        ("reaches", Summary::Reaches) => true,
        ("broken", Summary::Broken(hop)) => format!("{}:{}", hop.kind.word(), hop.subject) == rest,
        ("leaves", Summary::LeavesView(hop)) => hop.subject == rest,
        ("unknown", Summary::Unknown(hop)) => missing(hop) == rest || missing(hop).starts_with(&format!("{rest}:")),
        _ => false,
    }
}

fn missing(hop: &Hop) -> String {
    let Verdict::Unknown(missing) = &hop.verdict else { panic!("{hop:?} is no unknown") };
    format!("{}:{}", missing.what.word(), missing.subject)
}

fn reason(path: &Path) -> String {
    match path.summary() {
        Summary::Broken(Hop { verdict: Verdict::Breaks(reason), .. }) => format!("{reason:?}"),
        _ => String::new(),
    }
}

#[test]
fn every_row_comes_out_as_documented() {
    let mut wrong = Vec::new();
    for (file, row) in rows() {
        let path = World::of(&row).path(row["call"].as_str().unwrap());
        let expect = row["expect"].as_str().unwrap();
        let unused: Vec<_> = path.unused.iter().map(|u| format!("{}:{:?}", u.endpoint, u.because)).collect();
        let right = agrees(&path, expect)
            && row.get("reason").is_none_or(|wanted| reason(&path).starts_with(wanted.as_str().unwrap()))
            && row.get("unused").is_none_or(|wanted| *wanted == serde_json::json!(unused));
        if !right {
            wrong
                .push(format!("{file}: {} expected {expect}, found {:#?}, unused {unused:?}", row["about"], path.hops));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_row_rests_on_a_page() {
    let (mut about, mut count) = (BTreeSet::new(), 0);
    for (_, row) in rows() {
        assert!(row["page"].as_str().unwrap().starts_with("https://docs.aws.amazon.com/"), "{row}");
        assert!(about.insert(row["about"].as_str().unwrap().to_owned()), "{} stands twice", row["about"]);
        count += 1;
    }
    assert!(count >= 250, "only {count} rows");
}

#[test]
fn every_fact_may_be_unread() {
    for (_, row) in rows() {
        let path = World::unread().path(row["call"].as_str().unwrap());
        assert!(matches!(path.summary(), Summary::Unknown(_)), "{row}: {path:?}");
    }
}
