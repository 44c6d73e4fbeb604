//! A container instance as it is now, which is not what it was when the task failed.

use super::Verdict;
use crate::{
    case::{Case, ContainerInstance, Gap},
    id::short_name,
    judge::policies::unread,
    require::HostSide,
};

const GONE: &str = "host-terminated";

pub fn judge(case: &Case, cluster: &Option<String>, instance: &str, side: &HostSide) -> Verdict {
    match find(case, cluster, instance) {
        Ok(Some(found)) => of(found, side),
        Ok(None) => gone(instance, side),
        Err(gap) if gap.is_not_found() => gone(instance, side),
        Err(gap) => Verdict::Undecided(unread("the container instance", "ecs:DescribeContainerInstances", gap)),
    }
}

fn find<'a>(case: &'a Case, cluster: &Option<String>, name: &str) -> Result<Option<&'a ContainerInstance>, &'a Gap> {
    let found = case.container_instances(cluster, &[name.to_owned()])?;
    let is_it = |i: &&ContainerInstance| short_name(&i.container_instance_arn) == short_name(name);
    Ok(found.container_instances.iter().find(is_it))
}

fn gone(instance: &str, side: &HostSide) -> Verdict {
    let shows = format!("container instance {} is no longer registered with the cluster", short_name(instance));
    match side {
        HostSide::Life => Verdict::Broken { cause: GONE, shows },
        HostSide::Agent | HostSide::Attributes(_) => Verdict::Undecided(shows),
    }
}

fn of(instance: &ContainerInstance, side: &HostSide) -> Verdict {
    let name = short_name(&instance.container_instance_arn);
    match side {
        HostSide::Agent if instance.agent_connected => Verdict::Holds,
        HostSide::Agent => Verdict::Broken {
            cause: "agent-disconnected",
            shows: format!("the agent of container instance {name}{} is not connected now", ec2(instance)),
        },
        HostSide::Life => match instance.status.as_str() {
            "DRAINING" | "INACTIVE" => Verdict::Broken {
                cause: GONE,
                shows: format!("container instance {name}{} is {} now", ec2(instance), instance.status),
            },
            _ => Verdict::Holds,
        },
        HostSide::Attributes(wanted) => offers(instance, wanted),
    }
}

fn ec2(instance: &ContainerInstance) -> String {
    instance.ec2_instance_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default()
}

/// An instance that lists no attributes at all was not described in full.
fn offers(instance: &ContainerInstance, wanted: &[String]) -> Verdict {
    if instance.attributes.is_empty() {
        return Verdict::Undecided("the attributes of the container instance are not known".to_owned());
    }
    let lacking: Vec<&str> =
        wanted.iter().filter(|name| !instance.attributes.contains(name)).map(String::as_str).collect();
    if lacking.is_empty() {
        return Verdict::Holds;
    }
    let name = short_name(&instance.container_instance_arn);
    let shows = format!(
        "container instance {name}{} lacks what the task definition requires: {}",
        ec2(instance),
        lacking.join(", ")
    );
    Verdict::Broken { cause: "placement-attributes", shows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Answer, ContainerInstances, Fact, Need, Origin, Target};

    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/0a";

    fn judged(instances: Vec<ContainerInstance>, side: &HostSide) -> Verdict {
        let mut case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
        let need = Need::ContainerInstances { cluster: None, container_instances: vec!["0a".into()] };
        let found = ContainerInstances { container_instances: instances, failures: Vec::new() };
        case.admit(need, Fact::Known(Answer::ContainerInstances(found), Origin::Aws));
        judge(&case, &None, "0a", side)
    }

    fn cause(verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Holds => "holds",
            Verdict::Broken { cause, .. } => cause,
            Verdict::Undecided(_) => "undecided",
        }
    }

    #[test]
    fn an_instance_is_judged_by_what_is_asked_of_it() {
        let instance = |status: &str, agent_connected: bool| ContainerInstance {
            container_instance_arn: ARN.into(),
            status: status.into(),
            agent_connected,
            attributes: vec!["ecs.capability.task-eni".into()],
            ..ContainerInstance::default()
        };
        let attributes = |name: &str| HostSide::Attributes(vec![name.to_owned()]);
        for (instances, side, expected) in [
            (vec![instance("ACTIVE", true)], HostSide::Agent, "holds"),
            (vec![instance("ACTIVE", false)], HostSide::Agent, "agent-disconnected"),
            (vec![instance("ACTIVE", false)], HostSide::Life, "holds"),
            (vec![instance("DRAINING", true)], HostSide::Life, "host-terminated"),
            (vec![], HostSide::Life, "host-terminated"),
            (vec![], HostSide::Agent, "undecided"),
            (vec![instance("ACTIVE", true)], attributes("ecs.capability.task-eni"), "holds"),
            (vec![instance("ACTIVE", true)], attributes("ecs.capability.efsAuth"), "placement-attributes"),
        ] {
            assert_eq!(cause(judged(instances, &side)), expected, "{side:?}");
        }
    }
}
