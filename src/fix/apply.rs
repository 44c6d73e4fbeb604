//! A change applied to the facts, as AWS would apply it to the account.

use serde_json::json;

use super::{Change, Resource, network};
use crate::{
    case::{
        Answer, AttachedPolicies, Case, Fact, Gap, Key, LogGroup, ManagedPolicy, Need, Origin, PolicyDocument,
        PolicyNames, Role,
    },
    id::short_name,
};

/// The version id that stands for the one that AWS would number.
const NEXT_VERSION: &str = "v-next";

/// The case as it would be read after the changes.
pub fn apply(case: &Case, changes: &[Change]) -> Case {
    let mut after = case.clone();
    for change in changes {
        apply_one(&mut after, change);
    }
    after
}

fn apply_one(case: &mut Case, change: &Change) {
    match change {
        Change::PutRolePolicy { role, policy, document } => put_role_policy(case, role, policy, document.to_string()),
        Change::DeleteRolePolicy { role, policy } => delete_role_policy(case, role, policy),
        Change::DetachRolePolicy { role, policy } => detach_role_policy(case, role, policy),
        Change::SetPolicyVersion { policy, document, .. } => {
            let managed = case.managed_policy(policy).cloned().unwrap_or_default();
            let managed = ManagedPolicy { default_version_id: NEXT_VERSION.to_owned(), ..managed };
            set(case, Need::ManagedPolicy { policy: policy.clone() }, Answer::ManagedPolicy(managed));
            let need = Need::ManagedPolicyVersion { policy: policy.clone(), version: NEXT_VERSION.to_owned() };
            set(case, need, Answer::ManagedPolicyVersion(PolicyDocument { document: document.to_string() }));
        }
        Change::UpdateTrust { role, document } => {
            let known = case.role(role).cloned().unwrap_or_default();
            let updated = Role { assume_role_policy_document: document.to_string(), ..known };
            set(case, Need::Role { role: role.clone() }, Answer::Role(updated));
        }
        Change::CreateRole { arn, trust } => create_role(case, arn, trust.to_string()),
        Change::PutResourcePolicy { resource, document } => set_resource_policy(case, resource, document.to_string()),
        // Nothing that is set reads as an empty text.
        Change::DeleteResourcePolicy { resource } => set_resource_policy(case, resource, String::new()),
        Change::CreateLogGroup { region, group } => {
            let need = Need::LogGroup { region: region.clone(), group: group.clone() };
            set(case, need, Answer::LogGroup(LogGroup { log_group_name: group.clone(), ..LogGroup::default() }));
        }
        Change::Network(change) => network::apply(case, change),
        Change::RestoreSecret { region, secret } => {
            if let Ok(known) = case.secret(region, secret).cloned() {
                let restored = crate::case::Secret { deleted_date: None, ..known };
                set(case, Need::Secret { region: region.clone(), secret: secret.clone() }, Answer::Secret(restored));
            }
        }
        Change::ReviseTaskDefinition(revision) => revision.apply(case),
        Change::EnableKey { key, .. } => set_key_state(case, key, "Disabled", "Enabled"),
        Change::CancelKeyDeletion { key, .. } => set_key_state(case, key, "PendingDeletion", "Disabled"),
        Change::CreateServiceLinkedRole { arn, service } => create_role(case, arn, trusting(service)),
    }
}

fn put_role_policy(case: &mut Case, role: &str, policy: &str, document: String) {
    let mut names = case.role_policy_names(role).cloned().unwrap_or_default();
    if !names.policy_names.iter().any(|name| name == policy) {
        names.policy_names.push(policy.to_owned());
    }
    set(case, Need::RolePolicyNames { role: role.to_owned() }, Answer::RolePolicyNames(names));
    let need = Need::RolePolicy { role: role.to_owned(), policy: policy.to_owned() };
    set(case, need, Answer::RolePolicy(PolicyDocument { document }));
}

fn delete_role_policy(case: &mut Case, role: &str, policy: &str) {
    let mut names = case.role_policy_names(role).cloned().unwrap_or_default();
    names.policy_names.retain(|name| name != policy);
    set(case, Need::RolePolicyNames { role: role.to_owned() }, Answer::RolePolicyNames(names));
    let need = Need::RolePolicy { role: role.to_owned(), policy: policy.to_owned() };
    case.admit(need, Fact::Missing(Gap::NotFound { message: format!("{policy} was deleted") }));
}

fn detach_role_policy(case: &mut Case, role: &str, policy: &str) {
    let mut attached = case.attached_policies(role).cloned().unwrap_or_default();
    attached.policy_arns.retain(|arn| arn != policy);
    set(case, Need::AttachedPolicies { role: role.to_owned() }, Answer::AttachedPolicies(attached));
    if let Ok(known) = case.managed_policy(policy).cloned() {
        let managed = ManagedPolicy { attachment_count: (known.attachment_count - 1).max(0), ..known };
        set(case, Need::ManagedPolicy { policy: policy.to_owned() }, Answer::ManagedPolicy(managed));
    }
}

fn set_resource_policy(case: &mut Case, resource: &Resource, document: String) {
    let document = PolicyDocument { document };
    let answer = match resource {
        Resource::Repository { .. } => Answer::RepositoryPolicy(document),
        Resource::Secret { .. } => Answer::SecretPolicy(document),
        Resource::Key { .. } => Answer::KeyPolicy(document),
        Resource::Bucket { .. } => Answer::BucketPolicy(document),
    };
    set(case, resource.need(), answer);
}

/// A key in the state that a call expects, under whatever name it was asked for.
fn set_key_state(case: &mut Case, key: &str, from: &str, to: &str) {
    let known = |need: &Need| match (need, case.answer(need)) {
        (Need::Key { .. }, Ok(Answer::Key(found))) if found.arn == key && found.key_state == from => {
            Some(Key { key_state: to.to_owned(), ..found.clone() })
        }
        _ => None,
    };
    let changed: Vec<(Need, Key)> = case.facts().filter_map(|(need, _)| Some((need.clone(), known(need)?))).collect();
    for (need, key) in changed {
        set(case, need, Answer::Key(key));
    }
}

/// The trust of the role that a service makes for itself.
fn trusting(service: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A name that is taken stays whose it is: AWS refuses the call.
fn create_role(case: &mut Case, arn: &str, trust: String) {
    let name = short_name(arn).to_owned();
    if case.role(&name).is_ok() {
        return;
    }
    let role =
        Role { role_name: name.clone(), arn: arn.to_owned(), assume_role_policy_document: trust, ..Role::default() };
    set(case, Need::Role { role: name.clone() }, Answer::Role(role));
    set(case, Need::RolePolicyNames { role: name.clone() }, Answer::RolePolicyNames(PolicyNames::default()));
    set(case, Need::AttachedPolicies { role: name }, Answer::AttachedPolicies(AttachedPolicies::default()));
}

fn set(case: &mut Case, need: Need, answer: Answer) {
    case.admit(need, Fact::Known(answer, Origin::Aws));
}
