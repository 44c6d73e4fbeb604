//! Which keys a file may have, and of which type their values are. The Rust types of rules and causes say the same to
//! `serde`; this says it to people, for all keys at once and with places. Tests hold the two together.

use std::ops::Range;

use toml::de::DeValue;

use super::{
    document::{Reporter, Table, Value},
    nearest::{did_you_mean, nearest},
};

/// The keys of a table.
pub struct Form {
    /// As messages call it: `[[when]]`.
    pub name: &'static str,
    pub keys: &'static [Key],
}

pub struct Key {
    pub name: &'static str,
    kind: Kind,
    needed: bool,
}

enum Kind {
    Text,
    Texts,
    Integer,
    Integers,
    Flag,
    Name(&'static [&'static str]),
    Names(&'static [&'static str]),
    Tables(&'static Form),
}

const fn needed(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, needed: true }
}

const fn optional(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, needed: false }
}

pub const SOURCES: &[&str] = &[
    "task.stoppedReason",
    "container.reason",
    "container.exitCode",
    "container.healthStatus",
    "container.log",
    "task.attachment",
    "service.event",
    "service.deployment",
    "api.error",
    "agent.log",
    "text",
];
pub const TIERS: &[&str] = &["specific", "general", "symptom"];
pub const LAUNCH_TYPES: &[&str] = &["fargate", "ec2", "unknown"];
pub const PHASES: &[&str] =
    &["register", "place", "provision", "pull", "secrets", "logs", "storage", "start", "run", "stop", "deploy", "any"];
pub const OWNERS: &[&str] = &[
    "execution-role",
    "task-role",
    "infrastructure-role",
    "caller",
    "task-definition",
    "image",
    "application",
    "network",
    "resource",
    "service",
    "host",
    "quota",
    "aws",
    "nobody",
];

pub const RULE: Form = Form {
    name: "a rule",
    keys: &[
        needed("id", Kind::Text),
        needed("cause", Kind::Text),
        optional("alternatives", Kind::Texts),
        needed("title", Kind::Text),
        optional("tier", Kind::Name(TIERS)),
        optional("since", Kind::Text),
        needed("why", Kind::Text),
        optional("not", Kind::Texts),
        optional("references", Kind::Texts),
        needed("when", Kind::Tables(&WHEN)),
        optional("fix", Kind::Tables(&FIX)),
        needed("example", Kind::Tables(&EXAMPLE)),
    ],
};

const WHEN: Form = Form {
    name: "[[when]]",
    keys: &[
        optional("source", Kind::Names(SOURCES)),
        optional("text", Kind::Texts),
        optional("none", Kind::Texts),
        optional("stop_code", Kind::Texts),
        optional("exit_code", Kind::Integers),
        optional("launch_type", Kind::Names(LAUNCH_TYPES)),
        optional("cross_account", Kind::Flag),
    ],
};

const FIX: Form = Form { name: "[[fix]]", keys: &[needed("title", Kind::Text), optional("docs", Kind::Texts)] };

const EXAMPLE: Form = Form {
    name: "[[example]]",
    keys: &[
        needed("source", Kind::Name(SOURCES)),
        optional("match", Kind::Text),
        optional("no_match", Kind::Text),
        optional("exit_code", Kind::Integer),
        optional("stop_code", Kind::Text),
        optional("launch_type", Kind::Name(LAUNCH_TYPES)),
    ],
};

pub const CAUSES: Form = Form { name: "causes.toml", keys: &[needed("cause", Kind::Tables(&CAUSE))] };

const CAUSE: Form = Form {
    name: "[[cause]]",
    keys: &[
        needed("id", Kind::Text),
        needed("title", Kind::Text),
        needed("meaning", Kind::Text),
        needed("phase", Kind::Name(PHASES)),
        needed("owner", Kind::Name(OWNERS)),
        optional("benign", Kind::Flag),
        optional("symptom", Kind::Flag),
        optional("actions", Kind::Texts),
    ],
};

