//! What the facts add to what an application's log says of AWS: who called, whether the task role allows the action
//! anywhere, whether there is a task role at all.
//!
//! A log names no resource as often as not, so that nothing can be decided; that no statement has the action can still be
//! seen.

use super::{
    caller::{Caller, by_application},
    denied::{concerns, task_role},
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
    policies::identity_policies,
    role::{self, RoleFact},
};
use crate::{
    iam::{Effect, PolicySet, Statement, StatementEntry, action_matches},
    id::short_name,
    knowledge::Match,
    require::{RoleRef, Workload},
    symptom::{Denial, Symptom},
};

const PERMISSION: &str = "task-role-permission";
const NO_ROLE: &str = "task-role-missing";
const EXPLICIT: &str = "task-role-explicit-deny";
/// The rule whose words fit a call that was not the task role's.
const AS_ANOTHER: &str = "calls-as-another";
/// Statements that are shown of a role that allows the action somewhere.
const MOST: usize = 3;

impl<'a> Join<'a> {
    /// A match with what the facts know in its holes, in the words of the rule that fits the caller.
    pub(super) fn told(&self, matched: &Match<'a>, symptom: &Symptom) -> Match<'a> {
        let denial = symptom.denial();
        let mut told = match &denial {
            Some(denial) => matched.clone().naming(denial),
            None => matched.clone(),
        };
        let Some(workload) = self.workload.filter(|_| by_application(symptom)) else { return told };
        told.set("task_role", &task_role(workload).unwrap_or_default());
        if let Some(check) = self.ground.checks.iter().find(|check| concerns(workload, symptom, check)) {
            told.offer("resource", &check.permission.resource);
        }
        let refused = denial.filter(|_| told.rule.cause == PERMISSION);
        let caller = refused.map(|denial| Caller::of(workload, symptom, &denial));
        if let Some(Caller::Other | Caller::Instance | Caller::Anonymous) = caller {
            told.rule = self.catalogue.rule(AS_ANOTHER).unwrap_or(told.rule);
        }
        told
    }

    /// A finding on what an application's log says, in the light of the roles.
    pub(super) fn of_application(&self, symptom: &Symptom, finding: Finding) -> Finding {
        let Some(workload) = self.workload.filter(|_| by_application(symptom)) else { return finding };
        match finding.cause.as_str() {
            NO_ROLE => self.without_credentials(workload, finding),
            PERMISSION | EXPLICIT => self.refused(workload, symptom, finding),
            _ => finding,
        }
    }

    fn without_credentials(&self, workload: &Workload<'_>, finding: Finding) -> Finding {
        let definition = short_name(workload.definition.task_definition_arn.as_deref().unwrap_or_default());
        match task_role(workload) {
            None => {
                let text = format!("task definition {definition} names no task role");
                Finding { confidence: Confidence::Confirmed, state: State::Present, ..with(finding, "facts", text) }
            }
            Some(role) => with(finding, "facts", format!("the task has the task role {role}")),
        }
    }

    fn refused(&self, workload: &Workload<'_>, symptom: &Symptom, finding: Finding) -> Finding {
        let denial = symptom.denial();
        let caller = denial.as_ref().map_or(Caller::Unnamed, |denial| Caller::of(workload, symptom, denial));
        let has_role = workload.task_role().arn.is_some();
        match caller {
            Caller::Instance | Caller::Unnamed if !has_role && finding.cause == PERMISSION => {
                self.without_credentials(workload, self.for_want_of_a_role(finding))
            }
            Caller::Other | Caller::Instance | Caller::Anonymous => Finding { role: None, ..finding },
            // It is decided.
            _ if self.ground.checks.iter().any(|check| concerns(workload, symptom, check)) => finding,
            Caller::Role(role) => {
                self.by_statements(workload, &role, denial.as_ref(), Finding { role: Some(role.clone()), ..finding })
            }
            Caller::Unnamed => self.by_statements(workload, &workload.task_role(), denial.as_ref(), finding),
        }
    }

    /// Without a task role no permission of one can lack.
    fn for_want_of_a_role(&self, finding: Finding) -> Finding {
        let title = self.catalogue.cause(NO_ROLE).map_or_else(|| finding.title.clone(), |cause| cause.title.clone());
        let why = "The task definition names no task role, so nothing grants the application the call that was refused: it ran with \
                   other credentials, on EC2 the container instance's.";
        let advice =
            "Create a role for the application that allows the call, and set it as taskRoleArn in the task definition";
        let docs = finding.advice.iter().flat_map(|(_, docs)| docs.clone()).take(1).collect();
        Finding {
            cause: NO_ROLE.to_owned(),
            title,
            why: why.to_owned(),
            role: None,
            advice: vec![(advice.to_owned(), docs)],
            ..finding
        }
    }

    /// What a role's own policies have of the action, where the call cannot be decided for want of a resource.
    fn by_statements(
        &self,
        workload: &Workload<'_>,
        role: &RoleRef,
        denial: Option<&Denial>,
        finding: Finding,
    ) -> Finding {
        let denial = denial.filter(|denial| denial.resource.is_none() && finding.state == State::Unknown);
        let (Some(denial), Some(name)) = (denial, role.name()) else { return finding };
        if !matches!(role::find(self.case, workload, role), RoleFact::Found(_)) {
            return finding;
        }
        let set = identity_policies(self.case, name);
        let Some(allowing) = allowing(&set, &denial.action) else { return finding };
        let action = &denial.action;
        if allowing.is_empty() && finding.cause == PERMISSION {
            let text = format!("no policy of {name} allows {action} on anything");
            return Finding { confidence: Confidence::Confirmed, state: State::Present, ..with(finding, "iam", text) };
        }
        let shown = allowing.iter().take(MOST).cloned().collect::<Vec<_>>().join("; ");
        if shown.is_empty() { finding } else { with(finding, "iam", format!("{name} allows {action}, by {shown}")) }
    }
}

/// The statements of a role that allow an action on something; `None` if not all could be read.
fn allowing(set: &PolicySet<'_>, action: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for named in set.policies.iter().filter(|_| set.unread.is_empty()) {
        for (at, entry) in named.policy.statements.iter().enumerate() {
            let StatementEntry::Read(statement) = entry else { return None };
            if statement.effect == Effect::Allow && covers(statement, action) {
                found.push(format!("statement {} of {} on {}", statement.label(at), named.name, resources(statement)));
            }
        }
    }
    set.unread.is_empty().then_some(found)
}

fn covers(statement: &Statement<'_>, action: &str) -> bool {
    let listed = statement.actions.patterns.iter().any(|pattern| action_matches(pattern, action));
    listed != statement.actions.negated
}

fn resources(statement: &Statement<'_>) -> String {
    let Some(resources) = &statement.resources else { return "anything".to_owned() };
    let shown = resources.patterns.iter().take(MOST).map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    if resources.negated { format!("all but {shown}") } else { shown }
}

fn with(finding: Finding, source: &str, text: String) -> Finding {
    let mut finding = finding;
    finding.evidence.push(Evidence { source: source.to_owned(), text });
    finding
}
