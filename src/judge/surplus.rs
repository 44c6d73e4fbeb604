//! What the execution role grants beyond the requirements of the task definition.
//!
//! Given a case and its checks, gives every (action, resource) pair of the Allow statements of the role's identity policies,
//! and what of it is needed. A pair is needed if each request that it grants is: its action is one of those that may be
//! needed, without a wildcard, and its resource covers nothing but what that action is needed on. Any other pair is
//! surplus; so is a statement with `NotAction` or `NotResource`, as a whole. Conditions only narrow what a pair grants, and
//! are left out of account. The advice is AWS's
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>).

mod needed;

use serde_json::json;

use self::needed::{Known, Needed, Place, needed};
use super::{
    check::Check,
    policies::{identity_policies, layers},
    role::{self, RoleFact},
};
use crate::{
    case::Case,
    iam::{
        DecidedBy, Effect, Layers, NamedPolicy, Outcome, Policy, PolicySet, Request, Statement, StatementEntry,
        action_matches, decide,
    },
    require::{PolicySide, Workload},
};

/// An action and a resource, both as patterns.
pub type Pair = (String, String);

/// One pair of an Allow statement, or a whole statement with a negation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub by: DecidedBy,
    /// Place of the statement in its policy.
    pub index: usize,
    pub action: String,
    pub resource: String,
    pub worth: Worth,
}

/// What a grant is worth to the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// Each request that it grants may be needed.
    Needed,
    /// It goes beyond that; what of it may be needed.
    Surplus(Vec<Pair>),
}

impl Grant {
    pub fn is_surplus(&self) -> bool {
        matches!(self.worth, Worth::Surplus(_))
    }
}

/// Everything that the execution role's identity policies allow, in their order; `None` where that is not known as a
/// whole, or where the application has the role too and may need anything.
pub fn grants(case: &Case, workload: &Workload<'_>, checks: &[Check]) -> Option<Vec<Grant>> {
    let role = workload.execution_role();
    let shared = [workload.task_role(), workload.instance_role()].iter().any(|other| other.arn == role.arn);
    let (false, RoleFact::Found(_)) = (shared, role::find(case, workload, &role)) else { return None };
    let name = role.name()?;
    let set = identity_policies(case, name);
    let readable = |p: &NamedPolicy| p.policy.statements.iter().all(|s| matches!(s, StatementEntry::Read(_)));
    if !set.unread.is_empty() || !set.policies.iter().all(readable) {
        return None;
    }
    let measure = Measure { needed: needed(case, workload, checks), alone: alone(case, name) };
    Some(set.policies.iter().flat_map(|policy| measure.policy(policy)).collect())
}

/// Layers that leave a decision to the identity policies, and those without a policy yet.
fn alone(case: &Case, role: &str) -> Layers {
    let mut layers = layers(case, role, &PolicySide::None);
    layers.identity = PolicySet::default();
    layers.boundary = None;
    layers
}

/// What grants are held against.
struct Measure {
    needed: Vec<Needed>,
    alone: Layers,
}

/// A statement's actions and resources as a policy of their own, to ask what they cover.
struct Probe<'a> {
    layers: Layers,
    actions: &'a [String],
    not_action: bool,
}

impl Measure {
    fn policy(&self, named: &NamedPolicy) -> Vec<Grant> {
        let mut all = Vec::new();
        for (index, entry) in named.policy.statements.iter().enumerate() {
            let StatementEntry::Read(statement) = entry else { continue };
            if statement.effect == Effect::Deny {
                continue;
            }
            let by = DecidedBy { policy: named.name.clone(), statement: statement.label(index) };
            let found = self.statement(statement, named.policy.has_variables).into_iter();
            all.extend(found.map(|((action, resource), worth)| Grant { by: by.clone(), index, action, resource, worth }));
        }
        all
    }

    fn statement(&self, statement: &Statement, has_variables: bool) -> Vec<(Pair, Worth)> {
        let everything = [String::from("*")];
        let (not_resource, resources) = match &statement.resources {
            Some(elements) => (elements.negated, elements.patterns.as_slice()),
            None => (false, everything.as_slice()),
        };
        let actions = &statement.actions;
        if actions.negated || not_resource {
            let probe = self.probe(has_variables, (actions.negated, &actions.patterns), (not_resource, resources));
            let shown = (
                shown("NotAction", actions.negated, &actions.patterns),
                shown("NotResource", not_resource, resources),
            );
            let open = if not_resource { &[] } else { resources };
            return vec![(shown, self.whole(&probe, open))];
        }
        let pairs = actions.patterns.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
        pairs
            .map(|(action, resource)| {
                let (actions, resources) = (std::slice::from_ref(action), std::slice::from_ref(resource));
                let probe = self.probe(has_variables, (false, actions), (false, resources));
                ((action.clone(), resource.clone()), self.pair(action, resource, &probe))
            })
            .collect()
    }

