//! Elastic Load Balancing: target groups by ARN, and the health of what is registered with them.

use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{TargetGroup as SdkTargetGroup, TargetHealthDescription},
};

use super::error::empty;
use crate::case::{Answer, Gap, RegisteredTarget, TargetGroup, TargetHealth};

/// An unknown ARN is the error `TargetGroupNotFound`.
pub async fn target_group(client: &Client, target_group: &str) -> Result<Answer, Gap> {
    let pages = client.describe_target_groups().target_group_arns(target_group).into_paginator();
    let found = pages.items().send().try_next().await?.ok_or_else(|| empty("DescribeTargetGroups"))?;
    Ok(Answer::TargetGroup(mapped_group(found)))
}

/// The operation lists all targets at once.
pub async fn target_health(client: &Client, target_group: &str) -> Result<Answer, Gap> {
    let answer = client.describe_target_health().target_group_arn(target_group).send().await?;
    let targets = answer.target_health_descriptions.into_iter().flatten().map(mapped_target).collect();
    Ok(Answer::TargetHealth(TargetHealth { targets }))
}

fn mapped_group(group: SdkTargetGroup) -> TargetGroup {
    TargetGroup {
        target_group_arn: group.target_group_arn.unwrap_or_default(),
        target_type: group.target_type.map(|kind| kind.as_str().to_owned()),
        port: group.port,
        vpc_id: group.vpc_id,
        health_check_path: group.health_check_path,
        health_check_port: group.health_check_port,
        load_balancer_arns: group.load_balancer_arns.unwrap_or_default(),
    }
}

fn mapped_target(described: TargetHealthDescription) -> RegisteredTarget {
    let (id, port) = described.target.map(|target| (target.id, target.port)).unwrap_or_default();
    let health = described.target_health;
    let (state, reason) = health.as_ref().map(|health| (health.state(), health.reason())).unwrap_or_default();
    RegisteredTarget {
        id: id.unwrap_or_default(),
        port,
        state: state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        description: health.and_then(|health| health.description),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, reply},
    };

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/app/0123456789abcdef";

    fn health() -> Need {
        Need::TargetHealth { region: REGION.to_owned(), target_group: ARN.to_owned() }
    }

    #[test]
    fn a_sick_target_says_why() {
        let body = r#"<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
            <DescribeTargetHealthResult><TargetHealthDescriptions><member>
            <Target><Id>10.0.1.77</Id><Port>80</Port></Target>
            <TargetHealth><State>unhealthy</State><Reason>Target.Timeout</Reason><Description>Request timed out</Description>
            </TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult>
            </DescribeTargetHealthResponse>"#;
        let target = RegisteredTarget {
            id: "10.0.1.77".to_owned(),
            port: Some(80),
            state: "unhealthy".to_owned(),
            reason: Some("Target.Timeout".to_owned()),
            description: Some("Request timed out".to_owned()),
        };
        let told = asked(&health(), [reply(200, body)]);
        assert_eq!(told.answer, Ok(Answer::TargetHealth(TargetHealth { targets: vec![target] })));
    }

    #[test]
    fn an_unknown_group_is_missing() {
        let error = "<Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>One or more not found</Message>";
        let refusal = || {
            let namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
            reply(400, format!(r#"<ErrorResponse xmlns="{namespace}"><Error>{error}</Error></ErrorResponse>"#))
        };
        assert_eq!(asked(&health(), [refusal()]).status(), "not-found");
        let group = Need::TargetGroup { region: REGION.to_owned(), target_group: ARN.to_owned() };
        assert_eq!(asked(&group, [refusal()]).status(), "not-found");
    }
}
