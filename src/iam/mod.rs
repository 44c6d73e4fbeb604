//! Would AWS allow this call? Policies as IAM evaluates them, with unknown as a value.
//!
//! Given policy documents and a request, gives a [`Decision`]: allowed, implicitly or explicitly denied, or unknown
//! because of named condition keys or unread documents; with the layer and the statement that decided. Depends on `id`
//! alone, and knows nothing of ECS. The rules are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

mod condition;
mod context;
mod decide;
mod layers;
mod operator;
mod pattern;
mod policy;
mod principal;
mod statement;
mod truth;
mod voice;

pub use context::{Context, Request};
pub use decide::{decide, decide_trust};
pub use layers::{DecidedBy, Decision, Denier, Layer, Layers, Outcome, PolicySet, ResourcePolicy};
pub use pattern::action_matches;
pub use policy::{Effect, Elements, NamedPolicy, Policy, PolicyError, Principals, Statement, StatementEntry};
pub use truth::Truth;