    fn probe<'a>(&self, has_variables: bool, actions: (bool, &'a [String]), resources: (bool, &[String])) -> Probe<'a> {
        let action = if actions.0 { "NotAction" } else { "Action" };
        let resource = if resources.0 { "NotResource" } else { "Resource" };
        let version = if has_variables { "2012-10-17" } else { "2008-10-17" };
        let document =
            json!({"Version": version, "Statement": {"Effect": "Allow", action: actions.1, resource: resources.1}});
        let mut layers = self.alone.clone();
        let policy = Policy::from_value(&document).ok().map(|policy| NamedPolicy { name: String::new(), policy });
        layers.identity.policies.extend(policy);
        Probe { layers, actions: actions.1, not_action: actions.0 }
    }

    fn pair(&self, action: &str, resource: &str, probe: &Probe<'_>) -> Worth {
        let asked = || self.needed.iter().filter(|needed| probe.concerns(needed));
        let exact = |needed: &Needed| probe.keeps(needed, resource) || needed.is_everywhere();
        if !action.contains(['*', '?']) && asked().any(exact) {
            return Worth::Needed;
        }
        let part = |needed: &Needed| {
            let kept = probe.keeps(needed, resource).then(|| resource.to_owned());
            Some((needed.action.clone(), kept.or_else(|| probe.best(needed))?))
        };
        Worth::Surplus(once_each(asked().filter_map(part)))
    }

    /// A statement with a negation. `open` are the resources where a call is kept that may be needed anywhere; without
    /// them such a call keeps the statement as it is.
    fn whole(&self, probe: &Probe<'_>, open: &[String]) -> Worth {
        let mut parts = Vec::new();
        for needed in self.needed.iter().filter(|needed| probe.concerns(needed)) {
            match (&needed.place, probe.best(needed)) {
                (Place::Anywhere, _) if open.is_empty() => return Worth::Needed,
                (Place::Anywhere, _) => parts.extend(open.iter().map(|r| (needed.action.clone(), r.clone()))),
                (Place::Known(known), Some(_)) if known.undecided => return Worth::Needed,
                (Place::Known(_), best) => parts.extend(best.map(|resource| (needed.action.clone(), resource))),
            }
        }
        Worth::Surplus(once_each(parts))
    }
}

impl Needed {
    fn is_everywhere(&self) -> bool {
        matches!(&self.place, Place::Known(known) if known.is_everywhere())
    }
}

impl Probe<'_> {
    fn concerns(&self, needed: &Needed) -> bool {
        self.actions.iter().any(|pattern| action_matches(pattern, &needed.action)) != self.not_action
    }

    /// Whether no part of the resource pattern can be left out: it covers what is needed and nothing else, or what it
    /// covers is not settled.
    fn keeps(&self, needed: &Needed, resource: &str) -> bool {
        match &needed.place {
            Place::Anywhere => true,
            Place::Known(known) => {
                let open = known.undecided || resource.contains("${");
                known.includes(resource) || (open && self.covers(known, &known.request.resource))
            }
        }
    }

    /// The widest pattern of what is needed that it covers as a whole.
    fn best(&self, needed: &Needed) -> Option<String> {
        let Place::Known(known) = &needed.place else { return None };
        known.patterns.iter().find(|pattern| self.covers(known, pattern)).cloned()
    }

    /// Whether the call is granted on a resource, which may be a pattern itself.
    fn covers(&self, known: &Known, resource: &str) -> bool {
        let own = &known.request;
        let (resource, resource_account) = (resource.to_owned(), own.account.clone());
        let request = Request { resource, resource_account, ..own.clone() };
        matches!(decide(&request, &self.layers).outcome, Outcome::Allowed | Outcome::Unknown)
    }
}

fn shown(negation: &str, negated: bool, patterns: &[String]) -> String {
    let all = patterns.join(", ");
    if negated { format!("{negation}: {all}") } else { all }
}

fn once_each(pairs: impl IntoIterator<Item = Pair>) -> Vec<Pair> {
    pairs.into_iter().fold(Vec::new(), |mut all, pair| {
        if !all.contains(&pair) {
            all.push(pair);
        }
        all
    })
}
