//! Message and facts joined: which cause explains the failure, how sure that is, and whether it is still there.
//!
//! A message alone, or a fact alone, makes a cause likely; together they confirm it. What is consistent with the rest
//! but neither stated nor shown is possible, and never pretends to be more.

use super::{
    Ground, Status,
    check::concerns,
    fault::{Fault, FaultSubject, is_contradicted},
    symptoms, thing, wrong_role,
};
use crate::{
    case::{Case, Task},
    knowledge::{Catalogue, Match, Owner, Ranked, Rule, Tier},
    require::{RoleRef, Workload},
    subject::Subject,
    symptom::{Source, Symptom},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The message and an independent fact agree.
    Confirmed,
    /// One of them says so.
    Likely,
    /// Consistent with the rest.
    Possible,
}

/// Whether the fault is still in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Present,
    Resolved,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub cause: String,
    pub confidence: Confidence,
    pub state: State,
    pub title: String,
    pub why: String,
    pub rule: Option<String>,
    pub container: Option<String>,
    pub role: Option<RoleRef>,
    pub resource: Option<String>,
    pub evidence: Vec<Evidence>,
    /// The fact under it, which a fix has to mend.
    pub fault: Option<Fault>,
    /// What to do where no proven fix is possible: titles and documentation.
    pub advice: Vec<(String, Vec<String>)>,
}

/// Everything that joining needs.
pub struct Join<'a> {
    pub case: &'a Case,
    pub workload: Option<&'a Workload<'a>>,
    pub ground: &'a Ground,
    pub catalogue: &'a Catalogue,
    pub symptoms: &'a [Symptom],
}

impl<'a> Join<'a> {
    /// The findings on a subject, the one that explains the failure first.
    pub fn findings(&self, subject: &Subject<'_>) -> (Status, Vec<Finding>) {
        match subject {
            Subject::Missing { message } => (Status::NotFound, vec![self.missing(message)]),
            Subject::Unread(_) => (Status::Inconclusive, vec![self.unknown(None)]),
            Subject::Task(task) if !task.is_stopped() => (Status::NotFailed, self.waiting(task)),
            Subject::Task(task) => self.stopped(task),
            Subject::Service(_) => self.service(),
        }
    }

    fn stopped(&self, task: &Task) -> (Status, Vec<Finding>) {
        let ranked = self.catalogue.rank(self.symptoms);
        let first = self.preferred(&ranked, task);
        if let Some(first) = first.filter(|r| self.is_benign(r, task)) {
            return (
                Status::Benign,
                vec![Finding { advice: Vec::new(), ..self.stated(first, &first.matched.rule.cause) }],
            );
        }
        let never_ran = task.containers.iter().all(|c| c.exit_code.is_none());
        self.settle(first.and_then(|r| self.explained(r)), &ranked, never_ran)
    }

    /// A service that fails to start tasks leaves no task behind; one whose events say nothing is well.
    fn service(&self) -> (Status, Vec<Finding>) {
        let ranked = self.catalogue.rank(self.symptoms);
        let failing = ranked.iter().find(|r| !self.cause_is(&r.matched.rule.cause, |c| c.benign));
        match failing {
            Some(first) => self.settle(self.explained(first), &ranked, true),
            None => (Status::NotFailed, Vec::new()),
        }
    }

