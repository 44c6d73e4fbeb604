//! `knowledge/needs`: which actions on which resources a feature of a task definition costs.
//!
//! Each file is one feature; its resources and reasons are templates that the feature's user fills.

use std::{collections::BTreeMap, sync::LazyLock};

use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;

use crate::embedded::{self, FILES};

/// A feature's row: one action that must be allowed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub action: String,
    pub resource: String,
    pub because: String,
    /// Condition keys that the request carries.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// The AWS page that says so, from the feature.
    #[serde(skip)]
    pub reference: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    feature: String,
    reference: String,
    permission: Vec<Row>,
}

/// A needs file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NeedsError {
    #[error("{file}: {source}")]
    Toml { file: String, source: Box<toml::de::Error> },
    #[error("{feature}: {source}")]
    Template { feature: String, source: Box<minijinja::Error> },
}

static TABLE: LazyLock<Result<BTreeMap<String, Vec<Row>>, NeedsError>> = LazyLock::new(read);

fn read() -> Result<BTreeMap<String, Vec<Row>>, NeedsError> {
    let files = FILES.iter().filter(|(path, _)| path.starts_with("needs/"));
    let features = files.map(|(path, text)| {
        embedded::read::<Feature>(text)
            .map(|Feature { feature, reference, permission }| {
                let rows = permission.into_iter().map(|row| Row { reference: reference.clone(), ..row });
                (feature, rows.collect())
            })
            .map_err(|source| NeedsError::Toml { file: (*path).to_owned(), source: Box::new(source) })
    });
    features.collect()
}

/// Checks that every embedded file reads and every template parses.
///
/// # Errors
/// The first that does not.
pub fn check_tables() -> Result<(), &'static NeedsError> {
    TABLE.as_ref().map(|_| ())
}

/// The rows of a feature with its holes filled; a row whose template lacks a value is left out.
pub fn expand(feature: &str, values: &BTreeMap<&str, String>) -> Vec<Row> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let fill = |template: &str| environment.render_str(template, values).ok();
    let rows = TABLE.as_ref().ok().and_then(|table| table.get(feature)).into_iter().flatten();
    rows.filter_map(|row| {
        let context = row.context.iter().map(|(key, value)| Some((key.clone(), fill(value)?)));
        Some(Row {
            action: row.action.clone(),
            resource: fill(&row.resource)?,
            because: fill(&row.because)?,
            context: context.collect::<Option<_>>()?,
            reference: row.reference.clone(),
        })
    })
    .collect()
}
