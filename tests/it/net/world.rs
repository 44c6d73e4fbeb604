//! `World`: a network of `fixtures/net/bases.json` with the changes of rows, as JSON until it is judged.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr},
    path::Path as File,
};

use ecs_why::{
    case::{Gap, network::*},
    net::{Call, Destination, Interface, Known, Network, Path, path},
};
use serde::Deserialize;
use serde_json::Value;

static GAP: Gap = Gap::TimedOut;

#[derive(Clone)]
pub struct World {
    pub json: Value,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.json)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    region: String,
    vpc: Option<Vpc>,
    subnets: Option<Vec<Subnet>>,
    route_tables: Option<Vec<RouteTable>>,
    network_acls: Option<Vec<NetworkAcl>>,
    security_groups: Option<Vec<SecurityGroup>>,
    nat_gateways: Option<Vec<NatGateway>>,
    endpoints: Option<Vec<VpcEndpoint>>,
    prefix_lists: Option<Vec<PrefixList>>,
    interfaces: Option<Vec<NetworkInterface>>,
    hosted_zones: Option<Vec<HostedZone>>,
    dhcp_options: Option<DhcpOptions>,
    block_public_access: Option<BlockPublicAccess>,
    block_public_access_exclusions: Option<Vec<BlockPublicAccessExclusion>>,
    mount_targets: Option<Vec<MountTarget>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    id: String,
    subnet: Option<String>,
    groups: Option<Vec<String>>,
    private_ip: Option<Ipv4Addr>,
    ipv6: Option<Ipv6Addr>,
    has_public_ip: Option<bool>,
    #[serde(default)]
    windows: bool,
}

fn folder() -> std::path::PathBuf {
    File::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/net")
}

/// Every row with the name of its file.
pub fn rows() -> Vec<(String, Value)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(file).unwrap().lines() {
            rows.push((name.clone(), serde_json::from_str(line).unwrap()));
        }
    }
    rows
}

pub fn bases() -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join("bases.json")).unwrap()).unwrap()
}

fn base(bases: &Value, name: &str) -> World {
    let found = &bases[name];
    let Some(parent) = found["extends"].as_str() else {
        return World { json: serde_json::json!({"network": found["network"], "interface": found["interface"]}) };
    };
    let mut world = base(bases, parent);
    assert!(world.change(&found["change"]), "{name}");
    world
}

impl World {
    /// The world of a row.
    pub fn of(row: &Value) -> Self {
        let mut world = Self::base(row["base"].as_str().unwrap());
        assert!(row.get("change").is_none_or(|change| world.change(change)), "{row}: a change finds no place");
        world
    }

    pub fn base(name: &str) -> Self {
        base(&bases(), name)
    }

    pub fn unread() -> Self {
        let json = serde_json::json!({"network": {"region": "eu-central-1"}, "interface": {"id": "eni-task"}});
        Self { json }
    }

    /// Applies changes in their order; false where one finds no place.
    pub fn change(&mut self, changes: &Value) -> bool {
        changes.as_object().unwrap().iter().all(|(place, value)| self.set(place, value))
    }

    /// Sets one place: `null` takes an element of a list away and makes a fact unread, `+` adds an element.
    pub fn set(&mut self, place: &str, value: &Value) -> bool {
        match place.strip_prefix("interface/") {
            Some(rest) => set(&mut self.json["interface"], rest, value),
            None => set(&mut self.json["network"], place, value),
        }
    }

    pub fn path(&self, call: &str) -> Path {
        let facts: Facts = serde_json::from_value(self.json["network"].clone()).unwrap();
        let caller: Caller = serde_json::from_value(self.json["interface"].clone()).unwrap();
        let interface = Interface {
            id: &caller.id,
            subnet: caller.subnet.as_deref().ok_or(&GAP),
            groups: caller.groups.as_deref().ok_or(&GAP),
            private_ip: caller.private_ip,
            ipv6: caller.ipv6,
            has_public_ip: caller.has_public_ip,
            windows: caller.windows,
        };
        path(&facts.network(), &interface, &call_of(call, &facts.region))
    }
}

fn set(at: &mut Value, place: &str, value: &Value) -> bool {
    if let Value::Array(list) = at {
        return set_in_list(list, place, value);
    }
    match place.split_once('/') {
        Some((field, rest)) => at.get_mut(field).is_some_and(|at| set(at, rest, value)),
        None => at.as_object_mut().is_some_and(|fields| {
            fields.insert(place.to_owned(), value.clone());
            true
        }),
    }
}

/// An element is found by any of its texts; those of routes have slashes.
fn set_in_list(list: &mut Vec<Value>, place: &str, value: &Value) -> bool {
    if place == "+" {
        list.push(value.clone());
        return true;
    }
    let texts = |element: &Value| {
        element.as_object().unwrap().values().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    if let Some(found) = list.iter().position(|element| texts(element).iter().any(|text| text == place)) {
        if value.is_null() {
            list.remove(found);
        } else {
            list[found] = value.clone();
        }
        return true;
    }
    let mut deeper = list.iter_mut().filter_map(|element| {
        let rest = texts(element).iter().find_map(|text| place.strip_prefix(&format!("{text}/")).map(str::to_owned))?;
        Some((element, rest))
    });
    deeper.next().is_some_and(|(element, rest)| set(element, &rest, value))
}

/// `service`, `service@region`, `service=address` or `host:port`.
fn call_of(text: &str, region: &str) -> Call {
    if let Some((name, address)) = text.split_once('=') {
        return Call { resolved: Some(address.parse().unwrap()), ..call_of(name, region) };
    }
    if let Some((host, port)) = text.rsplit_once(':') {
        return Call::to(Destination::of_host(host, port.parse().unwrap()));
    }
    let (name, region) = text.split_once('@').unwrap_or((text, region));
    Call::to(Destination::service(name, region))
}

fn known<T>(fact: &Option<T>) -> Known<'_, T> {
    fact.as_ref().ok_or(&GAP)
}

fn list<T>(facts: &Option<Vec<T>>) -> Known<'_, [T]> {
    facts.as_deref().ok_or(&GAP)
}

impl Facts {
    fn network(&self) -> Network<'_> {
        Network {
            vpc: known(&self.vpc),
            subnets: list(&self.subnets),
            route_tables: list(&self.route_tables),
            network_acls: list(&self.network_acls),
            security_groups: list(&self.security_groups),
            nat_gateways: list(&self.nat_gateways),
            endpoints: list(&self.endpoints),
            prefix_lists: list(&self.prefix_lists),
            interfaces: list(&self.interfaces),
            hosted_zones: list(&self.hosted_zones),
            dhcp_options: known(&self.dhcp_options),
            block_public_access: known(&self.block_public_access),
            block_public_access_exclusions: list(&self.block_public_access_exclusions),
            mount_targets: list(&self.mount_targets),
        }
    }
}
