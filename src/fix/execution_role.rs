//! The execution role that a task definition needs, as changes of an account: its policy, and the role itself where the
//! definition names none.
//!
//! The policy is the least one: what the role may do already does not count. What it may have to grant besides, and the
//! facts do not tell, is said beside it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Change, document, size,
    statements::{statements, trust_statement},
};
use crate::{
    case::{Case, Gap},
    id::Arn,
    require::{Permission, Requirements, RoleKind, Thing, Workload},
};

/// IAM's bounds on names (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const LONGEST_ROLE: usize = 64;
const LONGEST_POLICY: usize = 128;

/// What the role needs, in the forms of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutionRole {
    pub policy: Value,
    /// The role if it has to be made, and its policy.
    pub changes: Vec<Change>,
    /// ARN of the role that is made, since the definition names none.
    pub made: Option<String>,
}

impl ExecutionRole {
    /// `None` where starting the definition needs nothing of an execution role.
    pub fn of(workload: &Workload<'_>, requirements: &Requirements) -> Option<Self> {
        let granted: Vec<&Permission> = own(requirements).filter(|p| !names_alias(p)).collect();
        if granted.is_empty() {
            return None;
        }
        let policy = document::new(statements(&granted));
        let named = workload.execution_role();
        let made = named.arn.is_none().then(|| new_role(workload));
        let name = made.as_deref().map(crate::id::short_name).or(named.name()).unwrap_or_default();
        let put = Change::PutRolePolicy {
            role: name.to_owned(),
            policy: own_name(workload, "-start", LONGEST_POLICY),
            document: policy.clone(),
        };
        let trust = || document::new(vec![trust_statement(workload)]);
        let create = made.clone().map(|arn| Change::CreateRole { arn, trust: trust() });
        Some(Self { policy, changes: create.into_iter().chain([put]).collect(), made })
    }

    /// Says so where the policy is too large to be put on the role.
    pub fn excess(&self) -> Option<String> {
        let size = size::inline_excess(&self.policy)?;
        Some(format!(
            "the policy has {size} characters, and AWS refuses inline policies of a role of more than 10,240 in all: \
             divide it into managed policies of at most 6,144 each, and attach those"
        ))
    }
}

fn own(requirements: &Requirements) -> impl Iterator<Item = &Permission> {
    requirements.permissions.iter().filter(|permission| permission.role.kind == RoleKind::Execution)
}

fn new_role(workload: &Workload<'_>) -> String {
    let name = own_name(workload, "-execution", LONGEST_ROLE);
    format!("arn:{}:iam::{}:role/{name}", workload.partition(), workload.account)
}

/// The family with a word after it, as long as IAM takes it. A family in a file may be anything.
fn own_name(workload: &Workload<'_>, word: &str, longest: usize) -> String {
    let family = if workload.definition.family.is_empty() { "ecs-task" } else { &workload.definition.family };
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    family.chars().map(plain).take(longest.saturating_sub(word.len())).collect::<String>() + word
}

/// A policy that names an alias does not cover the key behind it
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>).
fn names_alias(permission: &Permission) -> bool {
    permission.resource.parse::<Arn>().is_ok_and(|arn| arn.service == "kms" && arn.resource.starts_with("alias/"))
}

/// What the policy may lack, or does not reach, each in a sentence.
pub fn doubts(case: &Case, workload: &Workload<'_>, requirements: &Requirements) -> Vec<String> {
    let malformed = requirements.malformed.iter();
    let malformed = malformed.map(|m| format!("container {}, {}: {}", m.container, m.name, m.error));
    let open = own(requirements).filter(|p| !p.names_partial_secret()).filter_map(|p| p.doubt.clone());
    let aliases = own(requirements).filter(|p| names_alias(p)).map(|p| {
        format!("the key behind {} was not read (kms:DescribeKey); a policy has to name the key itself", p.resource)
    });
    let mut told: Vec<String> = Vec::new();
    let all = malformed.chain(open).chain(aliases).chain(unread_keys(case, requirements));
    for doubt in all.chain(other_accounts(workload, requirements)).chain(instance(requirements)) {
        if !told.contains(&doubt) {
            told.push(doubt);
        }
    }
    told
}

/// What is encrypted, and whose key is not known.
fn unread_keys(case: &Case, requirements: &Requirements) -> Option<String> {
    let stored = requirements.things.iter().filter_map(|existence| with_unread_key(case, &existence.thing));
    // No read-only call of ecs-why tells the key of an object.
    let files = own(requirements).filter(|p| p.action == "s3:GetObject").map(|p| p.resource.as_str());
    let encrypted: BTreeSet<&str> = stored.chain(files).collect();
    let listed = first_few(&encrypted);
    (!encrypted.is_empty()).then(|| {
        format!("whether a customer managed key encrypts {listed} was not read; each such key costs kms:Decrypt on it")
    })
}

/// How many names a sentence has.
const FEW: usize = 5;

fn first_few(names: &BTreeSet<&str>) -> String {
    let listed = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

fn with_unread_key<'a>(case: &Case, thing: &'a Thing) -> Option<&'a str> {
    let unread = |gap: &Gap| !gap.is_not_found();
    match thing {
        Thing::Secret { region, secret, .. } if case.secret(region, secret).is_err_and(unread) => Some(secret),
        Thing::Parameter { region, names } => {
            let first = names.first()?;
            case.parameter(region, first).is_err_and(unread).then_some(first)
        }
        _ => None,
    }
}

/// Across accounts both sides have to allow. Where the account is not known, no other is known to be another.
fn other_accounts(workload: &Workload<'_>, requirements: &Requirements) -> Vec<String> {
    let far = own(requirements).filter(|p| !workload.account.is_empty() && p.resource_account != workload.account);
    far.map(|p| format!("{} is of another account, whose policy on it has to admit the role too", p.resource)).collect()
}

fn instance(requirements: &Requirements) -> Option<String> {
    let theirs: BTreeSet<&str> = requirements
        .permissions
        .iter()
        .filter(|p| p.role.kind == RoleKind::Instance)
        .map(|p| p.action.as_str())
        .collect();
    let listed = theirs.into_iter().collect::<Vec<_>>().join(", ");
    (!listed.is_empty())
        .then(|| format!("the role of the container instance makes these calls, not this one: {listed}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::case::TaskDefinition;

    fn workload(definition: &TaskDefinition) -> Workload<'_> {
        Workload {
            task: None,
            service: None,
            definition,
            region: "cn-north-1".into(),
            account: "123456789012".into(),
            fargate: true,
        }
    }

    #[test]
    fn names_fit_into_what_iam_takes() {
        let family = |family: &str| TaskDefinition { family: family.to_owned(), ..TaskDefinition::default() };
        let (long, odd, none) = (family(&"x".repeat(255)), family("a b/${c}"), family(""));
        assert_eq!(own_name(&workload(&long), "-execution", LONGEST_ROLE).len(), LONGEST_ROLE);
        assert_eq!(own_name(&workload(&odd), "-start", LONGEST_POLICY), "a-b---c--start");
        assert_eq!(new_role(&workload(&none)), "arn:aws-cn:iam::123456789012:role/ecs-task-execution");
    }

    #[test]
    fn a_definition_without_needs_needs_no_role() {
        let definition: TaskDefinition =
            serde_json::from_value(json!({"family": "web", "containerDefinitions": [{"name": "a", "image": "nginx"}]}))
                .unwrap();
        assert_eq!(ExecutionRole::of(&workload(&definition), &Requirements::default()), None);
    }
}
