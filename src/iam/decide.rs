//! The layers together: one decision, the layer and the statement that it rests on.
//!
//! An explicit deny anywhere wins. In one account the identity or the resource policy must allow, and the boundary as
//! well; across accounts both must; a key policy is always needed
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).

use super::{
    context::Request,
    layers::{Decision, Denier, Layer, Layers, Outcome, PolicySet, ResourcePolicy},
    principal::Naming,
    truth::Truth,
    voice::{Asked, Voice},
};

/// Decides a call of a role.
pub fn decide(request: &Request, layers: &Layers) -> Decision {
    let asked = &Asked::of(request, layers.boundary.as_ref());
    let identity = Voice::of(Layer::Identity, &layers.identity, asked, |_| true);
    let boundary = layers.boundary.as_ref().map(|set| Voice::of(Layer::Boundary, set, asked, |_| true));
    let (resource, delegated) = match &layers.resource {
        ResourcePolicy::None => (None, None),
        ResourcePolicy::Set(set) => resource_voices(Layer::ResourcePolicy, set, asked),
        ResourcePolicy::Key(set) => resource_voices(Layer::KeyPolicy, set, asked),
    };
    let spoken: Vec<&Voice> =
        [Some(&identity), boundary.as_ref(), resource.as_ref(), delegated.as_ref()].into_iter().flatten().collect();
    let grants = Grants {
        identity: &identity,
        boundary: boundary.as_ref(),
        itself: resource.as_ref(),
        account: delegated.as_ref(),
        combination: Combination::of(request, &layers.resource),
    };
    if let Some(denied) = denial(&spoken) {
        return Decision { lacking: grants.lacking(), ..denied };
    }
    settle(grants.decision(), &spoken)
}

/// Decides whether a service may assume a role: its trust policy alone says so.
pub fn decide_trust(request: &Request, trust: &PolicySet) -> Decision {
    let voice = Voice::of(Layer::Trust, trust, &Asked::of(request, None), |n| n == Naming::Itself);
    if let Some(denied) = denial(&[&voice]) {
        return denied;
    }
    let decision = match &voice.allow {
        Truth::Yes => Decision::new(Outcome::Allowed, Layer::Trust, voice.allowed_by.clone()),
        Truth::No => Decision::lacking(vec![Layer::Trust]),
        Truth::Unknown(keys) => Decision::unknown(Layer::Trust, keys.clone()),
    };
    settle(decision, &[&voice])
}

/// What a resource policy grants to the principal itself, and what to its account.
fn resource_voices(layer: Layer, set: &PolicySet, asked: &Asked<'_>) -> (Option<Voice>, Option<Voice>) {
    let itself = Voice::of(layer, set, asked, |n| n == Naming::Itself);
    let account = Voice::of(layer, set, asked, |n| n == Naming::Account);
    (Some(itself), Some(account))
}

fn denial(voices: &[&Voice]) -> Option<Decision> {
    let voice = voices.iter().find(|v| v.deny == Truth::Yes)?;
    let mut deniers: Vec<Denier> = Vec::new();
    for denier in voices.iter().flat_map(|v| v.deniers.iter().map(|by| Denier { layer: v.layer, by: by.clone() })) {
        // One resource policy speaks twice: for the principal and for its account.
        if !deniers.contains(&denier) {
            deniers.push(denier);
        }
    }
    Some(Decision { deniers, ..Decision::new(Outcome::ExplicitlyDenied, voice.layer, voice.denied_by.clone()) })
}

/// Which of identity and resource policy have to allow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Combination {
    /// In one account either side is enough.
    Either,
    /// A key's policy must grant, or delegate to the account's identity policies.
    Key,
    /// Across accounts both sides must.
    Both,
}

impl Combination {
    fn of(request: &Request, resource: &ResourcePolicy) -> Self {
        match resource {
            _ if request.account != request.resource_account => Self::Both,
            ResourcePolicy::Key(_) => Self::Key,
            ResourcePolicy::None | ResourcePolicy::Set(_) => Self::Either,
        }
    }
}

/// The allows of all layers, and how they combine.
struct Grants<'a> {
    identity: &'a Voice,
    boundary: Option<&'a Voice>,
    /// What the resource policy grants to the principal itself.
    itself: Option<&'a Voice>,
    /// What it leaves to the principal's account.
    account: Option<&'a Voice>,
    combination: Combination,
}

