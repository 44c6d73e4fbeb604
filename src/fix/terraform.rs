//! Changes as Terraform of the AWS provider.

use hcl::{
    Attribute, Block, Body, Expression,
    expr::{FuncCall, Traversal, Variable},
    structure::BlockBuilder,
};
use serde_json::Value;

use super::{
    Change, Resource,
    change::{makes_role, role_path},
    network::{self, NetworkChange},
};
use crate::id::short_name;

/// The changes as they should stand in a configuration; `None` unless all of them can.
///
/// A resource that exists has arguments that are not known here, and one written without its path, boundary or tags
/// would weaken or replace it. Of such a resource only the argument that changes is given, if that is the whole change.
pub fn configuration(changes: &[Change]) -> Option<String> {
    if !changes.iter().filter_map(Change::document).all(|d| survives(&d.to_string())) {
        return None;
    }
    if let Some(body) = arguments_of_network(changes) {
        return hcl::format::to_string(&body).ok();
    }
    let body = match changes {
        [Change::SetPolicyVersion { document, .. }] => argument("policy", document)?,
        [Change::UpdateTrust { document, .. }] => argument("assume_role_policy", document)?,
        all => all.iter().map(|change| resource(change, all)).collect::<Option<Vec<Block>>>()?.into_iter().collect(),
    };
    hcl::format::to_string(&body).ok()
}

/// What changes of a network's own resources, where that is all.
fn arguments_of_network(changes: &[Change]) -> Option<Body> {
    network::arguments(&changes.iter().map(of_network).collect::<Option<Vec<&NetworkChange>>>()?)
}

fn of_network(change: &Change) -> Option<&NetworkChange> {
    match change {
        Change::Network(change) => Some(change),
        _ => None,
    }
}

fn argument(name: &str, document: &Value) -> Option<Body> {
    Some(Body::from_iter([Attribute::new(name, encoded(document)?)]))
}

/// The resource as it should be after the change, one of several; `None` where Terraform has no resource for the edit.
fn resource(change: &Change, all: &[Change]) -> Option<Block> {
    let block = match change {
        Change::PutRolePolicy { role, policy, document } => Block::builder("resource")
            .add_labels(["aws_iam_role_policy", &label(policy)])
            .add_attribute(("name", policy.as_str()))
            .add_attribute(("role", role_name(role, all)?))
            .add_attribute(("policy", encoded(document)?)),
        Change::CreateRole { arn, trust } => role(arn, trust)?,
        Change::CreateLogGroup { group, .. } => Block::builder("resource")
            .add_labels(["aws_cloudwatch_log_group", &label(group)])
            .add_attribute(("name", group.as_str())),
        Change::PutResourcePolicy { resource, document } => resource_policy(resource, document)?,
        Change::Network(change) => network::block(change)?,
        Change::SetPolicyVersion { .. }
        | Change::UpdateTrust { .. }
        | Change::DeleteRolePolicy { .. }
        | Change::DetachRolePolicy { .. }
        | Change::DeleteResourcePolicy { .. }
        | Change::RestoreSecret { .. }
        | Change::ReviseTaskDefinition(_)
        | Change::EnableKey { .. }
        | Change::CancelKeyDeletion { .. }
        | Change::CreateServiceLinkedRole { .. } => return None,
    };
    Some(block.build())
}

/// A role that is made beside its policy has to be there first, which a reference to it tells Terraform.
fn role_name(name: &str, all: &[Change]) -> Option<Expression> {
    if !makes_role(all, name) {
        return Some(name.into());
    }
    let resource = Variable::new("aws_iam_role").ok()?;
    Some(Traversal::builder(resource).attr(label(name)).attr("name").build().into())
}

/// The policy of a resource is a resource of its own, whose only content is the document.
fn resource_policy(resource: &Resource, document: &Value) -> Option<BlockBuilder> {
    let (kind, id) = match resource {
        Resource::Repository { .. } => ("aws_ecr_repository_policy", "repository"),
        Resource::Secret { .. } => ("aws_secretsmanager_secret_policy", "secret_arn"),
        Resource::Key { .. } => ("aws_kms_key_policy", "key_id"),
        Resource::Bucket { .. } => ("aws_s3_bucket_policy", "bucket"),
    };
    let name = resource.name();
    let block = Block::builder("resource")
        .add_labels([kind, &label(short_name(name))])
        .add_attribute((id, name))
        .add_attribute(("policy", encoded(document)?));
    Some(match resource {
        Resource::Secret { .. } => block.add_attribute(("block_public_policy", true)),
        _ => block,
    })
}

