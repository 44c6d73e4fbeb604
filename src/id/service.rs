//! What a user may call a service: its name, or its ARN of either form.
//!
//! Service ARNs: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids>.

use super::Arn;

/// A service as named by its user; only the name is certain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceName {
    pub name: String,
    pub cluster: Option<String>,
    pub region: Option<String>,
    pub account: Option<String>,
}

/// An ARN of something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not the ARN of an ECS service")]
pub struct ServiceNameError {
    pub text: String,
}

impl ServiceName {
    /// Reads `service/CLUSTER/NAME`, the older `service/NAME`, or a bare name.
    ///
    /// # Errors
    /// An ARN that is not a service's.
    pub fn parse(text: &str) -> Result<Self, ServiceNameError> {
        if !text.starts_with("arn:") {
            return Ok(Self { name: text.to_owned(), ..Self::default() });
        }
        let wrong = || ServiceNameError { text: text.to_owned() };
        let arn: Arn = text.parse().map_err(|_| wrong())?;
        let rest = arn.resource_of("service").filter(|_| arn.service == "ecs").ok_or_else(wrong)?;
        let (cluster, name) = match rest.split_once('/') {
            Some((cluster, name)) => (Some(cluster.to_owned()), name),
            None => (None, rest),
        };
        Ok(Self {
            name: name.to_owned(),
            cluster,
            region: Some(arn.region.clone()),
            account: Some(arn.account.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arns_are_read() {
        let parsed = ServiceName::parse("arn:aws:ecs:eu-west-1:123456789012:service/prod/web").unwrap();
        assert_eq!((parsed.name.as_str(), parsed.cluster.as_deref()), ("web", Some("prod")));
        assert_eq!(parsed.region.as_deref(), Some("eu-west-1"));
        let old = ServiceName::parse("arn:aws:ecs:eu-west-1:123456789012:service/web").unwrap();
        assert_eq!((old.name.as_str(), old.cluster), ("web", None));
        assert_eq!(ServiceName::parse("web").unwrap().name, "web");
        assert!(ServiceName::parse("arn:aws:ecs:eu-west-1:123456789012:task/prod/x").is_err());
    }
}
