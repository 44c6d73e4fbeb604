//! `Scene`: the surroundings of a broken path, as the case has them: whose call it is, from which subnet, by which groups.
//!
//! Facts are looked up by the ids in them, whatever question they answer. A fact that is not there proposes nothing.

use std::net::IpAddr;

use crate::{
    case::{
        Answer, Case, Fact, Service,
        network::{
            MountTarget, NatGateway, NetworkAcl, NetworkInterface, Route, RouteTable, SecurityGroup, Subnet,
            VpcEndpoint,
        },
    },
    fix::{Change, NetworkChange, NetworkEdit, propose::Proposal},
    judge::{Break, Reach},
    net::{Destination, Hop, HopKind, LeavesBy, Path, Reason, Verdict},
    require::{Leaving, Workload, leaving},
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
        let by = broken.reaches.first()?.leaves_by;
        let ways = leaving(case, workload, by);
        let way = ways.iter().find(|way| is_taken(case, workload, way, broken)).or(ways.first())?;
        Some(Self {
            case,
            workload,
            broken,
            subnet: subnet(case, way.interface.subnet.ok()?)?,
            groups: way.interface.groups.unwrap_or_default(),
            is_public: way.interface.has_public_ip == Some(true),
        })
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

    /// The caller's subnet, and the others that its service may use.
    pub fn subnets(&self) -> Vec<&'a Subnet> {
        let configured = self.service().and_then(Service::awsvpc).map(|c| c.subnets.as_slice()).unwrap_or_default();
        let mut all = vec![self.subnet];
        for other in configured.iter().filter_map(|id| self.subnet_by_id(id)) {
            if other.vpc_id == self.subnet.vpc_id && !all.contains(&other) {
                all.push(other);
            }
        }
        all
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
        let mut pages: Vec<String> = Vec::new();
        for page in docs {
            if !pages.iter().any(|known| known == page) {
                pages.push((*page).to_owned());
            }
        }
        (!changes.is_empty()).then_some(Proposal { title, changes, docs: pages })
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

/// Whether a path starts at an interface: a service has one in each of its subnets, and the tables and filters on the path
/// tell which.
fn is_taken(case: &Case, workload: &Workload<'_>, way: &Leaving<'_>, broken: &Break) -> bool {
    let (Ok(id), Ok(vpc)) = (way.interface.subnet, way.vpc) else { return false };
    let tables = case.route_tables(&workload.region, vpc).map(Vec::as_slice).unwrap_or_default();
    let acls = case.network_acls(&workload.region, vpc).map(Vec::as_slice).unwrap_or_default();
    let guards = |acl: &&NetworkAcl| acl.associations.iter().any(|a| a.subnet_id == id);
    let table = table_of(tables, id).map(|table| table.route_table_id.as_str());
    let acl = acls.iter().find(guards).map(|acl| acl.network_acl_id.as_str());
    let hops = broken.reaches.iter().filter_map(|reach| reach.path.as_ref()).flat_map(|path| &path.hops);
    let met: Vec<&Hop> = hops.filter(|hop| matches!(hop.kind, HopKind::Route | HopKind::NetworkAcl)).collect();
    let by_table = met.iter().find(|hop| hop.kind == HopKind::Route).map(|hop| Some(hop.subject.as_str()) == table);
    by_table.unwrap_or_else(|| met.iter().any(|hop| Some(hop.subject.as_str()) == acl))
}
