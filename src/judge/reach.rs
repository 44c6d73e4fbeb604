//! Which of the calls that start a task get through: each connection with its path, hop by hop, as the network is now.
//!
//! Given a case, a workload and its connections, gives a [`Reach`] each. Where the facts leave open what a name stood
//! for, the address that a message dialled tells. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-outbound.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::IpNet;

use super::surroundings::Surroundings;
use crate::{
    case::{Case, Gap},
    net::{
        Call, CallKind, Destination, Hop, HopKind, LeavesBy, Network, Path, Summary, Verdict, What, leaves_by, path,
    },
    require::{Connection, Leaving, Workload, leaving},
    symptom::{Dialled, Symptom},
};

/// A connection with the path that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    pub connection: Connection,
    pub leaves_by: LeavesBy,
    /// The address that a message says was dialled.
    pub dialled: Option<IpAddr>,
    /// `None` where the call does not leave by an interface of the account, or nothing names the interface.
    pub path: Option<Path>,
    /// Whether every interface by which the call may have left has this outcome: a service may have several subnets.
    pub sure: bool,
}

/// The connections that break at one and the same hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    pub hop: Hop,
    pub reaches: Vec<Reach>,
}

impl Reach {
    /// The hop that breaks it.
    pub fn broken_at(&self) -> Option<&Hop> {
        match self.path.as_ref()?.summary() {
            Summary::Broken(hop) => Some(hop),
            _ => None,
        }
    }

    /// Whether the whole path can be seen, and lets the call through.
    pub fn gets_through(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.summary() == Summary::Reaches)
    }

    /// The cause that a break of it is.
    pub fn cause(&self) -> &'static str {
        let by_name = self.broken_at().is_some_and(|hop| matches!(hop.kind, HopKind::Dns | HopKind::MountTarget));
        match (self.connection.kind, &self.connection.destination) {
            (CallKind::ImagePull, Destination::Service { name, .. }) if name == "s3" => "s3-layer-endpoint",
            (CallKind::RegistryLogin | CallKind::ImagePull, _) if by_name => "registry-dns",
            (CallKind::RegistryLogin | CallKind::ImagePull, _) => "registry-network",
            (CallKind::Secret, _) => "secret-network",
            (CallKind::EnvironmentFile, _) => "env-file-network",
            (CallKind::Logs, Destination::Service { .. }) => "log-network",
            (CallKind::Logs, _) => "log-destination-unreachable",
            (CallKind::FileSystem, _) if by_name => "efs-mount-dns",
            (CallKind::FileSystem, _) => "efs-mount-network",
            (CallKind::Exec, _) => "ecs-exec",
            (CallKind::Application, _) => "app-dependency-unreachable",
        }
    }

    /// What it goes to, as people write it.
    pub fn host(&self) -> String {
        match &self.connection.destination {
            Destination::Address { address, .. } => address.to_string(),
            destination => destination.host().unwrap_or_default(),
        }
    }

    /// The endpoint that the path goes through, if it goes through one.
    pub fn endpoint(&self) -> Option<&str> {
        let hops = &self.path.as_ref()?.hops;
        let endpoint = hops.iter().find(|hop| hop.kind == HopKind::Endpoint && hop.subject.starts_with("vpce-"))?;
        Some(&endpoint.subject)
    }
}

/// The paths of all connections; none where nothing was asked about the network.
pub fn reaches(case: &Case, workload: &Workload<'_>, connections: &[Connection], symptoms: &[Symptom]) -> Vec<Reach> {
    if !is_examined(case) {
        return Vec::new();
    }
    let dialled: Vec<Dialled> = symptoms.iter().flat_map(Symptom::dialled).collect();
    let runs = workload.runs();
    let own: Vec<Leaving<'_>> = leaving(case, workload, LeavesBy::TaskInterface);
    let of_host: Vec<Leaving<'_>> = leaving(case, workload, LeavesBy::InstanceInterface);
    let vpcs: BTreeSet<&str> = own.iter().chain(&of_host).filter_map(|way| way.vpc.ok()).collect();
    let put_together = |vpc| (vpc, Surroundings::of(case, &workload.region, vpc));
    let surroundings: BTreeMap<&str, Surroundings<'_>> = vpcs.into_iter().map(put_together).collect();
    let of = |connection: &Connection| {
        let leaves_by = leaves_by(&runs, connection.kind);
        let ways = match leaves_by {
            LeavesBy::TaskInterface => own.as_slice(),
            LeavesBy::InstanceInterface => of_host.as_slice(),
            _ => &[],
        };
        let dialled = dialled_to(&connection.destination, &dialled);
        let (path, sure) =
            worst(ways.iter().map(|way| followed(&network_of(way, &surroundings), way, connection, dialled)).collect());
        let sure = sure && !path.as_ref().zip(dialled).is_some_and(|(path, at)| is_elsewhere(case, workload, path, at));
        Reach { connection: connection.clone(), leaves_by, dialled, path, sure }
    };
    connections.iter().filter(|connection| !is_missing(case, connection)).map(of).collect()
}

