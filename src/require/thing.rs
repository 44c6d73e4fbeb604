//! The things that a start needs, by the names that the task definition or a message gives them.

use crate::id::EcrImage;

/// A thing that must exist, by the name that the task definition gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    Image(EcrImage),
    LogGroup {
        region: String,
        group: String,
    },
    Secret {
        region: String,
        secret: String,
        reference: String,
    },
    /// Any of the names: the ARN of `/a` is that of `a`.
    Parameter {
        region: String,
        names: Vec<String>,
    },
    Key {
        region: String,
        key: String,
        of: String,
    },
    /// That an image has a variant for the platform of the task.
    Platform {
        image: EcrImage,
        os: String,
        architecture: String,
    },
    Object {
        region: String,
        bucket: String,
        key: String,
        of: ObjectUse,
    },
    FileSystem {
        region: String,
        file_system: String,
    },
    /// An access point, of that file system.
    AccessPoint {
        region: String,
        access_point: String,
        file_system: String,
    },
    Host {
        cluster: Option<String>,
        instance: String,
        side: HostSide,
    },
    TargetGroup {
        region: String,
        target_group: String,
    },
    /// A role that ECS itself assumes; what its absence is the cause of.
    ServiceRole {
        arn: String,
        cause: &'static str,
    },
}

/// What an object of S3 is to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectUse {
    EnvironmentFile,
    /// The configuration of the log router.
    LogRouter,
}

/// What is asked of a container instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostSide {
    /// That its agent is connected.
    Agent,
    /// That it is there and takes tasks.
    Life,
    /// That it has these attributes.
    Attributes(Vec<String>),
}

impl Thing {
    /// Whether it is part of another thing: who names that one speaks of this one as well.
    pub fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::AccessPoint { file_system, .. }, Self::FileSystem { file_system: whole, .. }) => {
                file_system == whole
            }
            (Self::Key { of, .. }, protected) => protected.has_name(of),
            _ => false,
        }
    }

    /// Whether an ARN, or a group's name, is that of the thing.
    fn has_name(&self, name: &str) -> bool {
        match self {
            Self::Secret { secret, .. } => name.starts_with(secret.as_str()) || name.ends_with(secret.as_str()),
            Self::Parameter { names, .. } => {
                names.iter().any(|own| name.split_once(":parameter").is_some_and(|(_, path)| is_path(path, own)))
            }
            Self::LogGroup { group, .. } => group == name,
            Self::Object { bucket, key, .. } => name.ends_with(&format!(":::{bucket}/{key}")),
            _ => false,
        }
    }
}

/// The ARN of `/a` is that of `a`.
fn is_path(path: &str, name: &str) -> bool {
    path.trim_start_matches('/') == name.trim_start_matches('/')
}

/// Something that a container cannot start without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existence {
    pub thing: Thing,
    pub container: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_what_a_key_protects_speaks_of_the_key() {
        let region = || "eu-west-1".to_owned();
        let key = |of: &str| Thing::Key { region: region(), key: "k".into(), of: of.into() };
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let secret = |secret: &str| Thing::Secret { region: region(), secret: secret.into(), reference: arn.into() };
        assert!(key(arn).is_of(&secret(arn)));
        assert!(key(arn).is_of(&secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db")));
        assert!(!key(arn).is_of(&secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-AbCdEf")));
        let parameter = Thing::Parameter { region: region(), names: vec!["/app/db".into()] };
        assert!(key("arn:aws:ssm:eu-west-1:123456789012:parameter/app/db").is_of(&parameter));
        assert!(!key("arn:aws:ssm:eu-west-1:123456789012:parameter/app/db2").is_of(&parameter));
    }
}
