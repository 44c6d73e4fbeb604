//! Which fault a message is about, and whether the facts speak about what it names at all.

use super::{
    exit,
    fault::{Fault, FaultSubject, thing_name},
    finding::{Confidence, Finding},
    join::{Join, RESOURCE_HOLES},
    standing::Standing,
};
use crate::{
    knowledge::{Match, Ranked},
    require::Existence,
    symptom::Symptom,
};

impl<'a> Join<'a> {
    /// The fault that the message is about: the very call that it says was denied, else one of the causes that the text
    /// covers, preferably of a resource that it names.
    pub(super) fn fault_for(&self, ranked: &Ranked<'a>) -> Option<&Fault> {
        let symptom = self.symptom(ranked);
        if symptom.denial().is_some() {
            return self.ground.faults.iter().find(|fault| match &fault.subject {
                FaultSubject::Calls(calls) => calls.iter().any(|call| self.concerns(&symptom, call)),
                _ => false,
            });
        }
        let rule = ranked.matched.rule;
        rule.causes().find_map(|cause| {
            let own = *cause == rule.cause;
            let about = |f: &&Fault| f.is_of(cause) && self.may_be_about(&symptom, f, own);
            let mut of_cause: Vec<&Fault> = self.ground.faults.iter().filter(about).collect();
            of_cause.sort_by_key(|f| self.standing(f.container.as_deref()));
            let named = |f: &&&Fault| f.resource.as_deref().is_some_and(|r| symptom.text.contains(r));
            of_cause.iter().find(named).or(of_cause.first()).copied()
        })
    }

    /// A message that names a thing of the task definition is not about another one, nor about another container's.
    fn may_be_about(&self, symptom: &Symptom, fault: &Fault, own: bool) -> bool {
        if fault.subject == FaultSubject::End {
            return self.may_be_about_end(symptom, fault, own);
        }
        if let FaultSubject::Path(broken) = &fault.subject {
            return self.may_be_about_break(symptom, broken);
        }
        let things = self.ground.requirements.things.iter();
        let named: Vec<&Existence> = things.filter(|e| symptom.text.contains(&thing_name(&e.thing))).collect();
        if named.is_empty() || fault.resource.as_deref() == Some("*") {
            return true;
        }
        let is_named = |e: &&Existence| match &fault.subject {
            FaultSubject::Thing(thing) => e.thing == *thing || thing.is_of(&e.thing),
            _ => fault.container.is_none() || e.container == fault.container,
        };
        named.iter().any(is_named)
    }

    /// How a container ended says nothing of another container's messages, and that it ended is no better answer than the
    /// cause that a message states. A side-car's end is not what the task's reason is about.
    fn may_be_about_end(&self, symptom: &Symptom, fault: &Fault, own: bool) -> bool {
        let same = match &symptom.container {
            Some(container) => fault.container.as_ref() == Some(container),
            None => self.standing(fault.container.as_deref()) < Standing::SideCar,
        };
        same && (own || !self.cause_is(&fault.cause, |cause| cause.symptom))
    }

    /// Whether what the message names is among what was judged; a message that names nothing is about all of it.
    pub(super) fn is_examined(&self, matched: &Match<'_>) -> bool {
        let caught = matched.captures();
        let Some(name) = RESOURCE_HOLES.iter().find_map(|hole| caught.get(*hole)) else { return true };
        let name = name.trim_end_matches(['.', ',', ':', '\'', '"']);
        let related = |known: &str| known.contains(name) || name.contains(known);
        let registry = name.split_once(".dkr.ecr.").map(|(before, _)| before.rsplit('/').next().unwrap_or(before));
        let of_registry = |account: &str| registry.is_some_and(|r| r == account) && !name.contains(['/', '@']);
        self.ground.requirements.things.iter().any(|e| related(&thing_name(&e.thing)))
            || self
                .ground
                .checks
                .iter()
                .any(|c| related(&c.permission.resource) || of_registry(&c.permission.resource_account))
    }

    pub(super) fn with_fault(&self, ranked: &Ranked<'a>, fault: &Fault, confidence: Confidence) -> Finding {
        let fault = &self.as_told(&self.symptom(ranked), fault);
        let stated = self.stated(ranked, &fault.cause);
        let shown = self.of_fault(fault, confidence);
        let same_cause = ranked.matched.rule.cause == fault.cause;
        // What only says that a container ended is said best by the container.
        let by_end = fault.subject == FaultSubject::End && self.cause_is(&fault.cause, |cause| cause.symptom);
        // A rule on a permission explains what a role lacks, not what another layer says.
        let of_permission = self.cause_is(&fault.cause, |cause| !cause.actions.is_empty());
        let of_end = self.workload.and_then(|workload| exit::advice(workload, fault));
        // What a rule says of all ways in which a call can come to nothing, the hop says of this one.
        let of_path = matches!(fault.subject, FaultSubject::Path(_));
        let own = same_cause && !of_path && !by_end && of_end.is_none() && !(of_permission && fault.is_elsewhere());
        let log = fault.container.as_deref().filter(|_| fault.subject == FaultSubject::End);
        let log = log.and_then(|container| self.log_end(container));
        let mut evidence = stated.evidence;
        for more in shown.evidence.into_iter().chain(log) {
            if !evidence.contains(&more) {
                evidence.push(more);
            }
        }
        Finding {
            title: match same_cause {
                _ if by_end => shown.why.trim_end_matches('.').to_owned(),
                true => stated.title,
                false => shown.title,
            },
            why: if own { stated.why } else { shown.why },
            rule: stated.rule,
            container: stated.container.or(shown.container),
            evidence,
            advice: if own || of_path || (by_end && of_end.is_none()) {
                stated.advice
            } else {
                of_end.into_iter().collect()
            },
            ..shown
        }
    }
}