    /// Puts the other faults behind the first finding, or says that nothing is settled.
    fn settle(&self, first: Option<Finding>, ranked: &[Ranked<'_>], never_ran: bool) -> (Status, Vec<Finding>) {
        let nothing_stated = first.is_none() && ranked.is_empty();
        let first = first.or_else(|| {
            let fault =
                self.ground.faults.first().filter(|f| never_ran && nothing_stated && f.subject != FaultSubject::End)?;
            Some(self.of_fault(fault, Confidence::Likely))
        });
        let mut findings = Vec::new();
        let status = match first {
            Some(finding) => {
                findings.push(finding);
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
        let shown = |fault: &Fault| findings.iter().any(|finding| finding.fault.as_ref() == Some(fault));
        let others = self.ground.faults.iter().filter(|f| f.subject != FaultSubject::End && !shown(f));
        let others: Vec<Finding> = others.map(|f| self.of_fault(f, Confidence::Possible)).collect();
        findings.extend(others);
        (status, findings)
    }

    /// The best match, but for a stop in order that killed a container on the way.
    fn preferred<'r>(&self, ranked: &'r [Ranked<'a>], task: &Task) -> Option<&'r Ranked<'a>> {
        const KILLED: i64 = 137;
        let killed = task.containers.iter().any(|c| c.exit_code == Some(KILLED));
        let first = ranked.first()?;
        if killed && self.cause_is(&first.matched.rule.cause, |c| c.benign) {
            let other = ranked.iter().find(|r| !self.cause_is(&r.matched.rule.cause, |c| c.benign || c.symptom));
            return other.or(Some(first));
        }
        Some(first)
    }

    fn is_benign(&self, ranked: &Ranked<'_>, task: &Task) -> bool {
        let cause = ranked.matched.rule.cause.as_str();
        let one_off =
            task.service().is_none() && !task.started_by.as_deref().is_some_and(|s| s.starts_with("ecs-svc/"));
        self.cause_is(cause, |c| c.benign) || (cause == "app-exit-zero" && one_off)
    }

    fn cause_is(&self, id: &str, has: impl Fn(&crate::knowledge::Cause) -> bool) -> bool {
        self.catalogue.cause(id).is_some_and(has)
    }

    /// What a match means in the light of the facts; `None` if they leave it open.
    fn explained(&self, ranked: &Ranked<'_>) -> Option<Finding> {
        let rule = ranked.matched.rule;
        if let Some(fault) = self.fault_for(ranked) {
            let covered = self.ground.faults.iter().filter(|f| rule.causes().any(|cause| *cause == f.cause)).count();
            let agree = covered == 1 || rule.tier == Tier::Specific || self.symptom(ranked).denial().is_some();
            let confidence = if agree { Confidence::Confirmed } else { Confidence::Likely };
            return Some(self.with_fault(ranked, fault, confidence));
        }
        let says_enough = match rule.tier {
            Tier::Specific => true,
            Tier::General => self.is_mended(rule),
            Tier::Symptom => !self.cause_is(&rule.cause, |c| c.symptom),
        };
        says_enough.then(|| self.stated(ranked, &rule.cause))
    }

    /// A text that covers several causes: whether the facts rule out the likeliest, and no cause is left that lies on the
    /// way to AWS, where facts do not reach.
    fn is_mended(&self, rule: &Rule) -> bool {
        let ruled_out = |cause: &str| {
            is_contradicted(self.case, &self.ground.requirements, &self.ground.checks, cause, self.catalogue)
        };
        ruled_out(&rule.cause) && !rule.causes().any(|cause| self.cause_is(cause, |c| c.owner == Owner::Network))
    }

    /// The fault that the message is about: the very call that it says was denied, else one of the causes that the text
    /// covers, preferably of a resource that it names.
    fn fault_for(&self, ranked: &Ranked<'_>) -> Option<&Fault> {
        let symptom = self.symptom(ranked);
        if let Some(denial) = symptom.denial() {
            return self.ground.faults.iter().find(|fault| match &fault.subject {
                FaultSubject::Calls(calls) => calls.iter().any(|call| concerns(&denial, call)),
                _ => false,
            });
        }
        ranked.matched.rule.causes().find_map(|cause| {
            let of_cause: Vec<&Fault> = self.ground.faults.iter().filter(|f| f.cause == *cause).collect();
            let named = |f: &&&Fault| f.resource.as_deref().is_some_and(|r| symptom.text.contains(r));
            of_cause.iter().find(named).or(of_cause.first()).copied()
        })
    }

    fn symptom(&self, ranked: &Ranked<'_>) -> Symptom {
        self.symptoms.get(ranked.symptom).cloned().unwrap_or_else(|| Symptom::new(Source::Text, ""))
    }

    /// A cause that the message states and no fault shows.
    fn stated(&self, ranked: &Ranked<'_>, cause: &str) -> Finding {
        let symptom = self.symptom(ranked);
        let checks = &self.ground.checks;
        let mended = match symptom.denial() {
            Some(denial) => {
                let concerned: Vec<_> = checks.iter().filter(|c| concerns(&denial, c)).collect();
                !concerned.is_empty() && concerned.iter().all(|c| c.is_allowed())
            }
            None => is_contradicted(self.case, &self.ground.requirements, checks, cause, self.catalogue),
        };
        let state = if mended { State::Resolved } else { State::Unknown };
        let matched = &ranked.matched;
        Finding {
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
            advice: matched.advice(),
            cause: cause.to_owned(),
        }
    }

    fn with_fault(&self, ranked: &Ranked<'_>, fault: &Fault, confidence: Confidence) -> Finding {
        let stated = self.stated(ranked, &fault.cause);
        let shown = self.of_fault(fault, confidence);
        let own = ranked.matched.rule.cause == fault.cause;
        let log = fault.container.as_deref().filter(|_| fault.subject == FaultSubject::End);
        let log = log.and_then(|container| self.log_end(container));
        Finding {
            title: if own { stated.title } else { shown.title },
            why: if own { stated.why } else { shown.why },
            rule: stated.rule,
            container: stated.container.or(shown.container),
            evidence: stated.evidence.into_iter().chain(shown.evidence).chain(log).collect(),
            advice: if own { stated.advice } else { Vec::new() },
            ..shown
        }
    }

    /// A fault that no message led to.
    fn of_fault(&self, fault: &Fault, confidence: Confidence) -> Finding {
        let cause = self.catalogue.cause(&fault.cause);
        let source = match &fault.subject {
            FaultSubject::Calls(_) | FaultSubject::Role(_) => "iam",
            FaultSubject::Thing(_) | FaultSubject::Reference => "facts",
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

    /// Causes that the messages leave open and no fact rules out.
    fn possible(&self, ranked: &[Ranked<'_>]) -> Vec<Finding> {
        const MOST: usize = 4;
        let mut found: Vec<Finding> = Vec::new();
        for ranked in ranked {
            let rule = ranked.matched.rule;
            for cause in rule.causes() {
                let ruled_out =
                    is_contradicted(self.case, &self.ground.requirements, &self.ground.checks, cause, self.catalogue);
                if ruled_out || found.iter().any(|f| f.cause == *cause) || found.len() >= MOST {
                    continue;
                }
                let own = *cause == rule.cause;
                let stated = self.stated(ranked, cause);
                let known = self.catalogue.cause(cause).filter(|_| !own);
                found.push(Finding {
                    confidence: Confidence::Possible,
                    title: known.map_or(stated.title, |c| c.title.clone()),
                    why: known.map_or(stated.why, |c| c.meaning.clone()),
                    ..stated
                });
            }
        }
        found
    }

    /// Says that nothing is settled, and what that leaves: what was examined, and what was not.
    fn unknown(&self, symptom: Option<&Symptom>) -> Finding {
        let said_little = match symptom {
            Some(s) if s.truncated => "The message is cut before it names a cause.",
            Some(_) => "What ECS says fits several causes or none that is known.",
            None => "ECS gives no reason.",
        };
        Finding {
            cause: "unknown".to_owned(),
            confidence: Confidence::Possible,
            state: State::Unknown,
            title: "The evidence does not settle why the task failed".to_owned(),
            why: format!("{said_little} {}", self.examined()),
            rule: None,
            container: symptom.and_then(|s| s.container.clone()),
            role: None,
            resource: None,
            evidence: symptom.map(|s| self.said(s)).into_iter().collect(),
            fault: None,
            advice: Vec::new(),
        }
    }

    /// What the facts rule out, and where else to look.
    fn examined(&self) -> String {
        let checks = &self.ground.checks;
        let allowed = checks.iter().filter(|c| c.is_allowed()).count();
        let things = self.ground.requirements.things.iter();
        let there = things.clone().filter(|e| thing::judge(self.case, e) == thing::Verdict::Holds).count();
        let things = things.count();
        let found = match (checks.len(), things) {
            (0, 0) => "Nothing that the task needs could be examined.".to_owned(),
            (calls, _) => format!(
                "Of the {calls} calls that the task needs {allowed} are allowed, of {things} things that it names {there} exist."
            ),
        };
        format!("{found} The network path is not examined.")
    }

    fn missing(&self, message: &str) -> Finding {
        let why = "DescribeTasks knows a stopped task for about an hour. What is left are its log streams, the service's last \
                   events, and what event capture or CloudTrail kept.";
        let evidence = vec![Evidence { source: "ecs:DescribeTasks".to_owned(), text: message.to_owned() }];
        let advice = "Switch on event capture for the cluster (ECS console, cluster, Configuration), or send ECS task state \
                      changes to a log group by an EventBridge rule, so that the next task can be diagnosed after it is gone";
        Finding {
            cause: "task-missing-expired".to_owned(),
            title: "ECS does not know the task, or no longer".to_owned(),
            why: why.to_owned(),
            evidence: evidence.into_iter().chain(remains(self.case)).collect(),
            advice: vec![(
                advice.to_owned(),
                vec!["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html".to_owned()],
            )],
            ..self.unknown(None)
        }
    }

    /// A task that has not come up yet may be held up by what will stop it.
    fn waiting(&self, task: &Task) -> Vec<Finding> {
        let up = task.last_status.as_deref() == Some("RUNNING") || task.started_at.is_some();
        let faults = self.ground.faults.iter().filter(|_| !up);
        faults.map(|fault| self.of_fault(fault, Confidence::Possible)).collect()
    }

    /// The text of a symptom; a line of a log with its neighbours.
    fn said(&self, symptom: &Symptom) -> Evidence {
        let excerpt = symptom.container.as_deref().filter(|_| symptom.source == Source::ContainerLog);
        let excerpt =
            excerpt.and_then(|container| symptoms::log_around(self.case, self.workload?, container, &symptom.raw));
        let text = excerpt.unwrap_or_else(|| symptom.raw.trim().to_owned());
        Evidence { source: symptom.source.name().to_owned(), text }
    }

    fn log_end(&self, container: &str) -> Option<Evidence> {
        let text = symptoms::log_end(self.case, self.workload?, container)?;
        Some(Evidence { source: Source::ContainerLog.name().to_owned(), text })
    }

    fn role_of(&self, cause: &str) -> Option<RoleRef> {
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
        const HOLES: [&str; 9] =
            ["resource", "secret", "parameter", "image", "repository", "group", "role", "file", "host"];
        let caught = || HOLES.iter().find_map(|hole| matched.captures.get(*hole).cloned());
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

/// What an expired task left behind.
fn remains(case: &Case) -> Vec<Evidence> {
    const LINES: usize = 5;
    let task = case.target.task.as_deref().unwrap_or_default();
    let mut evidence = Vec::new();
    for service in case.services() {
        let own = |e: &&crate::case::ServiceEvent| e.message.contains(task) || case.target.service.is_some();
        for event in service.events.iter().filter(own).take(LINES) {
            let at = event.created_at.map(|at| format!("{at} ")).unwrap_or_default();
            evidence.push(Evidence { source: "service.event".to_owned(), text: format!("{at}{}", event.message) });
        }
    }
    for (need, _) in case.facts() {
        if let (crate::case::Need::LogEvents { group, stream, .. }, Ok(crate::case::Answer::LogEvents(log))) =
            (need, case.answer(need))
        {
            let last = log.events.iter().rev().take(LINES).map(|e| e.message.as_str()).collect::<Vec<_>>();
            let text = last.into_iter().rev().collect::<Vec<_>>().join("\n");
            evidence.push(Evidence { source: "container.log".to_owned(), text: format!("{group} {stream}\n{text}") });
        }
    }
    evidence
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}
