//! Faults: what the facts show to be wrong, each with the cause that it is, independently of any message.

use super::{
    check::{Check, ECS_TASKS},
    endpoint_policy::Gate,
    left_behind::left_behind,
    reach::Break,
    role::{self, RoleFact},
    thing::{self, Verdict},
};
use crate::{
    case::Case,
    iam::{Layer, Outcome},
    id::short_name,
    knowledge::Catalogue,
    require::{Contradiction, Existence, HostSide, ObjectUse, Requirements, RoleKind, RoleRef, Thing, Workload},
};

/// What a fault is about.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultSubject {
    /// Calls of one role that are denied for the same cause.
    Calls(Vec<Check>),
    Thing(Thing),
    Role(RoleRef),
    /// A `valueFrom` that ECS cannot use.
    Reference,
    /// A hop at which calls of the start break.
    Path(Break),
    /// A call that an endpoint's policy does not let through, and that no role makes.
    EndpointPolicy(Gate),
    /// How a container ended: something that happened, not something to find in the account.
    End,
    /// What the task definition says, which cannot work in any account.
    Definition,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub cause: String,
    pub subject: FaultSubject,
    pub container: Option<String>,
    pub role: Option<RoleRef>,
    pub resource: Option<String>,
    /// What the facts show, in a sentence.
    pub shows: String,
}

impl Fault {
    /// Whether two faults are one: the same cause, for the same role, of the same resource.
    pub fn is_same(&self, other: &Self) -> bool {
        self.cause == other.cause && self.role == other.role && self.resource == other.resource
    }

    /// Whether the calls are denied by something else than the want of an allow in the role's own policies.
    pub fn is_elsewhere(&self) -> bool {
        matches!(&self.subject, FaultSubject::Calls(calls) if calls.iter().all(Check::is_decided_elsewhere))
    }

    /// What is left of it among the faults of a later judgement: some of its calls may be allowed by then.
    pub fn left_in<'f>(&self, faults: &'f [Self]) -> Option<&'f Self> {
        let FaultSubject::Calls(calls) = &self.subject else { return faults.iter().find(|f| self.is_same(f)) };
        let shares = |fault: &&Self| match &fault.subject {
            FaultSubject::Calls(left) => left.iter().any(|l| calls.iter().any(|call| call.same_question(l))),
            _ => false,
        };
        faults.iter().find(shares)
    }
}

/// Everything that is wrong with what the workload requires.
pub fn faults(
    case: &Case,
    workload: &Workload<'_>,
    requirements: &Requirements,
    checks: &[Check],
    catalogue: &Catalogue,
) -> Vec<Fault> {
    let mut faults = missing_roles(case, workload, checks);
    faults.extend(
        denied_calls(requirements, checks, catalogue).into_iter().map(|fault| with_left_behind(case, workload, fault)),
    );
    for fault in requirements.things.iter().filter_map(|existence| broken_thing(case, workload, existence)) {
        // Several variables may come from one secret.
        if !faults.iter().any(|f| f.is_same(&fault)) {
            faults.push(fault);
        }
    }
    faults.extend(requirements.malformed.iter().map(|malformed| Fault {
        cause: "secret-reference-malformed".to_owned(),
        subject: FaultSubject::Reference,
        container: Some(malformed.container.clone()),
        role: None,
        resource: Some(malformed.name.clone()),
        shows: malformed.error.to_string(),
    }));
    faults.extend(requirements.contradictions.iter().map(contradiction));
    faults
}

fn contradiction(contradiction: &Contradiction) -> Fault {
    Fault {
        cause: contradiction.cause.to_owned(),
        subject: FaultSubject::Definition,
        container: Some(contradiction.container.clone()),
        role: None,
        resource: None,
        shows: contradiction.shows.clone(),
    }
}

fn missing_roles(case: &Case, workload: &Workload<'_>, checks: &[Check]) -> Vec<Fault> {
    let roles = [workload.execution_role(), workload.task_role()].into_iter();
    roles.filter_map(|role| missing_role(case, workload, role, checks)).collect()
}

/// A role that IAM does not know; or none at all, where starting the task needs one.
fn missing_role(case: &Case, workload: &Workload<'_>, role: RoleRef, checks: &[Check]) -> Option<Fault> {
    let needed = || checks.iter().any(|c| c.permission.role.kind == role.kind);
    let shows = match role::find(case, workload, &role) {
        RoleFact::Absent(why) => why,
        RoleFact::Nameless(why) if role.arn.is_none() && role.kind == RoleKind::Execution && needed() => {
            format!("{why}, and starting it needs one")
        }
        _ => return None,
    };
    Some(Fault {
        cause: "role-missing".to_owned(),
        container: None,
        resource: role.arn.clone(),
        subject: FaultSubject::Role(role.clone()),
        role: Some(role),
        shows,
    })
}

