//! Customer managed keys under what a task reads or writes: usable, and for what ECS reads, `kms:Decrypt` on them.

use std::collections::BTreeMap;

use super::{
    Existence, Permission, PolicySide, Requirements, Thing, Workload,
    table::{Row, expand},
};
use crate::{case::Case, id::Arn};

/// What a key protects, and what using it costs.
pub(super) struct Protected<'a> {
    pub key: &'a str,
    pub region: &'a str,
    /// The account of what is protected, where the key's name does not tell its own.
    pub account: &'a str,
    pub of: &'a str,
    pub container: &'a str,
    /// The feature under `knowledge/needs`; none where the task's roles do not use the key themselves.
    pub feature: Option<&'static str>,
    pub values: BTreeMap<&'static str, String>,
}

impl Protected<'_> {
    /// A customer key costs `kms:Decrypt`; the AWS managed keys admit the account's principals through the service.
    pub(super) fn require(self, case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
        let described = case.key(self.region, self.key);
        if described.is_ok_and(|key| key.key_manager == "AWS") {
            return;
        }
        let (region, key, of) = (self.region.to_owned(), self.key.to_owned(), self.of.to_owned());
        let container = Some(self.container.to_owned());
        requirements.things.push(Existence { thing: Thing::Key { region, key, of }, container });
        let arn = described.map_or_else(|_| self.written_arn(), |key| key.arn.clone());
        requirements.permissions.extend(self.permissions(workload, arn));
    }

    fn written_arn(&self) -> String {
        if self.key.starts_with("arn:") {
            return self.key.to_owned();
        }
        let resource = if self.key.starts_with("alias/") { self.key.to_owned() } else { format!("key/{}", self.key) };
        Arn::new("kms", self.region, self.account, resource).to_string()
    }

    fn permissions(mut self, workload: &Workload<'_>, arn: String) -> Vec<Permission> {
        let Some(feature) = self.feature else { return Vec::new() };
        let account = arn.parse::<Arn>().map_or_else(|_| self.account.to_owned(), |a| a.account);
        self.values.insert("key_arn", arn.clone());
        let policy = PolicySide::Key { region: self.region.to_owned(), key: arn };
        let permission = |row: Row| Permission {
            role: workload.execution_role(),
            action: row.action,
            resource: row.resource,
            resource_account: account.clone(),
            because: row.because,
            container: Some(self.container.to_owned()),
            context: row.context,
            policy: policy.clone(),
            reference: row.reference,
            doubt: None,
        };
        expand(feature, &self.values).into_iter().map(permission).collect()
    }
}

/// A key that is not one of those that AWS manages for the service.
pub(super) fn customer_key(key: &str) -> Option<String> {
    let alias = key.rsplit(':').next().unwrap_or(key);
    (!alias.starts_with("alias/aws/")).then(|| key.to_owned())
}
