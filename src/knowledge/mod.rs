//! What AWS says and requires, as data: rules that recognise failures, the closed list of causes.
//!
//! Given symptoms, gives [`Match`]es of rules, best first. The files under `knowledge/` are part of the binary; a rule
//! file of a user is read by the same code. Knows wordings, not facts about an account.

mod catalogue;
mod cause;
mod example;
mod index;
mod lint;
mod literals;
mod matcher;
mod prose;
mod rule;

pub use catalogue::{Catalogue, CatalogueError};
pub use cause::{Cause, Owner, Phase};
pub use example::{ExampleFailure, run_examples};
pub use matcher::{Match, Ranked};
pub use rule::{Example, FixAdvice, Rule, Tier, When};
