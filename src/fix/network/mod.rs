//! Edits of the network around a task: addresses, routes, endpoints, filters, DNS, mount targets.
//!
//! Each is one call of EC2, ECS or EFS by the user's own ids. Like every [`super::Change`], it has an arm in `apply` and in
//! each renderer.

mod apply;
mod cli;
mod cloudformation;
mod terraform;

pub use apply::apply;
pub use cli::command;
pub use cloudformation::resource;
pub use terraform::{arguments, block};

use serde_json::Value;

use crate::case::{
    AwsVpcConfiguration,
    network::{AclEntry, GroupRule},
};

/// An edit of a network, in a Region.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkChange {
    pub region: String,
    pub edit: NetworkEdit,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NetworkEdit {
    /// The awsvpc configuration that a service is to have; only its `assignPublicIp` differs from the present one.
    AssignPublicIp {
        cluster: String,
        service: String,
        configuration: AwsVpcConfiguration,
    },
    /// A route to a gateway, in the place of the one to the same destination if there is one.
    PutRoute {
        table: String,
        destination: String,
        target: String,
        replaces: bool,
    },
    CreateEndpoint(NewEndpoint),
    ModifyEndpoint {
        endpoint: String,
        edit: EndpointEdit,
    },
    /// One more allow rule of a security group.
    AuthorizeRule {
        group: String,
        egress: bool,
        rule: GroupRule,
    },
    CreateAclEntry {
        acl: String,
        entry: AclEntry,
    },
    EnableDns {
        vpc: String,
        attribute: DnsAttribute,
    },
    CreateMountTarget {
        file_system: String,
        subnet: String,
        zone: String,
        groups: Vec<String>,
    },
}

/// A VPC endpoint to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    pub vpc: String,
    /// As EC2 names it: `com.amazonaws.{region}.{service}`.
    pub service: String,
    pub kind: EndpointKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointKind {
    /// With private DNS.
    Interface {
        subnets: Vec<String>,
        groups: Vec<String>,
    },
    Gateway {
        tables: Vec<String>,
    },
}

/// What of an endpoint changes.
#[derive(Debug, Clone, PartialEq)]
pub enum EndpointEdit {
    AddSubnets(Vec<String>),
    AddGroups(Vec<String>),
    AddRouteTables(Vec<String>),
    EnablePrivateDns,
    PutPolicy(Value),
}

/// What the VPC's resolver needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsAttribute {
    Support,
    Hostnames,
}

impl DnsAttribute {
    /// The name that `DescribeVpcAttribute` has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Support => "enableDnsSupport",
            Self::Hostnames => "enableDnsHostnames",
        }
    }
}

impl NewEndpoint {
    /// The id that stands for the one that EC2 would give.
    pub fn id(&self) -> String {
        let name: Vec<&str> = self.service.split('.').skip_while(|part| !part.contains('-')).skip(1).collect();
        format!("vpce-new-{}", name.join("-"))
    }

    /// Its service without the prefix: `ecr.api`.
    pub fn name(&self) -> &str {
        let parts: Vec<(usize, &str)> = self.service.match_indices('.').collect();
        let region = self.service.split('.').position(|part| part.contains('-'));
        let dot = region.and_then(|at| parts.get(at));
        dot.and_then(|(at, _)| self.service.get(at + 1..)).unwrap_or(&self.service)
    }
}

impl NetworkChange {
    /// The policy document that it writes, if any.
    pub fn document(&self) -> Option<&Value> {
        match &self.edit {
            NetworkEdit::ModifyEndpoint { edit: EndpointEdit::PutPolicy(document), .. } => Some(document),
            _ => None,
        }
    }

    /// Whether both edit one thing, or make one: whichever came last would undo the other, or fail.
    pub fn meets(&self, other: &Self) -> bool {
        self.region == other.region && (self == other || self.edit.meets(&other.edit))
    }
}

impl NetworkEdit {
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::AssignPublicIp { cluster, service, .. },
                Self::AssignPublicIp { cluster: in_cluster, service: same, .. },
            ) => (cluster, service) == (in_cluster, same),
            (Self::PutRoute { table, destination, .. }, Self::PutRoute { table: same, destination: to, .. }) => {
                (table, destination) == (same, to)
            }
            (Self::CreateEndpoint(new), Self::CreateEndpoint(same)) => {
                (&new.vpc, &new.service) == (&same.vpc, &same.service)
            }
            (Self::ModifyEndpoint { endpoint, .. }, Self::ModifyEndpoint { endpoint: same, .. }) => endpoint == same,
            (Self::CreateAclEntry { acl, entry }, Self::CreateAclEntry { acl: same, entry: other }) => {
                (acl, entry.egress, entry.rule_number) == (same, other.egress, other.rule_number)
            }
            (
                Self::CreateMountTarget { file_system, zone, .. },
                Self::CreateMountTarget { file_system: same, zone: at, .. },
            ) => (file_system, zone) == (same, at),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(table: &str, target: &str) -> NetworkChange {
        let (destination, replaces) = ("0.0.0.0/0".to_owned(), false);
        let edit = NetworkEdit::PutRoute { table: table.into(), destination, target: target.into(), replaces };
        NetworkChange { region: "eu-central-1".into(), edit }
    }

    fn endpoint(service: &str) -> NewEndpoint {
        let kind = EndpointKind::Gateway { tables: Vec::new() };
        NewEndpoint { vpc: "vpc-1".into(), service: service.into(), kind }
    }

    #[test]
    fn routes_of_one_destination_meet() {
        assert!(route("rtb-1", "nat-1").meets(&route("rtb-1", "nat-2")));
        assert!(!route("rtb-1", "nat-1").meets(&route("rtb-2", "nat-1")));
    }

    #[test]
    fn new_endpoints_are_named_by_their_service() {
        for (service, name, id) in [
            ("com.amazonaws.eu-central-1.ecr.api", "ecr.api", "vpce-new-ecr-api"),
            ("cn.com.amazonaws.cn-north-1.ecr.dkr", "ecr.dkr", "vpce-new-ecr-dkr"),
            ("com.amazonaws.us-gov-west-1.s3", "s3", "vpce-new-s3"),
        ] {
            let new = endpoint(service);
            assert_eq!((new.name(), new.id().as_str()), (name, id));
        }
    }
}
