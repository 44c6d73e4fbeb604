//! Neighbours of a mended call: names that begin alike, other actions on the same resource, another role. None of them
//! may gain or lose anything by a change.
//!
//! The calls that a workload makes do not show how far a change reaches: `db*` in the place of `db` would look the same.
//! So calls that nobody asked for are decided before and after as well.

use serde_json::json;

use super::{Change, apply};
use crate::{
    case::Case,
    iam::{Outcome, siblings},
    id::{Arn, short_name},
    judge::{Check, assumed_by, decided},
    require::{Permission, PolicySide, RoleRef},
    subject::Subject,
};

/// Decides the neighbours of the mended calls in both cases, and says so as the end of a proof; `None` if the change
/// spreads to one of them.
pub fn unchanged(before: &Case, after: &Case, mended: &[&Check], changes: &[Change]) -> Option<String> {
    let (trust, calls): (Vec<&Check>, Vec<&Check>) = mended.iter().partition(|check| check.is_trust());
    let own: Vec<Permission> = calls.iter().flat_map(|call| of_call(call, mended)).collect();
    let others: Vec<Permission> = match changes.iter().any(reaches_others) {
        true => calls.iter().filter_map(|call| of_other_role(call)).collect(),
        false => Vec::new(),
    };
    let services: Vec<Probe> = trust.iter().flat_map(|check| of_trust(before, after, check)).collect();
    let kinds =
        [(own.len(), "names alike, other actions"), (others.len(), "another role"), (services.len(), "other services")];
    let mut probes = services;
    probes.extend(compared(before, after, &own.iter().flat_map(as_decided).collect::<Vec<_>>()));
    for grants in [false, true].into_iter().filter(|_| !others.is_empty()) {
        probes.extend(compared(&with_others(before, &others, grants), &with_others(after, &others, grants), &others));
    }
    (!probes.iter().any(Probe::spreads)).then(|| told(&kinds))
}

fn told(kinds: &[(usize, &str)]) -> String {
    let there: Vec<&str> = kinds.iter().filter(|(count, _)| *count > 0).map(|(_, kind)| *kind).collect();
    match kinds.iter().map(|(count, _)| count).sum::<usize>() {
        0 => String::new(),
        count => format!("; {count} neighbours ({}) gain and lose nothing", there.join(", ")),
    }
}

/// Other services that might assume the role.
fn of_trust(before: &Case, after: &Case, check: &Check) -> Vec<Probe> {
    let assumed = |case: &Case, service: &str| {
        let workload = Subject::of(case).workload(case)?;
        assumed_by(case, &workload, &check.permission.role, service)
    };
    let services = ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs.amazonaws.com"].into_iter();
    services.filter_map(|s| Some(Probe { before: assumed(before, s)?, after: assumed(after, s)? })).collect()
}

/// A call that nobody asked for, decided before and after a change.
struct Probe {
    before: Outcome,
    after: Outcome,
}

impl Probe {
    /// What could not be known, as of a role that was not there, may become a denial.
    fn spreads(&self) -> bool {
        match (self.before, self.after) {
            (Outcome::Unknown, after) => after == Outcome::Allowed,
            (before, after) => before != after,
        }
    }
}

fn compared(before: &Case, after: &Case, permissions: &[Permission]) -> Vec<Probe> {
    let outcomes = |case: &Case| -> Vec<Outcome> {
        let Some(workload) = Subject::of(case).workload(case) else { return Vec::new() };
        permissions.iter().map(|p| decided(case, &workload, p.clone()).decision.outcome).collect()
    };
    outcomes(before).into_iter().zip(outcomes(after)).map(|(before, after)| Probe { before, after }).collect()
}

/// The role's own neighbours of a call.
fn of_call(call: &Check, mended: &[&Check]) -> Vec<Permission> {
    let known = &call.permission;
    // A bucket's policy is about every object of the bucket; that of any other resource is about this one alone, and a
    // name beside a bucket's own is another bucket's.
    let policy = match &known.policy {
        bucket @ PolicySide::Bucket { .. } if known.resource.contains('/') => bucket.clone(),
        _ => PolicySide::None,
    };
    let named = |resource| Permission { resource, policy: policy.clone(), ..known.clone() };
    let names = sibling_names(known).into_iter().map(named);
    let actions = siblings(&known.action, &known.resource).into_iter();
    let actions = actions.map(|action| Permission { action, ..known.clone() });
    let is_mended =
        |p: &Permission| mended.iter().any(|m| m.permission.action == p.action && m.permission.resource == p.resource);
    names.chain(actions).filter(|p| !is_mended(p)).map(|p| Permission { doubt: None, ..p }).collect()
}

/// A neighbour as the role's policies alone decide it, and as they do with the policy of the resource.
fn as_decided(permission: &Permission) -> Vec<Permission> {
    let role = permission.role.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok());
    let by_role_alone = Permission {
        resource_account: role.map_or_else(|| permission.resource_account.clone(), |arn| arn.account),
        policy: PolicySide::None,
        ..permission.clone()
    };
    vec![by_role_alone, permission.clone()]
}

