//! A role's policies out of the facts, in the form that the evaluator takes; what was not read is said, not skipped.

use std::borrow::Cow;

use crate::{
    case::{Case, Gap, KeyGrant, PolicyDocument},
    iam::{
        Condition, Effect, Elements, Layers, NamedPolicy, Operator, Policy, PolicySet, PrincipalKind, Principals,
        ResourcePolicy, Statement, StatementEntry,
    },
    require::PolicySide,
};

/// All layers that decide a call of the role on a resource with that policy side.
pub fn layers<'c>(case: &'c Case, role: &str, side: &PolicySide) -> Layers<'c> {
    Layers {
        identity: identity_policies(case, role),
        boundary: boundary(case, role),
        resource: with_grants(case, role, side, resource_policy(case, side)),
        ..Layers::default()
    }
}

/// Inline and attached policies of a role, inline ones first, each under its name or ARN.
pub fn identity_policies<'c>(case: &'c Case, role: &str) -> PolicySet<'c> {
    let mut set = PolicySet::default();
    match case.role_policy_names(role) {
        Ok(names) => names.policy_names.iter().for_each(|name| {
            let document = case.role_policy(role, name).map(|p| p.document.as_str());
            add(&mut set, name, document, "iam:GetRolePolicy");
        }),
        Err(gap) => set.unread.push(unread("the inline policies", "iam:ListRolePolicies", gap)),
    }
    match case.attached_policies(role) {
        Ok(attached) => attached.policy_arns.iter().for_each(|arn| add_managed(case, &mut set, arn)),
        Err(gap) => set.unread.push(unread("the attached policies", "iam:ListAttachedRolePolicies", gap)),
    }
    set
}

fn boundary<'c>(case: &'c Case, role: &str) -> Option<PolicySet<'c>> {
    let mut set = PolicySet::default();
    match case.role(role) {
        Ok(role) => add_managed(case, &mut set, role.permissions_boundary.as_deref()?),
        Err(gap) => set.unread.push(unread("whether the role has a boundary", "iam:GetRole", gap)),
    }
    Some(set)
}

fn add_managed<'c>(case: &'c Case, set: &mut PolicySet<'c>, arn: &'c str) {
    match case.managed_policy(arn) {
        Ok(managed) => {
            let version = case.managed_policy_version(arn, &managed.default_version_id);
            add(set, arn, version.map(|v| v.document.as_str()), "iam:GetPolicyVersion");
        }
        Err(gap) => set.unread.push(unread(arn, "iam:GetPolicy", gap)),
    }
}

/// The document on the resource's side, and the action that reads it; `None` where there is no such side.
fn side_document<'a>(case: &'a Case, side: &PolicySide) -> Option<(Result<&'a PolicyDocument, &'a Gap>, &'static str)> {
    Some(match side {
        PolicySide::None | PolicySide::Unread(_) => return None,
        PolicySide::Repository(image) => (case.repository_policy(image), "ecr:GetRepositoryPolicy"),
        PolicySide::Secret { region, secret } => {
            (case.secret_policy(region, secret), "secretsmanager:GetResourcePolicy")
        }
        PolicySide::Key { region, key } => (case.key_policy(region, key), "kms:GetKeyPolicy"),
        PolicySide::Bucket { region, bucket } => (case.bucket_policy(region, bucket), "s3:GetBucketPolicy"),
    })
}

fn resource_policy<'c>(case: &'c Case, side: &PolicySide) -> ResourcePolicy<'c> {
    if let PolicySide::Unread(why) = side {
        return of_kind(side, PolicySet { policies: Vec::new(), unread: vec![why.clone()] });
    }
    let Some((document, action)) = side_document(case, side) else { return ResourcePolicy::None };
    match document {
        Ok(document) => side_policy(side, &document.document),
        Err(gap) if gap.is_not_found() => side_policy(side, ""),
        Err(gap) => {
            of_kind(side, PolicySet { policies: Vec::new(), unread: vec![unread(side_name(side), action, gap)] })
        }
    }
}