/// Denied calls, those of one role and cause together.
fn denied_calls(requirements: &Requirements, checks: &[Check], catalogue: &Catalogue) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for check in checks.iter().filter(|c| c.is_broken()) {
        let Some(cause) = cause_of_call(requirements, check, catalogue) else { continue };
        let known = faults.iter_mut().find(|f| f.cause == cause && f.role.as_ref() == Some(&check.permission.role));
        match known.map(|fault| &mut fault.subject) {
            Some(FaultSubject::Calls(calls)) => calls.push(check.clone()),
            _ => faults.push(Fault {
                cause,
                container: check.permission.container.clone(),
                role: Some(check.permission.role.clone()),
                resource: Some(check.permission.resource.clone()),
                shows: sentence(check),
                subject: FaultSubject::Calls(vec![check.clone()]),
            }),
        }
    }
    // A call that AWS documents but does not make cannot be what failed.
    faults.retain(|f| !matches!(&f.subject, FaultSubject::Calls(calls) if calls.iter().all(|c| is_only_documented(&c.permission.action))));
    faults
}

/// Says so where a statement that a deleted role left behind would allow one of the calls.
fn with_left_behind(case: &Case, workload: &Workload<'_>, fault: Fault) -> Fault {
    let FaultSubject::Calls(calls) = &fault.subject else { return fault };
    match calls.iter().find_map(|call| left_behind(case, workload, call)) {
        Some(found) => Fault { shows: format!("{}: {}", fault.shows, found.shows()), ..fault },
        None => fault,
    }
}

/// `s3:GetBucketLocation` is documented for environment files; the agent reads the Region from another answer.
fn is_only_documented(action: &str) -> bool {
    action == "s3:GetBucketLocation"
}

/// The cause that a denied call is; `None` for a call that starting a task does not make.
fn cause_of_call(requirements: &Requirements, check: &Check, catalogue: &Catalogue) -> Option<String> {
    let action = check.permission.action.as_str();
    let explicit = check.decision.outcome == Outcome::ExplicitlyDenied;
    let lacks = |layer| check.decision.lacking == [layer];
    let cause = match check.permission.role.kind {
        _ if check.is_trust() => "role-trust",
        RoleKind::Task if action.starts_with("elasticfilesystem:Client") => return permission_cause(action, catalogue),
        RoleKind::Task if explicit => "task-role-explicit-deny",
        RoleKind::Task => "task-role-permission",
        _ if explicit && action.starts_with("ecr:") => "ecr-explicit-deny",
        _ if action.starts_with("ecr:") && lacks(Layer::ResourcePolicy) => "ecr-repo-policy-cross-account",
        _ if requirements.is_for_router(&check.permission) => "firelens-config",
        _ => return permission_cause(action, catalogue),
    };
    Some(cause.to_owned())
}

/// The cause of an execution role's lack of an action.
fn permission_cause(action: &str, catalogue: &Catalogue) -> Option<String> {
    let owns = |c: &&crate::knowledge::Cause| c.actions.iter().any(|a| a.eq_ignore_ascii_case(action));
    catalogue.causes().find(owns).map(|c| c.id.clone())
}

fn sentence(check: &Check) -> String {
    let permission = &check.permission;
    let role = permission.role.name().unwrap_or("the role");
    let call = format!("{} on {}", permission.action, permission.resource);
    match (&check.decision.by, check.decision.outcome) {
        (Some(by), Outcome::ExplicitlyDenied) => {
            format!("statement {} of {} denies {role} {call}", by.statement, policy_name(&by.policy))
        }
        _ if check.is_trust() => format!("the trust policy of {role} does not let {ECS_TASKS} assume it"),
        _ if check.decision.lacking.contains(&Layer::Boundary)
            && !check.decision.lacking.contains(&Layer::Identity) =>
        {
            format!("the permissions boundary of {role} does not allow {call}")
        }
        _ if lacking_endpoint(check) => format!("the policy of the VPC endpoint does not let {role} call {call}"),
        _ if only_resource_lacks(check) => format!("the policy of the resource does not let {role} call {call}"),
        _ => format!("no policy of {role} allows {call}"),
    }
}

/// A policy by its name or ARN; one that has neither is called by its kind, which has a space.
fn policy_name(policy: &str) -> String {
    if policy.contains(' ') { format!("the {policy}") } else { format!("policy {policy}") }
}

fn lacking_endpoint(check: &Check) -> bool {
    check.decision.lacking == [Layer::Endpoint]
}

