//! Message and facts joined: which cause explains the failure.
//!
//! A message alone, or a fact alone, makes a cause likely; together they confirm it. What is consistent with the rest
//! but neither stated nor shown is possible, and never pretends to be more.

use std::collections::BTreeMap;

use super::{
    Ground, Status,
    check::Check,
    denied::concerns,
    exit,
    fault::{Fault, FaultSubject, is_contradicted},
    finding::{Confidence, Evidence, Finding, State},
    path::Way,
    standing::{self, Standing},
    wrong_role,
};
use crate::{
    case::{Case, Fact, Need, Service, Task},
    knowledge::{Catalogue, Match, Owner, Ranked, Rule, Tier},
    require::{RoleRef, Thing, Workload},
    subject::Subject,
    symptom::{DenialLayer, Source, Symptom},
};

/// Holes of rules that catch the name of a resource.
pub(super) const RESOURCE_HOLES: [&str; 9] =
    ["resource", "secret", "parameter", "image", "repository", "group", "role", "file", "host"];

/// Everything that joining needs.
pub struct Join<'a> {
    pub case: &'a Case,
    pub workload: Option<&'a Workload<'a>>,
    pub ground: &'a Ground,
    pub catalogue: &'a Catalogue,
    pub symptoms: &'a [Symptom],
    /// How near each container is to the cause of the stop.
    pub standings: BTreeMap<String, Standing>,
}

impl<'a> Join<'a> {
    /// The findings on a subject, the one that explains the failure first.
    pub fn findings(&self, subject: &Subject<'_>) -> (Status, Vec<Finding>) {
        match subject {
            Subject::Missing { message } => (Status::NotFound, vec![self.missing(message)]),
            Subject::Unread(_) => (Status::Inconclusive, vec![self.unknown(None)]),
            Subject::Task(task) if !task.is_stopped() => (Status::NotFailed, self.waiting(task)),
            Subject::Task(task) => self.stopped(task),
            Subject::Service(service) => self.service(service),
            Subject::Definition(_) => (Status::NotFailed, Vec::new()),
        }
    }

    fn stopped(&self, task: &Task) -> (Status, Vec<Finding>) {
        let ranked = self.ranked();
        if let Some(findings) = self.rolled_back(task, &ranked) {
            return (Status::Diagnosed, findings);
        }
        let first = self.preferred(&ranked, task);
        if let Some(first) = first.filter(|r| self.is_benign(r, task)) {
            let stop = Finding { advice: Vec::new(), ..self.stated(first, &first.matched.rule.cause) };
            return (Status::Benign, vec![self.scaled_in(task, stop)]);
        }
        let never_ran = task.containers.iter().all(|c| c.exit_code.is_none());
        self.settle(first.and_then(|r| self.explained(r)), &ranked, never_ran)
    }

