//! Findings where nothing is settled: what stays possible, what was examined, what an expired task left behind.

use super::{
    arrives::Arrives,
    exit,
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
    thing::{self, Verdict},
};
use crate::{
    case::{Answer, Case, Container, Need, ServiceEvent, Task},
    knowledge::Ranked,
    require::Existence,
    symptom::{self, Bearing, Symptom},
};

impl<'a> Join<'a> {
    /// Causes that the messages leave open and no fact rules out.
    pub(super) fn possible(&self, ranked: &[Ranked<'a>]) -> Vec<Finding> {
        const MOST: usize = 4;
        let mut found: Vec<Finding> = Vec::new();
        for ranked in ranked {
            let rule = ranked.matched.rule;
            for cause in rule.causes() {
                if self.is_ruled_out(cause) || found.iter().any(|f| f.cause == *cause) || found.len() >= MOST {
                    continue;
                }
                let own = *cause == rule.cause;
                let stated = self.stated(ranked, cause);
                let known = self.catalogue.cause(cause).filter(|_| !own);
                found.push(Finding {
                    confidence: Confidence::Possible,
                    title: known.map_or(stated.title, |c| c.title.clone()),
                    why: known.map_or(stated.why, |c| c.meaning.clone()),
                    advice: if own { stated.advice } else { Vec::new() },
                    ..stated
                });
            }
        }
        found
    }

    /// Says that nothing is settled, and what that leaves: what was examined, and what was not.
    pub(super) fn unknown(&self, symptom: Option<&Symptom>) -> Finding {
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
            why: format!("{said_little} {} {}", self.examined(), self.would_settle()),
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
    pub(super) fn examined(&self) -> String {
        let checks = &self.ground.checks;
        let allowed = checks.iter().filter(|c| c.is_allowed()).count();
        let things = self.ground.requirements.things.iter();
        let holds = |e: &&Existence| self.workload.is_some_and(|w| thing::judge(self.case, w, e) == Verdict::Holds);
        let there = things.clone().filter(holds).count();
        let things = things.count();
        let found = match (checks.len(), things) {
            (0, 0) => "Nothing that the task needs could be examined.".to_owned(),
            (calls, _) => format!(
                "Of the {calls} calls that the task needs {allowed} are allowed, of {things} things that it names {there} exist."
            ),
        };
        format!("{found} {}", self.paths())
    }

    /// How far the calls of the start get, or why nobody looked.
    fn paths(&self) -> String {
        let reaches = &self.ground.reaches;
        match reaches.len() {
            0 => format!("No network path was looked at{}.", self.no_need_to_look()),
            1 => format!("Of the 1 network path that the start takes {}.", Arrives::counted(reaches)),
            all => format!("Of the {all} network paths that the start takes {}.", Arrives::counted(reaches)),
        }
    }

    /// What shows that the calls of the start came through.
    fn no_need_to_look(&self) -> &'static str {
        let task = self.workload.and_then(|w| w.task);
        let ran = task.is_some_and(|t| t.started_at.is_some() || t.containers.iter().any(symptom::ran));
        match () {
            () if ran => ": a container of the task had started",
            () if self.symptoms.iter().any(|s| s.bearing() == Bearing::Answered) => {
                ": the message shows that the call was answered"
            }
            () => "",
        }
    }

    /// The facts that would tell more, from what is missing here.
    fn would_settle(&self) -> String {
        let task = self.workload.and_then(|w| w.task);
        let cut = self.symptoms.iter().any(|s| s.truncated);
        let whole = cut.then(|| {
            "the whole message: DescribeTasks keeps it for about an hour, and CloudTrail has a denied call under the \
             task's id as user name"
                .to_owned()
        });
        let logs = task.into_iter().flat_map(|task| &task.containers).filter_map(|c| self.silent(c));
        let of_itself = |t: &Task, c: &Container| self.workload.is_some_and(|w| !exit::was_stopped(w, t, c));
        let killed = |c: &&Container, t| c.exit_code == Some(exit::KILLED) && of_itself(t, c);
        let killed = task.and_then(|t| t.containers.iter().find(|c| killed(c, t)));
        let memory = killed.map(|c| format!("the memory that container {} used, in Container Insights", c.name));
        let open = self.ground.checks.iter().filter(|c| !c.is_allowed() && !c.is_broken()).count();
        let open = (open > 0)
            .then(|| format!("the {open} decisions that are unknown, for which coverage names what is missing"));
        let mut facts: Vec<String> = whole.into_iter().chain(logs).chain(memory).chain(open).collect();
        if facts.is_empty() {
            let host = if self.workload.is_some_and(|w| w.fargate) {
                ""
            } else {
                " and, on EC2, the agent's log on the container instance"
            };
            facts.push(format!("the events of the service{host}"));
        }
        format!("What would settle it: {}.", facts.join("; "))
    }

    /// A container that ended with an error and left no line that was read.
    fn silent(&self, container: &Container) -> Option<String> {
        container.exit_code.filter(|code| *code != 0)?;
        let workload = self.workload?;
        let definition = workload.definition.container(&container.name)?;
        let Some(place) = workload.log_stream(definition) else {
            return Some(format!("the log of container {}, which does not go to CloudWatch Logs", container.name));
        };
        let read = place.stream.is_some_and(|stream| {
            self.case.log_events(&place.region, &place.group, &stream).is_ok_and(|log| !log.events.is_empty())
        });
        (!read).then(|| format!("the log of container {}, of which no line was read", container.name))
    }

    pub(super) fn missing(&self, message: &str) -> Finding {
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
    pub(super) fn waiting(&self, task: &Task) -> Vec<Finding> {
        let up = task.last_status.as_deref() == Some("RUNNING") || task.started_at.is_some();
        let faults = self.ground.faults.iter().filter(|_| !up);
        faults.map(|fault| self.of_fault(fault, Confidence::Possible)).collect()
    }
}

/// What an expired task left behind.
fn remains(case: &Case) -> Vec<Evidence> {
    const LINES: usize = 5;
    let task = case.target.task.as_deref().unwrap_or_default();
    let mut evidence = Vec::new();
    for service in case.services() {
        let own = |e: &&ServiceEvent| e.message.contains(task) || case.target.service.is_some();
        for event in service.events.iter().filter(own).take(LINES) {
            let at = event.created_at.map(|at| format!("{at} ")).unwrap_or_default();
            evidence.push(Evidence { source: "service.event".to_owned(), text: format!("{at}{}", event.message) });
        }
    }
    for (need, _) in case.facts() {
        if let (Need::LogEvents { group, stream, .. }, Ok(Answer::LogEvents(log))) = (need, case.answer(need)) {
            let last = log.events.iter().rev().take(LINES).map(|e| e.message.as_str()).collect::<Vec<_>>();
            let text = last.into_iter().rev().collect::<Vec<_>>().join("\n");
            evidence.push(Evidence { source: "container.log".to_owned(), text: format!("{group} {stream}\n{text}") });
        }
    }
    evidence
}
