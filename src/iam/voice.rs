//! What the policies of one layer say to a request: what they allow, to whom, what they deny, and by which statements.
//!
//! A statement without a known effect may be either; a document that was not read may hold anything.

use super::{
    context::Request,
    layers::{DecidedBy, Layer, Layers, PolicySet},
    policy::{Effect, PolicyName, Principals, Statement, StatementEntry},
    principal::{Naming, Principal, denied_as_other, naming},
    statement::applies,
    truth::Truth,
};

/// Who asks for what; and whether a boundary is set on them, which is a matter of more than the boundary's own layer.
pub struct Asked<'a> {
    pub request: &'a Request<'a>,
    pub principal: Principal<'a>,
    bounded: Truth,
}

impl<'a> Asked<'a> {
    pub fn of(request: &'a Request<'a>, layers: &Layers<'_>) -> Self {
        let bounded = match &layers.boundary {
            None => Truth::No,
            Some(set) if set.policies.is_empty() && !set.unread.is_empty() => {
                Truth::any(set.unread.iter().map(Truth::unknown))
            }
            Some(_) => Truth::Yes,
        };
        Self { request, principal: Principal::of(&request.principal), bounded }
    }

    /// How a statement names who asks, and how sure that is.
    fn named_by(&self, effect: Effect, principals: &Principals<'_>) -> (Naming, Truth) {
        if principals.negated && effect == Effect::Deny {
            return (Naming::Itself, denied_as_other(principals, self.request, self.principal, &self.bounded));
        }
        match naming(principals, self.request, self.principal) {
            Naming::Not => (Naming::Not, Truth::No),
            Naming::PerhapsAccount => (Naming::Account, Truth::unknown("whose canonical user id a policy names")),
            naming => (naming, Truth::Yes),
        }
    }
}

/// A statement by its policy and its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'p> {
    policy: &'p PolicyName<'p>,
    /// `None` for one that cannot be read.
    statement: Option<&'p Statement<'p>>,
    index: usize,
}

impl From<Place<'_>> for DecidedBy {
    fn from(place: Place<'_>) -> Self {
        let statement = place.statement.map_or_else(|| format!("#{}", place.index), |s| s.label(place.index));
        Self { policy: place.policy.to_string(), statement }
    }
}

/// What is said, and the first statement that says it.
#[derive(Debug, PartialEq)]
pub struct Heard<'p> {
    pub truth: Truth,
    pub by: Option<Place<'p>>,
}

impl<'p> Heard<'p> {
    const NOTHING: Self = Self { truth: Truth::No, by: None };

    fn hear(&mut self, truth: &Truth, by: Option<Place<'p>>) {
        if self.truth == Truth::Yes || *truth == Truth::No {
            return;
        }
        if *truth == Truth::Yes || self.by.is_none() {
            self.by = by;
        }
        let known = std::mem::replace(&mut self.truth, Truth::No);
        self.truth = known.or(|| truth.clone());
    }
}

/// What one layer says.
#[derive(Debug)]
pub struct Voice<'p> {
    pub layer: Layer,
    /// To the principal itself; of layers that name nobody, to whoever asks.
    pub itself: Heard<'p>,
    /// To the role behind the session.
    pub role: Heard<'p>,
    /// To the principal's account.
    pub account: Heard<'p>,
    pub deny: Heard<'p>,
    /// Every statement that denies for certain.
    pub deniers: Vec<Place<'p>>,
}

impl<'p> Voice<'p> {
    /// A layer that says nothing.
    pub fn silent(layer: Layer) -> Self {
        let [itself, role, account, deny] = [Heard::NOTHING; 4];
        Self { layer, itself, role, account, deny, deniers: Vec::new() }
    }

    pub fn of(layer: Layer, set: &'p PolicySet<'_>, asked: &Asked<'_>) -> Self {
        let mut voice = Self::silent(layer);
        for named in &set.policies {
            for (index, entry) in named.policy.statements.iter().enumerate() {
                let place = Place { policy: &named.name, statement: None, index };
                match entry {
                    StatementEntry::Read(statement) => {
                        voice.read(statement, place, named.policy.has_variables, asked);
                    }
                    StatementEntry::Unreadable { effect, problem } => {
                        let told = format!("statement #{index} of {} cannot be read: {problem}", named.name);
                        voice.unread(*effect, &Truth::unknown(told), Some(place));
                    }
                }
            }
        }
        for reason in &set.unread {
            voice.unread(None, &Truth::unknown(reason), None);
        }
        voice
    }

    fn read(&mut self, statement: &'p Statement<'_>, place: Place<'p>, has_variables: bool, asked: &Asked<'_>) {
        let (naming, met) = match &statement.principals {
            Some(principals) if self.layer.names_principals() => asked.named_by(statement.effect, principals),
            None if self.layer.names_principals() => return,
            _ => (Naming::Itself, Truth::Yes),
        };
        if met == Truth::No {
            return;
        }
        let truth = met.and(|| applies(statement, asked.request, self.layer, has_variables));
        let place = Place { statement: Some(statement), ..place };
        match statement.effect {
            Effect::Allow => self.allow(naming).hear(&truth, Some(place)),
            Effect::Deny => {
                if truth == Truth::Yes {
                    self.deniers.push(place);
                }
                self.deny.hear(&truth, Some(place));
            }
        }
    }

    /// What could be said by something that cannot be read.
    fn unread(&mut self, effect: Option<Effect>, truth: &Truth, place: Option<Place<'p>>) {
        if effect != Some(Effect::Deny) {
            self.itself.hear(truth, place);
        }
        if effect != Some(Effect::Allow) {
            self.deny.hear(truth, place);
        }
    }

    /// Where an allow counts. Only the policy of a resource distinguishes whom it names; for a gate any name will do.
    fn allow(&mut self, naming: Naming) -> &mut Heard<'p> {
        match naming {
            Naming::Role if self.layer.is_of_resource() => &mut self.role,
            Naming::Account if self.layer.is_of_resource() => &mut self.account,
            _ => &mut self.itself,
        }
    }
}
