//! What a task may need of its execution role: its requirements, and what no fact rules out.
//!
//! Where the resource of a call is not known, the call is needed anywhere: nothing that might be needed is ever surplus.

use crate::{
    case::{Case, Gap},
    iam::{Outcome, Request},
    judge::check::{self, Check},
    require::{Permission, PolicySide, SecretUse, Store, StoredValue, Workload, creates_group},
};

/// A call that may be needed.
#[derive(Debug, Clone)]
pub struct Needed {
    pub action: String,
    pub place: Place,
}

impl Needed {
    /// An action without resource-level permissions is granted on `*` or not at all.
    pub fn is_everywhere(&self) -> bool {
        matches!(&self.place, Place::Known(known) if known.request.resource == "*")
    }
}

/// On which resources a call may be needed.
#[derive(Debug, Clone)]
pub enum Place {
    /// Which resource it will be is not known.
    Anywhere,
    Known(Box<Known>),
}

#[derive(Debug, Clone)]
pub struct Known {
    pub request: Request<'static>,
    /// Patterns that cover nothing else, the best to grant first.
    pub patterns: Vec<String>,
    /// Whether the call may fail or succeed by what could not be read.
    pub undecided: bool,
}

impl Known {
    /// Whether a pattern covers nothing but what is needed. Whatever follows a log group's ARN is in the group.
    pub fn includes(&self, pattern: &str) -> bool {
        self.patterns.iter().any(|own| {
            let group = own.strip_suffix(":*");
            let inside = |group: &str| pattern.strip_prefix(group).is_some_and(|r| r.is_empty() || r.starts_with(':'));
            own == pattern || group.is_some_and(inside)
        })
    }
}

/// Everything that may be needed of the execution role, by the checks of all roles.
pub fn needed(case: &Case, workload: &Workload<'_>, checks: &[Check]) -> Vec<Needed> {
    let role = workload.execution_role();
    let own: Vec<&Check> = checks.iter().filter(|c| c.permission.role == role && !c.is_trust()).collect();
    let facts = Facts { case, workload, own: &own };
    let mut all: Vec<Needed> = own.iter().map(|check| facts.of_check(check)).collect();
    all.extend(facts.group_creation());
    all.extend(facts.pull_through());
    let elsewhere = facts.unseen_features().chain(facts.keys()).chain(facts.added_containers());
    all.extend(elsewhere.map(|action| Needed { action: action.to_owned(), place: Place::Anywhere }));
    all
}

/// Capabilities that a task definition requires, and what they cost on resources that a case does not hold
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>).
const UNSEEN_FEATURES: [(&str, &[&str]); 4] = [
    ("ecs.capability.firelens.options.config.s3", &["s3:GetObject", "s3:GetBucketLocation", DECRYPT]),
    (
        "ecs.capability.fsxWindowsFileServer",
        &["fsx:DescribeFileSystems", "secretsmanager:GetSecretValue", "ssm:GetParameters", DECRYPT],
    ),
    ("ecs.capability.gmsa", &["ssm:GetParameters", "s3:GetObject", "secretsmanager:GetSecretValue", DECRYPT]),
    (
        "ecs.capability.gmsa-domainless",
        &["ssm:GetParameters", "s3:GetObject", "secretsmanager:GetSecretValue", DECRYPT],
    ),
];

/// What a container costs that AWS adds: the image of Runtime Monitoring's agent, the logs of Service Connect's.
const ADDED_CONTAINER: [&str; 6] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// What the first pull through a cache costs
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html>).
const PULL_THROUGH: [&str; 2] = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"];
const DECRYPT: &str = "kms:Decrypt";

struct Facts<'a> {
    case: &'a Case,
    workload: &'a Workload<'a>,
    own: &'a [&'a Check],
}

