//! The files that GitHub Actions gives to a step: the job summary and the step's outputs.
//!
//! Given an answer, appends it to the files that the environment names. They are beside the answer: what cannot be
//! written is told on standard error, and the exit status stays that of the answer.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{self, Write as _},
    path::Path,
};

use super::error::{note, warn};
use crate::report::Answer;

/// Bytes that GitHub takes as the summary of a step; it drops what is larger altogether.
const LONGEST_SUMMARY: u64 = 1 << 20;

pub fn write_files(answer: &Answer<'_>) {
    match file("GITHUB_STEP_SUMMARY") {
        Some(name) => told(&name, append(Path::new(&name), "\n\n", &answer.markdown(), LONGEST_SUMMARY)),
        None => note("note: GITHUB_STEP_SUMMARY is not set: annotations are all that is written"),
    }
    if let Some(name) = file("GITHUB_OUTPUT") {
        told(&name, append(Path::new(&name), "\n", &answer.github_outputs(), u64::MAX));
    }
}

/// A variable that names a file.
fn file(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|name| !name.is_empty())
}

fn told(name: &OsString, outcome: io::Result<()>) {
    if let Err(error) = outcome {
        warn(&format!("cannot append to '{}': {error}", name.to_string_lossy()));
    }
}

/// Adds a text to what is there, parted from it, as long as all of it stays below a bound.
fn append(path: &Path, between: &str, text: &str, most: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let there = file.metadata()?.len();
    let added = if there > 0 { format!("{between}{text}") } else { text.to_owned() };
    if there.saturating_add(added.len() as u64) > most {
        return Err(io::Error::other(format!("it would be larger than {most} bytes")));
    }
    file.write_all(added.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_text_is_added_and_stays_apart_from_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        append(&path, "\n\n", "a\n", 100).unwrap();
        append(&path, "\n\n", "b\n", 100).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n\n\nb\n");
    }

    #[test]
    fn a_file_that_would_be_too_large_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        fs::write(&path, "x".repeat(95)).unwrap();
        let error = append(&path, "\n\n", "abcd", 100).unwrap_err();
        assert_eq!(error.to_string(), "it would be larger than 100 bytes");
        assert_eq!(fs::metadata(&path).unwrap().len(), 95);
        append(&path, "\n\n", "abc", 100).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 100);
    }
}
