//! The layers that decide a call, and what a decision says. Which of them wins is `decide`'s matter.

use std::collections::BTreeSet;

use super::policy::NamedPolicy;

/// Policies that speak together, and what of them could not be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicySet {
    pub policies: Vec<NamedPolicy>,
    /// Why some are missing, in words for the report. Anything may stand in them.
    pub unread: Vec<String>,
}

/// The policy on the other side of the call.
#[derive(Debug, Clone, PartialEq)]
pub enum ResourcePolicy {
    /// This kind of resource has none, or none is set.
    None,
    /// A repository's, a secret's or a bucket's.
    Set(PolicySet),
    /// A KMS key's, without which nothing is allowed.
    Key(PolicySet),
}

/// Everything that decides a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    pub identity: PolicySet,
    /// `None`: the role has no boundary.
    pub boundary: Option<PolicySet>,
    pub resource: ResourcePolicy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Identity,
    Boundary,
    ResourcePolicy,
    KeyPolicy,
    Trust,
    Session,
    Scp,
    Rcp,
    Endpoint,
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
    pub(super) fn new(outcome: Outcome, layer: Layer, by: Option<DecidedBy>) -> Self {
        Self { outcome, layer: Some(layer), by, unknown: BTreeSet::new(), lacking: Vec::new(), deniers: Vec::new() }
    }

    pub(super) fn lacking(lacking: Vec<Layer>) -> Self {
        Self {
            outcome: Outcome::ImplicitlyDenied,
            layer: lacking.first().copied(),
            by: None,
            unknown: BTreeSet::new(),
            lacking,
            deniers: Vec::new(),
        }
    }

    /// A decision that nothing read so far settles.
    pub fn unknown(layer: Layer, unknown: BTreeSet<String>) -> Self {
        Self {
            outcome: Outcome::Unknown,
            layer: Some(layer),
            by: None,
            unknown,
            lacking: Vec::new(),
            deniers: Vec::new(),
        }
    }
}
