//! Embeds `knowledge/**/*.toml` as one table of (path, text), each as JSON: every start of the program reads all rules,
//! and JSON takes a fraction of the time. Reads what literals the patterns of our rules need, and embeds that as well;
//! nothing else.

// Cargo tells a build script where things are by the environment.
#![allow(clippy::disallowed_methods)]

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    env,
    fmt::Write as _,
    fs, io,
    path::Path,
};

use serde_json::Value;

#[allow(dead_code)]
#[path = "src/knowledge/index.rs"]
mod index;
#[allow(dead_code)]
#[path = "src/knowledge/literals.rs"]
mod literals;

fn main() -> io::Result<()> {
    for read in ["knowledge", "src/knowledge/index.rs", "src/knowledge/literals.rs"] {
        println!("cargo::rerun-if-changed={read}");
    }
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("knowledge");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut rules = BTreeMap::new();
    let mut table = String::from("pub static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let value = value(file).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
        let json = value.to_string();
        writeln!(table, "    ({name:?}, {json:?}),").map_err(io::Error::other)?;
        if let (true, Some(id)) = (name.starts_with("rules/"), value.get("id").and_then(Value::as_str)) {
            rules.insert(id.to_owned(), value);
        }
    }
    table.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("knowledge.rs"), table)?;
    fs::write(Path::new(&out).join("prepared.rs"), prepared(&rules))
}

/// Rules with their blocks, and tables of all literals that these name.
fn prepared(rules: &BTreeMap<String, Value>) -> String {
    let mut index = index::Index::default();
    let samples = Samples::of(rules);
    let mut table = String::from("static RULES: &[(&str, &[Block])] = &[\n");
    for (id, rule) in rules {
        let whens = list(rule, "when");
        let blocks: Vec<String> = whens.map(|when| block(when, &samples, &mut index)).collect();
        table += &format!("    ({id:?}, &[{}]),\n", blocks.join(", "));
    }
    let index::Tables { bytes, ends, known, before, starts, entries } = index.finish(&samples.texts);
    table
        + &format!(
            "];\nstatic READY: Ready = Ready {{ bytes: &{bytes:?}, ends: &{ends:?}, known: &{known:?}, before: &{before:?}, \
         starts: &{starts:?}, entries: &{entries:?} }};\n"
        )
}

fn block(when: &Value, samples: &Samples, index: &mut index::Index) -> String {
    let patterns = |key: &str| -> Vec<&str> { list(when, key).filter_map(Value::as_str).collect() };
    let texts = patterns("text");
    let needs: Vec<literals::Needs> = texts.iter().map(|pattern| literals::required(pattern)).collect();
    let key: Option<Vec<u32>> =
        literals::key(&needs, &|choice| samples.worth(choice)).map(|key| key.iter().map(|l| index.add(l)).collect());
    let key = key.map_or("None".to_owned(), |key| format!("Some(&{key:?})"));
    let (text, none) = (rows(&texts, index), rows(&patterns("none"), index));
    format!("Block {{ key: {key}, text: &[{text}], none: &[{none}] }}")
}

fn rows(patterns: &[&str], index: &mut index::Index) -> String {
    let mut row = |pattern: &str| literals::required(pattern).row(&mut |literal| index.add(literal));
    patterns.iter().map(|pattern| format!("({pattern:?}, &{:?}), ", row(pattern))).collect()
}

/// The same data in the same order.
fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The examples of all rules, in lower case, which tell what is rare.
struct Samples {
    texts: Vec<String>,
    /// In how many of them a literal occurs, as far as that was asked.
    counts: RefCell<HashMap<String, usize>>,
}

impl Samples {
    fn of(rules: &BTreeMap<String, Value>) -> Self {
        let examples = rules.values().flat_map(|rule| list(rule, "example"));
        let texts =
            examples.filter_map(|example| example.get("match")?.as_str()).map(str::to_ascii_lowercase).collect();
        Self { texts, counts: RefCell::default() }
    }

    /// A choice of literals is worth the more, the fewer samples have any of them, and then the more they tell.
    fn worth(&self, choice: &[&str]) -> impl Ord + use<> {
        (Reverse(choice.iter().map(|literal| self.count(literal)).sum::<usize>()), literals::tells(choice))
    }

    fn count(&self, literal: &str) -> usize {
        let mut counts = self.counts.borrow_mut();
        let count = || self.texts.iter().filter(|text| text.contains(literal)).count();
        *counts.entry(literal.to_owned()).or_insert_with(count)
    }
}

fn value(file: &Path) -> io::Result<Value> {
    toml::from_str(&fs::read_to_string(file)?).map_err(io::Error::other)
}

fn collect(directory: &Path, files: &mut Vec<std::path::PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") && !path.ends_with("TEMPLATE.toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
