//! What starting a task requires: calls that must be allowed, for the role that truly makes them, and things that must
//! exist.
//!
//! Given a [`Workload`] and the facts so far, gives [`Requirements`]. Which feature needs which actions is data under
//! `knowledge/needs`; here is only how a task definition uses the features. Decides nothing.

mod connection;
mod environment_file;
mod firelens;
mod image;
mod interface;
mod key;
mod log;
mod object;
mod place;
mod secret;
mod spoken;
mod table;
mod thing;
mod volume;
mod workload;

pub use connection::Connection;
pub use image::{is_repository_missing, pull_through};
pub use interface::{Leaving, ec2_instance, leaving, needs_of as interface_needs};
pub use log::creates_group;
pub use place::{Nameless, region_stated};
pub use secret::{SecretPlace, SecretUse, Store, StoredValue, version_id, version_stage};
pub use table::{NeedsError, check_tables};
pub use thing::{Existence, HostSide, ObjectUse, Thing};
pub use workload::{LogStream, RoleKind, RoleRef, Workload, streams_by_id};

use std::collections::BTreeMap;

use crate::{
    case::Case,
    id::{Completeness, EcrImage, SecretRef, SecretRefError},
};

/// A call that must be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    pub role: RoleRef,
    pub action: String,
    pub resource: String,
    pub resource_account: String,
    pub because: String,
    pub container: Option<String>,
    /// What is known of the condition keys besides what every request carries.
    pub context: BTreeMap<String, String>,
    /// The policy on the resource's side, if the resource can have one.
    pub policy: PolicySide,
    /// The AWS page that says that the call is needed.
    pub reference: String,
    /// What has to be known before any policy can decide it, such as the stored ARN of a secret.
    pub doubt: Option<String>,
}

/// What Secrets Manager adds to a secret's name is a hyphen and six characters.
const SUFFIX: &str = "-??????";

impl Permission {
    /// What to grant: the resource itself, but every stream of a log group, since each task writes one of its own, and
    /// the ARN under which a secret is stored, even where only its name is known.
    pub fn granted_resource(&self) -> String {
        let resource = &self.resource;
        match resource.split_once(":log-stream:") {
            Some((group, _)) if self.action.starts_with("logs:") => format!("{group}:*"),
            _ if self.names_partial_secret() => format!("{resource}{SUFFIX}"),
            _ => resource.clone(),
        }
    }

    /// Whether the resource is a secret by its name alone.
    pub fn names_partial_secret(&self) -> bool {
        matches!(SecretRef::parse(&self.resource), Ok(SecretRef::Secret { completeness: Completeness::Partial, .. }))
    }
}

/// Where the other side's policy is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySide {
    None,
    Repository(EcrImage),
    Secret {
        region: String,
        secret: String,
    },
    Key {
        region: String,
        key: String,
    },
    Bucket {
        region: String,
        bucket: String,
    },
    /// A policy that decides as well and that nothing here reads, in words.
    Unread(String),
}

/// A `valueFrom` that ECS cannot use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub container: String,
    pub name: String,
    pub error: SecretRefError,
}

/// What a task definition says that cannot work, whatever the account holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    pub cause: &'static str,
    pub container: String,
    pub shows: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    pub permissions: Vec<Permission>,
    pub things: Vec<Existence>,
    pub malformed: Vec<Malformed>,
    pub connections: Vec<Connection>,
    pub contradictions: Vec<Contradiction>,
}

impl Requirements {
    /// Everything that the workload's definition requires, as far as the facts tell.
    pub fn of(case: &Case, workload: &Workload<'_>) -> Self {
        let mut requirements = Self::default();
        image::require(case, workload, &mut requirements);
        secret::require(case, workload, &mut requirements);
        environment_file::require(case, workload, &mut requirements);
        log::require(case, workload, &mut requirements);
        firelens::require(case, workload, &mut requirements);
        volume::require(workload, &mut requirements);
        spoken::require(case, workload, &mut requirements);
        connection::require(workload, &mut requirements);
        requirements.without_repetition()
    }

    /// Two containers may need the same call: it is asked once, for the first of them.
    fn without_repetition(mut self) -> Self {
        let mut kept: Vec<Permission> = Vec::new();
        for permission in self.permissions {
            let same = |k: &Permission| {
                (&k.role, &k.action, &k.resource) == (&permission.role, &permission.action, &permission.resource)
            };
            if !kept.iter().any(same) {
                kept.push(permission);
            }
        }
        self.permissions = kept;
        let mut things: Vec<Existence> = Vec::new();
        for existence in self.things {
            if !things.iter().any(|known| known.thing == existence.thing) {
                things.push(existence);
            }
        }
        self.things = things;
        self
    }
}
