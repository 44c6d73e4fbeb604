//! Where the address of a webhook stands: an environment variable, a file, a secret or a parameter. Never the command
//! line, which every process of the machine and the shell's history may read.
//!
//! Given the user's words, gives a source; given a source, gives what it holds. This is the one place of the program
//! that asks AWS for the value of a secret or a parameter, and only for the one that the user names. It is no part of
//! `collect`, its actions are not in `ecs-why policy`, and a test holds both calls to this file.

use std::{fmt, io::Read as _};

use crate::{
    case::Gap,
    collect::aws::{AwsOptions, ConnectError, connect},
    id::Arn,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Env(String),
    File(String),
    /// Of a value that is a JSON object, one key.
    Secret {
        id: String,
        key: Option<String>,
    },
    Parameter(String),
}

/// There is no source, or nothing in it. None of the texts has what was found.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("--post takes no address: whoever sees the command line or the shell's history could post with it")]
    IsAddress,
    #[error("--post does not say where the address stands")]
    Form,
    #[error("the environment variable {name} is not set, or is no text")]
    Unset { name: String },
    #[error("{from} cannot be read: {error}")]
    Unread { from: String, error: std::io::Error },
    #[error("{from} holds more than an address")]
    Long { from: String },
    #[error("{from} cannot be read: {error}")]
    Unconnected { from: String, error: ConnectError },
    #[error("{from} cannot be read with {action}: {}", said(.gap))]
    Unanswered { from: String, action: &'static str, gap: Gap },
    #[error("{from} cannot be read before the deadline")]
    TimedOut { from: String },
    #[error("{from} holds no text")]
    NoText { from: String },
    #[error("{from} is no JSON object with a text at this key")]
    NoKey { from: String },
}

fn said(gap: &Gap) -> &str {
    gap.message().unwrap_or_else(|| gap.status())
}

/// An address, with room for whatever else somebody keeps in the same secret.
const LONGEST: u64 = 64 * 1024;

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Secret { id, key: None } => write!(f, "secretsmanager:{id}"),
            Self::Secret { id, key: Some(key) } => write!(f, "secretsmanager:{id}#{key}"),
            Self::Parameter(name) => write!(f, "ssm:{name}"),
        }
    }
}

impl Source {
    /// Reads the value of `--post`.
    ///
    /// # Errors
    /// It is an address, or of another form. The error does not repeat it: it may be a credential.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        if text.contains("://") {
            return Err(SourceError::IsAddress);
        }
        let (kind, rest) = text.split_once(':').ok_or(SourceError::Form)?;
        let source = match kind {
            "env" if is_variable(rest) => Self::Env(rest.to_owned()),
            "file" if !rest.is_empty() => Self::File(rest.to_owned()),
            "secretsmanager" => Self::secret(rest)?,
            "ssm" if is_name(rest, "/_.-:") => Self::Parameter(rest.to_owned()),
            _ => return Err(SourceError::Form),
        };
        Ok(source)
    }

    /// No name of a secret has a `#`.
    fn secret(text: &str) -> Result<Self, SourceError> {
        let (id, key) = text.split_once('#').map_or((text, None), |(id, key)| (id, Some(key.to_owned())));
        let is_good = is_name(id, "/_+=.@-:") && key.as_ref().is_none_or(|key| !key.is_empty());
        if is_good { Ok(Self::Secret { id: id.to_owned(), key }) } else { Err(SourceError::Form) }
    }

    /// Whether reading it is a call of AWS.
    pub fn asks_aws(&self) -> bool {
        matches!(self, Self::Secret { .. } | Self::Parameter(_))
    }

    /// What it holds. A pipe may keep its reader waiting, so a file is read aside and the caller bounds the time.
    pub async fn read(&self, options: &AwsOptions) -> Result<String, SourceError> {
        match self {
            Self::Env(name) => variable(name),
            Self::File(path) => {
                let (source, path) = (self.clone(), path.clone());
                let reading = tokio::task::spawn_blocking(move || source.file(&path)).await;
                reading.unwrap_or_else(|_| Err(SourceError::NoText { from: self.to_string() }))
            }
            Self::Secret { id, key } => {
                let value = secret_value(self, id, options).await?;
                let wanted = match key {
                    Some(key) => of_key(&value, key),
                    None => Some(value),
                };
                wanted.ok_or_else(|| SourceError::NoKey { from: self.to_string() })
            }
            Self::Parameter(name) => parameter_value(self, name, options).await,
        }
    }

    fn file(&self, path: &str) -> Result<String, SourceError> {
        let unread = |error| SourceError::Unread { from: self.to_string(), error };
        let mut text = String::new();
        std::fs::File::open(path).map_err(unread)?.take(LONGEST + 1).read_to_string(&mut text).map_err(unread)?;
        if text.len() as u64 > LONGEST {
            return Err(SourceError::Long { from: self.to_string() });
        }
        Ok(text)
    }
}

