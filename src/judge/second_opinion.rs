//! What AWS's policy simulator thinks of the permission checks, held against ours like with like.
//!
//! `SimulatePrincipalPolicy` sees a role's identity policies, its boundary and, in part, its organization's service
//! control policies; no policy of a resource, of a key or of trust, no session, no resource control policy, no endpoint,
//! and nothing of another account
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>). So it is asked about calls
//! within the account only, and compared with a decision by identity policies and boundary alone. A disagreement is told;
//! it never changes a decision.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    check::{Check, checks, is_condition_key, request},
    policies::layers,
    role::{self, RoleFact},
    symptoms,
};
use crate::{
    case::{Answer, Case, Need, SimulatedCall, SimulatedCalls, SimulatedDecision},
    iam::{Decision, Outcome, Request, decide},
    require::{Permission, PolicySide, Requirements, Workload},
    subject::Subject,
};

/// What the simulator says of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondOpinion {
    pub decision: SimulatedDecision,
    /// `None` where the two cannot be compared.
    pub agrees: Option<bool>,
    /// What the comparison found, in words for the report.
    pub note: Option<String>,
    /// Whether it is an organization's policy that denies: a layer that nothing here reads.
    pub is_by_organization: bool,
}

/// Everything to ask the simulator about the checks of a case: one need for the actions of a role that share the
/// resource and the condition keys.
pub fn simulations(case: &Case) -> BTreeSet<Need> {
    let subject = Subject::of(case);
    let Some(workload) = subject.workload(case) else { return BTreeSet::new() };
    let symptoms = symptoms::of(case, &subject, Some(&workload));
    let checks = checks(case, &workload, &Requirements::of(case, &workload), &symptoms);
    grouped(checks.iter().filter_map(|check| Question::of(case, &workload, check)))
}

fn grouped<'c>(questions: impl Iterator<Item = Question<'c>>) -> BTreeSet<Need> {
    let mut groups: BTreeMap<Shared, BTreeSet<String>> = BTreeMap::new();
    for question in questions {
        groups.entry(question.shared()).or_default().insert(question.permission.action.clone());
    }
    let need = |((principal, resource, context), actions): (Shared, BTreeSet<String>)| {
        Need::Simulation(SimulatedCalls { principal, resource, actions: actions.into_iter().collect(), context })
    };
    groups.into_iter().map(need).collect()
}

/// What the simulator thinks of a check; `None` where it was not asked, or did not answer.
pub fn second_opinion(case: &Case, workload: &Workload<'_>, check: &Check) -> Option<SecondOpinion> {
    let question = Question::of(case, workload, check)?;
    let theirs = question.answer()?;
    let is_by_organization =
        theirs.decision != SimulatedDecision::Allowed && theirs.allowed_by_organizations == Some(false);
    let (agrees, note) =
        if is_by_organization { (None, Some(ORGANIZATION.to_owned())) } else { compared(&question.own(), theirs) };
    Some(SecondOpinion { decision: theirs.decision, agrees, note, is_by_organization })
}

const ORGANIZATION: &str = "AWS's policy simulator says that a service control policy of the organization denies the \
                            call; ecs-why cannot read these";

/// Principal, resource and condition keys: calls that share them are asked about together.
type Shared = (String, String, BTreeMap<String, String>);

/// A check that the simulator can be asked about.
struct Question<'c> {
    case: &'c Case,
    permission: &'c Permission,
    /// The call as it would be if the resource had no policy.
    request: Request<'static>,
}

impl<'c> Question<'c> {
    /// The simulator knows roles of the account and drops trust policies. What is not known of the call itself, it does
    /// not know either.
    fn of(case: &'c Case, workload: &Workload<'_>, check: &'c Check) -> Option<Self> {
        let permission = &check.permission;
        let is_role = match role::find(case, workload, &permission.role) {
            RoleFact::Found(_) | RoleFact::Unread(_) => true,
            RoleFact::Absent(_) | RoleFact::Nameless(_) => false,
        };
        let request = request(case, workload, permission);
        let at_home = request.account == request.resource_account;
        (is_role && at_home && !check.is_trust() && permission.doubt.is_none()).then_some(Self {
            case,
            permission,
            request,
        })
    }

    fn shared(&self) -> Shared {
        let context = self.request.context.singles().map(|(key, value)| (key.to_owned(), value.to_owned()));
        (self.request.principal.to_string(), self.permission.resource.clone(), context.collect())
    }

    /// A snapshot may have asked about other actions along with this one.
    fn answer(&self) -> Option<&'c SimulatedCall> {
        let (principal, resource, context) = self.shared();
        let about = |calls: &SimulatedCalls| {
            (&calls.principal, &calls.resource, &calls.context) == (&principal, &resource, &context)
        };
        self.case.facts().find_map(|(need, _)| match (need, self.case.answer(need)) {
            (Need::Simulation(calls), Ok(Answer::Simulation(found))) if about(calls) => {
                found.of(&self.permission.action)
            }
            _ => None,
        })
    }

    /// Our decision by the layers that the simulator sees.
    fn own(&self) -> Decision {
        let role = self.permission.role.name().unwrap_or_default();
        decide(&self.request, &layers(self.case, role, &PolicySide::None))
    }
}

