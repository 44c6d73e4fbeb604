//! Where answers come from. A collector turns needs into facts; it judges nothing and prints nothing.
//!
//! Depends on `id` and `case` alone. [`Nothing`] answers no need, which is what a replay of a snapshot does; `aws` is
//! the only place that names an AWS SDK crate, but for `post`, which reads a webhook's address.

#[cfg(feature = "aws")]
pub mod aws;

use std::collections::BTreeSet;

use crate::case::{Fact, Gap, Need};

/// Answers the needs of one round, all asked at once.
pub trait Collector {
    /// One fact for each need, in any order; what cannot be learnt is a gap.
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)>;

    /// API calls made so far, pages and retries not counted twice.
    fn calls(&self) -> usize;
}

/// The collector of `--offline` and of replays: every need stays open.
pub struct Nothing;

impl Collector for Nothing {
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
        needs.iter().map(|need| (need.clone(), Fact::Missing(Gap::NotAsked))).collect()
    }

    fn calls(&self) -> usize {
        0
    }
}
