//! The network around one VPC, put together from the answers of a case for `net` to follow.
//!
//! EC2 tells a VPC and its attributes, a prefix list and its entries, a mount target and its groups by different calls;
//! here they are one again. What was not learnt stays a gap.

use crate::{
    case::{
        Answer, Case, Gap, Need,
        network::{MountTarget, NetworkInterface, PrefixList, SecurityGroup, Vpc},
    },
    net::Network,
};

static NOT_ASKED: Gap = Gap::NotAsked;

/// What has to be owned because it comes from several answers; the rest is borrowed from the case.
#[derive(Debug)]
pub struct Surroundings<'a> {
    case: &'a Case,
    region: &'a str,
    id: &'a str,
    vpc: Result<Vpc, &'a Gap>,
    security_groups: Result<Vec<SecurityGroup>, &'a Gap>,
    prefix_lists: Result<Vec<PrefixList>, &'a Gap>,
    interfaces: Result<Vec<NetworkInterface>, &'a Gap>,
    mount_targets: Result<Vec<MountTarget>, &'a Gap>,
}

impl<'a> Surroundings<'a> {
    pub fn of(case: &'a Case, region: &'a str, vpc: &'a str) -> Self {
        Self {
            case,
            region,
            id: vpc,
            vpc: whole_vpc(case, region, vpc),
            security_groups: security_groups(case, region),
            prefix_lists: prefix_lists(case, region),
            interfaces: interfaces(case, region),
            mount_targets: mount_targets(case, region),
        }
    }

    pub fn network(&'a self) -> Network<'a> {
        let (case, region, vpc) = (self.case, self.region, self.id);
        let options = self.vpc.as_ref().map_err(|gap| *gap).and_then(|vpc| match vpc.dhcp_options_id.as_deref() {
            Some(id) => case.dhcp_options(region, id),
            None => Err(&NOT_ASKED),
        });
        Network {
            vpc: self.vpc.as_ref().map_err(|gap| *gap),
            subnets: case.vpc_subnets(region, vpc).map(Vec::as_slice),
            route_tables: case.route_tables(region, vpc).map(Vec::as_slice),
            network_acls: case.network_acls(region, vpc).map(Vec::as_slice),
            security_groups: self.security_groups.as_deref().map_err(|gap| *gap),
            nat_gateways: case.nat_gateways(region, vpc).map(Vec::as_slice),
            endpoints: case.vpc_endpoints(region, vpc).map(Vec::as_slice),
            prefix_lists: self.prefix_lists.as_deref().map_err(|gap| *gap),
            interfaces: self.interfaces.as_deref().map_err(|gap| *gap),
            hosted_zones: case.hosted_zones(region, vpc).map(Vec::as_slice),
            dhcp_options: options,
            block_public_access: case.block_public_access(region),
            block_public_access_exclusions: case.block_public_access_exclusions(region).map(Vec::as_slice),
            mount_targets: self.mount_targets.as_deref().map_err(|gap| *gap),
        }
    }
}

fn whole_vpc<'a>(case: &'a Case, region: &str, id: &str) -> Result<Vpc, &'a Gap> {
    let attribute = |name: &str| case.vpc_attribute(region, id, name).ok().map(|attribute| attribute.value);
    let vpc = case.vpc(region, id)?.clone();
    Ok(Vpc {
        enable_dns_support: attribute("enableDnsSupport"),
        enable_dns_hostnames: attribute("enableDnsHostnames"),
        ..vpc
    })
}

/// What all answers of one kind hold together; a gap only where there is no answer at all, since what an answer lacks is
/// unknown by itself.
fn merged<'a, T: Clone + 'a>(
    case: &'a Case,
    is: impl Fn(&Need) -> bool,
    items: impl Fn(&'a Answer) -> Option<&'a [T]>,
) -> Result<Vec<T>, &'a Gap> {
    let mut gap = &NOT_ASKED;
    let mut all: Option<Vec<T>> = None;
    for (need, _) in case.facts().filter(|(need, _)| is(need)) {
        match case.answer(need) {
            Ok(answer) => all.get_or_insert_default().extend(items(answer).unwrap_or_default().iter().cloned()),
            Err(why) => gap = why,
        }
    }
    all.ok_or(gap)
}

fn security_groups<'a>(case: &'a Case, region: &str) -> Result<Vec<SecurityGroup>, &'a Gap> {
    let is = |need: &Need| match need {
        Need::SecurityGroups { region: of, .. } | Need::DefaultSecurityGroup { region: of, .. } => of == region,
        _ => false,
    };
    merged(case, is, |answer| match answer {
        Answer::SecurityGroups(groups) => Some(groups.as_slice()),
        Answer::DefaultSecurityGroup(group) => Some(std::slice::from_ref(group)),
        _ => None,
    })
}

fn prefix_lists<'a>(case: &'a Case, region: &str) -> Result<Vec<PrefixList>, &'a Gap> {
    let entries = |list: &PrefixList| case.prefix_list_entries(region, &list.prefix_list_id).ok().cloned();
    let whole = |list: &PrefixList| PrefixList { entries: entries(list), ..list.clone() };
    Ok(case.prefix_lists(region)?.iter().map(whole).collect())
}

fn interfaces<'a>(case: &'a Case, region: &str) -> Result<Vec<NetworkInterface>, &'a Gap> {
    let is = |need: &Need| match need {
        Need::NetworkInterface { region: of, .. } | Need::NetworkInterfacesAt { region: of, .. } => of == region,
        _ => false,
    };
    merged(case, is, |answer| match answer {
        Answer::NetworkInterface(interface) => Some(std::slice::from_ref(interface)),
        Answer::NetworkInterfacesAt(interfaces) => Some(interfaces.as_slice()),
        _ => None,
    })
}

/// Complete where they are known: one file system that was not read leaves all of them open.
fn mount_targets<'a>(case: &'a Case, region: &str) -> Result<Vec<MountTarget>, &'a Gap> {
    let mut all: Option<Vec<MountTarget>> = None;
    for (need, _) in case.facts() {
        let Need::MountTargets { region: of, file_system } = need else { continue };
        if of != region {
            continue;
        }
        let groups = |target: &MountTarget| case.mount_target_groups(region, &target.mount_target_id).ok().cloned();
        match case.mount_targets(region, file_system) {
            Ok(found) => {
                let whole = found.iter().map(|t| MountTarget { security_groups: groups(t), ..t.clone() });
                all.get_or_insert_default().extend(whole);
            }
            // A file system that is not there has none.
            Err(gap) if gap.is_not_found() => {}
            Err(gap) => return Err(gap),
        }
    }
    all.ok_or(&NOT_ASKED)
}
