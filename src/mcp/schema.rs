//! JSON Schemas of arguments and results, as clients of all kinds can take them.
//!
//! Made from the very types that are read and written, without references. A result leaves absent values out, so `null`
//! is no value of it; formats such as `uint32` are no part of JSON Schema, and their bounds say the same.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::Value;

/// What a tool takes.
pub fn of_arguments<T: JsonSchema>() -> Arc<JsonObject> {
    object::<T>(SchemaSettings::draft2020_12())
}

/// What a tool gives.
pub fn of_result<T: JsonSchema>() -> Arc<JsonObject> {
    object::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn object<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let inlined = settings.with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    });
    let mut schema = inlined.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(portable).transform(&mut schema);
    schema.remove("title");
    Arc::new(std::mem::take(schema.ensure_object()))
}

fn portable(schema: &mut Schema) {
    if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int")) {
        schema.remove("format");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    without_null(schema);
}

/// `anyOf` of an optional object.
fn without_null(schema: &mut Schema) {
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            if schema.get(&key).is_none() {
                schema.insert(key, value);
            }
        }
    }
}
