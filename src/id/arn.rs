//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! Given text, gives its six parts; the resource keeps its own colons and slashes. Also knows which partition and which
//! DNS suffix a Region has (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).

use std::{fmt, str::FromStr};

/// An ARN in its six parts. `region` and `account` may be empty, as IAM's and S3's are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    pub partition: String,
    pub service: String,
    pub region: String,
    pub account: String,
    pub resource: String,
}

/// Text that is no ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not an ARN")]
pub struct ArnError {
    pub text: String,
}

impl Arn {
    /// An ARN of `service` in the partition of `region`.
    pub fn new(service: &str, region: &str, account: &str, resource: impl Into<String>) -> Self {
        Self {
            partition: partition_of_region(region).to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.into(),
        }
    }

    /// The part of the resource after its type, as in `role/` of `role/path/name`.
    pub fn resource_of(&self, kind: &str) -> Option<&str> {
        self.resource.strip_prefix(kind)?.strip_prefix(['/', ':'])
    }

    /// The last segment of the resource: a role's name without its path, a task's id.
    pub fn name(&self) -> &str {
        self.resource.rsplit(['/', ':']).next().unwrap_or(&self.resource)
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let wrong = || ArnError { text: text.to_owned() };
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned).ok_or_else(wrong);
        let (scheme, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        if scheme != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(wrong());
        }
        Ok(Self { partition, service, region, account, resource })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The partition that a Region belongs to; an unknown Region is taken for a commercial one.
pub fn partition_of_region(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// The DNS suffix of a partition's service endpoints.
pub fn dns_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// Twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `eu-west-1`, `us-gov-east-1`, `cn-north-1`: lower-case words and a final number.
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |s: &&str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            words.len() >= 2
                && words.iter().all(word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_display_round_trip() {
        for text in [
            "arn:aws:iam::123456789012:role/service-role/exec",
            "arn:aws-cn:ecs:cn-north-1:123456789012:task/prod/0123456789abcdef0123456789abcdef",
            "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:*",
        ] {
            assert_eq!(text.parse::<Arn>().map(|a| a.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn names_lose_path_and_type() {
        let role: Arn = "arn:aws:iam::123456789012:role/service-role/exec".parse().unwrap();
        assert_eq!(role.name(), "exec");
        assert_eq!(role.resource_of("role"), Some("service-role/exec"));
        assert_eq!(role.resource_of("user"), None);
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        for text in ["", "arn:aws", "arn:aws:ecs:eu-west-1:1", "urn:aws:a:b:c:d", "arn::ecs:r:a:x", "arn:aws:ecs:r:a:"]
        {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
