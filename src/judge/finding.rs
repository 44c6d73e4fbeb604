//! What a diagnosis finds: a cause, how sure it is, and whether it is still there.

use super::fault::Fault;
use crate::require::RoleRef;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The message and an independent fact agree.
    Confirmed,
    /// One of them says so.
    Likely,
    /// Consistent with the rest.
    Possible,
}

/// Whether the fault is still in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Present,
    Resolved,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub cause: String,
    pub confidence: Confidence,
    pub state: State,
    pub title: String,
    pub why: String,
    pub rule: Option<String>,
    pub container: Option<String>,
    pub role: Option<RoleRef>,
    pub resource: Option<String>,
    pub evidence: Vec<Evidence>,
    /// The fact under it, which a fix has to mend.
    pub fault: Option<Fault>,
    /// What to do where no proven fix is possible: titles and documentation.
    pub advice: Vec<(String, Vec<String>)>,
}
