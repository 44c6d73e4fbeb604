//! A network of `fixtures/net` as a case: a task of a service on Fargate that calls ECR, S3 and what the row calls.

use ecs_why::case::{Answer, Case, Fact, Gap, Need, Origin, Target};
use serde_json::{Value, json};

use super::world::World;

const REGION: &str = "eu-central-1";
const TASK: &str = "0123456789abcdef0123456789abcdef";
const FILE_SYSTEM: &str = "fs-1";

/// The case, for a call as a row writes it; `None` where the row leaves the interface itself open.
pub fn case(world: &World, call: &str) -> Option<Case> {
    let (network, interface) = (&world.json["network"], &world.json["interface"]);
    let is_whole = ["subnet", "groups", "hasPublicIp"].iter().all(|field| !interface[field].is_null());
    if !is_whole || network["region"] != REGION {
        return None;
    }
    let target = Target {
        region: REGION.into(),
        cluster: Some("prod".into()),
        task: Some(TASK.into()),
        account: Some("111122223333".into()),
        ..Target::default()
    };
    let mut case = Case::new(target, "2026-11-22T06:28:29Z".parse().unwrap());
    start(&mut case, interface, call);
    vpc(&mut case, network);
    lists(&mut case, network);
    Some(case)
}

fn admit(case: &mut Case, need: Value, kind: &str, answer: &Value) {
    let need: Need = serde_json::from_value(need).unwrap();
    let fact = match answer {
        Value::Null => Fact::Missing(Gap::TimedOut),
        answer => Fact::Known(serde_json::from_value::<Answer>(json!({ kind: answer })).unwrap(), Origin::Aws),
    };
    case.admit(need, fact);
}

/// The task, its service, its definition and its interface.
fn start(case: &mut Case, interface: &Value, call: &str) {
    let arn = |rest: &str| format!("arn:aws:ecs:{REGION}:111122223333:{rest}");
    let details = json!([
        {"name": "subnetId", "value": interface["subnet"]},
        {"name": "networkInterfaceId", "value": interface["id"]},
    ]);
    let task = json!({
        "taskArn": arn(&format!("task/prod/{TASK}")), "clusterArn": arn("cluster/prod"),
        "taskDefinitionArn": arn("task-definition/web:1"), "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
        "launchType": "FARGATE", "platformVersion": "1.4.0", "group": "service:web", "stopCode": "TaskFailedToStart",
        "stoppedReason": "ResourceInitializationError: unable to pull secrets or registry auth",
        "containers": [{"name": "web"}],
        "attachments": [{"type": "ElasticNetworkInterface", "status": "ATTACHED", "details": details}],
    });
    let need = json!({"type": "tasks", "cluster": "prod", "tasks": [TASK]});
    admit(case, need, "tasks", &json!({"tasks": [task]}));
    let configuration = json!({"subnets": [interface["subnet"]], "securityGroups": interface["groups"]});
    let service = json!({
        "serviceName": "web", "serviceArn": arn("service/prod/web"), "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": configuration},
    });
    let need = json!({"type": "services", "cluster": "prod", "services": ["web"]});
    admit(case, need, "services", &json!({"services": [service]}));
    let need = json!({"type": "taskDefinition", "taskDefinition": arn("task-definition/web:1")});
    admit(case, need, "taskDefinition", &definition(call));
    let public = (interface["hasPublicIp"] == true).then_some("198.51.100.20");
    let found = json!({
        "networkInterfaceId": interface["id"], "subnetId": interface["subnet"], "vpcId": "vpc-1",
        "groups": interface["groups"], "privateIpAddress": interface["privateIp"], "publicIp": public,
        "ipv6Addresses": interface["ipv6"].as_str().into_iter().collect::<Vec<_>>(),
    });
    let need = json!({"type": "networkInterface", "region": REGION, "interface": interface["id"]});
    admit(case, need, "networkInterface", &found);
}

