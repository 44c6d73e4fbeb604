//! What a message is about, by the fixed parts that ECS, a registry or a load balancer gives it: so that only what
//! matters to a failure is asked for. What the message means is a matter of `knowledge`.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>

/// Something of which a message speaks, beyond what the task definition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The platform of an image.
    Platform,
    /// A target group, or the health of what is registered with it.
    TargetGroup,
    /// The agent of a container instance.
    Agent,
    /// A container instance that went away.
    Host,
    /// What a container instance has to offer.
    Attributes,
    /// The role that ECS makes for itself.
    ServiceLinkedRole,
    /// The role with which ECS manages infrastructure for a service or a volume.
    InfrastructureRole,
}

/// Any of them is enough, in lower case.
const PARTS: [(Topic, &[&str]); 7] = [
    (
        Topic::Platform,
        &[
            "descriptor matching platform",
            "no matching manifest for",
            "image's platform (",
            "exec format error",
            "cannot be used on this platform",
            "operating system does not match",
        ],
    ),
    (Topic::TargetGroup, &["elb health checks", "target-group", "targetgroup", "target group", "is unhealthy in (elb"]),
    (Topic::Agent, &["\"agent\"", "'agent'", ": agent", "agent is not connected", "agent not connected"]),
    (
        Topic::Host,
        &["host ec2", "container instance deregist", "container instance was deregist", ": inactive", "\"inactive\""],
    ),
    (Topic::Attributes, &["missing an attribute", "missing attribute", ": attribute", "\"attribute\""]),
    (Topic::ServiceLinkedRole, &["service linked role", "service-linked role", "awsserviceroleforecs"]),
    (Topic::InfrastructureRole, &["infrastructure role '"]),
];

/// The topics of a message.
pub fn topics(text: &str) -> Vec<Topic> {
    let text = text.to_ascii_lowercase();
    let spoken = |parts: &[&str]| parts.iter().any(|part| text.contains(part)) || parts.iter().any(|p| whole(p, &text));
    PARTS.iter().filter(|(_, parts)| spoken(parts)).map(|(topic, _)| *topic).collect()
}

/// A reason that is nothing but the word, as `RunTask` gives it.
fn whole(part: &str, text: &str) -> bool {
    part.strip_prefix(": ").is_some_and(|word| text.trim() == word)
}

/// The target groups that a message names by ARN.
pub fn target_groups(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "()[],;'\"".contains(c));
    let arns = words.filter(|word| word.starts_with("arn:") && word.contains(":targetgroup/"));
    arns.map(|arn| arn.trim_end_matches('.')).collect()
}

/// The container instance that a service event calls the closest matching.
pub fn closest_instance(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("(container-instance ")?;
    let (id, _) = rest.split_once(')')?;
    Some(id.trim()).filter(|id| !id.is_empty())
}

/// The infrastructure role that a message names.
pub fn infrastructure_role(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("Infrastructure Role '")?;
    let (arn, _) = rest.split_once('\'')?;
    Some(arn).filter(|arn| arn.starts_with("arn:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_topics() {
        for (text, topic) in [
            ("image Manifest does not contain descriptor matching platform 'linux/arm64'", Topic::Platform),
            ("exec /app: exec format error", Topic::Platform),
            ("Task failed ELB health checks in (elb web)", Topic::TargetGroup),
            ("TaskFailedToStart: AGENT", Topic::Agent),
            ("AGENT", Topic::Agent),
            ("Host EC2 (instance i-0a) terminated.", Topic::Host),
            ("(container-instance 0a) is missing an attribute required by your task.", Topic::Attributes),
            ("Unable to assume the service linked role.", Topic::ServiceLinkedRole),
        ] {
            assert_eq!(topics(text), [topic], "{text}");
        }
        for other in ["Essential container in task exited", "user-agent: curl", "an attribute of the model"] {
            assert_eq!(topics(other), [], "{other}");
        }
    }

    #[test]
    fn names_are_read_out_of_messages() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0a";
        assert_eq!(target_groups(&format!("Task failed ELB health checks in (target-group {arn})")), [arn]);
        assert_eq!(closest_instance("The closest matching (container-instance 0a) encountered"), Some("0a"));
        let role = "arn:aws:iam::123456789012:role/ecsInfra";
        assert_eq!(infrastructure_role(&format!("the configured ECS Infrastructure Role '{role}'.")), Some(role));
    }
}
