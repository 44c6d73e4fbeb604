//! Tables: the form of one, the paths, the timeline, and what could not be seen.
//!
//! A row is one line and a bar ends a cell wherever it stands, so every cell comes from `cell` or `cell_code`.

use super::{
    Detail,
    escape::{Sink, code_in, prose_in, shortened},
    finding::left_out,
};
use crate::report::{
    text::to_the_second,
    v1::{Coverage, PathView, Report},
};

/// Characters of a cell.
const LONGEST_CELL: usize = 600;

/// Prose in a cell.
pub fn cell(text: &str) -> String {
    prose_in(Sink::Cell, &shortened(text, LONGEST_CELL))
}

/// A name in a cell.
pub fn cell_code(text: &str) -> String {
    code_in(Sink::Cell, &shortened(text, LONGEST_CELL))
}

/// A table of as many rows as there is room for.
pub fn table(heads: &[&str], rows: &[Vec<String>], most: usize) -> Vec<String> {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let rule: Vec<String> = heads.iter().map(|_| "---".to_owned()).collect();
    let mut lines = vec![line(&heads), line(&rule)];
    lines.extend(rows.iter().take(most).map(|row| line(row)));
    std::iter::once(lines.join("\n")).chain(left_out(rows.len(), most, "rows")).collect()
}

/// The paths beside the one that was drawn, each where one of them does not reach, else their number.
pub fn paths(report: &Report, detail: &Detail) -> Vec<String> {
    let drawn = report.findings.iter().find_map(|finding| finding.path.as_ref());
    let others: Vec<&PathView> = report.paths.iter().filter(|path| Some(*path) != drawn).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let title = if drawn.is_some() { "## Other paths" } else { "## Paths" };
    let mut blocks = vec![title.to_owned()];
    if others.iter().any(|path| matches!(path.verdict, "broken" | "unknown")) {
        let rows: Vec<Vec<String>> = others.iter().map(|path| path_row(path)).collect();
        blocks.extend(table(&["path", "to", "for", "why"], &rows, detail.rows));
    } else {
        blocks.push(unbroken(&others));
    }
    blocks
}

fn unbroken(paths: &[&PathView]) -> String {
    let leaving = paths.iter().filter(|path| path.verdict == "leaves").count();
    match leaving {
        0 => format!("Followed: {}. None breaks.", paths.len()),
        _ => format!(
            "Followed: {}. None breaks, as far as the account shows it; {leaving} of them go on out of sight.",
            paths.len()
        ),
    }
}

fn path_row(path: &PathView) -> Vec<String> {
    let note = path.deciding_note().unwrap_or_default();
    vec![path.verdict.to_owned(), cell_code(&path.end()), cell(&path.because), cell(note)]
}

pub fn timeline(report: &Report) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        report.timeline.iter().map(|event| vec![cell_code(&to_the_second(&event.at)), cell(event.event)]).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec!["## Timeline".to_owned()];
    blocks.extend(table(&["at", "event"], &rows, usize::MAX));
    blocks
}

/// What could not be read.
pub fn not_seen(gaps: &[Coverage], detail: &Detail) -> Vec<String> {
    if gaps.is_empty() {
        return Vec::new();
    }
    let row = |gap: &Coverage| {
        vec![gap.status.to_owned(), cell_code(&gap.source), cell(gap.note.as_deref().unwrap_or_default())]
    };
    let rows: Vec<Vec<String>> = gaps.iter().map(row).collect();
    let mut blocks = vec!["## Not seen".to_owned()];
    blocks.extend(table(&["outcome", "question", "about"], &rows, detail.rows));
    blocks
}
