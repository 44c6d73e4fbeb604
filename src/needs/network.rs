//! What has to be asked about the network: only where a message leaves open whether calls of the start came through.
//!
//! The interface leads to a subnet, the subnet to a VPC; all of the VPC that a path may meet is asked at once, and what
//! that names (security groups, prefix lists, DHCP options) after it.

use std::collections::BTreeSet;

use crate::{
    case::{
        Case, Gap, Need, Task,
        network::{GroupRule, MountTarget, SecurityGroup, VpcEndpoint},
    },
    net::{Destination, LeavesBy, leaves_by},
    require::{Connection, Leaving, Requirements, Workload, interface_needs, leaving},
    symptom::{Bearing, Symptom, service_symptoms, task_symptoms},
};

const DNS_ATTRIBUTES: [&str; 2] = ["enableDnsSupport", "enableDnsHostnames"];
/// As many filters as EC2 takes by one value each.
const MOST_GROUPS: usize = 100;

/// Where a task's interface is, which its own description names before its definition is read.
pub fn of_task(case: &Case, task: &Task, needs: &mut BTreeSet<Need>) {
    if !concerns(&task_symptoms(task), is_coming_up(task), task) {
        return;
    }
    let region = region_of(case, task);
    if let Some(service) = task.service() {
        needs.insert(Need::Services { cluster: case.target.cluster.clone(), services: vec![service.to_owned()] });
    }
    needs.extend(interface_needs(case, Some(task), task.service(), &region));
}

/// The network of what is to be reached.
pub fn of_workload(case: &Case, workload: &Workload<'_>, requirements: &Requirements, needs: &mut BTreeSet<Need>) {
    if !is_concerned(workload) {
        return;
    }
    let service = workload.service.map(|service| service.service_name.as_str());
    if workload.task.is_none() {
        needs.extend(interface_needs(case, None, service, &workload.region));
    }
    let connections = &requirements.connections;
    for by in ways(workload, connections) {
        for leaving in leaving(case, workload, by) {
            of_leaving(case, workload, &leaving, needs);
        }
    }
    of_file_systems(case, workload, connections, needs);
}

fn region_of(case: &Case, task: &Task) -> String {
    let arn: Option<crate::id::Arn> = task.task_arn.parse().ok();
    arn.map_or_else(|| case.target.region.clone(), |arn| arn.region)
}

fn is_coming_up(task: &Task) -> bool {
    !task.is_stopped() && task.started_at.is_none() && task.last_status.as_deref() != Some("RUNNING")
}

fn is_concerned(workload: &Workload<'_>) -> bool {
    match (workload.task, workload.service) {
        (Some(task), _) => concerns(&task_symptoms(task), is_coming_up(task), task),
        (None, Some(service)) => {
            let mut newest = service_symptoms(service).into_iter().take(1);
            newest.any(|symptom| symptom.bearing() == Bearing::Unreachable)
        }
        (None, None) => false,
    }
}

/// A task that ran is past the calls of its start, and one whose calls were answered had a way.
fn concerns(symptoms: &[Symptom], coming_up: bool, task: &Task) -> bool {
    let bearings: Vec<Bearing> = symptoms.iter().map(Symptom::bearing).collect();
    let any = |wanted| bearings.contains(&wanted);
    let ran = task.started_at.is_some() || task.containers.iter().any(crate::symptom::ran);
    match () {
        () if coming_up => true,
        () if ran || !task.is_stopped() => false,
        () if any(Bearing::Unreachable) || any(Bearing::Refused) => true,
        () => !any(Bearing::Answered) && (any(Bearing::Open) || symptoms.is_empty()),
    }
}

/// The interfaces of the account by which connections leave.
fn ways(workload: &Workload<'_>, connections: &[Connection]) -> Vec<LeavesBy> {
    let mut ways: Vec<LeavesBy> = Vec::new();
    for by in connections.iter().map(|c| leaves_by(&workload.runs(), c.kind)) {
        if matches!(by, LeavesBy::TaskInterface | LeavesBy::InstanceInterface) && !ways.contains(&by) {
            ways.push(by);
        }
    }
    ways
}

fn of_leaving(case: &Case, workload: &Workload<'_>, leaving: &Leaving<'_>, needs: &mut BTreeSet<Need>) {
    let region = workload.region.as_str();
    if let Ok(groups) = leaving.interface.groups {
        of_groups(region, groups, needs);
    }
    let Ok(vpc) = leaving.vpc else { return };
    if vpc.is_empty() {
        return;
    }
    if leaving.interface.groups.is_err() {
        needs.insert(Need::DefaultSecurityGroup { region: region.to_owned(), vpc: vpc.to_owned() });
    }
    of_vpc(region, vpc, needs);
    if let Some(id) = case.vpc(region, vpc).ok().and_then(|vpc| vpc.dhcp_options_id.clone()) {
        needs.insert(Need::DhcpOptions { region: region.to_owned(), dhcp_options: id });
    }
    of_endpoints(case, region, vpc, needs);
    of_prefix_lists(case, region, vpc, needs);
    of_dialled(workload, vpc, needs);
}

