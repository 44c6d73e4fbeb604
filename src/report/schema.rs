//! JSON Schemas (draft 2020-12) of the public views, made from the very types that are written.
//!
//! Every field is required, since absent values are `null`; further fields may come, so none is forbidden.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::v1::{Explanation, Report, Requirements};

/// A view that is written as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Report,
    Explanation,
    Requirements,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Report, Self::Explanation, Self::Requirements];

    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Explanation => "explanation",
            Self::Requirements => "requirements",
        }
    }
}

/// The schema of a view.
pub fn json_schema(view: View) -> Value {
    match view {
        View::Report => schema_of::<Report>(),
        View::Explanation => schema_of::<Explanation>(),
        View::Requirements => schema_of::<Requirements>(),
    }
}

/// What the document is comes before what is in it.
fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let first = ["$schema", "title", "description"].map(|key| (key, schema.remove(key)));
    let first = first.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let rest = std::mem::take(schema.ensure_object());
    Value::Object(first.chain(rest).collect())
}
