//! Problems of a user's files on standard error: file, line, column, the line itself with a mark, and what to do.

use std::io::{Write as _, stderr};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::terminal;
use crate::knowledge::{Place, Problem};

/// Problems that are told one by one; more are counted.
const MOST: usize = 50;

/// Tells what is wrong. A reader of standard error that has gone is no matter.
pub fn tell(problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    let renderer = if terminal::stderr_is_coloured() { Renderer::styled() } else { Renderer::plain() };
    let _ = stderr().lock().write_all(text(problems, &renderer).as_bytes());
}

fn text(problems: &[Problem], renderer: &Renderer) -> String {
    let mut out = String::new();
    for problem in problems.iter().take(MOST) {
        out.push_str(&renderer.render(&[group(problem)]));
        out.push_str("\n\n");
    }
    if problems.len() > MOST {
        out.push_str(&format!("and {} more problems\n\n", problems.len() - MOST));
    }
    let files: std::collections::BTreeSet<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    let of = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let (all, of_files) = (of(problems.len(), "problem"), of(files.len(), "file"));
    out.push_str(&format!("error: {all} in {of_files}: what is wrong is left out, the rest is used\n"));
    out
}

fn group(problem: &Problem) -> Group<'_> {
    let title = Level::ERROR.primary_title(problem.what.as_str());
    let group = match &problem.place {
        Some(place) => title.element(snippet(problem, place)),
        None => title.element(Origin::path(problem.file.as_str())),
    };
    if problem.hint.is_empty() { group } else { group.element(Level::HELP.message(problem.hint.as_str())) }
}

fn snippet<'a>(problem: &'a Problem, place: &'a Place) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let label = Some(problem.expected.as_str()).filter(|expected| !expected.is_empty());
    let annotation = AnnotationKind::Primary.span(place.start..place.end).label(label);
    Snippet::source(place.text.as_str()).line_start(place.line).path(problem.file.as_str()).annotation(annotation)
}