/// What makes the start of a task call that destination, beside an image of ECR.
fn definition(call: &str) -> Value {
    let (name, _) = call.split_once(['=', '@']).unwrap_or((call, ""));
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:111122223333:{rest}");
    let mut container = json!({"name": "web", "image": format!("111122223333.dkr.ecr.{REGION}.amazonaws.com/web:1")});
    match name {
        "secretsmanager" => {
            container["secrets"] = json!([{"name": "A", "valueFrom": arn("secretsmanager", "secret:a-AbCdEf")}])
        }
        "ssm" => container["secrets"] = json!([{"name": "A", "valueFrom": arn("ssm", "parameter/a")}]),
        "logs" => {
            let options = json!({"awslogs-region": REGION, "awslogs-group": "/web", "awslogs-stream-prefix": "web"});
            container["logConfiguration"] = json!({"logDriver": "awslogs", "options": options});
        }
        "registry-1.docker.io:443" => container["image"] = json!("nginx:1"),
        _ => {}
    }
    let volume = json!({"name": "data", "efsVolumeConfiguration": {"fileSystemId": FILE_SYSTEM}});
    let volumes = if name.starts_with(FILE_SYSTEM) { vec![volume] } else { Vec::new() };
    json!({
        "taskDefinitionArn": format!("arn:aws:ecs:{REGION}:111122223333:task-definition/web:1"), "family": "web",
        "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [container], "volumes": volumes,
    })
}

fn vpc(case: &mut Case, network: &Value) {
    let mut vpc = network["vpc"].clone();
    if vpc.is_null() {
        return;
    }
    for attribute in ["enableDnsSupport", "enableDnsHostnames"] {
        let need = json!({"type": "vpcAttribute", "region": REGION, "vpc": "vpc-1", "attribute": attribute});
        if vpc[attribute].is_boolean() {
            admit(case, need, "vpcAttribute", &json!({"value": vpc[attribute]}));
        }
    }
    let options = &network["dhcpOptions"];
    vpc["dhcpOptionsId"] = options["dhcpOptionsId"].clone();
    admit(case, json!({"type": "vpc", "region": REGION, "vpc": "vpc-1"}), "vpc", &vpc);
    let need = json!({"type": "dhcpOptions", "region": REGION, "dhcpOptions": options["dhcpOptionsId"]});
    if !options.is_null() {
        admit(case, need, "dhcpOptions", options);
    }
}

fn lists(case: &mut Case, network: &Value) {
    for (place, kind) in [
        ("subnets", "vpcSubnets"),
        ("routeTables", "routeTables"),
        ("networkAcls", "networkAcls"),
        ("natGateways", "natGateways"),
        ("endpoints", "vpcEndpoints"),
        ("hostedZones", "hostedZones"),
    ] {
        admit(case, json!({"type": kind, "region": REGION, "vpc": "vpc-1"}), kind, &network[place]);
    }
    for kind in ["blockPublicAccess", "blockPublicAccessExclusions", "prefixLists"] {
        admit(case, json!({"type": kind, "region": REGION}), kind, &network[kind]);
    }
    let all = |place: &str| network[place].as_array().cloned().unwrap_or_default();
    for list in all("prefixLists") {
        let need = json!({"type": "prefixListEntries", "region": REGION, "prefixList": list["prefixListId"]});
        admit(case, need, "prefixListEntries", &list["entries"]);
    }
    for interface in all("interfaces").into_iter().filter(|one| one["privateIpAddress"].is_string()) {
        let address = &interface["privateIpAddress"];
        let need = json!({"type": "networkInterfacesAt", "region": REGION, "vpc": "vpc-1", "address": address});
        admit(case, need, "networkInterfacesAt", &json!([interface]));
    }
    let groups: Vec<&Value> =
        network["securityGroups"].as_array().into_iter().flatten().map(|g| &g["groupId"]).collect();
    let need = json!({"type": "securityGroups", "region": REGION, "groups": groups});
    admit(case, need, "securityGroups", &network["securityGroups"]);
    let need = json!({"type": "mountTargets", "region": REGION, "fileSystem": FILE_SYSTEM});
    admit(case, need, "mountTargets", &network["mountTargets"]);
    for target in all("mountTargets") {
        let need = json!({"type": "mountTargetGroups", "region": REGION, "mountTarget": target["mountTargetId"]});
        admit(case, need, "mountTargetGroups", &target["securityGroups"]);
    }
}
