//! The request: who asks for what on what, and what is known of its condition keys.

use std::collections::{BTreeMap, BTreeSet};

/// A call to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// ARN of the role (with its path) or the name of a service principal.
    pub principal: String,
    /// Account of the principal.
    pub account: String,
    pub action: String,
    /// An ARN, or `*` for an action without resource-level permissions.
    pub resource: String,
    pub resource_account: String,
    pub context: Context,
}

/// What is known of the condition keys; names ignore case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
    absent: BTreeSet<String>,
    multivalued: BTreeSet<String>,
    /// Whether a key that is not mentioned is absent rather than unknown.
    complete: bool,
}

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    Present(&'a [String]),
    Absent,
    Unknown,
}

impl Context {
    /// A context in which what is not mentioned is absent.
    pub fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.values.insert(key.to_ascii_lowercase(), vec![value.into()]);
        self
    }

    #[must_use]
    pub fn with_list(mut self, key: &str, values: Vec<String>) -> Self {
        self.multivalued.insert(key.to_ascii_lowercase());
        self.values.insert(key.to_ascii_lowercase(), values);
        self
    }

    /// Says that the request does not carry the key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.absent.insert(key.to_ascii_lowercase());
        self
    }

    pub(super) fn get(&self, key: &str) -> Lookup<'_> {
        let key = key.to_ascii_lowercase();
        match self.values.get(&key) {
            Some(values) => Lookup::Present(values),
            None if self.complete || self.absent.contains(&key) => Lookup::Absent,
            None => Lookup::Unknown,
        }
    }

    /// Whether a key holds a list, whatever its length.
    pub(super) fn is_multivalued(&self, key: &str) -> bool {
        self.multivalued.contains(&key.to_ascii_lowercase())
    }
}
