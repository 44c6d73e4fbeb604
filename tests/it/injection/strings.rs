//! The corpus: one hostile string a line of `fixtures/injection/strings.jsonl`.

use std::{fs, path::Path};

use serde::Deserialize;

/// Stands in every string; sinks look for it.
pub const MARK: &str = "cuckoo";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hostile {
    pub id: String,
    /// What it attacks: `terminal`, `slack`, `mention`, `markdown`, `html`, `workflow`, `shell`, `prompt`, `credential`, `size`.
    pub attack: String,
    pub text: String,
    /// How often the text is repeated; a megabyte would be a long line in the file.
    #[serde(default = "once")]
    times: usize,
    /// What of it no output may hold.
    #[serde(default)]
    pub gone: Vec<String>,
}

fn once() -> usize {
    1
}

pub fn all() -> Vec<Hostile> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/injection/strings.jsonl");
    let rows = fs::read_to_string(file).unwrap();
    let read = |row: &str| {
        let mut hostile: Hostile = serde_json::from_str(row).unwrap();
        assert!(hostile.text.contains(MARK) || hostile.attack == "size", "{} has no mark", hostile.id);
        hostile.text = hostile.text.repeat(hostile.times);
        hostile
    };
    rows.lines().map(read).collect()
}

/// Every string but those that are large, in one.
pub fn together() -> Hostile {
    let mut all = all();
    all.retain(|hostile| hostile.attack != "size");
    let texts: Vec<&str> = all.iter().map(|hostile| hostile.text.as_str()).collect();
    let text = texts.join(" ");
    let gone = all.iter().flat_map(|hostile| hostile.gone.clone()).collect();
    Hostile { id: "together".to_owned(), attack: "all".to_owned(), text, times: 1, gone }
}
