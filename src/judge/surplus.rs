//! What the execution role grants beyond the requirements of the task definition.
//!
//! Given a case and its checks, gives every (action, resource) pair of the Allow statements of the role's identity
//! policies, and what of it is needed. A pair is needed if each request that it grants is: its action is one that may be
//! needed, without a wildcard, and its resource covers nothing but what that action is needed on. Any other pair is
//! surplus; so is a statement with `NotAction` or `NotResource`, as a whole. Conditions only narrow what a pair grants,
//! and are left out of account. The advice to grant no more is AWS's
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>).

mod needed;

use std::borrow::Cow;

use self::needed::{Known, Needed, Place, needed};
use super::{
    check::Check,
    policies::{identity_policies, layers},
    role::{self, RoleFact},
};
use crate::{
    case::Case,
    iam::{
        DecidedBy, Effect, Elements, Layers, NamedPolicy, Outcome, Policy, PolicySet, Request, Statement,
        StatementEntry, action_matches, decide,
    },
    require::{PolicySide, RoleRef, Workload},
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

/// Everything that the execution role's identity policies allow, in their order.
///
/// # Errors
/// Why that is not known as a whole, or what the role has to grant besides starting tasks.
pub fn grants(case: &Case, workload: &Workload<'_>, checks: &[Check]) -> Result<Vec<Grant>, String> {
    let role = workload.execution_role();
    let name = own_role(case, workload, &role)?;
    let set = identity_policies(case, name);
    let readable = |p: &NamedPolicy<'_>| p.policy.statements.iter().all(|s| matches!(s, StatementEntry::Read(_)));
    if !set.unread.is_empty() {
        return Err("not all policies of the role were read".to_owned());
    }
    if !set.policies.iter().all(readable) {
        return Err("a policy of the role has a statement that cannot be read".to_owned());
    }
    let measure = Measure { needed: needed(case, workload, checks), alone: alone(case, name) };
    Ok(set.policies.iter().flat_map(|policy| measure.policy(policy)).collect())
}

/// The name of a role that is there, and that nobody has but who starts the task.
fn own_role<'r>(case: &Case, workload: &Workload<'_>, role: &'r RoleRef) -> Result<&'r str, String> {
    match role::find(case, workload, role) {
        RoleFact::Found(_) => {}
        RoleFact::Absent(why) | RoleFact::Nameless(why) => return Err(why),
        RoleFact::Unread(_) => return Err("the role was not read".to_owned()),
    }
    if workload.task_role().arn == role.arn {
        return Err("this role is the task role too: what the application needs is not known".to_owned());
    }
    if workload.instance_role().arn == role.arn {
        return Err("the container instance has this role too: what else it needs is not known".to_owned());
    }
    role.name().ok_or_else(|| "the role has no name".to_owned())
}

/// Layers that leave a decision to the identity policies, and those without a policy yet.
fn alone<'c>(case: &'c Case, role: &str) -> Layers<'c> {
    let mut layers = layers(case, role, &PolicySide::None);
    layers.identity = PolicySet::default();
    layers.boundary = None;
    layers
}

/// What grants are held against.
struct Measure<'c> {
    needed: Vec<Needed>,
    alone: Layers<'c>,
}

impl Measure<'_> {
    fn policy(&self, named: &NamedPolicy<'_>) -> Vec<Grant> {
        let mut all = Vec::new();
        for (index, entry) in named.policy.statements.iter().enumerate() {
            let StatementEntry::Read(statement) = entry else { continue };
            if statement.effect == Effect::Deny {
                continue;
            }
            let by = DecidedBy { policy: named.name.to_string(), statement: statement.label(index) };
            for scope in Scope::of(statement, named.policy.has_variables).parts() {
                let ((action, resource), worth) = (scope.shown(), self.worth(&scope));
                all.push(Grant { by: by.clone(), index, action, resource, worth });
            }
        }
        all
    }

    fn worth(&self, scope: &Scope) -> Worth {
        let asked: Vec<&Needed> = self.needed.iter().filter(|needed| scope.concerns(needed)).collect();
        if asked.is_empty() {
            return Worth::Surplus(Vec::new());
        }
        let mut layers = self.alone.clone();
        layers.identity.policies.push(scope.policy());
        let probe = Probe { scope, layers };
        if scope.is_negated() { probe.whole(&asked) } else { probe.pair(&asked) }
    }
}