impl Grants<'_> {
    fn decision(&self) -> Decision {
        match self.granted().and(|| self.bounded()) {
            Truth::Yes => self.allowed(),
            Truth::No => Decision::lacking(self.lacking()),
            Truth::Unknown(keys) => Decision::unknown(self.undecided(), keys),
        }
    }

    fn granted(&self) -> Truth {
        let identity = || self.identity.allow.clone();
        match self.combination {
            Combination::Either => identity().or(|| self.itself()),
            Combination::Key => self.itself().or(|| self.account().and(identity)),
            Combination::Both => identity().and(|| self.resource_side()),
        }
    }

    fn itself(&self) -> Truth {
        self.itself.map_or(Truth::No, |v| v.allow.clone())
    }

    fn account(&self) -> Truth {
        self.account.map_or(Truth::No, |v| v.allow.clone())
    }

    fn resource_side(&self) -> Truth {
        self.itself().or(|| self.account())
    }

    fn bounded(&self) -> Truth {
        self.boundary.map_or(Truth::Yes, |v| v.allow.clone())
    }

    fn resource_layer(&self) -> Layer {
        self.itself.map_or(Layer::ResourcePolicy, |v| v.layer)
    }

    /// Names the identity statement where there is one, since that is what people look for.
    fn allowed(&self) -> Decision {
        let voice = match (&self.identity.allow, self.itself) {
            (Truth::Yes, _) | (_, None) => self.identity,
            (_, Some(resource)) => resource,
        };
        Decision::new(Outcome::Allowed, voice.layer, voice.allowed_by.clone())
    }

    /// Every layer that says no where its yes is needed, the one nearest to the role first.
    fn lacking(&self) -> Vec<Layer> {
        let needs_resource = self.combination != Combination::Either && self.resource_side() == Truth::No;
        // A key policy that names the role makes its identity policies irrelevant.
        let identity_lacks = self.identity.allow == Truth::No && self.itself() != Truth::Yes;
        let layers = [
            (identity_lacks, Layer::Identity),
            (self.bounded() == Truth::No, Layer::Boundary),
            (needs_resource, self.resource_layer()),
        ];
        layers.into_iter().filter(|(lacks, _)| *lacks).map(|(_, layer)| layer).collect()
    }

    fn undecided(&self) -> Layer {
        match (&self.identity.allow, self.bounded()) {
            (Truth::Unknown(_), _) => Layer::Identity,
            (_, Truth::Unknown(_)) => Layer::Boundary,
            _ => self.resource_layer(),
        }
    }
}

