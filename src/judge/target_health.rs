//! What a load balancer says of the targets of a service, beside a task that failed its checks: why, by code.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>

use super::{
    finding::{Evidence, Finding, State},
    join::Join,
};
use crate::{
    case::{RegisteredTarget, TargetGroup},
    require::Thing,
};

const CAUSE: &str = "elb-healthcheck";
const SOURCE: &str = "elasticloadbalancing:DescribeTargetHealth";
/// Targets that are worth a line each.
const MOST: usize = 5;

impl Join<'_> {
    /// The finding with the health of the targets as it is now. Targets that are well now may be those of tasks before.
    pub(super) fn with_target_health(&self, finding: Finding) -> Finding {
        if finding.cause != CAUSE {
            return finding;
        }
        let mut finding = finding;
        for existence in &self.ground.requirements.things {
            if let Thing::TargetGroup { region, target_group } = &existence.thing {
                self.add_health(&mut finding, region, target_group);
            }
        }
        finding
    }

    fn add_health(&self, finding: &mut Finding, region: &str, target_group: &str) {
        let Ok(health) = self.case.target_health(region, target_group) else { return };
        let failing = health.targets.iter().filter(|target| target.state == "unhealthy");
        if let Ok(group) = self.case.target_group(region, target_group) {
            finding.evidence.extend(checked(group).map(|text| Evidence { source: SOURCE.to_owned(), text }));
        }
        for target in failing.take(MOST) {
            finding.state = State::Present;
            finding.evidence.push(Evidence { source: SOURCE.to_owned(), text: told(target) });
        }
    }
}

fn told(target: &RegisteredTarget) -> String {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let reason = target.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let description = target.description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("target {}{port} is {}{reason}{description}", target.id, target.state)
}

/// Where the checks go.
fn checked(group: &TargetGroup) -> Option<String> {
    let path = group.health_check_path.as_deref()?;
    let port = match group.health_check_port.as_deref() {
        None | Some("traffic-port") => "the port of each target".to_owned(),
        Some(port) => format!("port {port}"),
    };
    Some(format!("the load balancer asks {port} for {path}"))
}
