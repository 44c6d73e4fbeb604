//! The knowledge base as data: what every file promises holds.

use ecs_why::{iam::may_name, judge::diagnose, knowledge::run_examples, require::check_tables};

use crate::{catalogue, fixtures};

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

#[test]
fn every_call_is_one_that_the_service_has() {
    let mut seen = 0;
    for fixture in fixtures() {
        let diagnosis = diagnose(&fixture.case, catalogue());
        for permission in &diagnosis.ground.requirements.permissions {
            let (action, resource) = (permission.action.as_str(), permission.resource.as_str());
            assert_eq!(may_name(action, resource), Some(true), "{}: {action} on {resource}", fixture.name);
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} calls");
}
