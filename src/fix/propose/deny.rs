//! Explicit denies, at whatever layer: each statement narrowed so that it spares these calls and still denies everything
//! else it did. Every one of them has to go before a call can be allowed, so where one cannot be edited, none is.

use serde_json::Value;

use super::{
    Advice,
    draft::Draft,
    narrow::{Hindrance, Who, narrowed},
    words::{self, credentials},
};
use crate::{
    case::Case,
    fix::{
        Resource, document,
        place::{Place, Standing, is_aws_managed},
        statements::{by_action, by_resource},
    },
    iam::{Denier, Layer},
    judge::{Check, ECS_TASKS},
};

pub const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html";

/// The calls that a statement is to spare, as products of actions and resources.
#[derive(Debug, Clone)]
pub struct Spared {
    /// Each action once.
    pub by_action: Vec<(Vec<String>, Vec<String>)>,
    /// Each resource once.
    pub by_resource: Vec<(Vec<String>, Vec<String>)>,
}

impl Spared {
    pub fn new(calls: &[(String, String)]) -> Self {
        Self { by_action: by_action(calls.iter().cloned()), by_resource: by_resource(calls.iter().cloned()) }
    }

    pub fn actions(&self) -> Vec<String> {
        self.by_action.iter().flat_map(|(actions, _)| actions.clone()).collect()
    }

    /// "action, action on resource", for titles.
    pub fn told(&self) -> String {
        let parts = self.by_action.iter().map(|(a, r)| format!("{} on {}", a.join(", "), r.join(", ")));
        parts.collect::<Vec<_>>().join("; ")
    }
}

/// A statement that denies, where it stands, and which of the calls.
struct Deny<'a> {
    denier: Denier,
    place: Option<Place>,
    calls: Vec<&'a Check>,
}

/// Narrows every statement that denies one of the calls.
///
/// # Errors
/// What to do about each statement, if one of them cannot be narrowed.
pub fn narrow_all(draft: &mut Draft<'_>, calls: &[Check]) -> Result<(), Vec<Advice>> {
    let denies = denies(draft.case, calls);
    let nobodys = denies.iter().filter(|deny| deny.place.is_none());
    let mut hindered: Vec<Hindered<'_>> = nobodys.map(|deny| (deny, deny.of_nobody_here())).collect();
    for place in places(&denies) {
        let own: Vec<&Deny<'_>> = denies.iter().filter(|d| d.place.as_ref() == Some(&place)).collect();
        hindered.extend(narrow_in(draft, place, &own));
    }
    if hindered.is_empty() {
        return Ok(());
    }
    let known =
        |deny: &Deny<'_>| hindered.iter().find(|(d, _)| std::ptr::eq(*d, deny)).map(|(_, advice)| advice.clone());
    Err(denies.iter().map(|deny| known(deny).unwrap_or_else(|| deny.has_to_spare())).collect())
}

/// Every statement that denies one of the calls, for where no change is shown.
pub fn named(case: &Case, calls: &[Check]) -> Vec<Advice> {
    denies(case, calls).iter().map(Deny::has_to_spare).collect()
}

/// A statement that cannot be narrowed, and what to do about it.
type Hindered<'d> = (&'d Deny<'d>, Advice);

fn places(denies: &[Deny<'_>]) -> Vec<Place> {
    denies.iter().filter_map(|deny| deny.place.clone()).fold(Vec::new(), |mut all, place| {
        if !all.contains(&place) {
            all.push(place);
        }
        all
    })
}

/// The denying statements of all calls, each once.
fn denies<'a>(case: &Case, calls: &'a [Check]) -> Vec<Deny<'a>> {
    let mut found: Vec<Deny<'a>> = Vec::new();
    for call in calls {
        for denier in &call.decision.deniers {
            let place = place(case, denier, call);
            let same = |d: &&mut Deny<'_>| d.denier.by == denier.by && d.place == place;
            match found.iter_mut().find(same) {
                Some(known) if known.calls.contains(&call) => {}
                Some(known) => known.calls.push(call),
                None => found.push(Deny { denier: denier.clone(), place, calls: vec![call] }),
            }
        }
    }
    found
}

/// The place of a statement by the layer and the name of its policy; `None` outside of the account's own documents.
fn place(case: &Case, denier: &Denier, call: &Check) -> Option<Place> {
    let role = call.permission.role.name()?.to_owned();
    let policy = denier.by.policy.clone();
    let is_inline = || case.role_policy_names(&role).is_ok_and(|names| names.policy_names.contains(&policy));
    match denier.layer {
        Layer::Identity if is_inline() => Some(Place::Inline { role, policy }),
        Layer::Identity | Layer::Boundary => Some(Place::Managed { role, policy }),
        Layer::ResourcePolicy | Layer::KeyPolicy => Resource::of(&call.permission.policy).map(Place::Resource),
        Layer::Trust => Some(Place::Trust { role }),
        Layer::Session | Layer::Scp | Layer::Rcp | Layer::Endpoint => None,
    }
}

