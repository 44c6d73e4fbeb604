//! Would AWS allow this call? Policies as IAM evaluates them, with unknown as a value.
//!
//! Given policy documents and a request, gives a [`Decision`]: allowed, implicitly or explicitly denied, or unknown
//! because of named condition keys or unread documents; with the layer and the statement that decided, and all that
//! stands in the way. Knows nothing of ECS. The rules are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

mod condition;
mod context;
mod decide;
mod eval;
mod glob;
mod json;
mod layers;
mod operator;
mod parse;
mod pattern;
mod policy;
mod principal;
mod service;
mod statement;
mod truth;
mod voice;

pub use context::{Context, Request, Values};
pub use decide::decide;
pub use eval::{EvalCase, EvalError};
pub use layers::{DecidedBy, Decision, Denier, Layer, Layers, Outcome, PolicySet, ResourcePolicy};
pub use operator::Operator;
pub use parse::PolicyError;
pub use pattern::action_matches;
pub use policy::{
    Condition, Effect, Elements, NamedPolicy, Policy, PolicyName, PrincipalKind, Principals, Statement, StatementEntry,
};
pub use service::{is_known, is_wildcard_only, may_name, siblings};
pub use truth::Truth;
