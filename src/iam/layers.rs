//! The layers that decide a call, and what a decision says. Which of them wins is `decide`'s matter.

use std::collections::BTreeSet;

use super::{pattern::ShortArns, policy::NamedPolicy};

/// Policies that speak together, and what of them could not be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicySet<'a> {
    pub policies: Vec<NamedPolicy<'a>>,
    /// Why some are missing, in words for the report. Anything may stand in them.
    pub unread: Vec<String>,
}

/// The policy on the other side of the call.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ResourcePolicy<'a> {
    /// This kind of resource has none, or none is set.
    #[default]
    None,
    /// A repository's, a secret's or a bucket's.
    Set(PolicySet<'a>),
    /// A KMS key's, without which nothing is allowed.
    Key(PolicySet<'a>),
    /// A role's, without which nobody may assume it.
    Trust(PolicySet<'a>),
}

/// Everything that decides a call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layers<'a> {
    pub identity: PolicySet<'a>,
    /// `None`: the role has no boundary.
    pub boundary: Option<PolicySet<'a>>,
    /// `None`: the session was made without a policy.
    pub session: Option<PolicySet<'a>>,
    pub resource: ResourcePolicy<'a>,
    /// Service control policies a level at a time, the root's first; none where the account is in no organization.
    pub scps: Vec<PolicySet<'a>>,
    /// Resource control policies of the resource's account, likewise.
    pub rcps: Vec<PolicySet<'a>>,
    /// That of the VPC endpoint which the call goes through, if it goes through one.
    pub endpoint: Option<PolicySet<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Identity,
    Boundary,
    Session,
    ResourcePolicy,
    KeyPolicy,
    Trust,
    Scp,
    Rcp,
    Endpoint,
}

impl Layer {
    /// The layer as the report's JSON names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::ResourcePolicy => "resource-policy",
            Self::KeyPolicy => "key-policy",
            Self::Trust => "trust",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Endpoint => "endpoint",
        }
    }

    /// Whether its policies belong to what is asked for.
    pub(super) fn is_of_resource(self) -> bool {
        matches!(self, Self::ResourcePolicy | Self::KeyPolicy | Self::Trust)
    }

    /// Whether its statements say whom they are about; one that does not is about nobody.
    pub(super) fn names_principals(self) -> bool {
        self.is_of_resource() || matches!(self, Self::Rcp | Self::Endpoint)
    }

    pub(super) fn short_arns(self) -> ShortArns {
        match self {
            Self::Identity | Self::Boundary | Self::Session => ShortArns::Filled,
            Self::ResourcePolicy | Self::KeyPolicy | Self::Trust | Self::Endpoint => ShortArns::WithWildcard,
            Self::Scp => ShortArns::WithTrailingStar,
            Self::Rcp => ShortArns::Unmatched,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// The layer that denies, or that leaves it unknown; for an allow the one that grants.
    pub layer: Option<Layer>,
    pub by: Option<DecidedBy>,
    /// Condition keys, and documents, that would have to be known.
    pub unknown: BTreeSet<String>,
    /// Every layer that lacks an allow, also behind an explicit deny; a fix has to reach all of them.
    pub lacking: Vec<Layer>,
    /// Every statement that denies explicitly; each of them has to go before the call can be allowed.
    pub deniers: Vec<Denier>,
}

/// A statement that denies explicitly, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denier {
    pub layer: Layer,
    pub by: DecidedBy,
}

/// The policy and the statement (its Sid or `#n`) that decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecidedBy {
    pub policy: String,
    pub statement: String,
}

impl Decision {
    pub(super) fn new(outcome: Outcome, layer: Option<Layer>, by: Option<DecidedBy>) -> Self {
        Self { outcome, layer, by, unknown: BTreeSet::new(), lacking: Vec::new(), deniers: Vec::new() }
    }

    /// A decision that nothing read so far settles.
    pub fn unknown(layer: Layer, unknown: BTreeSet<String>) -> Self {
        Self { unknown, ..Self::new(Outcome::Unknown, Some(layer), None) }
    }
}
