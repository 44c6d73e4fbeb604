//! What a client may read beside the tools: the rules, and the schema of the report. All of it is part of the program,
//! or of the rules that the user who started it named.

use rmcp::{
    ErrorData,
    model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::{Value, json};

use crate::{
    knowledge::Catalogue,
    report::{Look, RuleView, View, json_schema, rule_text},
};

const RULES: &str = "ecs-why://rules";
const RULE: &str = "ecs-why://rules/";
const SCHEMA: &str = "ecs-why://schema/report";

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// What can be read without knowing a name.
pub fn all() -> Vec<Resource> {
    vec![
        Resource::new(RULES, "rules")
            .with_title("Catalogue of rules")
            .with_description("Every failure that is recognised: id of the rule, cause, title and family")
            .with_mime_type(JSON),
        Resource::new(SCHEMA, "report-schema")
            .with_title("JSON Schema of the report")
            .with_description("What diagnose_task gives with detail 'full', and 'ecs-why diagnose -o json' prints")
            .with_mime_type("application/schema+json"),
    ]
}

pub fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new("ecs-why://rules/{id}", "rule")
            .with_title("A rule")
            .with_description("All of a rule: what it means, what to do, its messages and references")
            .with_mime_type(TEXT),
    ]
}

/// Reads a resource.
///
/// # Errors
/// There is none at that address; it stands in the error's data.
pub fn read(uri: &str, catalogue: &Catalogue) -> Result<ReadResourceResult, ErrorData> {
    let (text, kind) = match uri {
        RULES => (catalogue_of(catalogue).to_string(), JSON),
        SCHEMA => (json_schema(View::Report).to_string(), "application/schema+json"),
        _ => {
            let rule = uri.strip_prefix(RULE).and_then(|id| catalogue.rule(id)).ok_or_else(|| unknown(uri))?;
            (rule_text(&RuleView::of(rule, catalogue), Look::PLAIN), TEXT)
        }
    };
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)]))
}

fn catalogue_of(catalogue: &Catalogue) -> Value {
    let rules = catalogue
        .rules()
        .iter()
        .map(|rule| json!({"id": rule.id, "family": rule.family, "cause": rule.cause, "title": rule.title}));
    json!({"rules": rules.collect::<Vec<_>>()})
}

fn unknown(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("no such resource", Some(json!({"uri": uri})))
}
