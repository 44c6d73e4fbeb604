//! Every proven fix, applied: the fault is gone, nothing else broke, and there is nothing left to propose.

use ecs_why::{
    fix::{apply, fixes},
    judge::{Fault, State, diagnose},
};

use crate::{catalogue, fixtures};

#[test]
fn fixes_converge() {
    let mut proven = 0;
    for fixture in fixtures() {
        let before = diagnose(&fixture.case, catalogue());
        for (place, finding) in before.findings.iter().enumerate() {
            for fix in fixes(&fixture.case, &before, finding, catalogue()) {
                if fix.verified != Some(true) {
                    continue;
                }
                proven += 1;
                let mended = apply(&fixture.case, &fix.changes);
                let after = diagnose(&mended, catalogue());
                let what = format!("{}: {}", fixture.name, finding.cause);
                let same = |f: &&Fault| finding.fault.as_ref().is_some_and(|own| f.is_same(own));
                assert_eq!(after.ground.faults.iter().find(same), None, "{what}");
                assert!(after.ground.faults.len() < before.ground.faults.len(), "{what} leads to another fault");
                if place == 0 {
                    let first = after.findings.first().unwrap();
                    assert_eq!(first.state, State::Resolved, "{what}: {}", first.why);
                    assert!(fixes(&mended, &after, first, catalogue()).is_empty(), "{what} is proposed again");
                }
            }
        }
    }
    assert!(proven >= 15, "only {proven} proven fixes");
}
