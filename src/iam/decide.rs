//! The layers together: one decision, the layer and the statement that it rests on, and what stands in the way.
//!
//! An explicit deny anywhere wins. In one account the identity or the resource policy must allow; across accounts both
//! must; a key's policy and a role's trust are always needed. Boundary, session, service control policies and the
//! endpoint only take away
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).

use super::{
    context::Request,
    layers::{Decision, Denier, Layer, Layers, Outcome, PolicySet, ResourcePolicy},
    principal::{Principal, arn_resource},
    service,
    truth::Truth,
    voice::{Asked, Heard, Voice},
};

/// Decides a call.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    if service::is_always_allowed(&request.action) {
        return Decision::new(Outcome::Allowed, None, None);
    }
    let asked = Asked::of(request, layers);
    let chorus = Chorus::of(layers, &asked);
    if let Some(denied) = chorus.denial() {
        return denied;
    }
    let decision = chorus.decision();
    chorus.settle(decision)
}

/// Which of identity and resource policy have to allow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Combination {
    /// In one account either side is enough.
    Either,
    /// A key's policy or a role's trust must grant, or leave it to the account's identity policies.
    Delegated,
    /// Across accounts both sides must.
    Both,
    /// Services and anonymous callers have no other side.
    ResourceAlone,
}

impl Combination {
    fn of(asked: &Asked<'_>, resource: &ResourcePolicy<'_>) -> Self {
        match resource {
            _ if !asked.principal.is_of_account() => Self::ResourceAlone,
            _ if asked.request.account != asked.request.resource_account => Self::Both,
            ResourcePolicy::Key(_) | ResourcePolicy::Trust(_) => Self::Delegated,
            ResourcePolicy::None | ResourcePolicy::Set(_) => Self::Either,
        }
    }
}

/// What every layer that applies says.
struct Chorus<'p> {
    combination: Combination,
    is_root: bool,
    identity: Voice<'p>,
    boundary: Option<Voice<'p>>,
    session: Option<Voice<'p>>,
    resource: Voice<'p>,
    scps: Vec<Voice<'p>>,
    rcps: Vec<Voice<'p>>,
    endpoint: Option<Voice<'p>>,
}

