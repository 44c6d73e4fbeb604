//! What would have to be known of a hop, and why it is not: the call of AWS that would tell, and what became of it.
//!
//! Given a [`Missing`], gives a clause such as `the route table of subnet-1 is not known: ec2:DescribeRouteTables is
//! denied`.

use super::super::hop::{Missing, What};
use crate::case::{Gap, Need};

impl Missing {
    /// What is not known, and why.
    pub fn says(&self) -> String {
        match (&self.gap, self.action()) {
            (Some(Gap::NotAsked), _) if self.is_of_lost_interface() => {
                "which security groups the interface had is not known: it is gone, and no service names them".to_owned()
            }
            (Some(gap), Some(action)) => format!("{}: {}", self.fact(), became(gap, asked(gap, action))),
            (Some(gap), None) => format!("{}: {}", self.fact(), became(gap, "the question")),
            (None, Some(action)) => format!("{}; {action} would tell", self.fact()),
            (None, None) => self.fact(),
        }
    }

    /// The IAM action of the question that would tell; `None` where ecs-why asks none.
    pub fn action(&self) -> Option<&'static str> {
        let action = match self.what {
            What::Interface => "ec2:DescribeNetworkInterfaces",
            What::Subnet => "ec2:DescribeSubnets",
            What::Vpc => "ec2:DescribeVpcs",
            What::DnsAttributes => "ec2:DescribeVpcAttribute",
            What::DhcpOptions => "ec2:DescribeDhcpOptions",
            What::HostedZones => "route53:ListHostedZonesByVPC",
            What::Endpoints => "ec2:DescribeVpcEndpoints",
            What::RouteTables => "ec2:DescribeRouteTables",
            What::PrefixList if self.gap.is_none() => "ec2:GetManagedPrefixListEntries",
            What::PrefixList => "ec2:DescribeManagedPrefixLists",
            What::NetworkAcls => "ec2:DescribeNetworkAcls",
            What::SecurityGroup if self.is_of_mount_target() => "elasticfilesystem:DescribeMountTargetSecurityGroups",
            What::SecurityGroup => "ec2:DescribeSecurityGroups",
            What::NatGateway => "ec2:DescribeNatGateways",
            What::BlockPublicAccess if self.subject == "exclusions" => "ec2:DescribeVpcBlockPublicAccessExclusions",
            What::BlockPublicAccess => "ec2:DescribeVpcBlockPublicAccessOptions",
            What::MountTargets => "elasticfilesystem:DescribeMountTargets",
            What::NameServers
            | What::ZoneRecords
            | What::EndpointState
            | What::EndpointNames
            | What::Address
            | What::Port
            | What::PublicAddress
            | What::Translation => return None,
        };
        Some(action)
    }

    /// Of an interface that is there, its groups are known.
    fn is_of_lost_interface(&self) -> bool {
        self.what == What::SecurityGroup && self.subject.is_empty()
    }

    fn is_of_mount_target(&self) -> bool {
        self.subject.starts_with("fsmt-")
    }

    fn fact(&self) -> String {
        let of = |thing: &str| match self.subject.as_str() {
            "" => format!("{thing} is not known"),
            subject => format!("{thing} {subject} is not known"),
        };
        match self.what {
            What::Interface => of("the network interface"),
            What::Subnet => of("the subnet"),
            What::Vpc => of("the VPC"),
            What::DnsAttributes => {
                format!("what enableDnsSupport and enableDnsHostnames of {} say is not known", self.subject)
            }
            What::DhcpOptions => format!("the DHCP options of {} are not known", self.subject),
            What::NameServers => {
                format!("the name servers of {} are not Amazon's: what they answer is not known", self.subject)
            }
            What::HostedZones => format!("the private hosted zones of {} are not known", self.subject),
            What::ZoneRecords => format!("where the private hosted zone {} points the name is not known", self.subject),
            What::Endpoints => format!("the VPC endpoints of {} are not known", self.subject),
            What::RouteTables => format!("the route table of {} is not known", self.subject),
            What::NetworkAcls => format!("the network ACL of {} is not known", self.subject),
            What::PrefixList => of("what is in prefix list"),
            What::NatGateway => of("the NAT gateway"),
            What::MountTargets => of("which mount targets there are of"),
            What::SecurityGroup if self.is_of_mount_target() => of("which security groups guard mount target"),
            What::SecurityGroup => of("the security group"),
            What::BlockPublicAccess if self.subject == "exclusions" => {
                "which subnets VPC Block Public Access spares is not known".to_owned()
            }
            What::BlockPublicAccess => of("what VPC Block Public Access does"),
            undecided => self.undecided(undecided),
        }
    }

    /// What no call of AWS tells.
    fn undecided(&self, what: What) -> String {
        let subject = &self.subject;
        match what {
            What::EndpointState => format!("{subject} is coming or going: what its name resolves to is not known"),
            What::EndpointNames => format!("whether {subject} answers to this name is not known"),
            What::Port => format!("{subject} lets some of the ports through to which the answer may go"),
            What::PublicAddress => "whether the interface has a public IPv4 address is not known".to_owned(),
            What::Translation => {
                format!("how the call goes on from {subject} by translated IPv6 addresses is not known")
            }
            _ if subject.is_empty() => "some of its addresses are let through, some are not".to_owned(),
            _ => format!("{subject} lets some of the addresses through that the name may stand for, not all"),
        }
    }
}

