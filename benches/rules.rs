//! How many messages a second are matched, and what twice as many rules cost.
//!
//! `cargo bench --no-default-features --features bench --bench rules`; the messages are those of `fixtures/messages`. The
//! second half of the rules is made up: the real ones with the words of their patterns exchanged and turned (`annotc` for
//! `cannot`), so that they have the same form and share runs of letters with messages, but state nothing that a message
//! says. Prints the loss, and fails if it is 30 % or more.

// A measurement that cannot go on has failed.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::string_slice, clippy::unwrap_used)]

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group};
use ecs_why::{
    case::clean,
    knowledge::Catalogue,
    symptom::{Source, Symptom},
};
use toml::{Table, Value};

const MOST_LOST_PERCENT: f64 = 30.0;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// The fields and texts of every message.
fn messages() -> Vec<(Source, String)> {
    let files =
        files(&root("fixtures/messages")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    let lines = files.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>());
    let message = |line: String| {
        let row: serde_json::Value = serde_json::from_str(&line).unwrap();
        (Source::named(row["field"].as_str().unwrap()), row["text"].as_str().unwrap().to_owned())
    };
    lines.map(message).collect()
}

/// The knowledge base as (path, text).
fn knowledge() -> Vec<(String, String)> {
    let root = root("knowledge");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).unwrap())
    };
    let is_read = |path: &PathBuf| path.extension().is_some_and(|e| e == "toml") && !path.ends_with("TEMPLATE.toml");
    files(&root).into_iter().filter(is_read).map(read).collect()
}

/// A pattern in pieces: words of literals, and all between them.
fn pieces(pattern: &str) -> Vec<(bool, String)> {
    let (mut pieces, mut rest) = (Vec::<(bool, String)>::new(), pattern);
    while let Some(first) = rest.chars().next() {
        let end = |from: usize, closing: char| rest[from..].find(closing).map_or(rest.len(), |at| from + at + 1);
        let length = match first {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => end(2, ']'),
            '{' => end(1, '}'),
            '(' if rest.starts_with("(?P<") => end(1, '>'),
            c if c.is_ascii_alphabetic() => rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        pieces.push((first.is_ascii_alphabetic(), rest[..length].to_owned()));
        rest = &rest[length..];
    }
    pieces
}

/// All words of four or more letters in the patterns of the rules.
fn words(rules: &[Table]) -> Vec<String> {
    let patterns = rules.iter().flat_map(|rule| rule["when"].as_array().unwrap()).flat_map(patterns_of);
    let pieces = patterns.flat_map(|pattern| pieces(&pattern));
    pieces.filter(|(is_word, text)| *is_word && text.len() >= 4).map(|(_, text)| text).collect()
}

fn patterns_of(when: &Value) -> Vec<String> {
    let lists = ["text", "none"].into_iter().filter_map(|key| when.get(key)?.as_array());
    lists.flatten().map(|pattern| pattern.as_str().unwrap().to_owned()).collect()
}

/// A rule of the same form that says something else.
fn made_up(rule: &Table, words: &mut impl Iterator<Item = String>) -> Table {
    let mut rule = rule.clone();
    rule["id"] = Value::String(format!("made-up-{}", rule["id"].as_str().unwrap()));
    rule.remove("not");
    for when in rule["when"].as_array_mut().unwrap() {
        for key in ["text", "none"] {
            for pattern in when.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
                let exchanged = pieces(pattern.as_str().unwrap())
                    .into_iter()
                    .map(|(is_word, text)| if is_word && text.len() >= 4 { words.next().unwrap() } else { text });
                *pattern = Value::String(exchanged.collect());
            }
        }
    }
    rule
}

fn catalogue(files: &[(String, String)]) -> Catalogue {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Catalogue::from_files(&files).unwrap()
}

/// The knowledge base, and one of twice as many rules.
fn catalogues() -> (Catalogue, Catalogue) {
    let mut files = knowledge();
    let real = catalogue(&files);
    let rules: Vec<Table> =
        files.iter().filter(|(path, _)| path.starts_with("rules/")).map(|(_, text)| text.parse().unwrap()).collect();
    let all = words(&rules);
    // A step that has no divisor in common with their number takes every word once.
    let step = (all.len() / 3..)
        .find(|step| (2..=*step).all(|n| !step.is_multiple_of(n) || !all.len().is_multiple_of(n)))
        .unwrap();
    let turned = |word: &str| word[1..].to_owned() + &word[..1];
    let mut exchanged = (1..).map(|n| turned(&all[n * step % all.len()]));
    for rule in &rules {
        let rule = made_up(rule, &mut exchanged);
        files.push((
            format!("rules/made-up/{}.toml", rule["id"].as_str().unwrap()),
            serde_json::to_string(&rule).unwrap(),
        ));
    }
    (real, catalogue(&files))
}

fn matched(catalogue: &Catalogue, messages: &[(Source, String)]) -> usize {
    let matches =
        |(source, text): &(Source, String)| catalogue.matches(&Symptom::new(*source, &clean(black_box(text)))).len();
    messages.iter().map(matches).sum()
}

fn rules(criterion: &mut Criterion) {
    let (messages, (real, doubled)) = (messages(), catalogues());
    let mut group = criterion.benchmark_group("messages");
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("all rules", |bencher| bencher.iter(|| matched(&real, &messages)));
    group.bench_function("twice as many", |bencher| bencher.iter(|| matched(&doubled, &messages)));
    group.finish();
}

/// The best of several rounds, taken in turn: a busy machine says nothing about the program.
fn compare() {
    let (messages, (real, doubled)) = (messages(), catalogues());
    assert_eq!(doubled.rules().len(), 2 * real.rules().len());
    let took = |catalogue: &Catalogue| {
        let begin = Instant::now();
        black_box(matched(catalogue, &messages));
        begin.elapsed()
    };
    let rounds: Vec<(Duration, Duration)> = (0..60).map(|_| (took(&real), took(&doubled))).collect();
    let best = |side: fn(&(Duration, Duration)) -> Duration| rounds.iter().map(side).min().unwrap();
    let rate = |best: Duration| messages.len() as f64 / best.as_secs_f64();
    let (one, two) = (rate(best(|r| r.0)), rate(best(|r| r.1)));
    let lost = 100.0 * (1.0 - two / one);
    println!("{} rules: {one:.0} messages a second; {} rules: {two:.0}", real.rules().len(), doubled.rules().len());
    println!("twice as many rules cost {lost:.1} %");
    assert!(lost < MOST_LOST_PERCENT, "more than {MOST_LOST_PERCENT} %");
}

criterion_group!(benches, rules);

fn main() {
    compare();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
