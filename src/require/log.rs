//! The awslogs driver: the group, and the right to write a stream into it.

use std::collections::BTreeMap;

use super::{
    Existence, LogStream, Permission, PolicySide, Requirements, Thing, Workload, key::Protected, table::expand,
};
use crate::{
    case::{Case, ContainerDefinition},
    id::Arn,
};

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, _) in workload.containers() {
        let Some(place) = workload.log_stream(container) else { continue };
        let creates = creates_group(container);
        requirements.permissions.extend(permissions(workload, container, &place, "log-awslogs"));
        if creates {
            requirements.permissions.extend(creation(case, workload, container, &place));
        }
        group_key(case, workload, container, &place, requirements);
        if !creates {
            let thing = Thing::LogGroup { region: place.region, group: place.group };
            requirements.things.push(Existence { thing, container: Some(container.name.clone()) });
        }
    }
}

/// CloudWatch Logs uses the key of a group itself, so no role of the task needs it; but it has to be usable
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>).
fn group_key(
    case: &Case,
    workload: &Workload<'_>,
    container: &ContainerDefinition,
    place: &LogStream,
    requirements: &mut Requirements,
) {
    let group = case.log_group(&place.region, &place.group).ok();
    let Some(key) = group.and_then(|group| group.kms_key_id.as_deref()) else { return };
    let protected = Protected {
        key,
        region: &place.region,
        account: &workload.account,
        of: &place.group,
        container: &container.name,
        feature: None,
        values: BTreeMap::new(),
    };
    protected.require(case, workload, requirements);
}

/// The driver asks for the group only when it finds none.
fn creation(
    case: &Case,
    workload: &Workload<'_>,
    container: &ContainerDefinition,
    place: &LogStream,
) -> Vec<Permission> {
    let doubt = match case.log_group(&place.region, &place.group) {
        Ok(_) => return Vec::new(),
        Err(gap) if gap.is_not_found() => None,
        Err(_) => Some(format!("whether log group {} exists was not read (logs:DescribeLogGroups)", place.group)),
    };
    let needed = permissions(workload, container, place, "log-awslogs-create-group").into_iter();
    needed.map(|permission| Permission { doubt: doubt.clone(), ..permission }).collect()
}

/// Whether the driver makes the group if it is missing.
pub fn creates_group(container: &ContainerDefinition) -> bool {
    let option = container.log_configuration.as_ref().and_then(|log| log.option("awslogs-create-group"));
    option.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// IAM is asked about the stream, so a policy that names the bare group allows nothing. A stream that is not known yet
/// stands for any.
fn permissions(
    workload: &Workload<'_>,
    container: &ContainerDefinition,
    place: &LogStream,
    feature: &str,
) -> Vec<Permission> {
    let group = Arn::new("logs", &place.region, &workload.account, format!("log-group:{}", place.group)).to_string();
    let prefix = container.log_configuration.as_ref().and_then(|log| log.option("awslogs-stream-prefix"));
    let any = || prefix.map_or_else(|| "unknown".to_owned(), |p| format!("{p}/{}/unknown", container.name));
    let stream = place.stream.clone().unwrap_or_else(any);
    let values = BTreeMap::from([
        ("stream_arn", format!("{group}:log-stream:{stream}")),
        ("group_arn", format!("{group}:log-stream:")),
        ("group", place.group.clone()),
        ("container", container.name.clone()),
    ]);
    let rows = expand(feature, &values).into_iter();
    let permission = |row: super::table::Row| Permission {
        role: workload.logger(),
        action: row.action,
        resource: row.resource,
        resource_account: workload.account.clone(),
        because: row.because,
        container: Some(container.name.clone()),
        context: row.context,
        reference: row.reference,
        doubt: None,
        policy: PolicySide::None,
    };
    rows.map(permission).collect()
}
