//! `Scene`: the surroundings of a broken path, as the case has them: whose call it is, from which subnet, by which groups.
//!
//! Facts are looked up by the ids in them, whatever question they answer. A fact that is not there proposes nothing.

use std::net::IpAddr;

use crate::{
    case::{
        Answer, AwsVpcConfiguration, Case, Fact, Service,
        network::{
            MountTarget, NatGateway, NetworkAcl, NetworkInterface, Route, RouteTable, SecurityGroup, Subnet,
            VpcEndpoint,
        },
    },
    fix::{Change, NetworkChange, NetworkEdit, propose::Proposal},
    judge::{Break, Reach},
    net::{Destination, HopKind, LeavesBy, Path, Reason, Verdict},
    require::Workload,
};

/// A break and what stands around it.
pub struct Scene<'a> {
    pub case: &'a Case,
    pub workload: &'a Workload<'a>,
    pub broken: &'a Break,
    pub subnet: &'a Subnet,
    /// Of the caller.
    pub groups: &'a [String],
    /// Whether the caller has a public IPv4 address, or is to get one.
    pub is_public: bool,
}

impl<'a> Scene<'a> {
    /// `None` where it is not known by which subnet the calls leave.
    pub fn of(case: &'a Case, workload: &'a Workload<'a>, broken: &'a Break) -> Option<Self> {
        let interface = interface_of(case, broken);
        let configuration = service_of(case, workload).and_then(Service::awsvpc);
        let subnet = match interface {
            Some(interface) => subnet(case, &interface.subnet_id)?,
            None => configured_subnet(case, workload, configuration, broken)?,
        };
        let groups: &[String] = match (interface, configuration) {
            (Some(interface), _) => &interface.groups,
            (None, Some(configuration)) => &configuration.security_groups,
            (None, None) => &[],
        };
        let assigned = configuration.is_some_and(|c| c.assign_public_ip.as_deref() == Some("ENABLED"));
        let is_public = interface.map_or(assigned && workload.fargate, |interface| interface.public_ip.is_some());
        Some(Self { case, workload, broken, subnet, groups, is_public })
    }

    pub fn region(&self) -> &str {
        &self.workload.region
    }

    pub fn vpc(&self) -> &str {
        &self.subnet.vpc_id
    }

    pub fn reason(&self) -> Option<&'a Reason> {
        match &self.broken.hop.verdict {
            Verdict::Breaks(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether it is the task's own interface of a task on Fargate.
    pub fn is_fargate_task(&self) -> bool {
        self.workload.fargate && self.broken.reaches.iter().all(|reach| reach.leaves_by == LeavesBy::TaskInterface)
    }

    pub fn service(&self) -> Option<&'a Service> {
        service_of(self.case, self.workload)
    }

    pub fn destinations(&self) -> impl Iterator<Item = &'a Destination> {
        self.broken.reaches.iter().map(|reach| &reach.connection.destination)
    }

    pub fn paths(&self) -> impl Iterator<Item = (&'a Reach, &'a Path)> {
        self.broken.reaches.iter().filter_map(|reach| Some((reach, reach.path.as_ref()?)))
    }

    pub fn tables(&self) -> &'a [RouteTable] {
        self.case.route_tables(self.region(), self.vpc()).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn table_of(&self, subnet: &str) -> Option<&'a RouteTable> {
        table_of(self.tables(), subnet)
    }

    /// The table that the caller's subnet uses.
    pub fn table(&self) -> Option<&'a RouteTable> {
        self.table_of(&self.subnet.subnet_id)
    }

    pub fn endpoints(&self) -> &'a [VpcEndpoint] {
        self.case.vpc_endpoints(self.region(), self.vpc()).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn endpoint(&self, id: &str) -> Option<&'a VpcEndpoint> {
        self.endpoints().iter().find(|endpoint| endpoint.vpc_endpoint_id == id)
    }

    pub fn nat_gateways(&self) -> &'a [NatGateway] {
        self.case.nat_gateways(self.region(), self.vpc()).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn acl(&self, id: &str) -> Option<&'a NetworkAcl> {
        let acls = self.case.network_acls(self.region(), self.vpc()).ok()?;
        acls.iter().find(|acl| acl.network_acl_id == id)
    }

    pub fn subnet_by_id(&self, id: &str) -> Option<&'a Subnet> {
        subnet(self.case, id)
    }

    pub fn group(&self, id: &str) -> Option<&'a SecurityGroup> {
        answers(self.case).find_map(|answer| match answer {
            Answer::SecurityGroups(groups) => groups.iter().find(|group| group.group_id == id),
            Answer::DefaultSecurityGroup(group) => Some(group).filter(|group| group.group_id == id),
            _ => None,
        })
    }

    /// The groups of the caller; where its configuration names none, the VPC's default group.
    pub fn own_groups(&self) -> Vec<String> {
        let default = || self.case.default_security_group(self.region(), self.vpc()).ok();
        match self.groups {
            [] => default().map(|group| group.group_id.clone()).into_iter().collect(),
            groups => groups.to_vec(),
        }
    }

    /// The mount targets of a file system with their groups.
    pub fn mount_targets(&self, file_system: &str) -> Vec<MountTarget> {
        let all = self.case.mount_targets(self.region(), file_system).map(Vec::as_slice).unwrap_or_default();
        let with_groups = |target: &MountTarget| {
            let told = self.case.mount_target_groups(self.region(), &target.mount_target_id).ok().cloned();
            MountTarget { security_groups: target.security_groups.clone().or(told), ..target.clone() }
        };
        all.iter().map(with_groups).collect()
    }

    /// Whoever has an address in the VPC.
    pub fn interface_at(&self, address: IpAddr) -> Option<&'a NetworkInterface> {
        answers(self.case).find_map(|answer| match answer {
            Answer::NetworkInterfacesAt(found) => found.iter().find(|interface| {
                interface.vpc_id == self.vpc() && interface.private_ip_address.map(IpAddr::V4) == Some(address)
            }),
            _ => None,
        })
    }

    /// A proposal of edits; `None` if there are none.
    pub fn proposal(&self, title: String, edits: Vec<NetworkEdit>, docs: &[&str]) -> Option<Proposal> {
        let mut changes: Vec<Change> = Vec::new();
        for edit in edits {
            let change = Change::Network(NetworkChange { region: self.region().to_owned(), edit });
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
        let docs = docs.iter().map(|&page| page.to_owned()).collect();
        (!changes.is_empty()).then_some(Proposal { title, changes, docs })
    }
}

