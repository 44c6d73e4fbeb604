//! The knowledge base as data: what every file promises holds.

use ecs_why::{knowledge::run_examples, require::check_tables};

use crate::catalogue;

#[test]
fn every_rule_matches_its_examples_and_spares_its_near_misses() {
    let (count, failures) = run_examples(catalogue());
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(count > 2 * catalogue().rules().len(), "{count} examples");
}

#[test]
fn every_table_of_needs_reads() {
    assert!(check_tables().is_ok());
}

#[test]
fn every_cause_says_what_it_is() {
    for cause in catalogue().causes() {
        assert!(!cause.title.is_empty() && !cause.meaning.is_empty(), "{}", cause.id);
        let kebab = cause.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(kebab, "{}", cause.id);
    }
    assert!(catalogue().causes().count() >= 100);
}
