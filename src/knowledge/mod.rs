//! What AWS says and requires, as data: rules that recognise failures, the closed list of causes.
//!
//! Given symptoms, gives [`Match`]es of rules, best first. The files under `knowledge/` are part of the binary; a rule
//! file of a user is read by the same code, and what is wrong with it is a [`Problem`]. Knows wordings, not facts about
//! an account.

mod catalogue;
mod cause;
mod example;
mod index;
mod lint;
mod literals;
mod matcher;
mod prepared;
mod problem;
mod prose;
mod rule;

pub use catalogue::{Catalogue, CatalogueError, UserFile};
pub use cause::{Cause, Owner, Phase};
pub use example::{ExampleFailure, best_match, run_examples, run_examples_of};
pub use lint::read_config;
pub use matcher::{Match, Ranked};
pub use problem::{Place, Problem, shown};
pub use rule::{Example, FixAdvice, Origin, Rule, Tier, When};
