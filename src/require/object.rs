//! Objects of S3 that ECS reads for a task: they must be there, readable, and so must their key.

use std::collections::BTreeMap;

use super::{
    Existence, ObjectUse, Permission, PolicySide, Requirements, Thing, Workload,
    key::{self, Protected},
    table::{Row, expand},
};
use crate::{
    case::Case,
    id::{Arn, dns_suffix, partition_of_region},
};

impl Requirements {
    /// Whether a call reads nothing but the configuration of a log router.
    pub fn is_for_router(&self, permission: &Permission) -> bool {
        let uses = |wanted: ObjectUse| {
            self.things.iter().any(|existence| match &existence.thing {
                Thing::Object { bucket, key, of, .. } => {
                    *of == wanted && permission.resource.ends_with(&format!(":::{bucket}/{key}"))
                }
                _ => false,
            })
        };
        uses(ObjectUse::LogRouter) && !uses(ObjectUse::EnvironmentFile)
    }
}

/// An object by its ARN, and who needs it.
pub(super) struct Object<'a> {
    pub arn: &'a str,
    pub container: &'a str,
    pub of: ObjectUse,
    /// The feature under `knowledge/needs`.
    pub feature: &'static str,
}

impl Object<'_> {
    /// Requires the object, the calls that read it, and its key if that is the customer's own.
    pub(super) fn require(&self, case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
        let object: Option<Arn> = self.arn.parse().ok().filter(|arn: &Arn| arn.service == "s3");
        let Some(object) = object else { return };
        let Some((bucket, key)) = object.resource.split_once('/') else { return };
        let (region, bucket, key) = (workload.region.clone(), bucket.to_owned(), key.to_owned());
        requirements.permissions.extend(self.permissions(workload, &object, &bucket));
        let encrypted = case.object(&region, &bucket, &key).ok().and_then(|found| found.kms_key_id.clone());
        let thing = Thing::Object { region, bucket, key, of: self.of };
        requirements.things.push(Existence { thing, container: Some(self.container.to_owned()) });
        if let Some(encrypted) = encrypted.as_deref().and_then(key::customer_key) {
            self.require_key(case, workload, &encrypted, requirements);
        }
    }

    fn permissions(&self, workload: &Workload<'_>, object: &Arn, bucket: &str) -> Vec<Permission> {
        let values = BTreeMap::from([
            ("object_arn", self.arn.to_owned()),
            ("bucket_arn", Arn { resource: bucket.to_owned(), ..object.clone() }.to_string()),
            ("container", self.container.to_owned()),
        ]);
        let rows = expand(self.feature, &values).into_iter();
        let permission = |row: Row| Permission {
            role: workload.execution_role(),
            action: row.action,
            resource: row.resource,
            // A bucket's ARN does not tell its account; another account's bucket needs its policy, which then decides.
            resource_account: workload.account.clone(),
            because: row.because,
            container: Some(self.container.to_owned()),
            context: row.context,
            reference: row.reference,
            doubt: None,
            policy: PolicySide::Bucket { region: workload.region.clone(), bucket: bucket.to_owned() },
        };
        rows.map(permission).collect()
    }

    /// With a bucket key the encryption context names the bucket, else the object: which of them is not read.
    fn require_key(&self, case: &Case, workload: &Workload<'_>, key: &str, requirements: &mut Requirements) {
        let values = BTreeMap::from([
            ("object_arn", self.arn.to_owned()),
            ("container", self.container.to_owned()),
            ("region", workload.region.clone()),
            ("suffix", dns_suffix(partition_of_region(&workload.region)).to_owned()),
            ("account", workload.account.clone()),
        ]);
        let protected = Protected {
            key,
            region: &workload.region,
            account: &workload.account,
            of: self.arn,
            container: self.container,
            feature: Some("key-s3"),
            values,
        };
        protected.require(case, workload, requirements);
    }
}