/// A deny that may apply leaves an allow unknown; it cannot turn a denial into anything else.
fn settle(decision: Decision, voices: &[&Voice]) -> Decision {
    let may_deny = voices.iter().find(|v| matches!(v.deny, Truth::Unknown(_)));
    match (decision.outcome, may_deny) {
        (Outcome::Allowed, Some(voice)) => {
            Decision { by: voice.denied_by.clone(), ..Decision::unknown(voice.layer, voice.deny.keys()) }
        }
        _ => decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Context, NamedPolicy, Policy};

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    const ROLE: &str = "arn:aws:iam::123456789012:role/exec";

    fn set(statements: &str) -> PolicySet {
        let policy = Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
        PolicySet { policies: vec![NamedPolicy { name: "p".into(), policy }], unread: vec![] }
    }

    fn request(resource_account: &str) -> Request {
        Request {
            principal: ROLE.into(),
            account: "123456789012".into(),
            action: "secretsmanager:GetSecretValue".into(),
            resource: SECRET.into(),
            resource_account: resource_account.into(),
            context: Context::default(),
        }
    }

    fn layers(identity: &str) -> Layers {
        Layers { identity: set(identity), boundary: None, resource: ResourcePolicy::None }
    }

    const ALLOW: &str = r#"{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}"#;
    const NOTHING: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;

    #[test]
    fn identity_and_boundary_must_both_allow() {
        assert_eq!(decide(&request("123456789012"), &layers(ALLOW)).outcome, Outcome::Allowed);
        let bounded = Layers { boundary: Some(set(NOTHING)), ..layers(ALLOW) };
        let decision = decide(&request("123456789012"), &bounded);
        assert_eq!((decision.outcome, decision.lacking), (Outcome::ImplicitlyDenied, vec![Layer::Boundary]));
        let both = Layers { boundary: Some(set(NOTHING)), ..layers(NOTHING) };
        assert_eq!(decide(&request("123456789012"), &both).lacking, [Layer::Identity, Layer::Boundary]);
    }

    #[test]
    fn explicit_denies_win_and_are_named() {
        let deny = format!(r#"{ALLOW},{{"Sid":"No","Effect":"Deny","NotAction":"s3:*","Resource":"*"}}"#);
        let decision = decide(&request("123456789012"), &layers(&deny));
        assert_eq!(decision.outcome, Outcome::ExplicitlyDenied);
        assert_eq!(decision.by.unwrap().statement, "No");
        assert_eq!(decision.lacking, []);
    }

    #[test]
    fn all_that_stands_in_the_way_is_listed() {
        let deny = r#"{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"B","Effect":"Deny","Action":"*","Resource":"*"}"#;
        let both = Layers { boundary: Some(set(deny)), ..layers(&format!("{NOTHING},{deny}")) };
        let decision = decide(&request("123456789012"), &both);
        let deniers: Vec<_> = decision.deniers.iter().map(|d| (d.layer, d.by.statement.as_str())).collect();
        let (identity, boundary) = (Layer::Identity, Layer::Boundary);
        assert_eq!(deniers, [(identity, "A"), (identity, "B"), (boundary, "A"), (boundary, "B")]);
        assert_eq!(decision.lacking, [identity, boundary]);
    }

    #[test]
    fn resource_policies_grant_at_home_and_are_needed_abroad() {
        let role = format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"*","Resource":"*"}}"#);
        let root = r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}"#;
        let with = |identity: &str, resource: &str| Layers {
            resource: ResourcePolicy::Set(set(resource)),
            ..layers(identity)
        };
        let outcome = |account: &str, l: &Layers| decide(&request(account), l).outcome;
        assert_eq!(outcome("123456789012", &with(NOTHING, &role)), Outcome::Allowed);
        assert_eq!(outcome("123456789012", &with(NOTHING, root)), Outcome::ImplicitlyDenied);
        assert_eq!(outcome("210987654321", &with(NOTHING, &role)), Outcome::ImplicitlyDenied);
        assert_eq!(outcome("210987654321", &with(ALLOW, root)), Outcome::Allowed);
        let lacking = decide(&request("210987654321"), &layers(ALLOW));
        assert_eq!(lacking.lacking, [Layer::ResourcePolicy]);
    }

    #[test]
    fn denies_for_everyone_else_reach_who_has_a_boundary() {
        let deny = format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":"{ROLE}"}},"Action":"*","Resource":"*"}}"#);
        let with = |boundary| Layers { boundary, resource: ResourcePolicy::Set(set(&deny)), ..layers(ALLOW) };
        let outcome = |boundary| decide(&request("123456789012"), &with(boundary)).outcome;
        assert_eq!(outcome(None), Outcome::Unknown);
        assert_eq!(outcome(Some(set(ALLOW))), Outcome::ExplicitlyDenied);
    }

    #[test]
    fn keys_need_their_policy() {
        let root =
            r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*"}"#;
        let role = format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"*","Resource":"*"}}"#);
        let with = |identity: &str, key: &str| {
            decide(&request("123456789012"), &Layers { resource: ResourcePolicy::Key(set(key)), ..layers(identity) })
        };
        assert_eq!(with(ALLOW, root).outcome, Outcome::Allowed);
        assert_eq!(with(NOTHING, &role).outcome, Outcome::Allowed);
        assert_eq!(with(NOTHING, root).lacking, [Layer::Identity]);
        assert_eq!(with(ALLOW, NOTHING).lacking, [Layer::KeyPolicy]);
    }

    #[test]
    fn what_was_not_read_leaves_it_open() {
        let unread = PolicySet { unread: vec!["policy x was not read".into()], ..set(ALLOW) };
        let decision = decide(&request("123456789012"), &Layers { identity: unread, ..layers(ALLOW) });
        assert_eq!(decision.outcome, Outcome::Unknown);
        assert!(decision.unknown.contains("policy x was not read"));
        let broken = format!(r#"{ALLOW},{{"Effect":"Deny","Action":{{}}}}"#);
        assert_eq!(decide(&request("123456789012"), &layers(&broken)).outcome, Outcome::Unknown);
        let condition = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}"#;
        let decision = decide(&request("123456789012"), &layers(condition));
        assert_eq!(decision.unknown.into_iter().collect::<Vec<_>>(), ["aws:SourceVpce"]);
    }

    #[test]
    fn trust_is_the_service_s_alone() {
        let trust = |statement: &str| {
            let request = Request {
                principal: "ecs-tasks.amazonaws.com".into(),
                action: "sts:AssumeRole".into(),
                resource: ROLE.into(),
                ..request("123456789012")
            };
            decide_trust(&request, &set(statement)).outcome
        };
        assert_eq!(
            trust(
                r#"{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}"#
            ),
            Outcome::Allowed
        );
        assert_eq!(
            trust(r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}"#),
            Outcome::ImplicitlyDenied
        );
        assert_eq!(
            trust(r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}"#),
            Outcome::ImplicitlyDenied
        );
    }
}
