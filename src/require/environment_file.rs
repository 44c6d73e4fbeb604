//! Environment files in S3: the object must be readable by the execution role.

use std::collections::BTreeMap;

use super::{Permission, PolicySide, Requirements, Workload, table::expand};
use crate::{case::EnvironmentFile, id::Arn};

pub fn require(workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, _) in workload.containers() {
        for file in workload.environment_files(container) {
            requirements.permissions.extend(permissions(workload, &container.name, file));
        }
    }
}

fn permissions(workload: &Workload<'_>, container: &str, file: &EnvironmentFile) -> Vec<Permission> {
    let object: Option<Arn> = file.value.parse().ok().filter(|arn: &Arn| arn.service == "s3");
    let Some(object) = object else { return Vec::new() };
    let Some((bucket, _)) = object.resource.split_once('/') else { return Vec::new() };
    let values = BTreeMap::from([
        ("object_arn", file.value.clone()),
        ("bucket_arn", Arn { resource: bucket.to_owned(), ..object.clone() }.to_string()),
        ("container", container.to_owned()),
    ]);
    let rows = expand("environment-file-s3", &values).into_iter();
    let permission = |row: super::table::Row| Permission {
        role: workload.execution_role(),
        action: row.action,
        resource: row.resource,
        // A bucket's ARN does not tell its account; another account's bucket needs its policy, which then decides.
        resource_account: workload.account.clone(),
        because: row.because,
        container: Some(container.to_owned()),
        context: row.context,
        reference: row.reference,
        doubt: None,
        policy: PolicySide::Bucket { region: workload.region.clone(), bucket: bucket.to_owned() },
    };
    rows.map(permission).collect()
}
