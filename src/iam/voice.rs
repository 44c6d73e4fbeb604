//! What one layer says to a request: whether it allows, whether it denies, and which statement does.
//!
//! A statement without a known effect may be either; a document that was not read may hold anything.

use super::{
    context::Request,
    layers::{DecidedBy, Layer, PolicySet},
    policy::{Effect, Principals, Statement, StatementEntry},
    principal::{Naming, denied_as_other, naming},
    statement::applies,
    truth::Truth,
};

/// Who asks, and whether a boundary is set on them, which is a matter of more than the boundary's own layer.
pub struct Asked<'a> {
    request: &'a Request,
    bounded: Truth,
}

impl<'a> Asked<'a> {
    pub fn of(request: &'a Request, boundary: Option<&PolicySet>) -> Self {
        let bounded = match boundary {
            None => Truth::No,
            Some(set) if set.policies.is_empty() && !set.unread.is_empty() => {
                Truth::any(set.unread.iter().map(Truth::unknown))
            }
            Some(_) => Truth::Yes,
        };
        Self { request, bounded }
    }

    /// Whether a statement is about who asks, named in the way that is wanted.
    fn is_meant(&self, statement: &Statement, principals: &Principals, wanted: impl Fn(Naming) -> bool) -> Truth {
        if principals.negated && statement.effect == Effect::Deny {
            return Truth::from(wanted(Naming::Itself))
                .and(|| denied_as_other(principals, self.request, &self.bounded));
        }
        wanted(naming(principals, self.request)).into()
    }
}

/// What one layer says.
pub struct Voice {
    pub layer: Layer,
    pub allow: Truth,
    pub allowed_by: Option<DecidedBy>,
    pub deny: Truth,
    pub denied_by: Option<DecidedBy>,
    /// Every statement that denies for certain.
    pub deniers: Vec<DecidedBy>,
}

impl Voice {
    /// What the statements say whose principals meet the request as wanted. In an identity policy there are none.
    pub fn of(layer: Layer, set: &PolicySet, asked: &Asked<'_>, wanted: impl Fn(Naming) -> bool) -> Self {
        let mut voice =
            Self { layer, allow: Truth::No, allowed_by: None, deny: Truth::No, denied_by: None, deniers: Vec::new() };
        let needs_principal = !matches!(layer, Layer::Identity | Layer::Boundary);
        for named in &set.policies {
            for (index, entry) in named.policy.statements.iter().enumerate() {
                let by = |label: String| Some(DecidedBy { policy: named.name.clone(), statement: label });
                match entry {
                    StatementEntry::Unreadable { effect, problem } => {
                        let unread = Truth::unknown(format!("{} #{index} cannot be read: {problem}", named.name));
                        voice.hear(*effect, unread, by(format!("#{index}")));
                    }
                    StatementEntry::Read(statement) => {
                        let met = match (&statement.principals, needs_principal) {
                            (Some(principals), true) => asked.is_meant(statement, principals, &wanted),
                            (None, true) => Truth::No,
                            (_, false) => Truth::Yes,
                        };
                        let truth = met.and(|| applies(statement, asked.request, named.policy.has_variables));
                        voice.hear(Some(statement.effect), truth, by(statement.label(index)));
                    }
                }
            }
        }
        for reason in &set.unread {
            voice.hear(None, Truth::unknown(reason.clone()), None);
        }
        voice
    }

    /// Takes one statement in; one without a known effect may be either.
    fn hear(&mut self, effect: Option<Effect>, truth: Truth, by: Option<DecidedBy>) {
        if effect != Some(Effect::Deny) {
            raise(&mut self.allow, &mut self.allowed_by, &truth, &by);
        }
        if effect == Some(Effect::Deny) && truth == Truth::Yes {
            self.deniers.extend(by.clone());
        }
        if effect != Some(Effect::Allow) {
            raise(&mut self.deny, &mut self.denied_by, &truth, &by);
        }
    }
}

/// The first statement that settles it is the one that is named.
fn raise(value: &mut Truth, decided_by: &mut Option<DecidedBy>, truth: &Truth, by: &Option<DecidedBy>) {
    if *value == Truth::Yes || *truth == Truth::No {
        return;
    }
    if *truth == Truth::Yes || decided_by.is_none() {
        *decided_by = by.clone();
    }
    *value = value.clone().or(|| truth.clone());
}
