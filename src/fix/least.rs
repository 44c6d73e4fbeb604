//! The execution role's policies narrowed to what the task definition needs, proven to keep all of that.
//!
//! Inline policies, and customer managed ones that only this role has, are edited; any other managed policy is detached,
//! and what is needed of it goes into one inline policy. Denies and conditions stay. What is granted anew is granted
//! before anything is taken away. Nothing is offered where the proof fails, or where a fix writes one of the policies
//! too: whichever were run last would undo the other.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    Change, Fix, Proof, apply, document, in_turn,
    place::{self, Place},
    propose::Proposal,
    rendered, size,
    statements::by_action,
};
use crate::{
    case::Case,
    judge::{Diagnosis, Grant, Ground, Pair, Worth, grants},
    knowledge::Catalogue,
    subject::Subject,
};

/// The inline policy for what detached policies granted.
const POLICY: &str = "ecs-why-least";
const PAGES: [&str; 2] = [
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
];

/// The tightened policies, where the role grants more than is needed and the proof holds.
pub fn least(case: &Case, diagnosis: &Diagnosis<'_>, catalogue: &Catalogue) -> Option<Fix> {
    let workload = diagnosis.workload.as_ref()?;
    let all = grants(case, workload, &diagnosis.ground.checks).ok()?;
    let role = workload.execution_role();
    let name = role.name()?;
    let changes = Narrowing::of(case, name, &all).changes()?;
    if changes.is_empty() || !fits(case, &changes) || meets_a_fix(&changes, case, diagnosis, catalogue) {
        return None;
    }
    let proof = Proof::Holds(proof(&apply(case, &changes), diagnosis, catalogue)?);
    let title = format!("Narrow what the execution role {name} may do to what this task definition needs");
    let docs = PAGES.map(str::to_owned).to_vec();
    rendered(Proposal { title, changes, docs }, proof, diagnosis)
}

/// Whether IAM takes each document when its turn comes: the policies that are narrowed later are still large then.
fn fits(case: &Case, changes: &[Change]) -> bool {
    let mut now = case.clone();
    changes.iter().all(|change| {
        now = apply(&now, std::slice::from_ref(change));
        size::fits(case, &now, change)
    })
}

/// Whether a fix of a finding changes a policy that these changes are about.
fn meets_a_fix(changes: &[Change], case: &Case, diagnosis: &Diagnosis<'_>, catalogue: &Catalogue) -> bool {
    let fixes = in_turn(case, diagnosis, catalogue).into_iter().flatten();
    let theirs: Vec<Change> = fixes.flat_map(|fix| fix.changes).collect();
    let touched = |own: &Change| theirs.iter().any(|other| policy(own).is_some() && policy(own) == policy(other));
    changes.iter().any(touched)
}

/// The policy that a change is about; an inline one with its role.
fn policy(change: &Change) -> Option<(Option<&str>, &str)> {
    match change {
        Change::PutRolePolicy { role, policy, .. } | Change::DeleteRolePolicy { role, policy } => {
            Some((Some(role), policy))
        }
        Change::SetPolicyVersion { policy, .. } | Change::DetachRolePolicy { policy, .. } => Some((None, policy)),
        _ => None,
    }
}

/// Every check is decided as before, no fault is new, and nothing surplus is left.
fn proof(after: &Case, diagnosis: &Diagnosis<'_>, catalogue: &Catalogue) -> Option<String> {
    let workload = Subject::of(after).workload(after)?;
    let ground = Ground::of(after, Some(&workload), &diagnosis.symptoms, catalogue);
    let before = &diagnosis.ground;
    let kept = before.checks.iter().all(|check| {
        ground.checks.iter().any(|c| c.same_question(check) && c.decision.outcome == check.decision.outcome)
    });
    let new =
        ground.faults.iter().any(|f| !before.faults.iter().any(|b| b.cause == f.cause && b.resource == f.resource));
    let left = grants(after, &workload, &ground.checks).ok()?.iter().any(Grant::is_surplus);
    let told = format!(
        "judged again with the change applied: all {} checks are decided as before, and nothing is left that is known to \
         go beyond what this task definition needs; other task definitions that use this role may need what is removed",
        before.checks.len()
    );
    (kept && !new && !left).then_some(told)
}

/// The edits of one role's policies.
struct Narrowing<'a> {
    case: &'a Case,
    role: &'a str,
    grants: &'a [Grant],
    /// What the role is granted without a condition and keeps.
    held: BTreeSet<Pair>,
    /// Inline policies as they will be.
    inline: Vec<(String, Value)>,
    /// Statements of detached policies, as far as they are needed.
    moved: Vec<Value>,
    /// Edits and detachments of managed policies.
    managed: Vec<Change>,
}

impl<'a> Narrowing<'a> {
    fn of(case: &'a Case, role: &'a str, grants: &'a [Grant]) -> Self {
        Self { case, role, grants, held: BTreeSet::new(), inline: Vec::new(), moved: Vec::new(), managed: Vec::new() }
    }

    /// `None` where a policy cannot be edited without a change of meaning.
    fn changes(mut self) -> Option<Vec<Change>> {
        let kept = self.grants.iter().filter(|g| !g.is_surplus() && self.is_unconditional(g));
        self.held = kept.map(|grant| key(&grant.action, &grant.resource)).collect();
        let mut policies: Vec<&str> = Vec::new();
        for grant in self.grants.iter().filter(|g| g.is_surplus()) {
            if !policies.contains(&grant.by.policy.as_str()) {
                policies.push(&grant.by.policy);
            }
        }
        policies.into_iter().try_for_each(|policy| self.narrow(policy))?;
        self.gather_moved()?;
        Some(self.in_order())
    }

