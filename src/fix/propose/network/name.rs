//! Names: the VPC's resolver switched on, and a mount target where a file system's name has none.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>,
//! <https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html>

use super::{
    filter,
    scene::Scene,
    words::{DNS, EFS_NETWORK, MOUNT_TARGETS},
};
use crate::{
    fix::{DnsAttribute, NetworkEdit, propose::Proposal},
    net::Destination,
};

/// NFS.
const NFS: u16 = 2049;

/// One of the VPC's DNS attributes switched on, with the one that it needs.
pub fn enabled(scene: &Scene<'_>, attribute: DnsAttribute) -> Option<Proposal> {
    let vpc = scene.vpc();
    let (edits, what) = match attribute {
        DnsAttribute::Support => (vec![enable(scene, attribute)], "DNS resolution (enableDnsSupport)"),
        DnsAttribute::Hostnames => (dns_of_endpoints(scene), "DNS hostnames (enableDnsHostnames)"),
    };
    scene.proposal(format!("Enable {what} in {vpc}, for everything that is in the VPC"), edits, &[DNS])
}

fn enable(scene: &Scene<'_>, attribute: DnsAttribute) -> NetworkEdit {
    NetworkEdit::EnableDns { vpc: scene.vpc().to_owned(), attribute }
}

/// What of the VPC's DNS is known to be off, in the order in which EC2 takes it: hostnames need the resolver.
pub fn dns_of_endpoints(scene: &Scene<'_>) -> Vec<NetworkEdit> {
    let is_off = |attribute: &DnsAttribute| {
        let told = scene.case.vpc_attribute(scene.region(), scene.vpc(), attribute.word()).map(|found| found.value);
        let known = scene.case.vpc(scene.region(), scene.vpc()).ok().and_then(|vpc| match attribute {
            DnsAttribute::Support => vpc.enable_dns_support,
            DnsAttribute::Hostnames => vpc.enable_dns_hostnames,
        });
        told.ok().or(known) == Some(false)
    };
    let both = [DnsAttribute::Support, DnsAttribute::Hostnames].into_iter();
    both.filter(is_off).map(|attribute| enable(scene, attribute)).collect()
}

/// A mount target in the caller's subnet, with the groups of the file system's others or the caller's own.
pub fn mount_targets(scene: &Scene<'_>) -> Vec<Proposal> {
    let file_systems = scene.destinations().filter_map(|destination| match destination {
        Destination::MountTarget { file_system, .. } => Some(file_system.as_str()),
        _ => None,
    });
    let Some(file_system) = file_systems.into_iter().find(|id| *id == scene.broken.hop.subject) else {
        return Vec::new();
    };
    groups(scene, file_system).into_iter().filter_map(|(groups, rule)| made(scene, file_system, groups, rule)).collect()
}

fn groups(scene: &Scene<'_>, file_system: &str) -> Vec<(Vec<String>, Option<NetworkEdit>)> {
    let mut found: Vec<(Vec<String>, Option<NetworkEdit>)> = Vec::new();
    for groups in scene.mount_targets(file_system).into_iter().filter_map(|target| target.security_groups) {
        if filter::admits(scene, &groups, NFS) && found.iter().all(|(known, _)| *known != groups) {
            found.push((groups, None));
        }
    }
    if let Some(own) = scene.groups.first().cloned() {
        let admits = filter::admits(scene, std::slice::from_ref(&own), NFS);
        found.push((vec![own.clone()], (!admits).then(|| filter::from_group(&own, &own, NFS))));
    }
    found
}

fn made(scene: &Scene<'_>, file_system: &str, groups: Vec<String>, rule: Option<NetworkEdit>) -> Option<Proposal> {
    let subnet = scene.subnet;
    let admitting = rule.as_ref().map_or("", |_| ", whose members are let in to one another on port 2049");
    let title = format!(
        "Create a mount target of {file_system} in {} ({}) with group {}{admitting}; a One Zone file system takes one in \
         its own zone alone",
        subnet.subnet_id,
        subnet.availability_zone,
        groups.join(", ")
    );
    let target = NetworkEdit::CreateMountTarget {
        file_system: file_system.to_owned(),
        subnet: subnet.subnet_id.clone(),
        zone: subnet.availability_zone.clone(),
        groups,
    };
    scene.proposal(title, rule.into_iter().chain([target]).collect(), &[MOUNT_TARGETS, EFS_NETWORK])
}
