//! Region and account of a task definition, as far as its own words tell.
//!
//! One that is registered has an ARN. One in a file does not say where it is to be registered, but its roles are of that
//! account, and its log groups and secrets are as a rule of that Region. What is not told stays empty; nothing is guessed.

use std::collections::BTreeSet;

use super::{Permission, Requirements};
use crate::{
    case::TaskDefinition,
    id::{Arn, ImageRef, is_account, is_region},
};

/// The account of its ARN or of its roles, which have to be of the same account.
pub fn account_of(definition: &TaskDefinition) -> Option<String> {
    let arns = [&definition.task_definition_arn, &definition.execution_role_arn, &definition.task_role_arn];
    let accounts = arns.into_iter().flatten().filter_map(|arn| arn.parse::<Arn>().ok()).map(|arn| arn.account);
    accounts.into_iter().find(|account| is_account(account))
}

/// The Region of its ARN.
pub fn region_stated(definition: &TaskDefinition) -> Option<String> {
    let arn: Arn = definition.task_definition_arn.as_deref()?.parse().ok()?;
    Some(arn.region).filter(|region| is_region(region))
}

/// The one Region that its log groups and secrets have, else that of its images.
pub fn region_implied(definition: &TaskDefinition) -> Option<String> {
    let near = regions(definition, near_regions);
    let regions = if near.is_empty() { regions(definition, image_region) } else { near };
    let mut regions = regions.into_iter();
    regions.next().filter(|_| regions.next().is_none())
}

type Container = crate::case::ContainerDefinition;

fn regions(definition: &TaskDefinition, of: fn(&Container) -> Vec<String>) -> BTreeSet<String> {
    definition.container_definitions.iter().flat_map(of).filter(|region| is_region(region)).collect()
}

fn near_regions(container: &Container) -> Vec<String> {
    let log = container.log_configuration.as_ref();
    let secrets = container.secrets.iter().chain(log.into_iter().flat_map(|log| &log.secret_options));
    let credentials = container.repository_credentials.as_ref().map(|c| c.credentials_parameter.as_str());
    let values = secrets.map(|secret| secret.value_from.as_str()).chain(credentials);
    let stored = values.filter_map(|value| value.parse::<Arn>().ok()).map(|arn| arn.region);
    let logged = log.and_then(|log| log.option("awslogs-region")).map(str::to_owned);
    stored.chain(logged).collect()
}

fn image_region(container: &Container) -> Vec<String> {
    ImageRef::parse(&container.image).ecr().map(|image| image.region).into_iter().collect()
}

/// Why a resource is none that a policy may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nameless {
    /// Its Region is not known.
    Region,
    /// Its account is not known.
    Account,
    /// In a policy it would stand for more than itself.
    Pattern,
}

impl Permission {
    /// Why a policy may not name the resource as it is, if that is so.
    pub fn nameless(&self) -> Option<Nameless> {
        nameless(&self.resource)
    }
}

impl Requirements {
    /// The calls on resources that no policy may name as they are.
    pub fn nameless(&self) -> impl Iterator<Item = (&Permission, Nameless)> {
        self.permissions.iter().filter_map(|permission| Some((permission, permission.nameless()?)))
    }
}

/// A login is on `*`. A bucket's ARN has neither Region nor account.
fn nameless(resource: &str) -> Option<Nameless> {
    if resource == "*" {
        return None;
    }
    if resource.contains(['*', '?']) || resource.contains("${") || resource.contains(char::is_control) {
        return Some(Nameless::Pattern);
    }
    let arn: Arn = resource.parse().ok().filter(|arn: &Arn| arn.service != "s3")?;
    if !is_account(&arn.account) {
        return Some(Nameless::Account);
    }
    (!is_region(&arn.region)).then_some(Nameless::Region)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn definition(container: Value, more: Value) -> TaskDefinition {
        let mut whole = json!({"family": "web", "containerDefinitions": [container]});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    fn secret(region: &str) -> Value {
        json!({"name": "S", "valueFrom": format!("arn:aws:secretsmanager:{region}:123456789012:secret:s-AbCdEf")})
    }

    #[test]
    fn logs_and_secrets_tell_the_region_before_images_do() {
        let image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/app:1";
        let implied = |container| region_implied(&definition(container, json!({})));
        assert_eq!(implied(json!({"image": image})).as_deref(), Some("us-west-2"));
        let secrets = json!([secret("eu-west-1")]);
        assert_eq!(implied(json!({"image": image, "secrets": secrets})).as_deref(), Some("eu-west-1"));
        assert_eq!(implied(json!({"secrets": [secret("eu-west-1"), secret("us-east-1")]})), None);
        assert_eq!(implied(json!({"secrets": [secret("<region>")]})), None);
        let log = json!({"logDriver": "awslogs", "options": {"awslogs-region": "eu-central-1"}});
        assert_eq!(implied(json!({"logConfiguration": log})).as_deref(), Some("eu-central-1"));
    }

    #[test]
    fn roles_tell_the_account() {
        let account = |more| account_of(&definition(json!({}), more));
        let role = |account: &str| format!("arn:aws:iam::{account}:role/exec");
        assert_eq!(account(json!({"taskRoleArn": role("123456789012")})).as_deref(), Some("123456789012"));
        assert_eq!(account(json!({"executionRoleArn": role("<account>")})), None);
        assert_eq!(account(json!({"executionRoleArn": "exec"})), None);
    }

    #[test]
    fn what_no_policy_may_name_is_seen() {
        let parameter = |rest: &str| nameless(&format!("arn:aws:ssm:{rest}"));
        assert_eq!(nameless("*"), None);
        assert_eq!(nameless("arn:aws:s3:::bucket/app.env"), None);
        assert_eq!(parameter("eu-west-1:123456789012:parameter/a"), None);
        assert_eq!(parameter(":123456789012:parameter/a"), Some(Nameless::Region));
        assert_eq!(parameter("eu-west-1::parameter/a"), Some(Nameless::Account));
        assert_eq!(parameter("eu-west-1:<account>:parameter/a"), Some(Nameless::Account));
        for name in ["*", "a?", "${aws:username}", "a\nb"] {
            assert_eq!(parameter(&format!("eu-west-1:123456789012:parameter/{name}")), Some(Nameless::Pattern));
        }
    }
}