impl Facts<'_> {
    fn of_check(&self, check: &Check) -> Needed {
        let permission = &check.permission;
        if permission.doubt.is_some() || self.is_unresolved(permission) {
            return Needed { action: permission.action.clone(), place: Place::Anywhere };
        }
        self.known(permission.clone(), check.decision.outcome == Outcome::Unknown)
    }

    /// IAM is not asked about an alias, nor about the ARN of a secret before it is made.
    fn is_unresolved(&self, permission: &Permission) -> bool {
        match &permission.policy {
            PolicySide::Key { .. } => permission.resource.contains(":alias/"),
            PolicySide::Secret { region, secret } => self.case.secret(region, secret).is_err_and(Gap::is_not_found),
            _ => false,
        }
    }

    fn known(&self, permission: Permission, undecided: bool) -> Needed {
        let request = check::request(self.case, self.workload, &permission);
        let patterns = patterns(&permission);
        Needed { action: permission.action, place: Place::Known(Box::new(Known { request, patterns, undecided })) }
    }

    /// A definition that asks for its log group may find it deleted by the next task.
    fn group_creation(&self) -> Vec<Needed> {
        let creating = self.workload.containers().filter(|(container, _)| creates_group(container));
        let groups: Vec<String> = creating
            .filter_map(|(container, _)| self.workload.log_stream(container))
            .map(|place| format!(":log-group:{}:log-stream:", place.group))
            .collect();
        let streams = self.own.iter().map(|c| &c.permission).filter(|p| p.action == "logs:CreateLogStream");
        let wanted = streams.filter(|p| groups.iter().any(|group| p.resource.contains(group.as_str())));
        wanted.map(|p| self.known(with_action(p, "logs:CreateLogGroup"), false)).collect()
    }

    /// An image that is not known to be in its repository may be one that ECR fetches from elsewhere.
    fn pull_through(&self) -> Vec<Needed> {
        let absent = self.own.iter().map(|c| &c.permission).filter(|p| match &p.policy {
            PolicySide::Repository(image) => self.case.image(image).is_err(),
            _ => false,
        });
        absent.flat_map(|p| PULL_THROUGH.map(|action| self.known(with_action(p, action), false))).collect()
    }

    fn unseen_features(&self) -> impl Iterator<Item = &'static str> {
        let used = UNSEEN_FEATURES.iter().filter(|(name, _)| self.workload.definition.requires_attribute(name));
        used.flat_map(|(_, actions)| actions.iter().copied())
    }

    /// A key that nobody could name: of a stored value that was not read, or of a bucket.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        let values = SecretUse::all(self.workload);
        let unread = values.iter().filter_map(|place| place.value(self.workload).ok()).any(|v| !self.is_read(&v));
        let from_bucket = self.own.iter().any(|check| check.permission.action == "s3:GetObject");
        (unread || from_bucket).then_some(DECRYPT).into_iter()
    }

    fn is_read(&self, value: &StoredValue) -> bool {
        let StoredValue { store, id, region, .. } = value;
        let parameter = |name: &str| matches!(self.case.parameter(region, name), Ok(Some(_)));
        match store {
            Store::SecretsManager => self.case.secret(region, id).is_ok(),
            Store::ParameterStore => parameter(id) || parameter(&format!("/{id}")),
        }
    }

    fn added_containers(&self) -> impl Iterator<Item = &'static str> {
        let mut running = self.workload.task.into_iter().flat_map(|task| &task.containers);
        let added = running.any(|c| self.workload.definition.container(&c.name).is_none());
        ADDED_CONTAINER.into_iter().filter(move |_| added)
    }
}

fn with_action(permission: &Permission, action: &str) -> Permission {
    Permission { action: action.to_owned(), ..permission.clone() }
}

/// The resource as it is best granted, and other ways to write no more than that.
fn patterns(permission: &Permission) -> Vec<String> {
    let best = permission.granted_resource();
    let other = match best.strip_suffix(":*") {
        Some(group) => Some(format!("{group}:log-stream:*")),
        None if permission.action == "secretsmanager:GetSecretValue" => any_suffix(&best),
        None => None,
    };
    std::iter::once(best).chain(other).collect()
}

/// A secret's ARN with the six characters that Secrets Manager chose left open.
fn any_suffix(arn: &str) -> Option<String> {
    let (name, suffix) = arn.rsplit_once('-')?;
    (suffix.chars().count() == 6).then(|| format!("{name}-??????"))
}
