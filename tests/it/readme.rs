//! The README shows what the program prints: its samples are held against the case and the message that they name.

use std::{fs, path::Path, time::Duration};

use ecs_why::{
    diagnose::{Cost, judge},
    explain::explain,
    report::{explanation_text, report_text},
};

use crate::{catalogue, fixtures};

/// What follows a command in a block of the README, and the rest of the command's line.
fn sample(command: &str) -> (String, String) {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let start = format!("console\n$ ecs-why {command} ");
    let block = readme.split("```").find_map(|block| block.strip_prefix(&start)).unwrap();
    let (argument, lines) = block.split_once('\n').unwrap();
    (argument.to_owned(), lines.to_owned())
}

#[test]
fn the_explanation_is_real_output() {
    let (text, lines) = sample("explain");
    assert_eq!(explanation_text(&explain(catalogue(), text.trim_matches('\''))), lines);
}

#[test]
fn the_diagnosis_is_real_output() {
    let (file, lines) = sample("diagnose --from");
    let all = fixtures();
    let fixture = all.iter().find(|f| file.contains(&format!("/{}/", f.name))).unwrap();
    let printed = report_text(&judge(&fixture.case, catalogue(), Cost::default(), Duration::ZERO));
    let shown: Vec<&str> = lines.lines().filter(|line| !line.trim().is_empty() && line.trim() != "…").collect();
    // The last line says how long it took.
    for line in shown.iter().rev().skip(1) {
        assert!(printed.lines().any(|l| l == *line), "the README shows what is not printed: {line}");
    }
    assert!(shown.len() > 20);
}