/// Narrows the statements of one document, the last first: a statement that becomes two moves those after it. Gives
/// those that cannot be, and changes nothing then.
fn narrow_in<'d>(draft: &mut Draft<'_>, place: Place, denies: &[&'d Deny<'d>]) -> Vec<Hindered<'d>> {
    let Standing::Written(mut document) = draft.read(&place) else {
        return denies.iter().map(|deny| (*deny, deny.out_of_reach())).collect();
    };
    let mut placed: Vec<(Option<usize>, &Deny<'_>)> =
        denies.iter().map(|deny| (document::index_of(&document, &deny.denier.by.statement), *deny)).collect();
    placed.sort_by_key(|(index, _)| std::cmp::Reverse(*index));
    let mut titles = Vec::new();
    let mut hindered = Vec::new();
    for (index, deny) in placed {
        match index.ok_or(Hindrance::Inexact).and_then(|index| deny.narrowed(draft.case, &document, index)) {
            Ok(edited) => {
                titles.push(deny.title(&edited));
                document = edited;
            }
            Err(hindrance) => hindered.push((deny, deny.hindered(&hindrance))),
        }
    }
    if hindered.is_empty() {
        titles.reverse();
        draft.edit(place, document, titles.join("; "));
    }
    hindered
}

impl Deny<'_> {
    fn narrowed(&self, case: &Case, document: &Value, index: usize) -> Result<Value, Hindrance> {
        let statement = document::statement(document, index).ok_or(Hindrance::Inexact)?;
        let parts = narrowed(statement, &self.spared(), &self.who(case))?;
        document::with_replaced(document.clone(), index, parts).ok_or(Hindrance::Inexact)
    }

    fn spared(&self) -> Spared {
        let calls = self.calls.iter().map(|call| (call.permission.action.clone(), call.permission.granted_resource()));
        Spared::new(&calls.collect::<Vec<_>>())
    }

    fn who(&self, case: &Case) -> Who {
        match &self.place {
            Some(Place::Resource(resource)) => {
                let role = self.calls.first().map(|call| words::role_arn(case, &call.permission.role));
                let bucket = match resource {
                    Resource::Bucket { bucket, .. } => Some(bucket.clone()),
                    _ => None,
                };
                Who::Role { arn: role.unwrap_or_default(), bucket }
            }
            Some(Place::Trust { .. }) => Who::Service(ECS_TASKS),
            _ => Who::Holder,
        }
    }

    fn role(&self) -> &str {
        self.calls.first().and_then(|call| call.permission.role.name()).unwrap_or("the role")
    }

    fn policy(&self) -> String {
        self.place.as_ref().map_or_else(|| format!("policy {}", self.denier.by.policy), Place::told)
    }

    /// A policy of this one deny has nothing left to say.
    fn title(&self, edited: &Value) -> String {
        let (policy, calls) = (self.policy(), self.spared().told());
        let whom = match self.place {
            Some(Place::Resource(_)) => format!("role {} for ", self.role()),
            Some(Place::Trust { .. }) => format!("{ECS_TASKS} for "),
            _ => String::new(),
        };
        let by = self.place.as_ref().zip(self.calls.first()).map(|(place, call)| credentials(place, call));
        let by = by.unwrap_or_default();
        match &self.place {
            Some(Place::Inline { role, policy }) if document::is_empty(edited) => {
                format!("Delete inline policy {policy} of role {role}, which only denies {calls}")
            }
            Some(Place::Resource(_)) if document::is_empty(edited) => {
                format!("Delete {policy}, which only denies {whom}{calls}{by}")
            }
            _ => {
                let statement = &self.denier.by.statement;
                format!("Narrow the deny of statement {statement} in {policy} so that it spares {whom}{calls}{by}")
            }
        }
    }

    fn says(&self) -> String {
        let (statement, policy) = (&self.denier.by.statement, self.policy());
        // It is not the role that is denied its own assumption.
        let whom = if self.is_trust() { ECS_TASKS } else { self.role() };
        format!("Statement {statement} of {policy} ({} layer) denies {whom} {}", self.layer(), self.spared().told())
    }

    fn is_trust(&self) -> bool {
        self.denier.layer == Layer::Trust
    }

    fn layer(&self) -> &'static str {
        words::layer(self.denier.layer)
    }

    fn hindered(&self, hindrance: &Hindrance) -> Advice {
        let says = self.says();
        advice(match hindrance {
            Hindrance::Condition(condition) => {
                format!(
                    "{says} where {condition}: make the call meet the policy's terms, or have its owner change them"
                )
            }
            // A service carries no aws:PrincipalArn by which a condition could spare it.
            Hindrance::NotPrincipal if self.is_trust() => format!(
                "{says} since it denies everyone but its NotPrincipal, which IAM does not support in a trust policy: \
                 remove the statement, or have it name those whom it is to deny"
            ),
            Hindrance::Inexact if self.is_trust() => format!(
                "{says}, and cannot be narrowed to spare this service alone: remove the statement, or have it name \
                 those whom it is to deny"
            ),
            Hindrance::NotPrincipal => format!(
                "{says} since it denies everyone but its NotPrincipal, and naming the role there need not spare its \
                 sessions: have it name everyone, with a condition ArnNotEquals aws:PrincipalArn for those to be spared"
            ),
            Hindrance::Inexact => {
                format!("{says}, and cannot be narrowed to spare this alone: have its owner write it otherwise")
            }
        })
    }

    /// A statement that could be narrowed, if that were enough.
    fn has_to_spare(&self) -> Advice {
        advice(format!("{}: it has to spare this call", self.says()))
    }

    /// A document that cannot be edited, or was not read.
    fn out_of_reach(&self) -> Advice {
        let says = self.says();
        match &self.place {
            Some(Place::Managed { policy, .. }) if is_aws_managed(policy) => {
                advice(format!("{says}: it is AWS's own and nobody can edit it; give the role another policy instead"))
            }
            _ => advice(format!("{says}: have its owner spare this call")),
        }
    }

    fn of_nobody_here(&self) -> Advice {
        advice(format!("{}: ask those who administer it to spare this call", self.says()))
    }
}

fn advice(title: String) -> Advice {
    (title, vec![PAGE.to_owned()])
}