/// Everything of a VPC that a path may meet.
fn of_vpc(region: &str, vpc: &str, needs: &mut BTreeSet<Need>) {
    let (region, vpc) = (region.to_owned(), vpc.to_owned());
    for attribute in DNS_ATTRIBUTES {
        let (region, vpc) = (region.clone(), vpc.clone());
        needs.insert(Need::VpcAttribute { region, vpc, attribute: attribute.to_owned() });
    }
    needs.extend([
        Need::Vpc { region: region.clone(), vpc: vpc.clone() },
        Need::VpcSubnets { region: region.clone(), vpc: vpc.clone() },
        Need::RouteTables { region: region.clone(), vpc: vpc.clone() },
        Need::NetworkAcls { region: region.clone(), vpc: vpc.clone() },
        Need::NatGateways { region: region.clone(), vpc: vpc.clone() },
        Need::VpcEndpoints { region: region.clone(), vpc: vpc.clone() },
        Need::HostedZones { region: region.clone(), vpc },
        Need::PrefixLists { region: region.clone() },
        Need::BlockPublicAccess { region: region.clone() },
        Need::BlockPublicAccessExclusions { region },
    ]);
}

fn of_groups(region: &str, groups: &[String], needs: &mut BTreeSet<Need>) {
    let sorted: BTreeSet<String> = groups.iter().cloned().collect();
    let sorted: Vec<String> = sorted.into_iter().collect();
    for groups in sorted.chunks(MOST_GROUPS) {
        needs.insert(Need::SecurityGroups { region: region.to_owned(), groups: groups.to_vec() });
    }
}

/// The groups of the interface endpoints that serve starts of tasks, all together.
fn of_endpoints(case: &Case, region: &str, vpc: &str, needs: &mut BTreeSet<Need>) {
    const SERVING: [&str; 7] =
        [".ecr.api", ".ecr.dkr", ".s3", ".logs", ".secretsmanager", ".ssm", ".elasticfilesystem"];
    let Ok(endpoints) = case.vpc_endpoints(region, vpc) else { return };
    let serves = |e: &&VpcEndpoint| SERVING.iter().any(|service| e.service_name.ends_with(service));
    let groups: Vec<String> = endpoints.iter().filter(serves).flat_map(|e| e.groups.clone()).collect();
    of_groups(region, &groups, needs);
}

/// The entries of the lists that routes and rules name, and of S3's own, which tells where its addresses are.
fn of_prefix_lists(case: &Case, region: &str, vpc: &str, needs: &mut BTreeSet<Need>) {
    let tables = case.route_tables(region, vpc).map(Vec::as_slice).unwrap_or_default();
    let routed = tables.iter().flat_map(|t| &t.routes).filter_map(|r| r.destination_prefix_list_id.clone());
    let ruled =
        known_groups(case, region).flat_map(|g| &g.egress).filter_map(|rule: &GroupRule| rule.prefix_list_id.clone());
    let lists = case.prefix_lists(region).map(Vec::as_slice).unwrap_or_default();
    let of_s3 = lists.iter().filter(|list| list.prefix_list_name.ends_with(".s3")).map(|l| l.prefix_list_id.clone());
    for prefix_list in routed.chain(ruled).chain(of_s3) {
        needs.insert(Need::PrefixListEntries { region: region.to_owned(), prefix_list });
    }
}

fn known_groups<'a>(case: &'a Case, region: &'a str) -> impl Iterator<Item = &'a SecurityGroup> {
    case.facts()
        .filter_map(move |(need, _)| match need {
            Need::SecurityGroups { region: of, groups } if of == region => case.security_groups(of, groups).ok(),
            _ => None,
        })
        .flatten()
}

/// Whose address a message says was dialled inside of the VPC.
fn of_dialled(workload: &Workload<'_>, vpc: &str, needs: &mut BTreeSet<Need>) {
    let symptoms = workload.task.into_iter().flat_map(task_symptoms);
    for dialled in symptoms.flat_map(|symptom| symptom.dialled()) {
        let std::net::IpAddr::V4(address) = dialled.address.ip() else { continue };
        if address.is_private() {
            let (region, vpc) = (workload.region.clone(), vpc.to_owned());
            needs.insert(Need::NetworkInterfacesAt { region, vpc, address: address.to_string() });
        }
    }
}

fn of_file_systems(case: &Case, workload: &Workload<'_>, connections: &[Connection], needs: &mut BTreeSet<Need>) {
    let region = workload.region.as_str();
    for connection in connections {
        let Destination::MountTarget { file_system, .. } = &connection.destination else { continue };
        needs.insert(Need::MountTargets { region: region.to_owned(), file_system: file_system.clone() });
        let targets: Result<&Vec<MountTarget>, &Gap> = case.mount_targets(region, file_system);
        for target in targets.map(Vec::as_slice).unwrap_or_default() {
            let mount_target = target.mount_target_id.clone();
            if let Ok(groups) = case.mount_target_groups(region, &mount_target) {
                of_groups(region, groups, needs);
            }
            needs.insert(Need::MountTargetGroups { region: region.to_owned(), mount_target });
        }
    }
}