fn role(arn: &str, trust: &Value) -> Option<BlockBuilder> {
    let name = short_name(arn);
    let block = Block::builder("resource").add_labels(["aws_iam_role", &label(name)]).add_attribute(("name", name));
    let block = match role_path(arn) {
        Some(path) => block.add_attribute(("path", path)),
        None => block,
    };
    Some(block.add_attribute(("assume_role_policy", encoded(trust)?)))
}

/// `jsonencode({…})`. Policy variables look like Terraform's interpolation; the formatter doubles their dollar.
pub fn encoded(document: &Value) -> Option<Expression> {
    let document = hcl::to_expression(document).ok()?;
    Some(FuncCall::builder("jsonencode").arg(document).build().into())
}

/// Whether the formatter keeps a text: it overlooks a marker that another `$` or `%` stands right before.
fn survives(text: &str) -> bool {
    !["$${", "%${", "$%{", "%%{"].iter().any(|overlooked| text.contains(overlooked))
}

/// A Terraform name: letters, digits, underscores, not led by a digit.
pub fn label(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let word = word.trim_matches('_').to_owned();
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) { word } else { format!("ecs_{word}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trust() -> Value {
        json!({"Version": "2012-10-17", "Statement": [{
            "Resource": ["arn:aws:s3:::b/${aws:username}/${$}", "%{x}", "say \"hi\" \\ there", "${a}-${b}"],
            "Condition": {"StringLike": {"aws:PrincipalTag/a b": "${aws:PrincipalTag/team}/*"}},
        }]})
    }

    /// The argument of `jsonencode` in an attribute, as Terraform would read it.
    fn read_back(body: &Body, key: &str) -> Value {
        let attribute = body.attributes().find(|a| a.key() == key).unwrap();
        let Expression::FuncCall(call) = attribute.expr() else { panic!("no call") };
        let argument = hcl::eval::Evaluate::evaluate(call.args.first().unwrap(), &hcl::eval::Context::new()).unwrap();
        serde_json::to_value(argument).unwrap()
    }

    #[test]
    fn documents_come_back_as_they_were() {
        let change = Change::UpdateTrust { role: "exec".into(), document: trust() };
        let text = configuration(&[change]).unwrap();
        assert!(text.contains("/$${aws:username}/$${$}") && text.contains("%%{x}"), "{text}");
        let body = hcl::parse(&text).unwrap();
        assert_eq!(body.blocks().count(), 0, "{text}");
        assert_eq!(read_back(&body, "assume_role_policy"), trust());
    }

    #[test]
    fn what_would_not_come_back_is_not_given() {
        let document = json!({"Resource": "${aws:username}%${aws:userid}"});
        assert_eq!(configuration(&[Change::UpdateTrust { role: "exec".into(), document }]), None);
    }

    #[test]
    fn resources_that_exist_are_not_given_whole() {
        let version = Change::SetPolicyVersion { policy: "p".into(), document: trust(), shared: false };
        let inline = Change::PutRolePolicy { role: "r".into(), policy: "p".into(), document: trust() };
        assert!(configuration(std::slice::from_ref(&version)).unwrap().starts_with("policy = jsonencode("));
        assert!(configuration(std::slice::from_ref(&inline)).unwrap().starts_with("resource "));
        assert_eq!(configuration(&[inline, version]), None);
    }

    #[test]
    fn a_policy_waits_for_the_role_that_is_made_with_it() {
        let create = Change::CreateRole { arn: "arn:aws:iam::123456789012:role/x/web-1".into(), trust: trust() };
        let put = |role: &str| Change::PutRolePolicy { role: role.into(), policy: "p".into(), document: trust() };
        let text = configuration(&[create.clone(), put("web-1")]).unwrap();
        assert!(text.contains(r#"resource "aws_iam_role" "web_1""#), "{text}");
        assert!(text.contains("role = aws_iam_role.web_1.name"), "{text}");
        assert!(configuration(&[create, put("other")]).unwrap().contains(r#"role = "other""#));
    }

    #[test]
    fn roles_keep_their_path() {
        let arn = "arn:aws:iam::123456789012:role/service/x/exec".to_owned();
        let text = configuration(&[Change::CreateRole { arn, trust: trust() }]).unwrap();
        assert!(text.contains(r#"path = "/service/x/""#), "{text}");
    }
}
