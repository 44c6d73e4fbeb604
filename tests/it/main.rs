//! The core as a whole, over shipped cases: no network, no clock.

// A test that cannot go on has failed.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod agents;
mod cases;
mod chat;
mod coverage;
mod denials;
mod fence;
mod fixes;
mod gaps;
mod github;
mod hostile;
mod iam;
mod injection;
mod knowledge;
mod large;
mod look;
mod markdown;
mod messages;
mod net;
mod ordinary_logs;
mod pages;
mod paths;
mod readme;
mod redact;
mod require_command;
mod requirements;
mod second_opinion;
mod sides;
mod surplus;
mod tables;
mod things;
mod tiers;
mod twins;
mod untrusted;
mod user_rules;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ecs_why::{
    case::{Case, Loaded, load},
    knowledge::Catalogue,
};

/// A folder under `fixtures/cases`.
pub struct Fixture {
    pub name: String,
    pub folder: PathBuf,
    pub case: Case,
}

/// Every shipped case, in the order of their names.
pub fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 30, "only {} cases", folders.len());
    folders.into_iter().map(fixture).collect()
}

fn fixture(folder: PathBuf) -> Fixture {
    let text = fs::read_to_string(folder.join("case.json")).unwrap();
    let Loaded::Snapshot(case) = load(&text).unwrap() else { panic!("{} holds no snapshot", folder.display()) };
    Fixture { name: folder.file_name().unwrap().to_string_lossy().into_owned(), folder, case: *case }
}

pub fn catalogue() -> &'static Catalogue {
    Catalogue::embedded().unwrap()
}