pub const CONFIG: Form = Form { name: "the configuration", keys: &[optional("rules", Kind::Texts)] };

/// Reports every key that is unknown, missing, or of another type.
pub fn check(table: &Table<'_>, form: &Form, place: &Range<usize>, reporter: &mut Reporter<'_>) {
    for (key, value) in table {
        match form.keys.iter().find(|known| known.name == key.get_ref().as_ref()) {
            Some(known) => check_value(known, value, reporter),
            None => unknown_key(key.get_ref(), &key.span(), form, reporter),
        }
    }
    let misspelt = misspelt(table, form);
    let missing = |key: &&Key| key.needed && !table.contains_key(key.name) && !misspelt.contains(&key.name);
    form.keys.iter().filter(missing).for_each(|key| missing_key(key, form, place, reporter));
}

/// The keys that the unknown ones seem to mean: they are told once.
fn misspelt(table: &Table<'_>, form: &Form) -> Vec<&'static str> {
    let names: Vec<&'static str> = form.keys.iter().map(|known| known.name).collect();
    let unknown = table.keys().map(|key| key.get_ref().as_ref()).filter(|key| !names.contains(key));
    unknown.filter_map(|key| nearest(key, &names).first().copied()).collect()
}

fn unknown_key(key: &str, span: &Range<usize>, form: &Form, reporter: &mut Reporter<'_>) {
    let names: Vec<&str> = form.keys.iter().map(|known| known.name).collect();
    let of_the_rule = form.name.starts_with("[[") && RULE.keys.iter().any(|k| k.name == key);
    let hint = if of_the_rule && form.name != CAUSE.name {
        format!("`{key}` is a key of the rule: move it up, before the first [[…]]")
    } else {
        format!("the keys of {} are {}", form.name, names.join(", "))
    };
    reporter.at(span, &format!("`{key}` is no key of {}", form.name), &did_you_mean(key, &names), &hint);
}

fn missing_key(key: &Key, form: &Form, place: &Range<usize>, reporter: &mut Reporter<'_>) {
    let (written, what) = match &key.kind {
        Kind::Tables(_) => (format!("[[{}]]", key.name), "at least one is needed"),
        _ => (format!("`{}`", key.name), "this needs one"),
    };
    let hint = match key.name {
        "when" => "a [[when]] says which texts the rule matches: text = ['…']",
        "example" => "an [[example]] has a text that the rule matches, another one a text that it must leave alone",
        _ => "",
    };
    reporter.at(place, &format!("{} has no {written}", form.name), what, hint);
}

fn check_value(key: &Key, value: &Value<'_>, reporter: &mut Reporter<'_>) {
    match (&key.kind, value.get_ref()) {
        (Kind::Text, DeValue::String(_)) | (Kind::Flag, DeValue::Boolean(_)) => {}
        (Kind::Integer, DeValue::Integer(_)) => check_integer(value, reporter),
        (Kind::Name(names), DeValue::String(_)) => check_name(key, names, value, reporter),
        (Kind::Texts, DeValue::Array(items)) => each(key, items, is_text, "a string", reporter),
        (Kind::Integers, DeValue::Array(items)) => {
            each(key, items, is_integer, "a whole number", reporter);
            items.iter().for_each(|item| check_integer(item, reporter));
        }
        (Kind::Names(names), DeValue::Array(items)) => {
            each(key, items, is_text, "a string", reporter);
            items.iter().for_each(|item| check_name(key, names, item, reporter));
        }
        (Kind::Tables(form), DeValue::Array(items)) => check_tables(key, form, items, reporter),
        (Kind::Tables(form), DeValue::Table(_)) => {
            let hint = format!("write [[{0}]] in place of [{0}]: there may be several", key.name);
            let what = format!("`{}` is one table", key.name);
            reporter.at(&value.span(), &what, &format!("a list of {} is expected", form.name), &hint);
        }
        (kind, found) => wrong_type(key, kind, found, value.span(), reporter),
    }
}

fn is_text(value: &DeValue<'_>) -> bool {
    value.is_str()
}

fn is_integer(value: &DeValue<'_>) -> bool {
    value.is_integer()
}

fn each(key: &Key, items: &[Value<'_>], good: fn(&DeValue<'_>) -> bool, expected: &str, reporter: &mut Reporter<'_>) {
    for item in items.iter().filter(|item| !good(item.get_ref())) {
        let what = format!("`{}` holds {}", key.name, type_name(item.get_ref()));
        reporter.at(&item.span(), &what, &format!("{expected} is expected"), "");
    }
}

fn check_integer(value: &Value<'_>, reporter: &mut Reporter<'_>) {
    let Some(integer) = value.get_ref().as_integer() else { return };
    if i64::from_str_radix(integer.as_str(), integer.radix()).is_err() {
        reporter.at(&value.span(), "the number is too large", "an exit code is expected", "");
    }
}

fn check_tables(key: &Key, form: &Form, items: &[Value<'_>], reporter: &mut Reporter<'_>) {
    for item in items {
        match item.get_ref() {
            DeValue::Table(table) => check(table, form, &item.span(), reporter),
            other => wrong_type(key, &key.kind, other, item.span(), reporter),
        }
    }
}

fn check_name(key: &Key, names: &[&str], value: &Value<'_>, reporter: &mut Reporter<'_>) {
    let Some(found) = value.get_ref().as_str().filter(|found| !names.contains(found)) else { return };
    let what = format!("`{}` knows no '{found}'", key.name);
    let near = did_you_mean(found, names);
    reporter.at(&value.span(), &what, &near, &format!("it is one of {}", names.join(", ")));
}

fn wrong_type(key: &Key, kind: &Kind, found: &DeValue<'_>, span: Range<usize>, reporter: &mut Reporter<'_>) {
    let (expected, hint) = match kind {
        Kind::Text | Kind::Name(_) => ("a string is expected", format!("{} = \"…\"", key.name)),
        Kind::Texts | Kind::Names(_) => ("a list of strings is expected", format!("{} = ['…', '…']", key.name)),
        Kind::Integer => ("a whole number is expected", format!("{} = 1", key.name)),
        Kind::Integers => ("a list of whole numbers is expected", format!("{} = [1, 2]", key.name)),
        Kind::Flag => ("true or false is expected", format!("{} = true", key.name)),
        Kind::Tables(form) => (
            "a table is expected",
            format!("write [[{}]] and its keys below it: {}", key.name, {
                let names: Vec<&str> = form.keys.iter().map(|known| known.name).collect();
                names.join(", ")
            }),
        ),
    };
    reporter.at(&span, &format!("`{}` is {}", key.name, type_name(found)), expected, &hint);
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        knowledge::{Owner, Phase, Tier},
        symptom::{LaunchType, Source},
    };

    fn reads<T: for<'de> serde::Deserialize<'de>>(name: &str) -> bool {
        serde_json::from_value::<T>(serde_json::Value::String(name.to_owned())).is_ok()
    }

    /// The names that a type knows, as its own error lists them.
    fn known<T: for<'de> serde::Deserialize<'de>>() -> usize {
        let error = serde_json::from_value::<T>(serde_json::Value::String(String::new())).err().unwrap();
        error.to_string().matches('`').count() / 2 - 1
    }

    #[test]
    fn the_names_are_those_of_the_types() {
        let all = [
            (SOURCES, reads::<Source> as fn(&str) -> bool, known::<Source>()),
            (TIERS, reads::<Tier>, known::<Tier>()),
            (LAUNCH_TYPES, reads::<LaunchType>, known::<LaunchType>()),
            (PHASES, reads::<Phase>, known::<Phase>()),
            (OWNERS, reads::<Owner>, known::<Owner>()),
        ];
        for (names, reads, count) in all {
            assert!(names.iter().all(|name| reads(name)), "{names:?}");
            assert_eq!(names.len(), count, "{names:?}");
        }
    }
}