impl<'p> Chorus<'p> {
    fn of(layers: &'p Layers<'_>, asked: &Asked<'_>) -> Self {
        let bound = asked.principal.is_of_account();
        let one = |layer: Layer, set: &'p Option<PolicySet<'_>>, applies: bool| {
            set.as_ref().filter(|_| applies).map(|set| Voice::of(layer, set, asked))
        };
        let levels = |layer: Layer, sets: &'p [PolicySet<'_>], applies: bool| -> Vec<Voice<'p>> {
            sets.iter().filter(|_| applies).map(|set| Voice::of(layer, set, asked)).collect()
        };
        let linked = is_service_linked(asked);
        Self {
            combination: Combination::of(asked, &layers.resource),
            is_root: asked.principal == Principal::Root,
            identity: if bound {
                Voice::of(Layer::Identity, &layers.identity, asked)
            } else {
                Voice::silent(Layer::Identity)
            },
            boundary: one(Layer::Boundary, &layers.boundary, bound),
            session: one(Layer::Session, &layers.session, bound).or_else(|| {
                // Without one, a federated user gets nothing from the user who made the session.
                (asked.principal == Principal::FederatedUser).then(|| Voice::silent(Layer::Session))
            }),
            resource: match &layers.resource {
                ResourcePolicy::None => Voice::silent(Layer::ResourcePolicy),
                ResourcePolicy::Set(set) => Voice::of(Layer::ResourcePolicy, set, asked),
                ResourcePolicy::Key(set) => Voice::of(Layer::KeyPolicy, set, asked),
                ResourcePolicy::Trust(set) => Voice::of(Layer::Trust, set, asked),
            },
            scps: levels(Layer::Scp, &layers.scps, bound && !linked),
            rcps: levels(
                Layer::Rcp,
                &layers.rcps,
                !linked && !layers.rcps.is_empty() && service::has_rcps(&asked.request.action),
            ),
            endpoint: one(Layer::Endpoint, &layers.endpoint, true),
        }
    }

    fn voices(&self) -> impl Iterator<Item = &Voice<'p>> {
        let own = [Some(&self.identity), self.boundary.as_ref(), self.session.as_ref(), Some(&self.resource)];
        own.into_iter().flatten().chain(&self.scps).chain(&self.rcps).chain(&self.endpoint)
    }

    fn denial(&self) -> Option<Decision> {
        let first = self.voices().find(|voice| voice.deny.truth == Truth::Yes)?;
        let by = first.deniers.first().map(|place| (*place).into());
        let deniers = self
            .voices()
            .flat_map(|voice| voice.deniers.iter().map(|place| Denier { layer: voice.layer, by: (*place).into() }));
        Some(Decision {
            lacking: self.lacking(),
            deniers: deniers.collect(),
            ..Decision::new(Outcome::ExplicitlyDenied, Some(first.layer), by)
        })
    }

    fn decision(&self) -> Decision {
        match self.granted().and(|| self.admitted()) {
            Truth::Yes => self.allowed(),
            Truth::No => {
                let lacking = self.lacking();
                Decision {
                    lacking: lacking.clone(),
                    ..Decision::new(Outcome::ImplicitlyDenied, lacking.first().copied(), None)
                }
            }
            Truth::Unknown(keys) => Decision::unknown(self.undecided(), keys),
        }
    }

    /// Whether somebody grants the call to whom it has to be granted.
    fn granted(&self) -> Truth {
        let resource = &self.resource;
        let direct = || resource.itself.truth.clone();
        match self.combination {
            Combination::ResourceAlone => direct(),
            Combination::Either => {
                direct().or(|| self.identity().or(|| resource.role.truth.clone()).and(|| self.bounded()))
            }
            Combination::Delegated => direct().or(|| {
                let delegated = || resource.account.truth.clone().and(|| self.identity());
                resource.role.truth.clone().or(delegated).and(|| self.bounded())
            }),
            Combination::Both => self.identity().and(|| self.bounded()).and(|| self.resource_side()),
        }
    }

    /// The root user of an account needs no policy.
    fn identity(&self) -> Truth {
        if self.is_root { Truth::Yes } else { self.identity.itself.truth.clone() }
    }

    fn resource_side(&self) -> Truth {
        let resource = &self.resource;
        resource.itself.truth.clone().or(|| resource.role.truth.clone()).or(|| resource.account.truth.clone())
    }

    /// What a boundary and a session's policy leave.
    fn bounded(&self) -> Truth {
        let limits = self.boundary.iter().chain(&self.session);
        Truth::all(limits.map(|voice| voice.itself.truth.clone()))
    }

    /// Whether every gate on the way lets the call through. Resource control policies only deny: the one that allows
    /// everything cannot be detached.
    fn admitted(&self) -> Truth {
        Truth::all(self.scps.iter().chain(&self.endpoint).map(|voice| voice.itself.truth.clone()))
    }

    /// Names the identity statement where there is one, since that is what people look for.
    fn allowed(&self) -> Decision {
        let resource = &self.resource;
        let heard: [(Layer, &Heard<'_>); 4] = [
            (Layer::Identity, &self.identity.itself),
            (resource.layer, &resource.itself),
            (resource.layer, &resource.role),
            (resource.layer, &resource.account),
        ];
        let grantor = heard.into_iter().find(|(_, heard)| heard.truth == Truth::Yes);
        let (layer, by) = grantor.map_or((Layer::Identity, None), |(layer, heard)| (layer, heard.by));
        Decision::new(Outcome::Allowed, Some(layer), by.map(Into::into))
    }

    /// Every layer that says no where its yes is needed, the one nearest to the principal first.
    fn lacking(&self) -> Vec<Layer> {
        let no = |voice: &&Voice<'_>| voice.itself.truth == Truth::No;
        let resource = &self.resource;
        let direct = resource.itself.truth == Truth::Yes && self.combination != Combination::Both;
        let by_role = resource.role.truth == Truth::Yes && self.combination != Combination::Both;
        let needs_resource = self.combination != Combination::Either && self.resource_side() == Truth::No;
        let of_account = self.combination != Combination::ResourceAlone;
        let mut lacking = Vec::new();
        if of_account && !direct {
            lacking.extend((self.identity() == Truth::No && !by_role).then_some(Layer::Identity));
            lacking.extend(self.boundary.iter().chain(&self.session).filter(no).map(|voice| voice.layer));
        }
        lacking.extend(needs_resource.then_some(resource.layer));
        lacking.extend(self.scps.iter().chain(&self.endpoint).filter(no).map(|voice| voice.layer));
        lacking.dedup();
        lacking
    }

    fn undecided(&self) -> Layer {
        let unknown = |voice: &&Voice<'_>| {
            [&voice.itself, &voice.role, &voice.account].iter().any(|heard| matches!(heard.truth, Truth::Unknown(_)))
        };
        self.voices().find(unknown).map_or(self.resource.layer, |voice| voice.layer)
    }

    /// A deny that may apply leaves an allow unknown; it cannot turn a denial into anything else.
    fn settle(&self, decision: Decision) -> Decision {
        let may_deny = self.voices().find(|voice| matches!(voice.deny.truth, Truth::Unknown(_)));
        match (decision.outcome, may_deny) {
            (Outcome::Allowed, Some(voice)) => Decision {
                by: voice.deny.by.map(Into::into),
                ..Decision::unknown(voice.layer, voice.deny.truth.keys())
            },
            _ => decision,
        }
    }
}