fn is_variable(name: &str) -> bool {
    is_name(name, "_") && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

// The user names the variable: this is an edge.
#[allow(clippy::disallowed_methods)]
fn variable(name: &str) -> Result<String, SourceError> {
    std::env::var(name).map_err(|_| SourceError::Unset { name: name.to_owned() })
}

async fn secret_value(source: &Source, id: &str, options: &AwsOptions) -> Result<String, SourceError> {
    let client = aws_sdk_secretsmanager::Client::new(&configuration(source, id, options).await?);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| unanswered(source, "secretsmanager:GetSecretValue", error.into()))?;
    answer.secret_string.ok_or_else(|| SourceError::NoText { from: source.to_string() })
}

async fn parameter_value(source: &Source, name: &str, options: &AwsOptions) -> Result<String, SourceError> {
    let client = aws_sdk_ssm::Client::new(&configuration(source, name, options).await?);
    let answer = client.get_parameter().name(name).with_decryption(true).send().await;
    let answer = answer.map_err(|error| unanswered(source, "ssm:GetParameter", error.into()))?;
    let value = answer.parameter.and_then(|parameter| parameter.value);
    value.ok_or_else(|| SourceError::NoText { from: source.to_string() })
}

fn unanswered(source: &Source, action: &'static str, gap: Gap) -> SourceError {
    SourceError::Unanswered { from: source.to_string(), action, gap }
}

/// Signed in to the Region that the ARN names, or else to the run's.
async fn configuration(source: &Source, id: &str, options: &AwsOptions) -> Result<aws_config::SdkConfig, SourceError> {
    let region = id.parse().ok().map(|arn: Arn| arn.region).filter(|region| !region.is_empty());
    let options = AwsOptions { region: region.or(options.region.clone()), ..options.clone() };
    let unconnected = |error| SourceError::Unconnected { from: source.to_string(), error };
    let config = connect::configuration(&options).await.map_err(unconnected)?;
    let signed_in = connect::sign_in(&config, options.profile.as_deref()).await;
    signed_in.map_err(|gap| unanswered(source, "AWS", gap))
}

fn of_key(value: &str, key: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(value).ok()?;
    object.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_says_where_and_reads_back() {
        for text in [
            "env:SLACK_WEBHOOK",
            "env:_x1",
            "file:/run/secrets/webhook",
            "file:webhook",
            "secretsmanager:ops/webhook",
            "secretsmanager:ops/webhook#slack",
            "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:ops/webhook-AbCdEf#slack",
            "ssm:/ops/webhook",
            "ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/ops/webhook",
        ] {
            assert_eq!(Source::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_address_or_a_key_on_the_command_line_is_refused_and_not_repeated() {
        for text in [
            "https://hooks.slack.com/services/T0/B0/planted-7f3a",
            "http://planted-7f3a",
            "env:https://hooks.slack.com/planted-7f3a",
            "file:https://hooks.slack.com/planted-7f3a",
            "hooks.slack.com/services/planted-7f3a",
            "planted-7f3a",
            "env:planted 7f3a",
            "env:planted-7f3a",
            "env:1planted",
            "env:",
            "file:",
            "ssm:",
            "ssm:planted 7f3a",
            "secretsmanager:",
            "secretsmanager:planted#",
            "secretsmanager:#planted",
            "secretsmanager:planted 7f3a",
            "ENV:PLANTED",
            "",
        ] {
            let error = Source::parse(text).unwrap_err().to_string();
            assert!(!error.contains("planted"), "{error}");
        }
    }

    #[test]
    fn a_key_of_an_object_is_a_text() {
        let value = r#"{"slack": "https://hooks.slack.com/x", "count": 3}"#;
        assert_eq!(of_key(value, "slack").unwrap(), "https://hooks.slack.com/x");
        assert_eq!((of_key(value, "count"), of_key(value, "teams"), of_key("plain", "slack")), (None, None, None));
    }
}
