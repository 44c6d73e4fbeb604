//! File systems, mount targets and access points. No file is read.
//!
//! An unknown id is an error of its own code (`FileSystemNotFound` and the like).

use aws_sdk_efs::{
    Client,
    types::{AccessPointDescription, FileSystemDescription, MountTargetDescription},
};

use super::error::empty;
use crate::case::{AccessPoint, Answer, FileSystem, Gap, network::MountTarget};

pub async fn file_system(client: &Client, file_system: &str) -> Result<Answer, Gap> {
    let pages = client.describe_file_systems().file_system_id(file_system).into_paginator();
    let found = pages.items().send().try_next().await?.ok_or_else(|| empty("DescribeFileSystems"))?;
    Ok(Answer::FileSystem(mapped_file_system(found)))
}

pub async fn mount_targets(client: &Client, file_system: &str) -> Result<Answer, Gap> {
    let pages = client.describe_mount_targets().file_system_id(file_system).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?;
    Ok(Answer::MountTargets(found.into_iter().map(mapped_mount_target).collect()))
}

pub async fn mount_target_groups(client: &Client, mount_target: &str) -> Result<Answer, Gap> {
    let answer = client.describe_mount_target_security_groups().mount_target_id(mount_target).send().await?;
    Ok(Answer::MountTargetGroups(answer.security_groups))
}

pub async fn access_point(client: &Client, access_point: &str) -> Result<Answer, Gap> {
    let pages = client.describe_access_points().access_point_id(access_point).into_paginator();
    let found = pages.items().send().try_next().await?.ok_or_else(|| empty("DescribeAccessPoints"))?;
    Ok(Answer::AccessPoint(mapped_access_point(found)))
}

fn mapped_file_system(found: FileSystemDescription) -> FileSystem {
    let life_cycle_state = found.life_cycle_state.as_str().to_owned();
    FileSystem { file_system_id: found.file_system_id, life_cycle_state }
}

fn mapped_mount_target(target: MountTargetDescription) -> MountTarget {
    MountTarget {
        mount_target_id: target.mount_target_id,
        file_system_id: target.file_system_id,
        subnet_id: target.subnet_id,
        availability_zone_name: target.availability_zone_name.unwrap_or_default(),
        life_cycle_state: target.life_cycle_state.as_str().to_owned(),
        ip_address: target.ip_address.and_then(|address| address.parse().ok()),
        security_groups: None,
    }
}

fn mapped_access_point(found: AccessPointDescription) -> AccessPoint {
    AccessPoint {
        access_point_id: found.access_point_id.unwrap_or_default(),
        file_system_id: found.file_system_id.unwrap_or_default(),
        life_cycle_state: found.life_cycle_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, Reply, asked, reply},
    };

    fn refusal(status: u16, code: &'static str) -> Reply {
        let body = format!(r#"{{"ErrorCode":"{code}","Message":"Why it is so."}}"#);
        reply(status, body).with("x-amzn-errortype", code)
    }

    #[test]
    fn unknown_ids_are_missing_things() {
        let region = || REGION.to_owned();
        let targets = Need::MountTargets { region: region(), file_system: "fs-1".to_owned() };
        let groups = Need::MountTargetGroups { region: region(), mount_target: "fsmt-1".to_owned() };
        let file_system = Need::FileSystem { region: region(), file_system: "fs-1".to_owned() };
        let access_point = Need::AccessPoint { region: region(), access_point: "fsap-1".to_owned() };
        for (need, code, status) in [
            (&file_system, "FileSystemNotFound", "not-found"),
            (&targets, "FileSystemNotFound", "not-found"),
            (&groups, "MountTargetNotFound", "not-found"),
            (&access_point, "AccessPointNotFound", "not-found"),
            (&groups, "IncorrectMountTargetState", "error"),
            (&file_system, "AccessDeniedException", "denied"),
        ] {
            assert_eq!(asked(need, [refusal(404, code)]).status(), status, "{need:?}: {code}");
        }
    }

    #[test]
    fn mount_targets_of_all_pages_have_their_zone_and_address() {
        let page = |id: &str, rest: &str| {
            let target = format!(
                r#"{{"MountTargetId":"{id}","FileSystemId":"fs-1","SubnetId":"subnet-1","LifeCycleState":"available",
                "IpAddress":"10.0.1.5","AvailabilityZoneName":"eu-west-1a"}}"#
            );
            reply(200, format!(r#"{{"MountTargets":[{target}]{rest}}}"#))
        };
        let need = Need::MountTargets { region: REGION.to_owned(), file_system: "fs-1".to_owned() };
        let asked = asked(&need, [page("fsmt-1", r#","NextMarker":"more""#), page("fsmt-2", "")]);
        let Ok(Answer::MountTargets(targets)) = &asked.answer else { panic!("{asked:?}") };
        let ids: Vec<_> = targets.iter().map(|target| target.mount_target_id.as_str()).collect();
        assert_eq!(ids, ["fsmt-1", "fsmt-2"]);
        assert_eq!(targets[0].ip_address, Some([10, 0, 1, 5].into()));
        assert_eq!((targets[0].availability_zone_name.as_str(), &targets[0].security_groups), ("eu-west-1a", &None));
        assert!(asked.requests[1].contains("Marker=more"), "{asked:?}");
    }
}
