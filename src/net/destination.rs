//! `Destination`, `Call`: where a call goes, and what its host says of it.
//!
//! Hosts: <https://docs.aws.amazon.com/general/latest/gr/rande.html>; names of endpoint services:
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>.

use std::net::IpAddr;

use crate::id::{dns_suffix, is_region, partition_of_region};

/// One call: where it goes, and the address that it was seen to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub destination: Destination,
    /// Of a message such as `dial tcp 10.0.3.7:443`: settles what the name resolved to.
    pub resolved: Option<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A Regional API of AWS.
    Service {
        /// The last part of its endpoint service: `ecr.api`, `ecr.dkr`, `s3`, `secretsmanager`.
        name: String,
        region: String,
        host: String,
        /// Whether the host has IPv6 addresses too, as `.api.aws` and `.on.aws` have.
        dual_stack: bool,
    },
    /// Any other host: a registry, a collector of logs.
    Host {
        name: String,
        port: u16,
        /// Whether it has IPv6 addresses too, where that is known.
        dual_stack: Option<bool>,
    },
    /// A file system of EFS, over NFS.
    MountTarget { file_system: String, region: String },
    /// An address that a message names.
    Address { address: IpAddr, port: u16 },
}

/// NFS. <https://docs.aws.amazon.com/efs/latest/ug/network-access.html>
const NFS: u16 = 2049;
const HTTPS: u16 = 443;

impl Call {
    /// A call of which no message names the address.
    pub fn to(destination: Destination) -> Self {
        Self { destination, resolved: None }
    }
}

impl Destination {
    /// An API of AWS by the name of its endpoint service; for `s3` the bucket where ECR keeps layers.
    pub fn service(name: &str, region: &str) -> Self {
        let suffix = dns_suffix(partition_of_region(region));
        let host = match name {
            "ecr.api" => format!("api.ecr.{region}.{suffix}"),
            "ecr.dkr" => format!("dkr.ecr.{region}.{suffix}"),
            "s3" => format!("prod-{region}-starport-layer-bucket.s3.{region}.{suffix}"),
            other => format!("{other}.{region}.{suffix}"),
        };
        Self::Service { name: name.to_owned(), region: region.to_owned(), host, dual_stack: false }
    }

    /// What a host and port in a message stand for.
    pub fn of_host(host: &str, port: u16) -> Self {
        if let Ok(address) = host.parse() {
            return Self::Address { address, port };
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        of_aws(&host).filter(|found| found.port() == port).unwrap_or(Self::Host { name: host, port, dual_stack: None })
    }

    pub fn port(&self) -> u16 {
        match self {
            Self::Service { .. } => HTTPS,
            Self::MountTarget { .. } => NFS,
            Self::Host { port, .. } | Self::Address { port, .. } => *port,
        }
    }

    /// The name that is resolved; an address has none.
    pub fn host(&self) -> Option<String> {
        match self {
            Self::Service { host, .. } => Some(host.clone()),
            Self::Host { name, .. } => Some(name.clone()),
            Self::MountTarget { file_system, region } => {
                Some(format!("{file_system}.efs.{region}.{}", dns_suffix(partition_of_region(region))))
            }
            Self::Address { .. } => None,
        }
    }

    /// Whether the name has IPv6 addresses, where that is known.
    pub(super) fn is_dual_stack(&self) -> Option<bool> {
        match self {
            Self::Service { dual_stack, .. } => Some(*dual_stack),
            Self::Host { dual_stack, .. } => *dual_stack,
            Self::MountTarget { .. } => Some(false),
            Self::Address { address, .. } => Some(address.is_ipv6()),
        }
    }

    /// Whether an endpoint service, or a prefix list of AWS, is that of this destination.
    pub(super) fn is_of(&self, service_name: &str) -> bool {
        match self {
            Self::Service { name, region, .. } => service_name.ends_with(&format!(".{region}.{name}")),
            _ => false,
        }
    }
}

/// Splits `{what}.{region}.{suffix}`.
fn of_aws(host: &str) -> Option<Destination> {
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels.iter().position(|label| is_region(label))?;
    let (what, rest) = labels.split_at_checked(at)?;
    let (region, suffix) = rest.split_first()?;
    let dual_stack = matches!(suffix, ["api", "aws"] | ["on", "aws"]) || what.last() == Some(&"dualstack");
    if !dual_stack && !matches!(suffix, ["amazonaws", "com"] | ["amazonaws", "com", "cn"]) {
        return None;
    }
    let region = (*region).to_owned();
    if let [file_system, "efs"] = what {
        return Some(Destination::MountTarget { file_system: (*file_system).to_owned(), region });
    }
    let name = service_of(what)?.to_owned();
    Some(Destination::Service { name, region, host: host.to_owned(), dual_stack })
}

fn service_of<'h>(what: &[&'h str]) -> Option<&'h str> {
    match what {
        ["api", "ecr"] | ["ecr"] => Some("ecr.api"),
        [.., "dkr", "ecr"] | [.., "dkr-ecr"] => Some("ecr.dkr"),
        [.., "s3"] | [.., "s3", "dualstack"] => Some("s3"),
        [one] => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_aws_name_their_service() {
        for (host, service, dual) in [
            ("api.ecr.eu-central-1.amazonaws.com", "ecr.api", false),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr.dkr", false),
            ("111122223333.dkr-ecr.eu-central-1.on.aws", "ecr.dkr", true),
            ("ecr.eu-central-1.api.aws", "ecr.api", true),
            ("bucket.s3.eu-central-1.amazonaws.com", "s3", false),
            ("secretsmanager.eu-central-1.amazonaws.com.", "secretsmanager", false),
        ] {
            let Destination::Service { name, dual_stack, .. } = Destination::of_host(host, 443) else {
                panic!("{host}")
            };
            assert_eq!((name.as_str(), dual_stack), (service, dual), "{host}");
        }
    }

    #[test]
    fn other_hosts_are_hosts() {
        for host in ["registry-1.docker.io", "public.ecr.aws", "sts.amazonaws.com", "eu-central-1.example.com"] {
            assert!(matches!(Destination::of_host(host, 443), Destination::Host { .. }), "{host}");
        }
    }

    #[test]
    fn a_file_system_is_called_over_nfs() {
        let found = Destination::of_host("fs-0abc.efs.eu-central-1.amazonaws.com", 2049);
        assert_eq!(found, Destination::MountTarget { file_system: "fs-0abc".into(), region: "eu-central-1".into() });
        assert_eq!(found.port(), 2049);
    }
}
