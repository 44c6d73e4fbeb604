//! What is asked of IAM's policy simulator, and what it answers
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Calls of one principal on one resource, with what is known of their condition keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedCalls {
    /// ARN of a role, with its path.
    pub principal: String,
    /// An ARN, or `*` for actions without resource-level permissions.
    pub resource: String,
    pub actions: Vec<String>,
    pub context: BTreeMap<String, String>,
}

/// An answer of `SimulatePrincipalPolicy`, all its pages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Simulation {
    pub results: Vec<SimulatedCall>,
}

/// What the simulator says of one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedCall {
    pub action: String,
    pub decision: SimulatedDecision,
    /// Keys that policies ask for and that the simulator was not told.
    #[serde(default)]
    pub missing_context: Vec<String>,
    /// Whether the organization's policies let it through; `None` for an account that is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_by_organizations: Option<bool>,
    /// Whether the boundary lets it through; `None` for a role that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_by_boundary: Option<bool>,
}

/// A decision in AWS's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SimulatedDecision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl SimulatedDecision {
    /// As AWS and the report's JSON name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitDeny => "implicitDeny",
            Self::ExplicitDeny => "explicitDeny",
        }
    }
}

impl Simulation {
    /// What it says of an action; names of actions ignore case.
    pub fn of(&self, action: &str) -> Option<&SimulatedCall> {
        self.results.iter().find(|result| result.action.eq_ignore_ascii_case(action))
    }
}
