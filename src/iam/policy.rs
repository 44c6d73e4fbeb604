//! A policy document, parsed without loss: what cannot be read stays in its place as such.
//!
//! The grammar is <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>: scalars stand for
//! lists of one, Booleans and numbers for their text. Texts are borrowed from the document where they can be.

use std::{borrow::Cow, fmt};

use super::{json::Texts, operator::Operator};

/// A document and the name by which the report calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPolicy<'a> {
    pub name: PolicyName<'a>,
    pub policy: Policy<'a>,
}

/// What a policy is called. One that has no name of its own goes by its place, which is put into words only when asked.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyName<'a> {
    /// Its ARN or name.
    Own(Cow<'a, str>),
    /// `list[0]`, or `list[0][0]` on a level.
    Nth { list: &'static str, level: Option<usize>, index: usize },
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for PolicyName<'a> {
    fn from(name: T) -> Self {
        Self::Own(name.into())
    }
}

impl fmt::Display for PolicyName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => f.write_str(name),
            Self::Nth { list, level: None, index } => write!(f, "{list}[{index}]"),
            Self::Nth { list, level: Some(level), index } => write!(f, "{list}[{level}][{index}]"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Policy<'a> {
    /// Whether `Version` is `2012-10-17`: only then are policy variables more than text.
    pub has_variables: bool,
    pub statements: Vec<StatementEntry<'a>>,
}

/// A statement, or what is wrong with it. An unreadable one makes the decisions that it could change unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementEntry<'a> {
    Read(Statement<'a>),
    Unreadable { effect: Option<Effect>, problem: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement<'a> {
    pub sid: Option<Cow<'a, str>>,
    pub effect: Effect,
    /// `None` in identity policies.
    pub principals: Option<Principals<'a>>,
    pub actions: Elements<'a>,
    /// `None` in trust policies and those of repositories.
    pub resources: Option<Elements<'a>>,
    pub conditions: Vec<Condition<'a>>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elements<'a> {
    pub negated: bool,
    pub patterns: Texts<'a>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals<'a> {
    pub negated: bool,
    pub entries: Vec<(PrincipalKind, Cow<'a, str>)>,
}

/// The kinds of principal that a policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    Everyone,
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

/// One operator on one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition<'a> {
    /// `None` for an operator that IAM does not know.
    pub operator: Option<Operator>,
    /// The operator as it is written.
    pub name: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub values: Texts<'a>,
}

impl Statement<'_> {
    /// The Sid, or the place in the policy, as the report names statements.
    pub fn label(&self, index: usize) -> String {
        self.sid.as_ref().map_or_else(|| format!("#{index}"), |sid| sid.clone().into_owned())
    }
}

impl Effect {
    pub(super) fn named(text: &str) -> Option<Self> {
        match text {
            "Allow" => Some(Self::Allow),
            "Deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

impl PrincipalKind {
    pub(super) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "*" => Self::Everyone,
            "AWS" => Self::Aws,
            "Service" => Self::Service,
            "Federated" => Self::Federated,
            "CanonicalUser" => Self::CanonicalUser,
            _ => return None,
        })
    }
}