/// Names that a pattern too wide would cover as well. A log group's stands before its stream, a secret's before the six
/// characters that Secrets Manager added.
fn sibling_names(permission: &Permission) -> Vec<String> {
    let resource = permission.resource.as_str();
    if resource == "*" {
        return Vec::new();
    }
    let (name, tail) = match (resource.split_once(":log-stream:"), resource.rsplit_once('-')) {
        (Some((group, stream)), _) => (group, format!(":log-stream:{stream}")),
        (None, Some((name, tail))) if tail.len() == 6 && resource.contains(":secret:") => (name, format!("-{tail}")),
        _ => (resource, String::new()),
    };
    ["x", "-x"].into_iter().map(|more| format!("{name}{more}{tail}")).collect()
}

/// Whether a change is of a policy that other roles meet.
fn reaches_others(change: &Change) -> bool {
    matches!(change, Change::PutResourcePolicy { .. } | Change::DeleteResourcePolicy { .. })
}

/// The same call of a role of the same account that is named alike.
fn of_other_role(call: &Check) -> Option<Permission> {
    let known = &call.permission;
    let role = RoleRef { arn: Some(format!("{}-other", known.role.arn.as_deref()?)), ..known.role.clone() };
    Some(Permission { role, doubt: None, ..known.clone() })
}

/// The case with the other roles in it: the resource's policy decides alone where they may do nothing, and beside
/// theirs where they may do everything.
fn with_others(case: &Case, permissions: &[Permission], grants: bool) -> Case {
    let arns = permissions.iter().filter_map(|p| p.role.arn.clone());
    let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let changes = arns.flat_map(|arn| {
        let role = short_name(&arn).to_owned();
        let put = Change::PutRolePolicy { role, policy: "all".to_owned(), document: all.clone() };
        [Some(Change::CreateRole { arn, trust: json!({}) }), grants.then_some(put)]
    });
    apply(case, &changes.flatten().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::{Answer, Fact, Loaded, Origin, PolicyDocument, load},
        fix::Resource,
        judge::diagnose,
        knowledge::Catalogue,
    };

    fn case(name: &str) -> Case {
        let file = format!("{}/fixtures/cases/{name}/case.json", env!("CARGO_MANIFEST_DIR"));
        let Loaded::Snapshot(case) = load(&std::fs::read_to_string(file).unwrap()).unwrap() else { panic!("{name}") };
        *case
    }

    /// What a change of a case says about its neighbours, for the calls that are denied.
    fn tried(case: &Case, change: Change) -> Option<String> {
        let diagnosis = diagnose(case, Catalogue::embedded().unwrap());
        let broken: Vec<&Check> = diagnosis.ground.checks.iter().filter(|c| c.is_broken()).collect();
        assert!(!broken.is_empty());
        unchanged(case, &apply(case, std::slice::from_ref(&change)), &broken, &[change])
    }

    fn allow(action: &str, resource: &str) -> Change {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        Change::PutRolePolicy { role: "secret-is-denied-execution".into(), policy: "p".into(), document }
    }

    #[test]
    fn names_and_actions_alike_are_seen() {
        let case = case("secret-is-denied");
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-is-denied/db";
        let read = "secretsmanager:GetSecretValue";
        assert!(tried(&case, allow(read, &format!("{secret}-??????"))).is_some());
        for (action, resource) in [
            (read, format!("{secret}*")),
            (read, format!("{secret}-*")),
            ("secretsmanager:*", format!("{secret}-??????")),
            ("secretsmanager:Get*", format!("{secret}-??????")),
        ] {
            assert_eq!(tried(&case, allow(action, &resource)), None, "{action} {resource}");
        }
    }

    #[test]
    fn a_secret_s_neighbour_keeps_its_own_suffix() {
        let case = case("secret-is-denied");
        let diagnosis = diagnose(&case, Catalogue::embedded().unwrap());
        let denied = diagnosis.ground.checks.iter().find(|c| c.is_broken()).unwrap();
        let names = sibling_names(&denied.permission);
        assert!(names.iter().all(|n| n.contains("secret-is-denied/db") && n.ends_with("-HRKYZx")), "{names:?}");
    }

    #[test]
    fn other_roles_are_seen() {
        let mut case = case("ecr-cross-account-not-admitted");
        let (region, account) = ("eu-west-1".to_owned(), "210987654321".to_owned());
        let resource = Resource::Repository { region, account, repository: "shared/base".to_owned() };
        let nothing = Answer::RepositoryPolicy(PolicyDocument::default());
        case.admit(resource.need(), Fact::Known(nothing, Origin::Aws));
        let admit = |principal: &str| {
            let actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
            let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions});
            let document = json!({"Version": "2012-10-17", "Statement": [statement]});
            tried(&case, Change::PutResourcePolicy { resource: resource.clone(), document })
        };
        assert!(admit("arn:aws:iam::123456789012:role/ecr-cross-account-not-admitted-execution").is_some());
        for principal in ["*", "123456789012", "arn:aws:iam::123456789012:root"] {
            assert_eq!(admit(principal), None, "{principal}");
        }
    }

    #[test]
    fn other_services_are_seen() {
        let case = case("role-trusts-wrong-service");
        let trust = |services: &[&str]| {
            let statement = json!({"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"});
            let document = json!({"Version": "2012-10-17", "Statement": [statement]});
            tried(&case, Change::UpdateTrust { role: "role-trusts-wrong-service-execution".into(), document })
        };
        assert!(trust(&["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]).is_some());
        assert_eq!(trust(&["ecs-tasks.amazonaws.com"]), None);
        assert_eq!(trust(&["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]), None);
    }
}