fn only_resource_lacks(check: &Check) -> bool {
    let lacking = &check.decision.lacking;
    !lacking.is_empty() && lacking.iter().all(|l| matches!(l, Layer::ResourcePolicy | Layer::KeyPolicy))
}

fn broken_thing(case: &Case, workload: &Workload<'_>, existence: &Existence) -> Option<Fault> {
    let Verdict::Broken { cause, shows } = thing::judge(case, workload, existence) else { return None };
    Some(Fault {
        cause: cause.to_owned(),
        resource: Some(match &existence.thing {
            Thing::Image(image) if cause != "image-not-found" => image.repository.clone(),
            thing => thing_name(thing),
        }),
        subject: FaultSubject::Thing(existence.thing.clone()),
        container: existence.container.clone(),
        role: None,
        shows,
    })
}

/// The thing by the name that its owner uses.
pub fn thing_name(thing: &Thing) -> String {
    match thing {
        Thing::Image(image) | Thing::Platform { image, .. } => match (&image.tag, &image.digest) {
            (_, Some(digest)) => format!("{}@{digest}", image.repository),
            (tag, None) => format!("{}:{}", image.repository, tag.as_deref().unwrap_or("latest")),
        },
        Thing::LogGroup { group, .. } => group.clone(),
        Thing::Secret { secret, .. } => secret.clone(),
        Thing::Parameter { names, .. } => names.first().cloned().unwrap_or_default(),
        Thing::Key { key, .. } => key.clone(),
        // A bucket is found in any partition by its name alone.
        Thing::Object { bucket, key, .. } => format!("s3://{bucket}/{key}"),
        Thing::FileSystem { file_system, .. } => file_system.clone(),
        Thing::AccessPoint { access_point, .. } => access_point.clone(),
        Thing::Host { instance, .. } => short_name(instance).to_owned(),
        Thing::TargetGroup { target_group, .. } => target_group.clone(),
        Thing::ServiceRole { arn, .. } => arn.clone(),
    }
}

/// Whether any fact speaks about a cause at all, and whether every one that does says that all is well.
pub fn is_contradicted(
    case: &Case,
    workload: &Workload<'_>,
    requirements: &Requirements,
    checks: &[Check],
    cause: &str,
    catalogue: &Catalogue,
) -> bool {
    let about = |c: &&Check| speaks_about(c, cause, catalogue) && !requirements.is_for_router(&c.permission);
    let calls = checks.iter().filter(about).map(Check::is_allowed);
    let things = requirements.things.iter().filter(|e| thing_causes(&e.thing).contains(&cause));
    let things = things.map(|e| thing::judge(case, workload, e) == Verdict::Holds);
    let mut verdicts = calls.chain(things).peekable();
    verdicts.peek().is_some() && verdicts.all(|holds| holds)
}

fn speaks_about(check: &Check, cause: &str, catalogue: &Catalogue) -> bool {
    let trust = matches!(cause, "role-trust" | "role-missing") && check.is_trust();
    let ecr = matches!(cause, "ecr-explicit-deny" | "ecr-repo-policy-cross-account")
        && check.permission.action.starts_with("ecr:");
    trust
        || ecr
        || (!check.is_trust() && permission_cause(&check.permission.action, catalogue).as_deref() == Some(cause))
}

fn thing_causes(thing: &Thing) -> &'static [&'static str] {
    match thing {
        Thing::Image(_) => &["image-not-found", "repository-not-found", "pull-through-cache"],
        Thing::Platform { .. } => &["platform-mismatch"],
        Thing::Object { of: ObjectUse::EnvironmentFile, .. } => &["env-file-not-found"],
        // A configuration may be wrong in other ways.
        Thing::Object { of: ObjectUse::LogRouter, .. } => &[],
        Thing::FileSystem { .. } | Thing::AccessPoint { .. } => &["efs-not-found"],
        Thing::Host { side: HostSide::Agent, .. } => &["agent-disconnected"],
        Thing::Host { side: HostSide::Life, .. } => &["host-terminated"],
        Thing::Host { side: HostSide::Attributes(_), .. } => &["placement-attributes"],
        Thing::TargetGroup { .. } => &["target-group-missing"],
        Thing::ServiceRole { cause, .. } => of_service_role(cause),
        Thing::LogGroup { .. } => &["log-group-missing"],
        Thing::Secret { .. } => &["secret-not-found"],
        Thing::Parameter { .. } => &["ssm-not-found"],
        Thing::Key { .. } => &["kms-key-unusable"],
    }
}

/// What else keeps a volume from being attached is not looked at.
fn of_service_role(cause: &str) -> &'static [&'static str] {
    if cause == "service-assume-role" { &["service-assume-role"] } else { &[] }
}