/// The network of the VPC that an interface is in.
fn network_of<'a>(way: &Leaving<'a>, surroundings: &'a BTreeMap<&str, Surroundings<'a>>) -> Network<'a> {
    match way.vpc.map(|vpc| surroundings.get(vpc)) {
        Ok(Some(surroundings)) => surroundings.network(),
        Ok(None) => Network::unread(&Gap::NotAsked),
        Err(gap) => Network::unread(gap),
    }
}

/// A file system that does not exist has no place to be reached at.
fn is_missing(case: &Case, connection: &Connection) -> bool {
    let Destination::MountTarget { file_system, region } = &connection.destination else { return false };
    case.file_system(region, file_system).is_err_and(Gap::is_not_found)
}

/// Whether any question about the network was asked.
fn is_examined(case: &Case) -> bool {
    case.facts().any(|(need, _)| need.tier() == crate::case::Tier::Network)
}

/// The address that a message dialled for a destination: the host that it names is the destination's, or of its service.
fn dialled_to(destination: &Destination, dialled: &[Dialled]) -> Option<IpAddr> {
    let found = dialled.iter().find(|dialled| {
        let Some(host) = dialled.host.as_deref() else { return false };
        let port = dialled.address.port();
        match (Destination::of_host(host, port), destination) {
            (Destination::Service { name, region, .. }, Destination::Service { name: of, region: in_region, .. }) => {
                name == *of && region == *in_region
            }
            (other, destination) => other == *destination,
        }
    })?;
    Some(found.address.ip())
}

fn followed(network: &Network<'_>, way: &Leaving<'_>, connection: &Connection, dialled: Option<IpAddr>) -> Path {
    let follow = |resolved| {
        let call = Call { destination: connection.destination.clone(), resolved };
        path(network, &way.interface, &call)
    };
    let now = follow(None);
    match dialled {
        Some(address) if tells_more(&now, address) => follow(Some(address)),
        _ => now,
    }
}

/// Whether the address that was dialled tells what the facts do not: the name has an answer that they do not show.
/// A name that an endpoint answers now may have had another answer then, and now is what counts.
fn tells_more(now: &Path, dialled: IpAddr) -> bool {
    let unresolved = now.hops.iter().any(|hop| match &hop.verdict {
        Verdict::Unknown(missing) => hop.kind == HopKind::Dns || missing.what == What::Address,
        _ => false,
    });
    let inside = now.hops.iter().any(|hop| matches!(hop.kind, HopKind::Endpoint | HopKind::MountTarget));
    let private = match dialled {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    unresolved || (private && !inside)
}

/// Whether the address that was dialled cannot be one of the interface endpoint which the name stands for now.
fn is_elsewhere(case: &Case, workload: &Workload<'_>, path: &Path, dialled: IpAddr) -> bool {
    let through = path.hops.iter().filter(|hop| hop.kind == HopKind::Endpoint);
    let mut endpoints =
        through.filter_map(|hop| super::endpoint_policy::endpoint(case, &workload.region, &hop.subject));
    let Some(endpoint) = endpoints.find(|endpoint| endpoint.vpc_endpoint_type == "Interface") else { return false };
    let Ok(vpc) = case.vpc(&workload.region, &endpoint.vpc_id) else { return false };
    let blocks = vpc.cidr_blocks.iter().chain(&vpc.ipv6_cidr_blocks).filter_map(|block| block.parse::<IpNet>().ok());
    !blocks.into_iter().any(|block| block.contains(&dialled))
}

/// Of several ways that a call may have taken, one that breaks; and whether all have that outcome.
fn worst(paths: Vec<Path>) -> (Option<Path>, bool) {
    let rank = |path: &Path| match path.summary() {
        Summary::Broken(_) => 0,
        Summary::Unknown(_) => 1,
        Summary::LeavesView(_) => 2,
        Summary::Reaches => 3,
    };
    let same = paths.windows(2).all(|pair| matches!(pair, [a, b] if rank(a) == rank(b)));
    (paths.into_iter().min_by_key(rank), same)
}

/// The breaks of several connections, those at one hop together, in the order of the connections.
pub fn breaks(reaches: &[Reach]) -> Vec<Break> {
    let mut breaks: Vec<Break> = Vec::new();
    for reach in reaches {
        let Some(hop) = reach.broken_at() else { continue };
        match breaks.iter_mut().find(|known| known.hop == *hop) {
            Some(known) => known.reaches.push(reach.clone()),
            None => breaks.push(Break { hop: hop.clone(), reaches: vec![reach.clone()] }),
        }
    }
    breaks
}
