//! Properties of paths that hold whatever the network is: the worlds of rows, mixed.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::LazyLock,
};

use ecs_why::{
    case::{
        Gap,
        network::{Route, RouteTable},
    },
    net::{Chosen, Network, Path, Summary, best},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::world::{World, bases, rows};

static ROWS: LazyLock<Vec<Value>> = LazyLock::new(|| rows().into_iter().map(|(_, row)| row).collect());
static BASES: LazyLock<Vec<World>> =
    LazyLock::new(|| bases().as_object().unwrap().keys().map(|name| World::base(name)).collect());

/// A base with the changes of some rows, as far as they find their place, and the call of one.
fn mixed() -> impl Strategy<Value = (World, String)> {
    let rows = prop::collection::vec(any::<Index>(), 0..4);
    (any::<Index>(), rows, any::<Index>()).prop_map(|(base, changes, call)| {
        let mut world = base.get(&BASES).clone();
        for row in changes {
            if let Some(change) = row.get(&ROWS).get("change") {
                world.change(change);
            }
        }
        (world, call.get(&ROWS)["call"].as_str().unwrap().to_owned())
    })
}

/// A row as it stands: most of these reach or break, where mixed worlds are often unknown.
fn of_a_row() -> impl Strategy<Value = (World, String)> {
    any::<Index>().prop_map(|row| {
        let row = row.get(&ROWS);
        (World::of(row), row["call"].as_str().unwrap().to_owned())
    })
}

fn world() -> impl Strategy<Value = (World, String)> {
    prop_oneof![of_a_row(), mixed()]
}

/// Every element of the lists behind these names, at any depth.
fn lists<'j>(json: &'j mut Value, names: &[&str]) -> Vec<&'j mut Vec<Value>> {
    match json {
        Value::Array(elements) => elements.iter_mut().flat_map(|element| lists(element, names)).collect(),
        Value::Object(fields) => {
            let mut found = Vec::new();
            for (name, value) in fields {
                if value.is_array() && names.contains(&name.as_str()) {
                    found.extend(value.as_array_mut());
                } else {
                    found.extend(lists(value, names));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

fn end(path: &Path) -> &'static str {
    match path.summary() {
        Summary::Reaches => "reaches",
        Summary::Broken(_) => "broken",
        Summary::Unknown(_) => "unknown",
        Summary::LeavesView(_) => "leaves",
    }
}

fn group_rule() -> impl Strategy<Value = Value> {
    let peer = prop_oneof![
        Just(json!({"cidrIpv4": "0.0.0.0/0"})),
        Just(json!({"cidrIpv4": "10.0.0.0/16"})),
        Just(json!({"cidrIpv4": "52.0.0.0/8"})),
        Just(json!({"cidrIpv6": "::/0"})),
        Just(json!({"prefixListId": "pl-s3"})),
        Just(json!({"prefixListId": "pl-nobody-read"})),
        Just(json!({"referencedGroupId": "sg-task"})),
        Just(json!({"referencedGroupId": "sg-endpoint"})),
    ];
    let ports = prop_oneof![Just((443, 443)), Just((0, 65535)), Just((80, 80)), Just((2049, 2049))];
    (peer, ports).prop_map(|(mut rule, (from, to))| {
        rule["ipProtocol"] = json!("tcp");
        rule["fromPort"] = json!(from);
        rule["toPort"] = json!(to);
        rule
    })
}

fn acl_allow() -> impl Strategy<Value = Value> {
    let block = prop_oneof![Just("0.0.0.0/0"), Just("10.0.0.0/16"), Just("52.0.0.0/8")];
    let ports = prop_oneof![Just((443, 443)), Just((1024, 65535)), Just((32768, 40000))];
    (block, ports, any::<bool>(), 1..300i32).prop_map(|(block, (from, to), egress, number)| {
        // Numbers that no row uses: two rules of one direction never share one.
        json!({"ruleNumber": number * 1000 + 1, "egress": egress, "protocol": "6", "cidrBlock": block,
               "portRange": {"from": from, "to": to}, "ruleAction": "allow"})
    })
}

/// Facts that may be unread one by one, where lists are asked by id.
const OPTIONAL: [&str; 2] = ["enableDnsSupport", "enableDnsHostnames"];
const BY_ID: [&str; 6] = ["subnets", "networkAcls", "securityGroups", "natGateways", "prefixLists", "interfaces"];

/// Places that can be made unread: whole facts, fields, and elements of lists that are not complete.
fn places(world: &World) -> Vec<String> {
    let network = world.json["network"].as_object().unwrap();
    let mut found: Vec<String> = network.keys().filter(|name| *name != "region").cloned().collect();
    for field in ["subnet", "groups", "privateIp", "hasPublicIp"] {
        found.push(format!("interface/{field}"));
    }
    for (name, fact) in network {
        if let Value::Object(fields) = fact {
            found.extend(fields.keys().filter(|f| OPTIONAL.contains(&f.as_str())).map(|f| format!("{name}/{f}")));
        }
        for element in fact.as_array().into_iter().flatten() {
            let id = id_of(element);
            if BY_ID.contains(&name.as_str()) {
                found.push(format!("{name}/{id}"));
            }
            let fields =
                ["entries", "ipAddress"].into_iter().chain((name == "mountTargets").then_some("securityGroups"));
            found.extend(
                fields
                    .filter(|f| element.get(f).is_some_and(|v| !v.is_null() && name != "networkAcls"))
                    .map(|f| format!("{name}/{id}/{f}")),
            );
        }
    }
    found
}

fn id_of(element: &Value) -> String {
    let fields = element.as_object().unwrap();
    fields.iter().find(|(name, _)| name.ends_with("Id")).and_then(|(_, id)| id.as_str()).unwrap().to_owned()
}

fn route() -> impl Strategy<Value = (u32, u8, u8)> {
    (prop_oneof![any::<u32>(), (0..4u32).prop_map(|n| 0x0a00_0000 + n)], 0..=32u8, 0..3u8)
}

fn block(base: u32, length: u8) -> (u32, u32) {
    let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
    (base & mask, mask)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_global_rejects: 60_000, ..ProptestConfig::default() })]

    #[test]
    fn the_route_is_the_longest_prefix(routes in prop::collection::vec(route(), 0..12), to in any::<u32>(), near in any::<Index>()) {
        let to = if routes.is_empty() { to } else { near.get(&routes).0 ^ (to & 3) };
        let written = routes.iter().enumerate().map(|(n, (base, length, _))| Route {
            destination_cidr_block: Some(format!("{}/{length}", Ipv4Addr::from_bits(block(*base, *length).0))),
            target: format!("eni-{n}"),
            state: "active".into(),
            ..Route::default()
        });
        let table = RouteTable { routes: written.collect(), ..RouteTable::default() };
        let longest = routes.iter().filter(|(base, length, _)| {
            let (start, mask) = block(*base, *length);
            to & mask == start
        }).map(|(_, length, _)| *length).max();
        let network = Network::unread(&Gap::NotAsked);
        match best(&network, &table, IpAddr::V4(Ipv4Addr::from_bits(to))) {
            Chosen::Route(route) => {
                let length = route.destination_cidr_block.as_ref().unwrap().split_once('/').unwrap().1.parse().ok();
                prop_assert_eq!(length, longest);
            }
            Chosen::NoRoute => prop_assert_eq!(longest, None),
            Chosen::Unknown(missing) => prop_assert!(false, "{:?}", missing),
        }
    }

    #[test]
    fn another_allow_rule_never_breaks_a_path((world, call) in world(), rule in group_rule(), acl in acl_allow(), at in any::<Index>()) {
        prop_assume!(end(&world.path(&call)) == "reaches");
        for (names, rule) in [(&["egress", "ingress"][..], &rule), (&["entries"][..], &acl)] {
            let mut more = world.clone();
            let json = if names == ["entries"] { &mut more.json["network"]["networkAcls"] } else { &mut more.json };
            let mut lists = lists(json, names);
            prop_assume!(!lists.is_empty());
            let list = at.index(lists.len());
            lists[list].push(rule.clone());
            prop_assert_eq!(end(&more.path(&call)), "reaches");
        }
    }

    #[test]
    fn a_route_of_last_resort_never_breaks_a_path((world, call) in world(), at in any::<Index>()) {
        prop_assume!(end(&world.path(&call)) == "reaches");
        let mut more = world.clone();
        let mut tables = lists(&mut more.json, &["routes"]);
        prop_assume!(!tables.is_empty());
        let table = at.index(tables.len());
        tables[table].push(json!({"destinationCidrBlock": "0.0.0.0/0", "target": "vgw-last", "state": "active", "propagated": true}));
        prop_assert_eq!(end(&more.path(&call)), "reaches");
    }

    #[test]
    fn one_allow_rule_less_never_opens_a_path((world, call) in world(), at in any::<Index>(), which in any::<Index>()) {
        prop_assume!(end(&world.path(&call)) == "broken");
        let mut less = world.clone();
        let rules = lists(&mut less.json, &["egress", "ingress", "entries"]).into_iter();
        let mut rules: Vec<_> = rules.filter(|rules| rules.iter().any(Value::is_object)).collect();
        prop_assume!(!rules.is_empty());
        let list = at.index(rules.len());
        let place = which.index(rules[list].len());
        prop_assume!(rules[list][place]["ruleAction"] != "deny");
        rules[list].remove(place);
        prop_assert_eq!(end(&less.path(&call)), "broken");
    }

    #[test]
    fn less_knowledge_never_turns_an_answer_over((world, call) in world(), unread in prop::collection::vec(any::<Index>(), 1..4)) {
        let before = end(&world.path(&call));
        let mut less = world.clone();
        for place in unread {
            let places = places(&less);
            less.set(&places[place.index(places.len())], &Value::Null);
        }
        let after = end(&less.path(&call));
        let may = after == before || after == "unknown" || before == "unknown";
        prop_assert!(may, "{} became {}", before, after);
    }
}

#[test]
fn every_kind_of_end_is_tried() {
    let mut ends: Vec<_> = ROWS.iter().map(|row| end(&World::of(row).path(row["call"].as_str().unwrap()))).collect();
    ends.sort_unstable();
    ends.dedup();
    assert_eq!(ends, ["broken", "leaves", "reaches", "unknown"]);
}
