//! `Case`, `Fact`, `Gap`: what is known, and what is not and why.
//!
//! A gap is data, never an error: the judgement treats whatever depends on it as undecided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Need, Target, redact};

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// An AWS API answered the need.
    Aws,
    /// The user handed it over: an event, the output of `aws ecs describe-tasks`, a task definition.
    File,
}

/// The answer to a need.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Known(Answer, Origin),
    Missing(Gap),
}

/// Why a need has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Gap {
    /// Nobody asked: offline, or a snapshot that predates the question.
    NotAsked,
    /// The caller may not ask.
    Denied {
        message: String,
    },
    /// AWS says that there is no such thing.
    NotFound {
        message: String,
    },
    Throttled {
        message: String,
    },
    /// The deadline passed first.
    TimedOut,
    /// The caller has no usable credentials.
    Unauthenticated {
        message: String,
    },
    /// No answer came: name resolution, connection, TLS.
    Unreachable {
        message: String,
    },
    /// AWS answered with any other error.
    Failed {
        message: String,
    },
}

static NOT_ASKED: Gap = Gap::NotAsked;

/// All facts at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub target: Target,
    /// When the facts were read; judgements that depend on the time use this instant.
    pub taken_at: Timestamp,
    /// Version of the ecs-why that read them.
    pub tool_version: String,
    facts: BTreeMap<Need, Fact>,
    /// The needs whose policy documents are not here as they stand in the account.
    altered: BTreeSet<Need>,
}

impl Case {
    /// A case without facts.
    pub fn new(target: Target, taken_at: Timestamp) -> Self {
        Self {
            target,
            taken_at,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            facts: BTreeMap::new(),
            altered: BTreeSet::new(),
        }
    }

    /// Takes a fact in, cleaned. The latest answer to a need holds.
    pub fn admit(&mut self, need: Need, fact: Fact) {
        self.altered.remove(&need);
        if redact::alters_policy(&fact) {
            self.altered.insert(need.clone());
        }
        self.facts.insert(need, redact::fact(fact));
    }

    /// Whether cleaning changed the policy document that answers a need: written back, it would be another one.
    pub fn is_altered(&self, need: &Need) -> bool {
        self.altered.contains(need)
    }

    /// Remembers what an earlier run saw before it cleaned.
    pub(super) fn mark_altered(&mut self, need: Need) {
        self.altered.insert(need);
    }

    /// Everything asked so far, in the order of the needs.
    pub fn facts(&self) -> impl Iterator<Item = (&Need, &Fact)> {
        self.facts.iter()
    }

    /// The needs that nobody has asked yet.
    pub fn unasked(&self, wanted: BTreeSet<Need>) -> BTreeSet<Need> {
        wanted.into_iter().filter(|need| !self.facts.contains_key(need)).collect()
    }

    /// The answer to a need, or why there is none.
    pub fn answer(&self, need: &Need) -> Result<&Answer, &Gap> {
        match self.facts.get(need) {
            Some(Fact::Known(answer, _)) => Ok(answer),
            Some(Fact::Missing(gap)) => Err(gap),
            None => Err(&NOT_ASKED),
        }
    }
}

impl Gap {
    /// Whether AWS itself says that the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// The status of the report's coverage.
    pub fn status(&self) -> &'static str {
        match self {
            Self::NotAsked => "skipped",
            Self::Denied { .. } => "denied",
            Self::NotFound { .. } => "not-found",
            Self::Throttled { .. } => "throttled",
            Self::TimedOut => "timeout",
            Self::Unauthenticated { .. } | Self::Unreachable { .. } | Self::Failed { .. } => "error",
        }
    }

    /// What AWS said, if it said anything.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::NotAsked | Self::TimedOut => None,
            Self::Denied { message }
            | Self::NotFound { message }
            | Self::Throttled { message }
            | Self::Unauthenticated { message }
            | Self::Unreachable { message }
            | Self::Failed { message } => Some(message),
        }
    }
}
