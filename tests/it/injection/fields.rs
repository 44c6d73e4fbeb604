//! Every field of the shipped files that comes from outside: each text, wherever it stands, once.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_json::Value;

/// A place for a text in a file.
pub struct Field {
    /// The kind of fact and the keys that lead to it, without numbers.
    pub name: String,
    pub file: Rc<Value>,
    /// JSON Pointer, RFC 6901.
    pub pointer: String,
}

impl Field {
    /// The snapshot in two: what stands around the fact of the field, and the rest as a snapshot of its own with the place of
    /// the field in it. A fact is read far quicker than the file.
    pub fn apart(&self) -> (Value, Field) {
        let (mut around, mut own) = ((*self.file).clone(), (*self.file).clone());
        let number: Option<usize> = self.pointer.split('/').nth(2).and_then(|number| number.parse().ok());
        let (Some(number), Some(facts)) = (number, around["facts"].as_array_mut()) else {
            around["facts"] = Value::Array(Vec::new());
            return (
                around,
                Field { name: self.name.clone(), file: Rc::clone(&self.file), pointer: self.pointer.clone() },
            );
        };
        own["facts"] = Value::Array(vec![facts.remove(number)]);
        let pointer = self.pointer.replacen(&format!("/facts/{number}/"), "/facts/0/", 1);
        (around, Field { name: self.name.clone(), file: Rc::new(own), pointer })
    }

    /// The file with the string after what stood in the field.
    pub fn planted(&self, hostile: &str) -> Value {
        let mut file = (*self.file).clone();
        if let Some(Value::String(text)) = file.pointer_mut(&self.pointer) {
            text.push(' ');
            text.push_str(hostile);
        }
        file
    }
}

/// The texts of all snapshots, each kind in the smallest file that has one.
pub fn all() -> Vec<Field> {
    let mut files = files("fixtures/cases", |folder| folder.join("case.json"));
    files.sort_by_key(|(path, text)| (text.len(), path.clone()));
    let mut fields = BTreeMap::new();
    for (_, text) in files {
        let file: Rc<Value> = Rc::new(serde_json::from_str(&text).unwrap());
        walk(&file, &mut |pointer| {
            let name = named(&file, pointer);
            fields.entry(name.clone()).or_insert_with(|| Field {
                name,
                file: Rc::clone(&file),
                pointer: pointer.to_owned(),
            });
        });
    }
    // Of the file itself: our own format, version and time.
    fields.into_values().filter(|field| !["format", "toolVersion", "takenAt"].contains(&field.name.as_str())).collect()
}

/// The texts of all task definitions as people register them.
pub fn of_task_definitions() -> Vec<Field> {
    let mut fields = BTreeMap::new();
    for (_, text) in files("fixtures/task-definitions", Path::to_owned) {
        let file: Rc<Value> = Rc::new(serde_json::from_str(&text).unwrap());
        walk(&file, &mut |pointer| {
            let name = general(pointer);
            fields.entry(name.clone()).or_insert_with(|| Field {
                name,
                file: Rc::clone(&file),
                pointer: pointer.to_owned(),
            });
        });
    }
    fields.into_values().collect()
}

fn files(folder: &str, file: impl Fn(&Path) -> PathBuf) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| file(&entry.unwrap().path()));
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Calls back with the pointer of every text.
fn walk(value: &Value, found: &mut impl FnMut(&str)) {
    fn go(value: &Value, at: &str, found: &mut impl FnMut(&str)) {
        let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::String(_) => found(at),
            Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| go(item, &format!("{at}/{n}"), found)),
            Value::Object(map) => map.iter().for_each(|(key, item)| go(item, &format!("{at}/{}", escaped(key)), found)),
            _ => {}
        }
    }
    go(value, "", found);
}

/// A pointer without its numbers.
fn general(pointer: &str) -> String {
    let keys = pointer.split('/').skip(1).map(|key| if key.parse::<usize>().is_ok() { "*" } else { key });
    keys.collect::<Vec<_>>().join("/")
}

/// With the kind of the fact in place of its number.
fn named(file: &Value, pointer: &str) -> String {
    let name = general(pointer);
    let number = pointer.strip_prefix("/facts/").and_then(|rest| rest.split('/').next());
    let kind = number.and_then(|number| file.pointer(&format!("/facts/{number}/need/type"))?.as_str());
    match kind {
        Some(kind) => name.replacen("facts/*", kind, 1),
        None => name,
    }
}
