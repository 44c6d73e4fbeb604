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