/// The table that is associated with a subnet, else the main one.
pub fn table_of<'a>(tables: &'a [RouteTable], subnet: &str) -> Option<&'a RouteTable> {
    let own = |table: &&RouteTable| table.associations.iter().any(|a| a.subnet_id.as_deref() == Some(subnet));
    let main = |table: &&RouteTable| table.associations.iter().any(|a| a.main);
    tables.iter().find(own).or_else(|| tables.iter().find(main))
}

/// Whether a route takes everything of a family.
pub fn is_default(route: &Route) -> bool {
    [&route.destination_cidr_block, &route.destination_ipv6_cidr_block]
        .into_iter()
        .flatten()
        .any(|block| block == "0.0.0.0/0" || block == "::/0")
}

/// What EC2's prefix of a target's id says.
pub fn kind_of(target: &str) -> &str {
    target.split('-').next().unwrap_or_default()
}

fn answers(case: &Case) -> impl Iterator<Item = &Answer> {
    case.facts().filter_map(|(_, fact)| match fact {
        Fact::Known(answer, _) => Some(answer),
        Fact::Missing(_) => None,
    })
}

/// The interface at which the path starts, if EC2 still has it.
fn interface_of<'a>(case: &'a Case, broken: &Break) -> Option<&'a NetworkInterface> {
    let start = broken.reaches.iter().find_map(|reach| reach.path.as_ref()?.hops.first())?;
    let is_it = |interface: &&NetworkInterface| {
        start.kind == HopKind::Interface && !start.subject.is_empty() && interface.network_interface_id == start.subject
    };
    answers(case).find_map(|answer| match answer {
        Answer::NetworkInterface(interface) => Some(interface).filter(is_it),
        Answer::Instance(instance) => instance.primary_interface.as_ref().filter(is_it),
        _ => None,
    })
}

/// The service of the workload, or that which started its task.
fn service_of<'a>(case: &'a Case, workload: &Workload<'a>) -> Option<&'a Service> {
    let started = || case.service(workload.task?.group.as_deref()?.strip_prefix("service:")?);
    workload.service.or_else(started)
}

fn subnet<'a>(case: &'a Case, id: &str) -> Option<&'a Subnet> {
    answers(case).find_map(|answer| match answer {
        Answer::Subnets(all) | Answer::VpcSubnets(all) => all.iter().find(|subnet| subnet.subnet_id == id),
        _ => None,
    })
}

/// The subnet of an interface that is gone: what its task remembers, else one of the service's with the path's table.
fn configured_subnet<'a>(
    case: &'a Case,
    workload: &Workload<'a>,
    configuration: Option<&AwsVpcConfiguration>,
    broken: &Break,
) -> Option<&'a Subnet> {
    let attachments = workload.task.into_iter().flat_map(|task| &task.attachments);
    let mut details = attachments.flat_map(|attachment| &attachment.details);
    if let Some(told) = details.find(|detail| detail.name == "subnetId") {
        return subnet(case, &told.value);
    }
    let named = configuration?.subnets.iter().filter_map(|id| subnet(case, id));
    let subnets: Vec<&Subnet> = named.collect();
    let fits = |subnet: &&&Subnet| {
        let tables = case.route_tables(&workload.region, &subnet.vpc_id).map(Vec::as_slice).unwrap_or_default();
        table_of(tables, &subnet.subnet_id).is_some_and(|table| passes_by(broken, &table.route_table_id))
    };
    subnets.iter().find(fits).or(subnets.first()).copied()
}

fn passes_by(broken: &Break, id: &str) -> bool {
    let hops = broken.reaches.iter().filter_map(|reach| reach.path.as_ref()).flat_map(|path| &path.hops);
    hops.into_iter().any(|hop| hop.subject == id)
}