/// Whether the simulator agrees, and what to say of it.
fn compared(own: &Decision, theirs: &SimulatedCall) -> (Option<bool>, Option<String>) {
    let (keys, documents): (Vec<&str>, Vec<&str>) =
        own.unknown.iter().map(String::as_str).partition(|text| is_condition_key(text));
    match own.outcome {
        Outcome::Unknown if !documents.is_empty() => (None, Some(format!("not compared: {}", documents.join("; ")))),
        Outcome::Unknown if lacks(theirs, &keys) => {
            (Some(true), Some(format!("both leave it open without {}", keys.join(", "))))
        }
        outcome if outcome == outcome_of(theirs.decision) => (Some(true), None),
        _ => (Some(false), Some(disagreement(own, &keys, theirs))),
    }
}

/// Whether all the keys are among those that the simulator was not told. It lists those of every policy that it read.
fn lacks(theirs: &SimulatedCall, keys: &[&str]) -> bool {
    let listed = |key: &&str| theirs.missing_context.iter().any(|missing| missing.eq_ignore_ascii_case(key));
    keys.iter().all(listed)
}

fn outcome_of(decision: SimulatedDecision) -> Outcome {
    match decision {
        SimulatedDecision::Allowed => Outcome::Allowed,
        SimulatedDecision::ImplicitDeny => Outcome::ImplicitlyDenied,
        SimulatedDecision::ExplicitDeny => Outcome::ExplicitlyDenied,
    }
}

fn disagreement(own: &Decision, keys: &[&str], theirs: &SimulatedCall) -> String {
    let own_word = match own.outcome {
        Outcome::Allowed => "allowed".to_owned(),
        Outcome::ImplicitlyDenied => "missing".to_owned(),
        Outcome::ExplicitlyDenied => "denied".to_owned(),
        Outcome::Unknown => format!("open without {}", keys.join(", ")),
    };
    let by = own.by.as_ref().map(|by| format!(" (statement {} of {})", by.statement, by.policy)).unwrap_or_default();
    let without = match theirs.missing_context.as_slice() {
        [] => String::new(),
        missing => format!(" without {}", missing.join(", ")),
    };
    let boundary = if theirs.allowed_by_boundary == Some(false) { ", not allowed by the boundary" } else { "" };
    let decision = theirs.decision.name();
    format!(
        "AWS's policy simulator says {decision}{without}{boundary}; by the same identity policies and boundary ecs-why \
         finds it {own_word}{by}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Layer;

    fn own(outcome: Outcome, unknown: &[&str]) -> Decision {
        let unknown = unknown.iter().map(|text| (*text).to_owned()).collect();
        Decision { outcome, ..Decision::unknown(Layer::Identity, unknown) }
    }

    fn theirs(decision: SimulatedDecision, missing: &[&str]) -> SimulatedCall {
        SimulatedCall {
            action: "kms:Decrypt".to_owned(),
            decision,
            missing_context: missing.iter().map(|text| (*text).to_owned()).collect(),
            allowed_by_organizations: None,
            allowed_by_boundary: None,
        }
    }

    #[test]
    fn like_is_compared_with_like() {
        use SimulatedDecision::{Allowed, ExplicitDeny, ImplicitDeny};
        let unread = "the inline policies could not be read: the caller lacks iam:ListRolePolicies";
        for (outcome, unknown, decision, missing, agrees) in [
            (Outcome::Allowed, &[][..], Allowed, &[][..], Some(true)),
            (Outcome::Allowed, &[], Allowed, &["aws:SourceIp"], Some(true)),
            (Outcome::Allowed, &[], ImplicitDeny, &[], Some(false)),
            (Outcome::ImplicitlyDenied, &[], ImplicitDeny, &[], Some(true)),
            (Outcome::ImplicitlyDenied, &[], ExplicitDeny, &[], Some(false)),
            (Outcome::ExplicitlyDenied, &[], ExplicitDeny, &[], Some(true)),
            (Outcome::ExplicitlyDenied, &[], Allowed, &[], Some(false)),
            (Outcome::Unknown, &["aws:SourceVpce"], ImplicitDeny, &["aws:sourcevpce", "aws:SourceIp"], Some(true)),
            (Outcome::Unknown, &["aws:SourceVpce"], Allowed, &["AWS:SourceVpce"], Some(true)),
            (Outcome::Unknown, &["aws:SourceIp", "aws:SourceVpce"], ImplicitDeny, &["aws:SourceVpce"], Some(false)),
            (Outcome::Unknown, &["aws:SourceVpce"], Allowed, &[], Some(false)),
            (Outcome::Unknown, &[unread], Allowed, &[], None),
            (Outcome::Unknown, &["aws:SourceVpce", unread], Allowed, &["aws:SourceVpce"], None),
        ] {
            let found = compared(&own(outcome, unknown), &theirs(decision, missing)).0;
            assert_eq!(found, agrees, "{outcome:?} {unknown:?}, {decision:?} {missing:?}");
        }
    }

    #[test]
    fn a_disagreement_says_what_each_found() {
        let by_boundary = SimulatedCall {
            allowed_by_boundary: Some(false),
            ..theirs(SimulatedDecision::ImplicitDeny, &["aws:SourceIp"])
        };
        let note = compared(&own(Outcome::Allowed, &[]), &by_boundary).1.unwrap();
        assert!(note.contains("implicitDeny without aws:SourceIp, not allowed by the boundary"), "{note}");
        assert!(note.ends_with("ecs-why finds it allowed"), "{note}");
        let open = compared(&own(Outcome::Unknown, &["aws:SourceVpce"]), &theirs(SimulatedDecision::Allowed, &[]));
        assert!(open.1.unwrap().ends_with("ecs-why finds it open without aws:SourceVpce"));
    }
}