    /// What writes a policy first, what takes one away after it.
    fn in_order(self) -> Vec<Change> {
        let edited = self
            .inline
            .into_iter()
            .map(|(policy, document)| Place::Inline { role: self.role.to_owned(), policy }.change(self.case, document));
        let (writes, removals): (Vec<Change>, Vec<Change>) =
            edited.flatten().chain(self.managed).partition(|change| change.document().is_some());
        [writes, removals].concat()
    }

    fn document(&self, policy: &str) -> Option<Value> {
        if self.is_inline(policy) {
            return self.inline_place(policy).read(self.case).written();
        }
        place::managed_version(self.case, policy)
    }

    fn is_inline(&self, policy: &str) -> bool {
        let names = self.case.role_policy_names(self.role);
        names.is_ok_and(|names| names.policy_names.iter().any(|name| name == policy))
    }

    fn inline_place(&self, policy: &str) -> Place {
        Place::Inline { role: self.role.to_owned(), policy: policy.to_owned() }
    }

    fn is_unconditional(&self, grant: &Grant) -> bool {
        let document = self.document(&grant.by.policy);
        let statement = document.as_ref().and_then(|document| document::statement(document, grant.index));
        statement.is_some_and(|statement| !statement.contains_key("Condition"))
    }

    fn narrow(&mut self, policy: &str) -> Option<()> {
        let before = self.document(policy)?;
        let after = self.narrowed(policy, before.clone())?;
        if self.is_inline(policy) {
            self.inline.push((policy.to_owned(), after));
            return Some(());
        }
        let place = Place::Managed { role: self.role.to_owned(), policy: policy.to_owned() };
        let own = Some(place)
            .filter(|place| place.read(self.case).written().is_some())
            .and_then(|place| place.change(self.case, after.clone()))
            .filter(|change| change.shared_policy().is_none());
        match own {
            Some(change) => self.managed.push(change),
            None => self.detach(policy, &before, &after)?,
        }
        Some(())
    }

    /// The document with each statement narrowed that grants too much.
    fn narrowed(&mut self, policy: &str, mut document: Value) -> Option<Value> {
        let own: Vec<&Grant> = self.grants.iter().filter(|g| g.by.policy == policy).collect();
        let surplus: BTreeSet<usize> = own.iter().filter(|g| g.is_surplus()).map(|g| g.index).collect();
        let mut edits = Vec::new();
        for index in surplus {
            let statement = document::statement(&document, index)?.clone();
            let pairs =
                self.needed_pairs(own.iter().filter(|g| g.index == index), !statement.contains_key("Condition"));
            edits.push((index, statements(&statement, pairs)));
        }
        // From the last one on, so that the places of the others stay.
        for (index, statements) in edits.into_iter().rev() {
            document = document::with_replaced(document, index, statements)?;
        }
        Some(document)
    }

    /// The pairs of a statement that stay: all that are needed, and of the others what nothing else grants.
    fn needed_pairs<'g>(&mut self, grants: impl Iterator<Item = &'g &'g Grant>, unconditional: bool) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = Vec::new();
        for grant in grants {
            match &grant.worth {
                Worth::Needed => pairs.push((grant.action.clone(), grant.resource.clone())),
                Worth::Surplus(parts) => {
                    let lacking = parts.iter().filter(|(a, r)| !self.held.contains(&key(a, r)));
                    let lacking: Vec<Pair> = lacking.filter(|pair| !pairs.contains(pair)).cloned().collect();
                    pairs.extend(lacking);
                }
            }
        }
        if unconditional {
            self.held.extend(pairs.iter().map(|(action, resource)| key(action, resource)));
        }
        pairs
    }

    /// Variables are plain text in documents of the older version, and would come to life in the inline policy.
    fn detach(&mut self, policy: &str, before: &Value, after: &Value) -> Option<()> {
        let current = before.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let statements = after.get("Statement")?.as_array()?;
        if !current && statements.iter().any(|s| s.to_string().contains("${")) {
            return None;
        }
        self.moved.extend(statements.iter().cloned());
        self.managed.push(Change::DetachRolePolicy { role: self.role.to_owned(), policy: policy.to_owned() });
        Some(())
    }

    /// What detached policies granted, in one inline policy before all others.
    fn gather_moved(&mut self) -> Option<()> {
        if self.moved.is_empty() {
            return Some(());
        }
        let edited = self.inline.iter().position(|(policy, _)| policy == POLICY).map(|at| self.inline.remove(at).1);
        let base = match edited {
            Some(document) => document,
            None if self.is_inline(POLICY) => self.document(POLICY)?,
            None => document::new(Vec::new()),
        };
        let whole = self.moved.drain(..).try_fold(base, document::with_statement)?;
        self.inline.insert(0, (POLICY.to_owned(), whole));
        Some(())
    }
}

/// Actions ignore case.
fn key(action: &str, resource: &str) -> Pair {
    (action.to_ascii_lowercase(), resource.to_owned())
}

/// One statement written again as those that grant just these pairs; its Sid goes to the first.
fn statements(statement: &Map<String, Value>, pairs: Vec<Pair>) -> Vec<Value> {
    let all = by_action(pairs).into_iter().enumerate();
    all.map(|(at, (actions, resources))| {
        let mut edited = statement.clone();
        for negated in ["NotAction", "NotResource"] {
            edited.shift_remove(negated);
        }
        if at > 0 {
            edited.shift_remove("Sid");
        }
        edited.insert("Action".to_owned(), document::one_or_many(&actions));
        edited.insert("Resource".to_owned(), document::one_or_many(&resources));
        Value::Object(edited)
    })
    .collect()
}
