//! Keeps an answer to a language model short: step by step texts are cut, lists shortened and whole documents left out,
//! until it fits, and `omitted` says what is not there.
//!
//! Given the JSON of a view and a bound in bytes. What may be pasted (commands, policies, templates) is there whole or
//! not at all. The same answer is cut the same way.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Bounds of one step: characters of a text, entries of a list, bytes of a document.
struct Step {
    text: usize,
    list: usize,
    document: usize,
}

const STEPS: [Step; 7] = [
    Step { text: 4000, list: 200, document: 16 << 10 },
    Step { text: 1500, list: 100, document: 8 << 10 },
    Step { text: 700, list: 50, document: 4 << 10 },
    Step { text: 300, list: 25, document: 2 << 10 },
    Step { text: 150, list: 10, document: 1 << 10 },
    Step { text: 80, list: 5, document: 512 },
    Step { text: 40, list: 2, document: 0 },
];

/// What is there whole or not at all.
const WHOLE: [&str; 8] =
    ["commands", "executionRolePolicy", "policy", "diffs", "terraform", "cloudformation", "least", "docs"];

/// As these, in a view whose absent values are left out.
const LEFT_OUT: &str = "executionRolePolicy";

/// What the envelope of a result takes: its fields, the id of the request.
const ENVELOPE: usize = 1 << 10;

/// The view such that a result has at most so many bytes, which carries it twice: as it is, and as text.
pub fn fitted(view: Value, most: usize) -> Value {
    if weight(&view) <= most {
        return view;
    }
    let mut last = Value::Null;
    for (with_report, step) in [true, false].into_iter().flat_map(|with| STEPS.iter().map(move |step| (with, step))) {
        // A report that is cut to the bone is worth less than the summary that it would take along.
        if with_report && step.text < 700 {
            continue;
        }
        last = cut(&view, step, with_report);
        if weight(&last) <= most {
            break;
        }
    }
    last
}

/// Bytes of a result: the structured content, and the text that is the same as JSON in a JSON string.
fn weight(view: &Value) -> usize {
    let text = view.to_string();
    let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    2 * text.len() + escaped + ENVELOPE
}

fn cut(view: &Value, step: &Step, with_report: bool) -> Value {
    let mut notes = BTreeSet::new();
    let mut view = view.clone();
    if !with_report
        && let Some(Value::Object(untrusted)) = view.get_mut("untrusted")
        && untrusted.remove("report").is_some()
    {
        notes.insert("report: too large; 'ecs-why diagnose -o json' prints it".to_owned());
    }
    shorten("", &mut view, step, &mut notes);
    if let Some(Value::Array(omitted)) = view.get_mut("omitted") {
        omitted.extend(notes.into_iter().map(Value::String));
    }
    view
}

fn shorten(key: &str, value: &mut Value, step: &Step, notes: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => shorten_text(text, step.text, notes),
        Value::Array(items) => shorten_list(key, items, step, notes),
        Value::Object(entries) => shorten_object(entries, step, notes),
        _ => {}
    }
}

fn shorten_object(entries: &mut Map<String, Value>, step: &Step, notes: &mut BTreeSet<String>) {
    let is_large = |value: &Value| value.to_string().len() > step.document.max(4);
    if entries.get(LEFT_OUT).is_some_and(is_large) {
        entries.remove(LEFT_OUT);
        notes.insert(format!("{LEFT_OUT}: too large; 'ecs-why iam require -o policy' prints it"));
    }
    for (key, value) in entries.iter_mut().filter(|(key, _)| *key != LEFT_OUT) {
        if !WHOLE.contains(&key.as_str()) {
            shorten(key, value, step, notes);
        } else if is_large(value) {
            notes.insert(format!("{key}: too large"));
            *value = if value.is_array() { Value::Array(Vec::new()) } else { Value::Null };
        }
    }
}

fn shorten_list(key: &str, items: &mut Vec<Value>, step: &Step, notes: &mut BTreeSet<String>) {
    if items.len() > step.list {
        notes.insert(format!("{key}: the first {} of {}", step.list, items.len()));
        items.truncate(step.list);
    }
    for item in items {
        shorten(key, item, step, notes);
    }
}

fn shorten_text(text: &mut String, most: usize, notes: &mut BTreeSet<String>) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        notes.insert(format!("texts: the first {most} characters"));
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        let view = json!({"untrusted": {"report": {"text": "x".repeat(1000)}}, "omitted": []});
        assert_eq!(fitted(view.clone(), 64 << 10), view);
    }

    #[test]
    fn what_may_be_pasted_is_whole_or_not_there() {
        let commands = |length: usize| json!({"untrusted": {"commands": ["y".repeat(length)]}});
        let view = json!({
            "fixes": [commands(1000), commands(20_000)],
            "evidence": (0..400).map(|_| json!({"text": "\"é".repeat(5000)})).collect::<Vec<_>>(),
            "omitted": ["tasks: the newest 2 of 3"],
        });
        let cut = fitted(view, 64 << 10);
        assert!(weight(&cut) <= 64 << 10);
        let lengths: Vec<usize> = ["/fixes/0", "/fixes/1"]
            .map(|fix| cut.pointer(&format!("{fix}/untrusted/commands")).and_then(Value::as_array).unwrap().len())
            .to_vec();
        assert_eq!(lengths[1], 0);
        assert!(
            lengths[0] == 0 || cut.pointer("/fixes/0/untrusted/commands/0").unwrap().as_str().unwrap().len() == 1000
        );
        let told = cut["omitted"].to_string();
        assert!(told.contains("evidence: the first") && told.contains("commands: too large"), "{told}");
        assert!(told.contains("the newest 2 of 3"), "{told}");
    }

    #[test]
    fn nothing_is_too_large_to_be_cut() {
        let deep = (0..60).map(|at| (format!("k{at}"), json!(vec![vec!["z".repeat(300); 20]; 20])));
        let view = json!({"untrusted": {"report": Map::from_iter(deep)}, "omitted": []});
        let cut = fitted(view, 64 << 10);
        assert!(weight(&cut) <= 64 << 10);
        assert!(cut["omitted"].to_string().contains("report: too large"));
    }
}