    /// The matches of a task's signals: those of the container that failed first before others', and what only says that
    /// something failed after what says why.
    fn ranked(&self) -> Vec<Ranked<'a>> {
        let open = !self.standings.is_empty() && !self.standings.values().any(|s| *s == Standing::First);
        let mut ranked = self.catalogue.rank(self.symptoms);
        ranked.sort_by_key(|r| {
            let Some(symptom) = self.symptoms.get(r.symptom) else { return (true, true, Standing::Injected) };
            let standing = self.standing(symptom.container.as_deref());
            let from_log = symptom.source == Source::ContainerLog;
            let aside = standing >= Standing::SideCar || (from_log && (open || is_beside(r, symptom)));
            (aside, r.matched.rule.tier == Tier::Symptom, standing)
        });
        ranked
    }

    /// The standing of a container; what is said of the task as a whole is about the first of its ends.
    pub(super) fn standing(&self, container: Option<&str>) -> Standing {
        let Some(name) = container else { return Standing::First };
        match standing::injector(self.workload, name) {
            Some(_) if self.standings.is_empty() => Standing::Injected,
            _ => self.standings.get(name).copied().unwrap_or(Standing::First),
        }
    }

    /// A service that fails to start tasks leaves no task behind; one whose events say nothing is well, if it runs.
    fn service(&self, service: &Service) -> (Status, Vec<Finding>) {
        let ranked = self.catalogue.rank(self.symptoms);
        let failing = ranked.iter().find(|r| !self.cause_is(&r.matched.rule.cause, |c| c.benign));
        let idle = service.desired_count > 0 && service.running_count == 0 && service.pending_count == 0;
        match failing {
            Some(first) => self.settle(self.explained(first), &ranked, true),
            None if idle || !stopped_tasks_read(self.case) => self.settle(None, &ranked, false),
            None => (Status::NotFailed, Vec::new()),
        }
    }

    /// Puts the other faults behind the first finding, or says that nothing is settled.
    fn settle(&self, first: Option<Finding>, ranked: &[Ranked<'a>], never_ran: bool) -> (Status, Vec<Finding>) {
        let nothing_stated = first.is_none() && ranked.is_empty();
        let first = first.or_else(|| {
            let fault =
                self.ground.faults.first().filter(|f| never_ran && nothing_stated && f.subject != FaultSubject::End)?;
            Some(self.of_fault(fault, Confidence::Likely))
        });
        let mut findings = Vec::new();
        let status = match first {
            Some(finding) => {
                findings.push(self.with_target_health(self.in_context(finding, ranked)));
                Status::Diagnosed
            }
            None => {
                findings.push(self.unknown(self.symptoms.first()));
                findings.extend(self.possible(ranked));
                Status::Inconclusive
            }
        };
        if let (Some(workload), Some(fault)) = (self.workload, findings.first().and_then(|f| f.fault.clone())) {
            findings.extend(wrong_role::find(self.case, workload, &fault, self.catalogue));
        }
        let hidden = findings.first().and_then(|first| self.hidden_absence(first));
        findings.extend(hidden);
        if status == Status::Diagnosed {
            let others = self.of_other_containers(&findings, ranked);
            findings.extend(others);
        }
        let is = |finding: &Finding, fault: &Fault| {
            finding.fault.as_ref().is_some_and(|known| known == fault || known.shares_hop(fault))
        };
        let shown = |fault: &Fault| findings.iter().any(|finding| is(finding, fault));
        let others = self.ground.faults.iter().filter(|f| f.subject != FaultSubject::End && !shown(f));
        let others: Vec<Finding> = others.map(|f| self.of_fault(f, Confidence::Possible)).collect();
        findings.extend(others);
        (status, findings)
    }

    /// The best match, unless the way the containers ended says more: all that matter with success, or one that had to be
    /// killed when the stop was ordered.
    fn preferred<'r>(&self, ranked: &'r [Ranked<'a>], task: &Task) -> Option<&'r Ranked<'a>> {
        let first = ranked.first()?;
        let by_end = |cause: &str| ranked.iter().find(|r| r.matched.rule.causes().any(|c| c == cause));
        let from_log = self.symptoms.get(first.symptom).is_some_and(|s| s.source == Source::ContainerLog);
        let benign = self.cause_is(&first.matched.rule.cause, |c| c.benign);
        let too_slow = self.ground.faults.iter().any(|f| f.cause == "sigkill-stop-timeout");
        let killed = too_slow || (benign && task.containers.iter().any(|c| c.exit_code == Some(exit::KILLED)));
        if self.workload.is_some_and(|w| exit::succeeded(w, task)) {
            return ranked.iter().find(|r| r.matched.rule.cause == "app-exit-zero").or(Some(first));
        }
        if killed && (benign || from_log) { by_end("sigkill-stop-timeout").or(Some(first)) } else { Some(first) }
    }

    fn is_benign(&self, ranked: &Ranked<'a>, task: &Task) -> bool {
        let cause = ranked.matched.rule.cause.as_str();
        let one_off = task.service().is_none() && task.deployment().is_none();
        let awaited = || self.ground.faults.iter().any(|f| f.cause == "app-exit-zero");
        self.cause_is(cause, |c| c.benign) || (cause == "app-exit-zero" && one_off && !awaited())
    }

    /// Whether facts of the account speak about a cause, and every one that does says that all is well.
    pub(super) fn is_contradicted(&self, cause: &str) -> bool {
        if let Some(way) = self.way(None, cause) {
            return way == Way::Open;
        }
        self.workload.is_some_and(|workload| {
            is_contradicted(self.case, workload, &self.ground.requirements, &self.ground.checks, cause, self.catalogue)
        })
    }

    /// Whether a cause is out of the question, be it by facts or by the way the task ended.
    pub(super) fn is_ruled_out(&self, cause: &str) -> bool {
        let by_its_end = self.workload.and_then(|w| w.task).is_some_and(|task| exit::rules_out(task, cause));
        by_its_end || (cause == "exec-format-arch" && self.has_logged()) || self.is_contradicted(cause)
    }

    /// Whether a program ran long enough to write a line: the kernel could execute it.
    fn has_logged(&self) -> bool {
        let mut sources = self.symptoms.iter().map(|s| s.source);
        sources.any(|source| source == Source::ContainerLog)
    }

    pub(super) fn cause_is(&self, id: &str, has: impl Fn(&crate::knowledge::Cause) -> bool) -> bool {
        self.catalogue.cause(id).is_some_and(has)
    }

    /// What a match means in the light of the facts; `None` if they leave it open.
    fn explained(&self, ranked: &Ranked<'a>) -> Option<Finding> {
        let rule = ranked.matched.rule;
        if let Some(fault) = self.fault_for(ranked) {
            let other = |f: &&Fault| rule.causes().any(|cause| *cause == f.cause) && !f.shares_hop(fault);
            let alone = self.ground.faults.iter().filter(other).all(|f| f == fault);
            let agree = alone || rule.tier == Tier::Specific || self.symptom(ranked).denial().is_some();
            let agree = agree && fault.is_sure() && !self.may_be_cached(ranked, fault);
            let confidence = if agree { Confidence::Confirmed } else { Confidence::Likely };
            return Some(self.with_fault(ranked, fault, confidence));
        }
        if let Some((fault, confidence)) = self.absent_file(ranked) {
            return Some(self.with_fault(ranked, fault, confidence));
        }
        let says_enough = match rule.tier {
            Tier::Specific => true,
            Tier::General => self.is_mended(rule),
            Tier::Symptom => !self.cause_is(&rule.cause, |c| c.symptom),
        };
        says_enough.then(|| self.stated(ranked, &rule.cause))
    }

    /// Whether a pull-through cache, of which the message speaks, may have to make the missing repository: its rules were not
    /// read.
    fn may_be_cached(&self, ranked: &Ranked<'a>, fault: &Fault) -> bool {
        let spoken = ranked.matched.rule.cause == "pull-through-cache" && fault.cause == "repository-not-found";
        match &fault.subject {
            FaultSubject::Thing(Thing::Image(image)) if spoken => self.case.pull_through_cache_rules(image).is_err(),
            _ => false,
        }
    }

    /// A text that covers several causes: whether the facts rule out the likeliest, and no cause is left that lies on the
    /// way to AWS, where facts do not reach.
    fn is_mended(&self, rule: &Rule) -> bool {
        let of_network = |cause: &String| self.cause_is(cause, |c| c.owner == Owner::Network);
        self.is_contradicted(&rule.cause)
            && rule.causes().filter(|cause| of_network(cause)).all(|cause| self.way(None, cause) == Some(Way::Open))
    }

    pub(super) fn concerns(&self, symptom: &Symptom, check: &Check) -> bool {
        self.workload.is_some_and(|workload| concerns(workload, symptom, check))
    }

    pub(super) fn symptom(&self, ranked: &Ranked<'a>) -> Symptom {
        self.symptoms.get(ranked.symptom).cloned().unwrap_or_else(|| Symptom::new(Source::Text, ""))
    }

    /// A cause that the message states and no fault shows.
    pub(super) fn stated(&self, ranked: &Ranked<'a>, cause: &str) -> Finding {
        let symptom = self.symptom(ranked);
        let checks = &self.ground.checks;
        let mended = match symptom.denial() {
            Some(_) => {
                let concerned: Vec<_> = checks.iter().filter(|c| self.concerns(&symptom, c)).collect();
                !concerned.is_empty() && concerned.iter().all(|c| c.is_allowed())
            }
            None => self.is_contradicted(cause) && self.is_examined(&ranked.matched),
        };
        let state = if mended { State::Resolved } else { State::Unknown };
        let matched = &self.told(&ranked.matched, &symptom);
        let finding = Finding {
            confidence: Confidence::Likely,
            state,
            title: matched.rule.title.clone(),
            why: matched.why(),
            rule: Some(matched.rule.id.clone()),
            container: symptom.container.clone(),
            role: self.role_of(cause),
            resource: self.resource_of(matched, &symptom),
            evidence: vec![self.said(&symptom)],
            fault: None,
            advice: self.elsewhere(&symptom).map_or_else(|| matched.advice(), |advice| vec![advice]),
            cause: cause.to_owned(),
        };
        self.on_its_way(&symptom, self.of_application(&symptom, finding))
    }

    /// What to do where the message says that a layer denied which no grant of the role outweighs.
    fn elsewhere(&self, symptom: &Symptom) -> Option<(String, Vec<String>)> {
        let denial = symptom.denial()?;
        let whose = match denial.layer? {
            DenialLayer::Endpoint => "the policy of the VPC endpoint that the call goes through",
            DenialLayer::ServiceControl => "the service control policies of the organization",
            DenialLayer::ResourceControl => "the resource control policies of the organization",
            DenialLayer::Session | DenialLayer::Identity | DenialLayer::Resource | DenialLayer::Boundary => {
                return None;
            }
        };
        let title = format!(
            "Have {whose} allow {}: that is what denied it, and no grant of the role changes it",
            denial.action
        );
        let page = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html";
        Some((title, vec![page.to_owned()]))
    }

    /// A fault that no message led to.
    pub(super) fn of_fault(&self, fault: &Fault, confidence: Confidence) -> Finding {
        let cause = self.catalogue.cause(&fault.cause);
        let source = match &fault.subject {
            FaultSubject::Calls(_) | FaultSubject::Role(_) => "iam",
            FaultSubject::Thing(_) | FaultSubject::Reference | FaultSubject::Definition => "facts",
            FaultSubject::Path(_) | FaultSubject::EndpointPolicy(_) => "network",
            FaultSubject::End => "timeline",
        };
        let state = match &fault.subject {
            FaultSubject::End => State::Unknown,
            _ => State::Present,
        };
        Finding {
            cause: fault.cause.clone(),
            confidence,
            state,
            title: cause.map_or_else(|| fault.cause.clone(), |c| c.title.clone()),
            why: capitalised(&fault.shows),
            rule: None,
            container: fault.container.clone(),
            role: fault.role.clone(),
            resource: fault.resource.clone(),
            evidence: vec![Evidence { source: source.to_owned(), text: fault.shows.clone() }],
            fault: Some(fault.clone()),
            advice: Vec::new(),
        }
    }

    pub(super) fn role_of(&self, cause: &str) -> Option<RoleRef> {
        let workload = self.workload?;
        let role = match self.catalogue.cause(cause)?.owner {
            Owner::ExecutionRole if cause.starts_with("ecr-") => workload.puller(),
            Owner::ExecutionRole if cause.starts_with("log-") => workload.logger(),
            Owner::ExecutionRole => workload.execution_role(),
            Owner::TaskRole => workload.task_role(),
            _ => return None,
        };
        role.arn.is_some().then_some(role)
    }

    /// What the message names: the denied resource, or what a hole of the rule caught; for an image the one in use.
    fn resource_of(&self, matched: &Match<'_>, symptom: &Symptom) -> Option<String> {
        let captures = matched.captures();
        let caught = || RESOURCE_HOLES.iter().find_map(|hole| captures.get(*hole).cloned());
        let image = || {
            let pull = matched.rule.family == "image";
            let workload = self.workload.filter(|_| pull)?;
            let mut containers = workload.containers();
            let wanted = containers.find(|(c, _)| symptom.container.as_ref().is_none_or(|name| *name == c.name));
            wanted.map(|(_, image)| image.to_owned())
        };
        symptom.denial().and_then(|d| d.resource).or_else(caught).or_else(image)
    }
}

/// Whether a log's line is not what ended its container: the log went on, or the kernel killed it, which only memory explains.
fn is_beside(ranked: &Ranked<'_>, symptom: &Symptom) -> bool {
    const OF_MEMORY: [&str; 3] = ["app-heap-oom", "oom-container", "oom-task"];
    let of_memory = ranked.matched.rule.causes().any(|cause| OF_MEMORY.contains(&cause.as_str()));
    symptom.is_passed() || (symptom.exit_code == Some(exit::KILLED) && !of_memory)
}

/// Whether every question after the service's stopped tasks was answered.
fn stopped_tasks_read(case: &Case) -> bool {
    let asked = case.facts().filter(|(need, _)| matches!(need, Need::StoppedTasks { .. } | Need::Tasks { .. }));
    asked.fold(true, |read, (_, fact)| read && matches!(fact, Fact::Known(..)))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}
