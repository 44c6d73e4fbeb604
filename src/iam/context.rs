//! The request: who asks for what on what, and what is known of its condition keys.

use std::borrow::Cow;

use super::json::Texts;

/// A call to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<'a> {
    /// An ARN (a role's with its path), the name of a service principal, or `anonymous`.
    pub principal: Cow<'a, str>,
    /// The unique id of the role or user (`AROA…`, `AIDA…`), where it is known.
    pub principal_id: Option<Cow<'a, str>>,
    /// Account of the principal; empty for one that has none.
    pub account: Cow<'a, str>,
    pub action: Cow<'a, str>,
    /// An ARN, or `*` for an action without resource-level permissions.
    pub resource: Cow<'a, str>,
    pub resource_account: Cow<'a, str>,
    pub context: Context<'a>,
}

/// What is known of the condition keys; names ignore case, those of tags as well
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context<'a> {
    keys: Vec<(Cow<'a, str>, Values<'a>)>,
    absent: Vec<Cow<'a, str>>,
    /// Whether a key that is not mentioned is absent rather than unknown.
    complete: bool,
}

/// The values of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<'a> {
    pub values: Texts<'a>,
    /// Whether the key holds a list, whatever its length.
    pub is_list: bool,
}

impl Values<'_> {
    /// The value of a key that holds one; an operator for single values never matches a list.
    pub fn single(&self) -> Option<&str> {
        match &*self.values {
            [value] if !self.is_list => Some(value),
            _ => None,
        }
    }
}

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    Present(&'a Values<'a>),
    Absent,
    Unknown,
}

impl<'a> Context<'a> {
    /// A context in which what is not mentioned is absent.
    pub fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.set(key.into(), Values { values: Texts::One(value.into()), is_list: false });
        self
    }

    #[must_use]
    pub fn with_list(mut self, key: impl Into<Cow<'a, str>>, values: Vec<Cow<'a, str>>) -> Self {
        self.set(key.into(), Values { values: Texts::Many(values), is_list: true });
        self
    }

    /// Says that the request does not carry the key.
    #[must_use]
    pub fn without(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.absent.push(key.into());
        self
    }

    /// Sets a key; a value that it had is replaced.
    pub fn set(&mut self, key: Cow<'a, str>, values: Values<'a>) {
        self.keys.retain(|(known, _)| !known.eq_ignore_ascii_case(&key));
        self.keys.push((key, values));
    }

    /// Every key that is known to hold one value, with it.
    pub fn singles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().filter_map(|(key, values)| Some((key.as_ref(), values.single()?)))
    }

    /// Whether what is not mentioned is absent.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(super) fn get(&self, key: &str) -> Lookup<'_> {
        match self.keys.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            Some((_, values)) => Lookup::Present(values),
            None if self.complete || self.absent.iter().any(|absent| absent.eq_ignore_ascii_case(key)) => {
                Lookup::Absent
            }
            None => Lookup::Unknown,
        }
    }

    /// The value of a key that holds one.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Lookup::Present(values) => values.single(),
            Lookup::Absent | Lookup::Unknown => None,
        }
    }
}
