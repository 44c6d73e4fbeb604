//! Paths from facts to the report: a task in a subnet whose way out is as a test sets it.

use std::time::Duration;

use ecs_why::{
    case::{Answer, Case, Fact, Gap, Need, Origin, Tier},
    diagnose::{Cost, judge},
    needs::needs,
    report::{Report, report_text},
};
use serde_json::{Value, json};

use crate::{catalogue, fixtures};

const REASON: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval \
                      failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to \
                      fetch secret from secrets manager: RequestCanceled: request context canceled caused by: context \
                      deadline exceeded. Please check your task network configuration.";
const SUBNET: &str = "subnet-0c1f4a8d2b3e5f6a7";

fn rule(cidr: &str) -> Value {
    json!({"ipProtocol": "-1", "cidrIpv4": cidr})
}

fn acl_entry(egress: bool) -> Value {
    json!({"ruleNumber": 100, "egress": egress, "protocol": "-1", "cidrBlock": "0.0.0.0/0", "ruleAction": "allow"})
}

fn subnets() -> Value {
    json!([{"subnetId": SUBNET, "vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-west-1a"}])
}

/// What EC2 says of a VPC that has one subnet with these routes.
fn answer(need: &Need, routes: &Value) -> Option<Value> {
    let table = json!({"routeTableId": "rtb-1", "vpcId": "vpc-1", "associations": [{"main": true}], "routes": routes});
    let acl = json!({"networkAclId": "acl-1", "vpcId": "vpc-1", "isDefault": true, "associations": [{"subnetId": SUBNET}],
                     "entries": [acl_entry(true), acl_entry(false)]});
    let group = json!({"groupId": "sg-1", "groupName": "default", "vpcId": "vpc-1", "egress": [rule("0.0.0.0/0")]});
    let nat = json!({"natGatewayId": "nat-1", "vpcId": "vpc-1", "state": "available", "connectivityType": "public"});
    Some(match need {
        Need::NetworkInterface { interface, .. } => json!({"networkInterface": {
            "networkInterfaceId": interface, "subnetId": SUBNET, "vpcId": "vpc-1", "groups": ["sg-1"],
            "privateIpAddress": "10.0.1.7"}}),
        Need::Subnets { .. } => json!({"subnets": subnets()}),
        Need::VpcSubnets { .. } => json!({"vpcSubnets": subnets()}),
        Need::Vpc { .. } => {
            json!({"vpc": {"vpcId": "vpc-1", "cidrBlocks": ["10.0.0.0/16"], "dhcpOptionsId": "dopt-1"}})
        }
        Need::VpcAttribute { .. } => json!({"vpcAttribute": {"value": true}}),
        Need::DhcpOptions { .. } => {
            json!({"dhcpOptions": {"dhcpOptionsId": "dopt-1", "domainNameServers": ["AmazonProvidedDNS"]}})
        }
        Need::RouteTables { .. } => json!({"routeTables": [table]}),
        Need::NetworkAcls { .. } => json!({"networkAcls": [acl]}),
        Need::DefaultSecurityGroup { .. } => json!({"defaultSecurityGroup": group}),
        Need::SecurityGroups { .. } => json!({"securityGroups": [group]}),
        Need::NatGateways { .. } => json!({"natGateways": [nat]}),
        Need::VpcEndpoints { .. } => json!({"vpcEndpoints": []}),
        Need::PrefixLists { .. } => json!({"prefixLists": []}),
        Need::HostedZones { .. } => json!({"hostedZones": []}),
        Need::BlockPublicAccess { .. } => json!({"blockPublicAccess": {"internetGatewayBlockMode": "off"}}),
        Need::BlockPublicAccessExclusions { .. } => json!({"blockPublicAccessExclusions": []}),
        _ => return None,
    })
}

fn fact(need: &Need, routes: &Value) -> Fact {
    match answer(need, routes) {
        Some(value) => Fact::Known(serde_json::from_value::<Answer>(value).unwrap(), Origin::Aws),
        None => Fact::Missing(Gap::NotFound { message: "gone".to_owned() }),
    }
}

/// The task of a shipped case that timed out.
fn timed_out() -> Case {
    let mut case = fixtures().into_iter().find(|fixture| fixture.name == "secret-is-denied").unwrap().case;
    let (need, known) = case.facts().find(|(need, _)| matches!(need, Need::Tasks { .. })).unwrap();
    let (need, known) = (need.clone(), known.clone());
    let Fact::Known(Answer::Tasks(mut tasks), origin) = known else { panic!("{known:?}") };
    tasks.tasks[0].stopped_reason = Some(REASON.to_owned());
    case.admit(need, Fact::Known(Answer::Tasks(tasks), origin));
    case
}

/// The report of a task that timed out, with whatever it gives rise to asked of a network with these routes.
fn report(routes: &Value) -> Report {
    let mut case = timed_out();
    for _ in 0..12 {
        for need in case.unasked(needs(&case)) {
            let fact = if need.tier() == Tier::Network { fact(&need, routes) } else { Fact::Missing(Gap::NotAsked) };
            case.admit(need, fact);
        }
    }
    judge(&case, catalogue(), Cost::default(), Duration::ZERO)
}

fn local() -> Value {
    json!({"destinationCidrBlock": "10.0.0.0/16", "target": "local", "state": "active"})
}

fn default_by(target: &str, state: &str) -> Value {
    json!([local(), {"destinationCidrBlock": "0.0.0.0/0", "target": target, "state": state}])
}

/// The path of the call that fetches the secret.
fn secret(report: &Report) -> &ecs_why::report::PathView {
    report.paths.iter().find(|path| path.call == "secret").unwrap_or_else(|| panic!("{:?}", report.paths))
}

#[test]
fn a_subnet_without_a_way_out_is_drawn() {
    let report = report(&json!([local()]));
    let first = report.findings.first().unwrap();
    assert_eq!(first.path.as_ref(), Some(secret(&report)), "{report:#?}");
    let text = report_text(&report);
    let picture = "eni-0a1b2c3d4e5f60718 ─ sg-1 ─ acl-1 ─ rtb-1 ✗ no route";
    assert!(text.contains(picture) && text.contains("┄ secretsmanager.eu-west-1.amazonaws.com:443"), "{text}");
    assert!(text.contains("\npaths\n  broken   api.ecr.eu-west-1.amazonaws.com:443"), "{text}");
    assert!(text.contains("route table rtb-1 has no route to it"), "{text}");
}

#[test]
fn a_route_to_something_gone_is_named() {
    let report = report(&default_by("nat-9", "blackhole"));
    let hop = secret(&report).hops.iter().find(|hop| hop.verdict == "breaks").unwrap();
    assert_eq!(hop.reason, Some("blackhole"));
    assert_eq!(hop.note.as_deref(), Some("the route of rtb-1 goes to nat-9, which is gone"));
}

#[test]
fn where_every_call_gets_through_one_line_says_so() {
    let report = report(&default_by("nat-1", "active"));
    let text = report_text(&report);
    let all = format!("\npaths: all {} reach\n", report.paths.len());
    assert!(report.paths.len() > 2 && text.contains(&all), "{text}");
    assert!(report.findings.iter().all(|finding| finding.path.is_none()), "{text}");
}

#[test]
fn a_way_out_of_sight_is_not_called_broken() {
    let report = report(&default_by("tgw-1", "active"));
    assert_eq!(secret(&report).verdict, "leaves");
    assert_eq!(secret(&report).hops.last().unwrap().subject.as_deref(), Some("tgw-1"));
}