/// The actions and resources of a statement, or one pair of them.
struct Scope {
    not_action: bool,
    actions: Vec<String>,
    not_resource: bool,
    resources: Vec<String>,
    has_variables: bool,
}

impl Scope {
    fn of(statement: &Statement<'_>, has_variables: bool) -> Self {
        let resources = statement.resources.as_ref();
        Self {
            not_action: statement.actions.negated,
            actions: owned(&statement.actions),
            not_resource: resources.is_some_and(|r| r.negated),
            resources: resources.map_or_else(|| vec!["*".to_owned()], owned),
            has_variables,
        }
    }

    fn is_negated(&self) -> bool {
        self.not_action || self.not_resource
    }

    /// Each pair for itself. A negation is of its list as a whole.
    fn parts(self) -> Vec<Self> {
        if self.is_negated() {
            return vec![self];
        }
        let pairs =
            self.actions.iter().flat_map(|action| self.resources.iter().map(move |resource| (action, resource)));
        pairs
            .map(|(action, resource)| Self { actions: vec![action.clone()], resources: vec![resource.clone()], ..self })
            .collect()
    }

    fn shown(&self) -> Pair {
        let shown = |negation: &str, negated: bool, patterns: &[String]| {
            let all = patterns.join(", ");
            if negated { format!("{negation}: {all}") } else { all }
        };
        (shown("NotAction", self.not_action, &self.actions), shown("NotResource", self.not_resource, &self.resources))
    }

    fn concerns(&self, needed: &Needed) -> bool {
        self.actions.iter().any(|pattern| action_matches(pattern, &needed.action)) != self.not_action
    }

    /// The scope as a policy of its own, to ask what it covers.
    fn policy(&self) -> NamedPolicy<'_> {
        let elements = |negated, patterns: &'_ [String]| Elements {
            negated,
            patterns: patterns.iter().map(|pattern| Cow::Owned(pattern.clone())).collect(),
        };
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            principals: None,
            actions: elements(self.not_action, &self.actions),
            resources: Some(elements(self.not_resource, &self.resources)),
            conditions: Vec::new(),
        };
        let policy = Policy { has_variables: self.has_variables, statements: vec![StatementEntry::Read(statement)] };
        NamedPolicy { name: "".into(), policy }
    }
}

fn owned(elements: &Elements<'_>) -> Vec<String> {
    elements.patterns.iter().map(|pattern| pattern.clone().into_owned()).collect()
}

/// A scope as the only policy there is.
struct Probe<'a> {
    scope: &'a Scope,
    layers: Layers<'a>,
}

impl Probe<'_> {
    /// One action pattern on one resource pattern.
    fn pair(&self, asked: &[&Needed]) -> Worth {
        let wild = self.scope.actions.iter().any(|action| action.contains(['*', '?']));
        if !wild && asked.iter().any(|needed| needed.is_everywhere() || self.kept(needed).is_some()) {
            return Worth::Needed;
        }
        let part = |needed: &&Needed| {
            let resource = self.kept(needed).map(str::to_owned).or_else(|| self.best(needed))?;
            Some((needed.action.clone(), resource))
        };
        Worth::Surplus(once_each(asked.iter().filter_map(part)))
    }

    /// A statement with a negation. It stays where what is needed of it cannot be written as pairs.
    fn whole(&self, asked: &[&Needed]) -> Worth {
        let mut parts = Vec::new();
        for needed in asked {
            match (&needed.place, self.best(needed)) {
                (Place::Anywhere, _) if self.scope.not_resource => return Worth::Needed,
                (Place::Known(known), Some(_)) if known.undecided => return Worth::Needed,
                (Place::Anywhere, _) => {
                    parts.extend(self.scope.resources.iter().map(|r| (needed.action.clone(), r.clone())));
                }
                (Place::Known(_), best) => parts.extend(best.map(|resource| (needed.action.clone(), resource))),
            }
        }
        Worth::Surplus(once_each(parts))
    }

    /// The resource pattern where no part of it can be left out: it covers what is needed and nothing else, or what is
    /// needed of it is not settled.
    fn kept(&self, needed: &Needed) -> Option<&str> {
        let resource = self.scope.resources.first()?;
        let keeps = match &needed.place {
            Place::Anywhere => true,
            Place::Known(known) => {
                let open = known.undecided || resource.contains("${");
                known.includes(resource) || (open && self.covers(known, &known.request.resource))
            }
        };
        keeps.then_some(resource)
    }

    /// The widest pattern of what is needed that it covers as a whole.
    fn best(&self, needed: &Needed) -> Option<String> {
        let Place::Known(known) = &needed.place else { return None };
        known.patterns.iter().find(|pattern| self.covers(known, pattern)).cloned()
    }

    /// Whether the call is granted on a resource, which may be a pattern itself.
    fn covers(&self, known: &Known, resource: &str) -> bool {
        let own = &known.request;
        let (resource, resource_account) = (resource.to_owned().into(), own.account.clone());
        let request = Request { resource, resource_account, ..own.clone() };
        matches!(decide(&request, &self.layers).outcome, Outcome::Allowed | Outcome::Unknown)
    }
}