/// AWS names the action that it refused, which may be another than the usual one.
fn asked(gap: &Gap, usual: &'static str) -> &'static str {
    let said = gap.message().unwrap_or_default();
    let named = Need::ACTIONS.into_iter().filter(|action| said.contains(action));
    named.max_by_key(|action| action.len()).unwrap_or(usual)
}

/// What became of a question.
fn became(gap: &Gap, question: &str) -> String {
    match gap {
        Gap::NotAsked => format!("{question} was not asked"),
        Gap::Denied { .. } => format!("{question} is denied"),
        Gap::NotFound { .. } => format!("{question} found nothing"),
        Gap::Throttled { .. } => format!("{question} was throttled"),
        Gap::TimedOut => format!("{question} was not answered in time"),
        Gap::Unauthenticated { .. } => format!("{question} was asked without valid credentials"),
        Gap::Unreachable { .. } => format!("{question} did not reach AWS"),
        Gap::Failed { .. } => format!("{question} failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [What; 22] = [
        What::Interface,
        What::Subnet,
        What::Vpc,
        What::DnsAttributes,
        What::DhcpOptions,
        What::NameServers,
        What::HostedZones,
        What::ZoneRecords,
        What::Endpoints,
        What::EndpointState,
        What::EndpointNames,
        What::Address,
        What::RouteTables,
        What::PrefixList,
        What::NetworkAcls,
        What::Port,
        What::SecurityGroup,
        What::NatGateway,
        What::PublicAddress,
        What::BlockPublicAccess,
        What::MountTargets,
        What::Translation,
    ];

    fn denied(message: &str) -> Gap {
        Gap::Denied { message: message.to_owned() }
    }

    #[test]
    fn what_is_missing_is_said_with_the_call_that_would_tell() {
        for (what, subject, gap, words) in [
            (
                What::RouteTables,
                "subnet-1",
                Some(denied("no")),
                "the route table of subnet-1 is not known: ec2:DescribeRouteTables is denied",
            ),
            (What::Vpc, "", Some(Gap::TimedOut), "the VPC is not known: ec2:DescribeVpcs was not answered in time"),
            (
                What::Subnet,
                "subnet-1",
                Some(Gap::NotAsked),
                "the subnet subnet-1 is not known: ec2:DescribeSubnets was not asked",
            ),
            (
                What::PrefixList,
                "pl-1",
                None,
                "what is in prefix list pl-1 is not known; ec2:GetManagedPrefixListEntries would tell",
            ),
            (
                What::SecurityGroup,
                "fsmt-1",
                None,
                "which security groups guard mount target fsmt-1 is not known; elasticfilesystem:DescribeMountTargetSecurityGroups would tell",
            ),
            (
                What::BlockPublicAccess,
                "exclusions",
                Some(denied("")),
                "which subnets VPC Block Public Access spares is not known: ec2:DescribeVpcBlockPublicAccessExclusions is denied",
            ),
            (
                What::ZoneRecords,
                "corp.internal.",
                None,
                "where the private hosted zone corp.internal. points the name is not known",
            ),
            (
                What::NameServers,
                "dopt-1",
                None,
                "the name servers of dopt-1 are not Amazon's: what they answer is not known",
            ),
            (What::Address, "", None, "some of its addresses are let through, some are not"),
            (What::Port, "acl-1", None, "acl-1 lets some of the ports through to which the answer may go"),
        ] {
            assert_eq!(Missing { what, subject: subject.to_owned(), gap }.says(), words);
        }
    }

    #[test]
    fn the_action_that_aws_names_is_the_one_that_is_denied() {
        let gap = denied("User: x is not authorized to perform: ecs:DescribeContainerInstances on resource: y");
        let missing = Missing { what: What::Interface, subject: String::new(), gap: Some(gap) };
        assert_eq!(missing.says(), "the network interface is not known: ecs:DescribeContainerInstances is denied");
    }

    #[test]
    fn every_fact_has_words_and_an_action_that_can_be_asked() {
        for what in ALL {
            for gap in [None, Some(Gap::NotAsked), Some(denied("no"))] {
                let missing = Missing { what, subject: "x-1".to_owned(), gap };
                assert!(missing.says().len() > 20, "{what:?}");
                assert!(missing.action().is_none_or(|action| Need::ACTIONS.contains(&action)), "{what:?}");
            }
        }
    }
}
