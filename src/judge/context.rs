//! What stands around the first finding: the signals that only followed from it, the container that another one waited
//! for, and who put the container into the task.

use super::{
    finding::{Confidence, Evidence, Finding},
    join::Join,
    standing,
};
use crate::{
    case::{Container, Task},
    knowledge::{Ranked, Tier},
    symptom::{Source, Symptom, ran},
};

impl<'a> Join<'a> {
    /// The finding with what puts it into its place.
    pub(super) fn in_context(&self, finding: Finding, ranked: &[Ranked<'a>]) -> Finding {
        let notes = [self.injected(&finding), self.followed(&finding, ranked), self.never_ran(&finding)];
        let waited_for = self.waited_for(&finding);
        let mut finding = self.named_dependency(finding);
        for (note, evidence) in notes.into_iter().chain([waited_for]).flatten() {
            finding.why = format!("{} {note}", finding.why.trim_end());
            finding.evidence.extend(evidence.into_iter().filter(|e| !finding.evidence.contains(e)).collect::<Vec<_>>());
        }
        finding
    }

    /// What else is said of containers other than the first finding's: side-cars and dependents, in the order of their
    /// standing.
    pub(super) fn of_other_containers(&self, findings: &[Finding], ranked: &[Ranked<'a>]) -> Vec<Finding> {
        let Some(first) = findings.first() else { return Vec::new() };
        let mut others: Vec<Finding> = Vec::new();
        for ranked in ranked.iter().filter(|r| r.matched.rule.tier != Tier::Symptom) {
            let Some(symptom) = self.symptoms.get(ranked.symptom) else { continue };
            let passed = symptom.is_passed();
            let of_container = |f: &Finding| f.container == symptom.container;
            // To state a match costs more than all that rules it out.
            if others.iter().any(of_container) || (!passed && findings.iter().any(of_container)) {
                continue;
            }
            let found = self.stated(ranked, &ranked.matched.rule.cause);
            let known = |f: &Finding| of_container(f) || f.cause == found.cause;
            let elsewhere = found.container.is_some() && first.container.is_some() && !findings.iter().any(known);
            let beside = passed && found.cause != first.cause;
            if (elsewhere || beside) && !others.iter().any(known) {
                others.push(self.placed(Finding { confidence: Confidence::Possible, ..found }));
            }
        }
        others
    }

    fn placed(&self, finding: Finding) -> Finding {
        match self.injected(&finding) {
            Some((note, _)) => Finding { why: format!("{} {note}", finding.why.trim_end()), ..finding },
            None => finding,
        }
    }

    /// A container that the user never defined.
    fn injected(&self, finding: &Finding) -> Option<(String, Vec<Evidence>)> {
        let name = finding.container.as_deref()?;
        let service = standing::injector(self.workload, name)?;
        Some((format!("Container {name} is not of the task definition: {service} put it into the task."), Vec::new()))
    }

    /// What ECS says of the task where that is only what the finding brought about.
    fn followed(&self, finding: &Finding, ranked: &[Ranked<'a>]) -> Option<(String, Vec<Evidence>)> {
        let sums_up = |r: &&Ranked<'a>| {
            let source = self.symptoms.get(r.symptom).map(|s| s.source);
            matches!(source, Some(Source::TaskStoppedReason | Source::ServiceEvent | Source::ServiceDeployment))
        };
        let followed = ranked.iter().find(|r| sums_up(r))?;
        let symptom = self.symptoms.get(followed.symptom)?;
        let own = followed.matched.rule.tier != Tier::Symptom
            || finding.rule.as_deref() == Some(&followed.matched.rule.id)
            || finding.evidence.iter().any(|e| e.text == symptom.raw.trim());
        let note = || format!("\"{}\" only says what followed from it.", first_sentence(symptom));
        (!own).then(|| (note(), vec![self.said(symptom)]))
    }

    /// The container that the finding's one waited for, as it ended.
    fn waited_for(&self, finding: &Finding) -> Option<(String, Vec<Evidence>)> {
        let waiting = finding.container.as_deref().filter(|_| finding.cause == "dependency-failed")?;
        let dependency = self.dependency_of(waiting)?;
        let code = dependency.exit_code?;
        let end = Evidence {
            source: Source::ExitCode.name().to_owned(),
            text: format!("container {} ended with exit code {code}", dependency.name),
        };
        let note = format!("Container {} is what it waited for.", dependency.name);
        Some((note, std::iter::once(end).chain(self.log_end(&dependency.name)).collect()))
    }

    /// A headline that names who waited for whom.
    fn named_dependency(&self, finding: Finding) -> Finding {
        let waiting = finding.container.clone().filter(|_| finding.cause == "dependency-failed");
        let named = waiting.and_then(|waiting| Some((self.dependency_of(&waiting)?.name.clone(), waiting)));
        match named {
            Some((name, waiting)) => {
                Finding { title: format!("Container {name}, which {waiting} waits for, failed"), ..finding }
            }
            None => finding,
        }
    }

    /// Of the containers that one waits for, the one whose end came first.
    fn dependency_of(&self, waiting: &str) -> Option<&Container> {
        let workload = self.workload?;
        let awaited = |c: &&Container| standing::waits_for(workload, waiting, &c.name);
        let mut ends: Vec<&Container> = workload.task?.containers.iter().filter(|c| ran(c)).filter(awaited).collect();
        ends.sort_by_key(|c| (self.standing(Some(&c.name)), c.exit_code == Some(0)));
        ends.first().copied()
    }

    /// The containers that never ran since they waited for the finding's one.
    fn never_ran(&self, finding: &Finding) -> Option<(String, Vec<Evidence>)> {
        let task: &Task = self.workload?.task?;
        let failed = finding.container.as_deref()?;
        let waited = |c: &&Container| self.workload.is_some_and(|w| standing::waits_for(w, &c.name, failed));
        let names: Vec<&str> =
            task.containers.iter().filter(|c| !ran(c)).filter(waited).map(|c| c.name.as_str()).collect();
        let note = || format!("It never came to {}, which waits for {failed}.", names.join(", "));
        (!names.is_empty()).then(|| (note(), Vec::new()))
    }
}

/// A reason as it is quoted in a sentence: its beginning.
fn first_sentence(symptom: &Symptom) -> String {
    const LONGEST: usize = 120;
    let text = symptom.text.trim_end_matches(['.', ' ']);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}
