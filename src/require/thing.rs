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
            _ => false,
        }
    }
}

/// Something that a container cannot start without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existence {
    pub thing: Thing,
    pub container: Option<String>,
}
