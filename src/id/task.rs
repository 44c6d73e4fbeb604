//! What a user may call a task: an ARN of either form, a bare id, an ECS console address.
//!
//! Given that text, gives the parts that it states; what it leaves out (a cluster, a Region, an account) stays `None`.
//! Task ARNs: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids>.

use super::{
    Arn,
    arn::{is_account, is_region},
};

/// A task as named by its user; only the id is certain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskName {
    pub id: String,
    pub cluster: Option<String>,
    pub region: Option<String>,
    pub account: Option<String>,
}

/// Text that names no task, with what it is instead where that can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskNameError {
    #[error("'{text}' is the ARN of an ECS {kind}, not of a task")]
    OtherKind { text: String, kind: String },
    #[error("'{text}' is an ARN of {service}, not of an ECS task")]
    OtherService { text: String, service: String },
    #[error("'{text}' starts like an ARN but is not a task ARN")]
    MalformedArn { text: String },
    #[error("'{text}' is a console address without a task in it")]
    ConsoleWithoutTask { text: String },
    #[error("'{text}' is neither a task ARN, nor a task id, nor an ECS console address")]
    Unreadable { text: String },
}

impl TaskName {
    /// Reads an ARN (`task/CLUSTER/ID` or the older `task/ID`), an id of 32 hexadecimal digits or in UUID form, or a
    /// console address.
    ///
    /// # Errors
    /// Says what the text is instead, where it is an ARN of something else.
    pub fn parse(text: &str) -> Result<Self, TaskNameError> {
        let text = text.trim();
        if text.starts_with("arn:") {
            Self::from_arn(text)
        } else if text.starts_with("https://") || text.starts_with("http://") {
            Self::from_console(text)
        } else if is_task_id(text) {
            Ok(Self { id: text.to_owned(), ..Self::default() })
        } else {
            Err(TaskNameError::Unreadable { text: text.to_owned() })
        }
    }

    fn from_arn(text: &str) -> Result<Self, TaskNameError> {
        let malformed = || TaskNameError::MalformedArn { text: text.to_owned() };
        let arn: Arn = text.parse().map_err(|_| malformed())?;
        if arn.service != "ecs" {
            return Err(TaskNameError::OtherService { text: text.to_owned(), service: arn.service });
        }
        let Some(rest) = arn.resource_of("task") else {
            let kind = arn.resource.split(['/', ':']).next().unwrap_or_default().to_owned();
            return Err(TaskNameError::OtherKind { text: text.to_owned(), kind });
        };
        let (cluster, id) = match rest.split_once('/') {
            Some((cluster, id)) => (Some(cluster.to_owned()), id),
            None => (None, rest),
        };
        let whole =
            is_task_id(id) && cluster.as_deref() != Some("") && is_account(&arn.account) && is_region(&arn.region);
        if !whole {
            return Err(malformed());
        }
        Ok(Self { id: id.to_owned(), cluster, region: Some(arn.region), account: Some(arn.account) })
    }

    /// `https://REGION.console.aws.amazon.com/ecs/v2/clusters/CLUSTER/tasks/ID/configuration?region=REGION`, the
    /// form with `/services/NAME/` before `tasks`, and the first console's `#/clusters/CLUSTER/tasks/ID/details`.
    fn from_console(text: &str) -> Result<Self, TaskNameError> {
        let segments: Vec<&str> = text.split(['/', '?', '#', '&']).collect();
        let after = |name: &str| {
            let at = segments.iter().position(|s| *s == name)?;
            segments.get(at + 1).copied().filter(|s| !s.is_empty())
        };
        let id = after("tasks").filter(|id| is_task_id(id));
        let (Some(id), Some(cluster)) = (id, after("clusters")) else {
            return Err(TaskNameError::ConsoleWithoutTask { text: text.to_owned() });
        };
        let stated = segments.iter().find_map(|s| s.strip_prefix("region="));
        let host = segments.get(2).and_then(|host| host.split('.').next());
        let region = stated.or(host).filter(|r| is_region(r)).map(str::to_owned);
        Ok(Self { id: id.to_owned(), cluster: Some(cluster.to_owned()), region, account: None })
    }
}

/// The name at the end of an ARN, or the text itself where it is a name already.
pub fn short_name(arn_or_name: &str) -> &str {
    arn_or_name.rsplit('/').next().unwrap_or(arn_or_name)
}

fn is_task_id(text: &str) -> bool {
    let digits = text.bytes().filter(|b| *b != b'-').collect::<Vec<_>>();
    digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit) && matches!(text.len(), 32 | 36)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn parsed(text: &str) -> (String, String, String) {
        let t = TaskName::parse(text).unwrap();
        (t.cluster.unwrap_or_default(), t.region.unwrap_or_default(), t.account.unwrap_or_default())
    }

    #[test]
    fn every_form_is_read() {
        let full = ("prod".to_owned(), "eu-west-1".to_owned(), "123456789012".to_owned());
        assert_eq!(parsed(&format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{ID}")), full);
        let old = parsed("arn:aws:ecs:eu-west-1:123456789012:task/01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(old.0, "");
        for text in [
            format!(
                "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{ID}/configuration?region=eu-west-1"
            ),
            format!("https://console.aws.amazon.com/ecs/v2/clusters/prod/services/web/tasks/{ID}?region=eu-west-1"),
            format!("https://eu-west-1.console.aws.amazon.com/ecs/home#/clusters/prod/tasks/{ID}/details"),
        ] {
            assert_eq!(parsed(&text), ("prod".to_owned(), "eu-west-1".to_owned(), String::new()), "{text}");
        }
        assert_eq!(parsed(ID), Default::default());
    }

    #[test]
    fn other_things_are_named() {
        let error = |text: &str| TaskName::parse(text).unwrap_err().to_string();
        assert!(error("arn:aws:ecs:eu-west-1:123456789012:service/prod/web").contains("ECS service"));
        assert!(error("arn:aws:ecs:eu-west-1:123456789012:cluster/prod").contains("ECS cluster"));
        assert!(error("arn:aws:iam::123456789012:role/x").contains("iam"));
        assert!(error("arn:aws:ecs:eu-west-1:123456789012:task/prod/xyz").contains("not a task ARN"));
        assert!(
            error("arn:aws:ecs:eu-west-1:12:task/prod/0123456789abcdef0123456789abcdef").contains("not a task ARN")
        );
        assert!(error("https://console.aws.amazon.com/ecs/v2/clusters/prod").contains("without a task"));
        assert!(error("hello").contains("neither"));
    }
}