/// Of a key also what its grants allow; a grant never denies
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>).
fn with_grants<'c>(case: &'c Case, role: &str, side: &PolicySide, policy: ResourcePolicy<'c>) -> ResourcePolicy<'c> {
    let (PolicySide::Key { region, key }, ResourcePolicy::Key(mut set)) = (side, policy.clone()) else { return policy };
    let arn = case.role(role).map(|role| role.arn.as_str()).unwrap_or_default();
    match case.key_grants(region, key, arn) {
        Ok(found) => set.policies.extend(found.grants.iter().map(grant)),
        Err(gap) if gap.is_not_found() => {}
        Err(gap) => {
            let problem = unread("what they allow", "kms:ListGrants", gap);
            let entry = StatementEntry::Unreadable { effect: Some(Effect::Allow), problem };
            set.policies.push(NamedPolicy {
                name: "the key's grants".into(),
                policy: Policy { has_variables: false, statements: vec![entry] },
            });
        }
    }
    ResourcePolicy::Key(set)
}

/// A grant as the statement that would say the same.
fn grant(grant: &KeyGrant) -> NamedPolicy<'_> {
    let texts = |texts: Vec<String>| Elements { negated: false, patterns: texts.into_iter().map(Cow::Owned).collect() };
    let held = grant.encryption_context.iter().map(|(key, value)| Condition {
        operator: Operator::named("StringEquals"),
        name: "StringEquals".into(),
        key: format!("kms:EncryptionContext:{key}").into(),
        values: std::iter::once(Cow::Borrowed(value.as_str())).collect(),
    });
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        principals: Some(Principals {
            negated: false,
            entries: vec![(PrincipalKind::Aws, Cow::Borrowed(grant.grantee_principal.as_str()))],
        }),
        actions: texts(grant.operations.iter().map(|operation| format!("kms:{operation}")).collect()),
        resources: Some(texts(vec!["*".to_owned()])),
        conditions: held.collect(),
    };
    let policy = Policy { has_variables: false, statements: vec![StatementEntry::Read(statement)] };
    NamedPolicy { name: format!("grant {}", grant.grant_id).into(), policy }
}

/// The text of the policy on the resource's side, if it was read.
pub fn side_text<'a>(case: &'a Case, side: &PolicySide) -> Option<&'a str> {
    side_document(case, side)?.0.ok().map(|policy| policy.document.as_str())
}

/// A document as the policy of that side.
pub fn side_policy<'d>(side: &PolicySide, document: &'d str) -> ResourcePolicy<'d> {
    of_kind(side, document_set(side_name(side), document))
}

fn side_name(side: &PolicySide) -> &'static str {
    match side {
        PolicySide::Key { .. } => "key policy",
        _ => "resource policy",
    }
}

fn of_kind<'s>(side: &PolicySide, set: PolicySet<'s>) -> ResourcePolicy<'s> {
    match side {
        PolicySide::Key { .. } => ResourcePolicy::Key(set),
        _ => ResourcePolicy::Set(set),
    }
}

/// One document as a set; an empty text is no policy.
pub fn document_set<'d>(name: &'d str, document: &'d str) -> PolicySet<'d> {
    let mut set = PolicySet::default();
    if !document.trim().is_empty() {
        add(&mut set, name, Ok(document), "");
    }
    set
}

fn add<'d>(set: &mut PolicySet<'d>, name: &'d str, document: Result<&'d str, &Gap>, action: &str) {
    match document.map(Policy::parse) {
        Ok(Ok(policy)) => set.policies.push(NamedPolicy { name: name.into(), policy }),
        Ok(Err(error)) => set.unread.push(format!("policy {name} cannot be used: {error}")),
        Err(gap) => set.unread.push(unread(name, action, gap)),
    }
}

/// What is missing and what would fill it.
pub fn unread(what: &str, action: &str, gap: &Gap) -> String {
    match gap {
        Gap::NotAsked => format!("{what} was not read ({action})"),
        Gap::Denied { .. } => format!("{what} could not be read: the caller lacks {action}"),
        Gap::NotFound { .. } => format!("{what} does not exist"),
        Gap::TimedOut => format!("{what} was not read before the deadline ({action})"),
        Gap::Throttled { .. } => format!("{what} was not read: AWS throttled {action}"),
        Gap::Unauthenticated { .. } | Gap::Unreachable { .. } | Gap::Failed { .. } => {
            format!("{what} could not be read: {action} failed")
        }
    }
}
