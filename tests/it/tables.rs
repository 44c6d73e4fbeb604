//! Decisions of AWS's documentation: every row of `fixtures/iam` comes out as it says.

use std::{collections::BTreeSet, fs, path::Path};

use ecs_why::iam::{EvalCase, Outcome};
use serde_json::Value;

pub fn rows() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/iam");
    let files = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    files.sort();
    let rows = files.iter().flat_map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let lines: Vec<String> = fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
        lines.into_iter().map(move |line| (name.clone(), line))
    });
    rows.collect()
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ImplicitlyDenied => "implicitly_denied",
        Outcome::ExplicitlyDenied => "explicitly_denied",
        Outcome::Unknown => "unknown",
    }
}

#[test]
fn every_row_is_decided_as_documented() {
    let mut wrong = Vec::new();
    for (file, line) in rows() {
        let row: Value = serde_json::from_str(&line).unwrap();
        let found = word(EvalCase::parse(&line).unwrap().decide().outcome);
        if found != row["expect"] {
            wrong.push(format!("{file}: {} expected {}, found {found}", row["about"], row["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_rests_on_a_page() {
    let mut about = BTreeSet::new();
    let (mut all, mut of_roles) = (0, 0);
    for (file, line) in rows() {
        let row: Value = serde_json::from_str(&line).unwrap();
        assert!(row["page"].as_str().unwrap().starts_with("https://docs.aws.amazon.com/"), "{line}");
        assert!(about.insert(row["about"].as_str().unwrap().to_owned()), "{} stands twice", row["about"]);
        all += 1;
        of_roles += usize::from(file == "ecs-role.jsonl");
    }
    assert!(all >= 900 && of_roles >= 150, "{all} rows, {of_roles} of them on ECS roles");
}
