//! `schema`: the JSON Schema of what `-o json` writes.

use super::{args::SchemaView, error::CliError, output};
use crate::report::{View, json_schema};

pub fn run(view: SchemaView) -> Result<u8, CliError> {
    output::print(&output::json(&json_schema(view.view()))?)?;
    Ok(0)
}

impl SchemaView {
    fn view(self) -> View {
        match self {
            Self::Report => View::Report,
            Self::Explanation => View::Explanation,
            Self::Requirements => View::Requirements,
        }
    }
}
