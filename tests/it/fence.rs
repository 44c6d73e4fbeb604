//! No part of the program but one asks AWS for a value: the calls that return a secret, a parameter or the content of an
//! object are looked for in the source itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ecs_why::case::Need;

/// The SDK's methods that give a value away.
const VALUES: [&str; 8] = [
    "get_secret_value(",
    "batch_get_secret_value(",
    "get_parameter(",
    "get_parameters(",
    "get_parameters_by_path(",
    "get_parameter_history(",
    "get_object(",
    "with_decryption(",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn values_are_read_in_one_file_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 200, "only {} files", files.len());
    let mut calls = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let called = VALUES.iter().filter(|call| text.contains(&format!(".{call}")));
        calls.extend(called.map(|call| format!("{name} {call}")));
    }
    calls.sort();
    assert_eq!(
        calls,
        ["post/source.rs get_parameter(", "post/source.rs get_secret_value(", "post/source.rs with_decryption("]
    );
}

#[test]
fn no_need_costs_the_right_to_read_a_value() {
    for action in ["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt"] {
        assert!(!Need::ACTIONS.contains(&action), "{action}");
    }
}
