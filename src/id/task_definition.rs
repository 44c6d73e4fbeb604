//! What a user may call a task definition that is registered: its family, `family:revision`, or its ARN.
//!
//! Given that text, gives what `DescribeTaskDefinition` takes, and the Region and account that an ARN states
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>).

use super::{
    Arn,
    arn::{is_account, is_region},
};

/// Longest name of a family.
const LONGEST_FAMILY: usize = 255;

/// A task definition as named by its user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskDefinitionName {
    /// The text as AWS takes it.
    pub text: String,
    pub region: Option<String>,
    pub account: Option<String>,
}

/// Text that names no task definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskDefinitionNameError {
    #[error("'{text}' is an ARN, but not of an ECS task definition")]
    OtherArn { text: String },
    #[error("'{text}' is neither a family, nor family:revision, nor the ARN of a task definition")]
    Unreadable { text: String },
}

impl TaskDefinitionName {
    /// Reads a name. Without a revision AWS takes the newest active one.
    ///
    /// # Errors
    /// An ARN of something else, or text that can be no family.
    pub fn parse(text: &str) -> Result<Self, TaskDefinitionNameError> {
        let text = text.trim();
        if text.starts_with("arn:") {
            return Self::from_arn(text);
        }
        let unreadable = || TaskDefinitionNameError::Unreadable { text: text.to_owned() };
        if is_revision_of_family(text) {
            Ok(Self { text: text.to_owned(), ..Self::default() })
        } else {
            Err(unreadable())
        }
    }

    fn from_arn(text: &str) -> Result<Self, TaskDefinitionNameError> {
        let other = || TaskDefinitionNameError::OtherArn { text: text.to_owned() };
        let arn: Arn = text.parse().map_err(|_| other())?;
        let named = arn.resource_of("task-definition").is_some_and(is_revision_of_family);
        if arn.service != "ecs" || !named || !is_account(&arn.account) || !is_region(&arn.region) {
            return Err(other());
        }
        Ok(Self { text: text.to_owned(), region: Some(arn.region), account: Some(arn.account) })
    }
}

/// `family` or `family:revision`: letters, digits, hyphens and underscores; revisions count from 1.
fn is_revision_of_family(text: &str) -> bool {
    let (family, revision) = text.split_once(':').unwrap_or((text, "1"));
    let named = !family.is_empty()
        && family.len() <= LONGEST_FAMILY
        && family.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    named && revision.parse::<u32>().is_ok_and(|number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for text in ["web", "web_2-a", "web:12"] {
            let read = TaskDefinitionName::parse(text).unwrap();
            assert_eq!((read.text.as_str(), read.region, read.account), (text, None, None));
        }
        let read = TaskDefinitionName::parse("arn:aws-cn:ecs:cn-north-1:123456789012:task-definition/web:3").unwrap();
        assert_eq!((read.region.as_deref(), read.account.as_deref()), (Some("cn-north-1"), Some("123456789012")));
        assert!(TaskDefinitionName::parse("arn:aws:ecs:eu-west-1:123456789012:task-definition/web").is_ok());
    }

    #[test]
    fn other_things_are_told() {
        let error = |text: &str| TaskDefinitionName::parse(text).unwrap_err().to_string();
        for text in ["", "web app", "web:", "web:0", "web:x", "web:1:2", &"x".repeat(256)] {
            assert!(error(text).contains("neither"), "{text}");
        }
        for text in [
            "arn:aws:ecs:eu-west-1:123456789012:task/prod/web",
            "arn:aws:iam::123456789012:role/web",
            "arn:aws:ecs:eu-west-1:12:task-definition/web:3",
            "arn:aws:ecs",
        ] {
            assert!(error(text).contains("not of an ECS task definition"), "{text}");
        }
    }
}
