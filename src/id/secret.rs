//! What `valueFrom` refers to: a secret of Secrets Manager or a parameter of Systems Manager Parameter Store.
//!
//! Given the text, gives the thing and its parts, or what is wrong with it. A bare name is always a parameter
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html>).

use super::Arn;

/// The target of a `valueFrom`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// `arn` is the secret's ARN as written, without the `:json-key:version-stage:version-id` tail.
    Secret { arn: Arn, completeness: Completeness },
    /// `name` keeps its leading slash, if it was written with one; Region and account are those of an ARN.
    Parameter { name: String, region: Option<String>, account: Option<String> },
}

/// Whether a secret's ARN ends in the hyphen and six characters that Secrets Manager adds to each name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    Full,
    Partial,
}

/// A `valueFrom` that ECS cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefError {
    #[error("'{text}' is an ARN of {service}, not of a secret or a parameter")]
    OtherService { text: String, service: String },
    #[error(
        "'{text}' has {parts} parts after 'secret:': a secret takes its name alone, or name:json-key:version-stage:version-id"
    )]
    SuffixParts { text: String, parts: usize },
    #[error("'{text}' starts like an ARN but is none")]
    MalformedArn { text: String },
}

impl SecretRef {
    /// Reads a `valueFrom` as ECS does.
    ///
    /// # Errors
    /// An ARN of another service, or a secret's ARN with a tail that has not exactly three fields.
    pub fn parse(text: &str) -> Result<Self, SecretRefError> {
        if !text.starts_with("arn:") {
            return Ok(Self::Parameter { name: text.to_owned(), region: None, account: None });
        }
        let arn: Arn = text.parse().map_err(|_| SecretRefError::MalformedArn { text: text.to_owned() })?;
        match arn.service.as_str() {
            "secretsmanager" => Self::from_secret_arn(text, arn),
            "ssm" => Self::from_parameter_arn(text, arn),
            _ => Err(SecretRefError::OtherService { text: text.to_owned(), service: arn.service }),
        }
    }

    fn from_secret_arn(text: &str, arn: Arn) -> Result<Self, SecretRefError> {
        let malformed = || SecretRefError::MalformedArn { text: text.to_owned() };
        let rest = arn.resource.strip_prefix("secret:").ok_or_else(malformed)?;
        let parts: Vec<&str> = rest.split(':').collect();
        let name = match parts.as_slice() {
            [name] | [name, _, _, _] => *name,
            other => return Err(SecretRefError::SuffixParts { text: text.to_owned(), parts: other.len() }),
        };
        let completeness = if has_suffix(name) { Completeness::Full } else { Completeness::Partial };
        let resource = format!("secret:{name}");
        Ok(Self::Secret { arn: Arn { resource, ..arn }, completeness })
    }

    fn from_parameter_arn(text: &str, arn: Arn) -> Result<Self, SecretRefError> {
        match arn.resource.strip_prefix("parameter/") {
            Some(name) if !name.is_empty() => {
                // The ARN of `/a/b` is `parameter/a/b`, and that of `a` is `parameter/a`: only a path keeps its slash.
                let name =
                    if name.contains('/') { format!("/{}", name.trim_start_matches('/')) } else { name.to_owned() };
                Ok(Self::Parameter { name, region: Some(arn.region), account: Some(arn.account) })
            }
            _ => Err(SecretRefError::MalformedArn { text: text.to_owned() }),
        }
    }
}

fn has_suffix(name: &str) -> bool {
    match name.rsplit_once('-') {
        Some((stem, tail)) => !stem.is_empty() && tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_alphanumeric()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_lose_their_tail() {
        let parsed =
            SecretRef::parse("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/main-AbCdEf:password::").unwrap();
        let SecretRef::Secret { arn, completeness } = parsed else { panic!("a parameter") };
        assert_eq!(arn.to_string(), "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/main-AbCdEf");
        assert_eq!(completeness, Completeness::Full);
        let partial = SecretRef::parse("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db").unwrap();
        assert!(matches!(partial, SecretRef::Secret { completeness: Completeness::Partial, .. }));
    }

    #[test]
    fn bare_names_are_parameters() {
        for name in ["db-password", "/prod/db", "prod/db-AbCdEf"] {
            let expected = SecretRef::Parameter { name: name.to_owned(), region: None, account: None };
            assert_eq!(SecretRef::parse(name), Ok(expected));
        }
        let SecretRef::Parameter { name, region, .. } =
            SecretRef::parse("arn:aws:ssm:us-east-1:123456789012:parameter/prod/db").unwrap()
        else {
            panic!("a secret")
        };
        assert_eq!((name.as_str(), region.as_deref()), ("/prod/db", Some("us-east-1")));
    }

    #[test]
    fn unusable_references_say_why() {
        let error = |text: &str| SecretRef::parse(text).unwrap_err().to_string();
        assert!(error("arn:aws:s3:::bucket/key").contains("ARN of s3"));
        assert!(error("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:password").contains("2 parts"));
        assert!(error("arn:aws:ssm:eu-west-1:1:document/x").contains("is none"));
    }
}
