//! What may be wrong with a `why` or a fix's title: its syntax, or a hole that no pattern fills.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{ErrorKind, UndefinedBehavior};

use super::super::prose::environment;
use super::{
    document::{Reporter, Text},
    nearest::nearest,
};

/// Reports what is wrong with one template, of a rule whose patterns have these holes.
pub fn check(template: &Text<'_>, holes: &BTreeSet<String>, reporter: &mut Reporter<'_>) {
    let mut environment = environment();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let compiled = match environment.template_from_str(template.value) {
        Ok(compiled) => compiled,
        Err(error) => return not_compiled(template, &error, reporter),
    };
    // What is asked for in a condition is taken both ways.
    let failure = ["x", ""].into_iter().find_map(|value| {
        let values: BTreeMap<&str, &str> = holes.iter().map(|hole| (hole.as_str(), value)).collect();
        compiled.render(values).err()
    });
    let Some(error) = failure else { return };
    let unknown = compiled.undeclared_variables(false).into_iter().filter(|name| !holes.contains(name));
    match (error.kind(), unknown.min_by_key(|name| template.value.find(name.as_str()))) {
        (ErrorKind::UndefinedError, Some(name)) => unfilled(template, &name, holes, reporter),
        _ => not_compiled(template, &error, reporter),
    }
}

fn unfilled(template: &Text<'_>, name: &str, holes: &BTreeSet<String>, reporter: &mut Reporter<'_>) {
    let known: Vec<&str> = holes.iter().map(String::as_str).collect();
    let near = match (nearest(name, &known).first(), known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "the patterns catch nothing by a name".to_owned(),
        (None, known) => format!("the patterns catch {}", known.join(", ")),
    };
    let hint = format!(
        "catch it in a pattern of [[when]]: (?P<{name}>\\S+), or say what stands there without it: \
         {{{{ {name} | default(\"the …\") }}}}"
    );
    let place = hole(template, name, reporter);
    reporter.at(&place, &format!("no pattern catches `{name}`, which this text wants"), &near, &hint);
}

/// Where the name stands within braces: a word of the prose may be the same.
fn hole(template: &Text<'_>, name: &str, reporter: &Reporter<'_>) -> std::ops::Range<usize> {
    let raw = reporter.text.get(template.span.clone()).unwrap_or_default();
    let opening = raw.match_indices("{{").chain(raw.match_indices("{%")).map(|(at, _)| at);
    let inside = opening.filter_map(|at| {
        let rest = raw.get(at..)?;
        let end = rest.find("}}").into_iter().chain(rest.find("%}")).min().unwrap_or(rest.len());
        Some(at + rest.get(..end)?.find(name)?)
    });
    match inside.min() {
        Some(at) => template.span.start + at..template.span.start + at + name.len(),
        None => template.span.clone(),
    }
}

fn not_compiled(template: &Text<'_>, error: &minijinja::Error, reporter: &mut Reporter<'_>) {
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let hint = "holes are written {{ name | default(\"the …\") }}, {{ a or b or \"it\" }} or \
                {% if name %} at {{ name }}{% endif %}";
    let place = culprit(template, reporter);
    reporter.at(&place, "this text cannot be filled in", &why, hint);
}

/// The first hole that is wrong by itself, or the whole text.
fn culprit(template: &Text<'_>, reporter: &Reporter<'_>) -> std::ops::Range<usize> {
    let environment = environment();
    let wrong = template.value.match_indices("{{").find_map(|(at, _)| {
        let rest = template.value.get(at..)?;
        let hole = rest.find("}}").and_then(|end| rest.get(..end + 2)).unwrap_or(rest);
        environment.render_str(hole, ()).err().map(|_| hole)
    });
    match wrong {
        Some(hole) => reporter.piece(template, hole),
        None => template.span.clone(),
    }
}
