//! How many policy decisions a second: documents read each time, documents read once, and a document made to be slow.
//!
//! `cargo bench --no-default-features --features bench`; the cases are those of `fixtures/iam`.

// A measurement that cannot go on has failed.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{fs, hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecs_why::iam::EvalCase;
use serde_json::{Value, json};

/// The cases as `iam eval` gets them: without what the tables say beside them.
fn cases() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/iam");
    let mut files: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    let lines = files.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>());
    let case = |line: String| {
        let mut case: Value = serde_json::from_str(&line).unwrap();
        let fields = case.as_object_mut().unwrap();
        ["about", "expect", "page"].iter().for_each(|name| drop(fields.remove(*name)));
        case.to_string()
    };
    lines.map(case).collect()
}

/// A policy as large as a role's may be, whose patterns nearly match everywhere.
fn slow_case(pattern: &str) -> String {
    let resources: Vec<String> = (0..10_000 / pattern.len()).map(|_| format!("arn:aws:s3:::{pattern}")).collect();
    let statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources});
    let resource = format!("arn:aws:s3:::{}", "a".repeat(1000));
    json!({
        "identity_policies": [{"Version": "2012-10-17", "Statement": [statement]}],
        "request": {"principal": "arn:aws:iam::123456789012:role/r", "action": "s3:GetObject", "resource": resource}
    })
    .to_string()
}

fn decisions(criterion: &mut Criterion) {
    let cases = cases();
    let read: Vec<EvalCase<'_>> = cases.iter().map(|case| EvalCase::parse(case).unwrap()).collect();
    let mut group = criterion.benchmark_group("decisions");
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("documents read each time", |bencher| {
        bencher.iter(|| {
            cases.iter().map(|case| EvalCase::parse(black_box(case)).unwrap().decide().outcome as u64).sum::<u64>()
        });
    });
    group.bench_function("documents read once", |bencher| {
        bencher.iter(|| read.iter().map(|case| black_box(case).decide().outcome as u64).sum::<u64>());
    });
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10,000 characters made to be slow");
    let patterns = [
        ("one of many stars", "*a".repeat(5000) + "b"),
        ("question marks", format!("*{}b", "a?".repeat(200))),
        ("near misses", format!("*{}b", "a".repeat(400))),
    ];
    for (name, pattern) in patterns {
        let case = slow_case(&pattern);
        group.bench_function(name, |bencher| {
            bencher.iter(|| EvalCase::parse(black_box(&case)).unwrap().decide().outcome)
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, hostile);
criterion_main!(benches);
