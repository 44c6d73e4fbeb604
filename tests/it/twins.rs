//! Every proven fix, applied: the fault is gone, nothing else broke, and there is nothing left to propose.

use ecs_why::{
    fix::{apply, fixes},
    judge::{State, diagnose},
};

use crate::{catalogue, fixtures};

#[test]
fn fixes_converge() {
    let mut proven = 0;
    for fixture in fixtures() {
        let before = diagnose(&fixture.case, catalogue());
        for finding in &before.findings {
            for fix in fixes(&fixture.case, &before, finding, catalogue()) {
                if fix.verified != Some(true) {
                    continue;
                }
                proven += 1;
                let mended = apply(&fixture.case, &fix.changes);
                let after = diagnose(&mended, catalogue());
                let first = after.findings.first().unwrap();
                assert_eq!(first.state, State::Resolved, "{}: {}", fixture.name, first.why);
                assert!(fixes(&mended, &after, first, catalogue()).is_empty(), "{} proposes again", fixture.name);
                assert!(after.ground.checks.iter().all(|c| !c.is_broken()), "{}", fixture.name);
            }
        }
    }
    assert!(proven >= 15, "only {proven} proven fixes");
}