fn once_each(pairs: impl IntoIterator<Item = Pair>) -> Vec<Pair> {
    pairs.into_iter().fold(Vec::new(), |mut all, pair| {
        if !all.contains(&pair) {
            all.push(pair);
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        case::{
            Answer, AttachedPolicies, Fact, Gap, Image, Need, Origin, PolicyDocument, PolicyNames, Role, Secret,
            Target, Task, TaskDefinition, Tasks,
        },
        id::ImageRef,
        judge::checks,
        require::Requirements,
        subject::Subject,
    };

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:v1";
    const REPOSITORY: &str = "arn:aws:ecr:eu-west-1:123456789012:repository/team/web";
    const GROUP: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web";
    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf";
    const PARTIAL: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db";

    fn known(case: &mut Case, need: Need, answer: Answer) {
        case.admit(need, Fact::Known(answer, Origin::Aws));
    }

    fn definition(fields: Value) -> Value {
        let mut definition = json!({
            "family": "web",
            "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
            "containerDefinitions": [{
                "name": "app",
                "image": IMAGE,
                "secrets": [{"name": "DB", "valueFrom": PARTIAL}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"
                    }
                }
            }]
        });
        for (key, value) in fields.as_object().unwrap() {
            definition[key] = value.clone();
        }
        definition
    }

    /// A task whose role has these statements inline, everything about it known.
    fn case(fields: Value, statements: Value) -> Case {
        let task: Task = serde_json::from_value(json!({
            "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{ID}"),
            "taskDefinitionArn": "web:1", "launchType": "FARGATE", "lastStatus": "STOPPED"
        }))
        .unwrap();
        let cluster = Some("prod".to_owned());
        let target =
            Target { region: "eu-west-1".into(), cluster: cluster.clone(), task: Some(ID.into()), ..Target::default() };
        let mut case = Case::new(target, jiff::Timestamp::UNIX_EPOCH);
        let tasks = Need::Tasks { cluster, tasks: vec![ID.into()] };
        known(&mut case, tasks, Answer::Tasks(Tasks { tasks: vec![task], failures: Vec::new() }));
        let definition: TaskDefinition = serde_json::from_value(definition(fields)).unwrap();
        let named = Need::TaskDefinition { task_definition: "web:1".into() };
        known(&mut case, named, Answer::TaskDefinition(Box::new(definition)));
        let image = ImageRef::parse(IMAGE).ecr().unwrap();
        known(&mut case, Need::Image(image), Answer::Image(Image::default()));
        let secret = Secret { arn: SECRET.into(), name: "prod/db".into(), ..Secret::default() };
        known(&mut case, secret_need(), Answer::Secret(secret));
        let policy = Need::SecretPolicy { region: "eu-west-1".into(), secret: PARTIAL.into() };
        known(&mut case, policy, Answer::SecretPolicy(PolicyDocument::default()));
        let policy = Need::repository_policy(&ImageRef::parse(IMAGE).ecr().unwrap());
        known(&mut case, policy, Answer::RepositoryPolicy(PolicyDocument::default()));
        with_role(&mut case, &statements);
        case
    }

    fn secret_need() -> Need {
        Need::Secret { region: "eu-west-1".into(), secret: PARTIAL.into() }
    }

    fn with_role(case: &mut Case, statements: &Value) {
        let name = || "exec".to_owned();
        let arn = "arn:aws:iam::123456789012:role/exec".to_owned();
        let role = Role { role_name: name(), arn, ..Role::default() };
        known(case, Need::Role { role: name() }, Answer::Role(role));
        let names = PolicyNames { policy_names: vec!["inline".into()] };
        known(case, Need::RolePolicyNames { role: name() }, Answer::RolePolicyNames(names));
        let attached = Answer::AttachedPolicies(AttachedPolicies::default());
        known(case, Need::AttachedPolicies { role: name() }, attached);
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let inline = Need::RolePolicy { role: name(), policy: "inline".into() };
        known(case, inline, Answer::RolePolicy(PolicyDocument { document }));
    }

    fn granted(case: &Case) -> Option<Vec<Grant>> {
        let subject = Subject::of(case);
        let workload = subject.workload(case).unwrap();
        let requirements = Requirements::of(case, &workload);
        grants(case, &workload, &checks(case, &workload, &requirements, &[])).ok()
    }

    /// `None` for a needed grant, else "action resource" of each part of it that is needed.
    fn worth(case: &Case) -> Option<Vec<String>> {
        let all = granted(case).unwrap();
        assert_eq!(all.len(), 1, "{all:#?}");
        match &all[0].worth {
            Worth::Needed => None,
            Worth::Surplus(parts) => Some(parts.iter().map(|(action, place)| format!("{action} {place}")).collect()),
        }
    }

    fn allow(action: &str, resource: &str) -> Value {
        json!([{"Effect": "Allow", "Action": action, "Resource": resource}])
    }

    #[test]
    fn what_covers_nothing_but_need_is_needed() {
        let streams = format!("{GROUP}:*");
        let own_streams = format!("{GROUP}:log-stream:app/*");
        let any_suffix = format!("{PARTIAL}-??????");
        for (action, resource) in [
            ("ecr:GetAuthorizationToken", "*"),
            // It grants nothing at all.
            ("ecr:GetAuthorizationToken", REPOSITORY),
            ("ECR:batchgetimage", REPOSITORY),
            ("ecr:GetDownloadUrlForLayer", REPOSITORY),
            ("logs:CreateLogStream", &streams),
            ("logs:PutLogEvents", &own_streams),
            ("secretsmanager:GetSecretValue", SECRET),
            ("secretsmanager:GetSecretValue", &any_suffix),
        ] {
            assert_eq!(worth(&case(json!({}), allow(action, resource))), None, "{action} {resource}");
        }
    }

    #[test]
    fn of_what_goes_beyond_need_the_need_is_told() {
        let token = "ecr:GetAuthorizationToken *".to_owned();
        let pull = [format!("ecr:BatchGetImage {REPOSITORY}"), format!("ecr:GetDownloadUrlForLayer {REPOSITORY}")];
        let secret = format!("secretsmanager:GetSecretValue {SECRET}");
        let logs = [format!("logs:CreateLogStream {GROUP}:*"), format!("logs:PutLogEvents {GROUP}:*")];
        let own = format!("{GROUP}:log-stream:app/*");
        let login = std::slice::from_ref(&token);
        for (action, resource, parts) in [
            ("ecr:*", "*", [login, &pull].concat()),
            ("ecr:*", REPOSITORY, pull.to_vec()),
            ("ecr:BatchGetImage", "arn:aws:ecr:*:*:repository/team/*", pull[..1].to_vec()),
            ("ecr:BatchCheckLayerAvailability", REPOSITORY, vec![]),
            ("secretsmanager:GetSecretValue", "*", vec![secret.clone()]),
            ("secretsmanager:GetSecretValue", &format!("{PARTIAL}-*"), vec![secret.clone()]),
            ("secretsmanager:GetSecretValue", PARTIAL, vec![]),
            ("logs:*", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/*", logs.to_vec()),
            // What was narrower than need stays so.
            ("logs:*", &own, vec![format!("logs:CreateLogStream {own}"), format!("logs:PutLogEvents {own}")]),
            (
                "logs:PutLogEvents",
                "arn:aws:logs:*:*:log-group:/ecs/web:log-stream:*",
                vec![format!("logs:PutLogEvents {GROUP}:log-stream:*")],
            ),
            ("s3:*", "*", vec![]),
            ("*", "*", [login, &pull, std::slice::from_ref(&secret), &logs].concat()),
        ] {
            assert_eq!(worth(&case(json!({}), allow(action, resource))), Some(parts), "{action} {resource}");
        }
    }

    #[test]
    fn negations_are_surplus_as_a_whole() {
        let not_action = json!({"Effect": "Allow", "NotAction": ["iam:*", "logs:*", "ecr:*"], "Resource": "*"});
        let not_resource = json!({"Effect": "Allow", "Action": "ecr:*", "NotResource": "arn:aws:s3:::x"});
        let expected = [
            ("NotAction: iam:*, logs:*, ecr:*", "*", vec![format!("secretsmanager:GetSecretValue {SECRET}")]),
            (
                "ecr:*",
                "NotResource: arn:aws:s3:::x",
                vec![
                    "ecr:GetAuthorizationToken *".to_owned(),
                    format!("ecr:BatchGetImage {REPOSITORY}"),
                    format!("ecr:GetDownloadUrlForLayer {REPOSITORY}"),
                ],
            ),
        ];
        for (statement, (action, resource, parts)) in [not_action, not_resource].into_iter().zip(expected) {
            let case = case(json!({}), json!([statement]));
            let first = granted(&case).unwrap().remove(0);
            assert_eq!((first.action.as_str(), first.resource.as_str()), (action, resource));
            assert_eq!(worth(&case), Some(parts));
        }
    }

    #[test]
    fn what_may_be_needed_is_never_surplus() {
        let read = allow("secretsmanager:GetSecretValue", "*");
        let decrypt = allow("kms:Decrypt", "*");
        assert_eq!(worth(&case(json!({}), decrypt.clone())), Some(vec![]));
        for gap in [Gap::TimedOut, Gap::NotFound { message: "no such secret".into() }] {
            for statements in [&read, &decrypt] {
                let mut case = case(json!({}), statements.clone());
                case.admit(secret_need(), Fact::Missing(gap.clone()));
                assert_eq!(worth(&case), None, "{statements} {gap:?}");
            }
        }
        // The stored ARN may be any.
        let mut stored = case(json!({}), allow("secretsmanager:GetSecretValue", SECRET));
        stored.admit(secret_need(), Fact::Missing(Gap::TimedOut));
        assert_eq!(worth(&stored), None);
        let mut open = case(json!({}), allow("secretsmanager:*", "*"));
        open.admit(secret_need(), Fact::Missing(Gap::TimedOut));
        assert_eq!(worth(&open), Some(vec!["secretsmanager:GetSecretValue *".to_owned()]));
        let gmsa = json!({"requiresAttributes": [{"name": "ecs.capability.gmsa"}]});
        assert_eq!(worth(&case(gmsa, allow("s3:GetObject", "*"))), None);
    }

    #[test]
    fn a_call_that_is_not_decided_keeps_what_may_grant_it() {
        let condition = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
        let read = |resource: &str| {
            let action = "secretsmanager:GetSecretValue";
            json!([{"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}])
        };
        assert_eq!(worth(&case(json!({}), read("*"))), None);
        assert_eq!(worth(&case(json!({}), read("arn:aws:secretsmanager:*:*:secret:other-*"))), Some(vec![]));
    }

    #[test]
    fn a_first_pull_may_go_through_a_cache() {
        let import = allow("ecr:BatchImportUpstreamImage", REPOSITORY);
        let mut case = case(json!({}), import);
        assert_eq!(worth(&case), Some(vec![]));
        let image = Need::Image(ImageRef::parse(IMAGE).ecr().unwrap());
        case.admit(image, Fact::Missing(Gap::NotFound { message: "no such image".into() }));
        assert_eq!(worth(&case), None);
    }

    #[test]
    fn denies_are_no_grants() {
        let deny = json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]);
        assert_eq!(granted(&case(json!({}), deny)), Some(Vec::new()));
    }

    #[test]
    fn what_is_not_known_as_a_whole_has_no_surplus() {
        let everything = || allow("*", "*");
        let mut unread = case(json!({}), everything());
        unread.admit(Need::AttachedPolicies { role: "exec".into() }, Fact::Missing(Gap::TimedOut));
        assert_eq!(granted(&unread), None);
        let mut hidden = case(json!({}), everything());
        hidden.admit(Need::Role { role: "exec".into() }, Fact::Missing(Gap::TimedOut));
        assert_eq!(granted(&hidden), None);
        let garbled = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Allow", "Actions": "*"}]);
        assert_eq!(granted(&case(json!({}), garbled)), None);
        let both = json!({"taskRoleArn": "arn:aws:iam::123456789012:role/exec"});
        assert_eq!(granted(&case(both, everything())), None);
    }
}