/// Service control policies do not bind the roles that services make for themselves
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>).
///
/// A session's ARN has lost the path that marks them; where the request does not say it either, the name has to do.
fn is_service_linked(asked: &Asked<'_>) -> bool {
    let path = "aws-service-role/";
    match asked.principal {
        Principal::Role(name) => name.starts_with(path),
        Principal::Session { role } => match asked.request.context.value("aws:PrincipalArn").and_then(arn_resource) {
            Some(resource) => resource.strip_prefix("role/").is_some_and(|name| name.starts_with(path)),
            None => role.starts_with("AWSServiceRoleFor"),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Context, DecidedBy, EvalCase, NamedPolicy, Policy};

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    const ROLE: &str = "arn:aws:iam::123456789012:role/exec";

    /// Leaked, since a test is over before that matters.
    fn set(statements: &str) -> PolicySet<'static> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#).leak();
        let policy = Policy::parse(text).unwrap();
        PolicySet { policies: vec![NamedPolicy { name: "p".into(), policy }], unread: vec![] }
    }

    fn request(resource_account: &str) -> Request<'_> {
        Request {
            principal: ROLE.into(),
            principal_id: None,
            account: "123456789012".into(),
            action: "secretsmanager:GetSecretValue".into(),
            resource: SECRET.into(),
            resource_account: resource_account.into(),
            context: Context::default(),
        }
    }

    fn layers(identity: &str) -> Layers<'static> {
        Layers { identity: set(identity), ..Layers::default() }
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
                account: "".into(),
                action: "sts:AssumeRole".into(),
                resource: ROLE.into(),
                ..request("123456789012")
            };
            decide(&request, &Layers { resource: ResourcePolicy::Trust(set(statement)), ..Layers::default() }).outcome
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

    fn outcome(case: &str) -> Outcome {
        EvalCase::parse(case).unwrap().decide().outcome
    }

    #[test]
    fn a_boundary_binds_the_role_and_not_its_session() {
        let case = |principal: &str| {
            let session = "arn:aws:sts::123456789012:assumed-role/r/s";
            outcome(&format!(
                r#"{{"permission_boundary_policies":[{{"Statement":[]}}],
                "resource_policy":{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:*","Resource":"*"}}}},
                "request":{{"principal":"{session}","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"123456789012"}}}}"#
            ))
        };
        assert_eq!(case("arn:aws:iam::123456789012:role/r"), Outcome::ImplicitlyDenied);
        assert_eq!(case("arn:aws:sts::123456789012:assumed-role/r/s"), Outcome::Allowed);
        assert_eq!(case("*"), Outcome::Allowed);
        assert_eq!(case("123456789012"), Outcome::ImplicitlyDenied);
    }

    #[test]
    fn every_level_of_service_control_must_allow() {
        let case = |scps: &str, principal: &str| {
            outcome(&format!(
                r#"{{"identity_policies":[{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*"}}}}],"scps":{scps},
                "request":{{"principal":"{principal}","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"123456789012"}}}}"#
            ))
        };
        let all = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let some = r#"{"Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
        let role = "arn:aws:iam::123456789012:role/r";
        let linked = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
        assert_eq!(case(&format!("[[{all}],[{some},{all}]]"), role), Outcome::Allowed);
        assert_eq!(case(&format!("[[{all}],[{some}]]"), role), Outcome::ImplicitlyDenied);
        assert_eq!(case(&format!("[[{all}],[{some}]]"), linked), Outcome::Allowed);
    }

    #[test]
    fn the_layer_that_lacks_is_named() {
        let scps = vec![set(NOTHING), set(ALLOW)];
        let decision =
            decide(&request("123456789012"), &Layers { scps, endpoint: Some(set(NOTHING)), ..layers(ALLOW) });
        assert_eq!(decision.lacking, [Layer::Scp, Layer::Endpoint]);
        let by = decide(&request("123456789012"), &layers(ALLOW)).by;
        assert_eq!(by, Some(DecidedBy { policy: "p".into(), statement: "#0".into() }));
    }
}
