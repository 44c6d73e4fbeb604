//! Changes as Terraform resources of the AWS provider.

use hcl::{Block, Expression, expr::FuncCall};
use serde_json::Value;

use super::Change;
use crate::id::short_name;

/// The resource as it should be after the change; `None` where Terraform has no resource for the edit.
pub fn resource(change: &Change) -> Option<String> {
    let block = match change {
        Change::PutRolePolicy { role, policy, document } => Block::builder("resource")
            .add_labels(["aws_iam_role_policy", &label(policy)])
            .add_attribute(("name", text(policy)))
            .add_attribute(("role", text(role)))
            .add_attribute(("policy", encoded(document)?)),
        Change::SetPolicyVersion { policy, document } => Block::builder("resource")
            .add_labels(["aws_iam_policy", &label(short_name(policy))])
            .add_attribute(("name", text(short_name(policy))))
            .add_attribute(("policy", encoded(document)?)),
        Change::UpdateTrust { role, document } => role_block(role, document)?,
        Change::CreateRole { arn, trust } => role_block(short_name(arn), trust)?,
        Change::CreateLogGroup { group, .. } => Block::builder("resource")
            .add_labels(["aws_cloudwatch_log_group", &label(group)])
            .add_attribute(("name", text(group))),
        Change::RestoreSecret { .. } => return None,
    };
    hcl::format::to_string(&hcl::Body::builder().add_block(block.build()).build()).ok()
}

fn role_block(name: &str, trust: &Value) -> Option<hcl::structure::BlockBuilder> {
    let block = Block::builder("resource")
        .add_labels(["aws_iam_role", &label(name)])
        .add_attribute(("name", text(name)))
        .add_attribute(("assume_role_policy", encoded(trust)?));
    Some(block)
}

fn text(text: &str) -> Expression {
    Expression::String(literal(text))
}

/// `jsonencode({…})`. Policy variables look like Terraform's interpolation, so their dollar is doubled.
fn encoded(document: &Value) -> Option<Expression> {
    let document = hcl::to_expression(escaped(document)).ok()?;
    Some(FuncCall::builder("jsonencode").arg(document).build().into())
}

fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(literal(text)),
        Value::Array(items) => Value::Array(items.iter().map(escaped).collect()),
        Value::Object(entries) => entries.iter().map(|(key, value)| (literal(key), escaped(value))).collect(),
        other => other.clone(),
    }
}

fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A Terraform name: letters, digits, underscores, not led by a digit.
fn label(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let word = word.trim_matches('_').to_owned();
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) { word } else { format!("ecs_{word}") }
}
