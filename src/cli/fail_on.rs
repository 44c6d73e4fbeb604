//! `--fail-on`: which outcomes of a diagnosis a caller wants to see in the exit status.
//!
//! Given a report, gives its status. Only the statuses that say how a task fared (0, 1, 3) are a matter of taste; those
//! of a run that could not do its job (2, 4, 5) are not.

use super::args::FailOn;
use crate::report::Report;

pub fn status(report: &Report, fail_on: FailOn) -> u8 {
    let first = report.findings.first();
    match report.status {
        "not-found" => 4,
        "diagnosed" => match fail_on {
            FailOn::Never => 0,
            FailOn::Present => u8::from(first.is_none_or(|first| first.state != "resolved")),
            FailOn::Diagnosed | FailOn::Failed | FailOn::Stopped => 1,
        },
        "inconclusive" => match fail_on {
            FailOn::Failed | FailOn::Stopped => 3,
            FailOn::Never | FailOn::Present | FailOn::Diagnosed => 0,
        },
        "benign" => u8::from(fail_on == FailOn::Stopped),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        case::{Loaded, load},
        diagnose::{Cost, judge},
        knowledge::Catalogue,
    };

    fn report(name: &str) -> Report {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
        let text = std::fs::read_to_string(root.join(name).join("case.json")).unwrap();
        let Loaded::Snapshot(case) = load(&text).unwrap() else { panic!("{name} is no snapshot") };
        judge(&case, Catalogue::embedded().unwrap(), Cost::default(), Duration::ZERO)
    }

    fn statuses(name: &str) -> [u8; 5] {
        let report = report(name);
        [FailOn::Never, FailOn::Present, FailOn::Diagnosed, FailOn::Failed, FailOn::Stopped]
            .map(|fail_on| status(&report, fail_on))
    }

    #[test]
    fn each_outcome_has_its_statuses() {
        assert_eq!(statuses("secret-is-denied"), [0, 1, 1, 1, 1]);
        assert_eq!(statuses("environment-file-granted-since"), [0, 0, 1, 1, 1]);
        assert_eq!(statuses("truncated-reason"), [0, 0, 0, 3, 3]);
        assert_eq!(statuses("scaled-in"), [0, 0, 0, 0, 1]);
        assert_eq!(statuses("still-running"), [0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_not_found_is_never_hidden() {
        let mut report = report("still-running");
        report.status = "not-found";
        for fail_on in [FailOn::Never, FailOn::Present, FailOn::Diagnosed, FailOn::Failed, FailOn::Stopped] {
            assert_eq!(status(&report, fail_on), 4);
        }
    }
}
