//! Volumes on EFS: the file system and its access point, and with IAM authorization the task role's right to mount.
//!
//! `ClientWrite` is not required: without it the mount succeeds, and a task may well want to read only. The file system's
//! own policy decides as well and is not read, so no lack of an allow is a denial
//! (<https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>).

use std::collections::BTreeMap;

use super::{
    Existence, Permission, PolicySide, Requirements, Thing, Workload,
    table::{Row, expand},
};
use crate::{case::EfsVolume, id::Arn};

const POLICY: &str = "the policy of the file system, which decides as well, is not read";

pub fn require(workload: &Workload<'_>, requirements: &mut Requirements) {
    for volume in &workload.definition.volumes {
        let Some(efs) = volume.efs_volume_configuration.as_ref().filter(|efs| !efs.file_system_id.is_empty()) else {
            continue;
        };
        requirements.things.extend(things(workload, efs).map(|thing| Existence { thing, container: None }));
        requirements.permissions.extend(permissions(workload, &volume.name, efs));
    }
}

fn things(workload: &Workload<'_>, efs: &EfsVolume) -> impl Iterator<Item = Thing> {
    let (region, file_system) = (workload.region.clone(), efs.file_system_id.clone());
    let access_point = access_point(efs).map(|access_point| Thing::AccessPoint {
        region: region.clone(),
        access_point: access_point.to_owned(),
        file_system: file_system.clone(),
    });
    std::iter::once(Thing::FileSystem { region, file_system }).chain(access_point)
}

fn access_point(efs: &EfsVolume) -> Option<&str> {
    efs.authorization_config.as_ref()?.access_point_id.as_deref().filter(|id| !id.is_empty())
}

fn permissions(workload: &Workload<'_>, volume: &str, efs: &EfsVolume) -> Vec<Permission> {
    let iam = efs.authorization_config.as_ref().and_then(|config| config.iam.as_deref());
    if iam != Some("ENABLED") {
        return Vec::new();
    }
    let arn = |resource| Arn::new("elasticfilesystem", &workload.region, &workload.account, resource).to_string();
    let point = access_point(efs).map(|id| arn(format!("access-point/{id}")));
    let file_system = arn(format!("file-system/{}", efs.file_system_id));
    let values = BTreeMap::from([("file_system_arn", file_system), ("volume", volume.to_owned())]);
    let permission = |row: Row| {
        let mut context = row.context;
        context.extend(point.clone().map(|arn| ("elasticfilesystem:AccessPointArn".to_owned(), arn)));
        Permission {
            role: workload.task_role(),
            action: row.action,
            resource: row.resource,
            resource_account: workload.account.clone(),
            because: row.because,
            container: None,
            context,
            policy: PolicySide::Unread(POLICY.to_owned()),
            reference: row.reference,
            doubt: None,
        }
    };
    expand("volume-efs", &values).into_iter().map(permission).collect()
}
