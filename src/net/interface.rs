//! `Interface`, `leaves_by`: by which network interface a call of ECS leaves, and what is known of it.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html>.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::view::Known;
use crate::case::network::NetworkInterface;

/// The interface by which a call leaves.
#[derive(Debug, Clone, Copy)]
pub struct Interface<'a> {
    /// Its id, or empty where it is gone and a service's configuration stands for it.
    pub id: &'a str,
    /// The id of its subnet.
    pub subnet: Known<'a, str>,
    /// The ids of its security groups.
    pub groups: Known<'a, [String]>,
    /// None where only the subnet is known.
    pub private_ip: Option<Ipv4Addr>,
    pub ipv6: Option<Ipv6Addr>,
    /// Whether it has a public IPv4 address; `None` if that is not known.
    pub has_public_ip: Option<bool>,
    /// Windows takes its client ports from a smaller range than Linux.
    pub windows: bool,
}

/// How a task runs, as far as that decides its network.
#[derive(Debug, Clone, Copy, Default)]
pub struct Runs<'a> {
    /// `FARGATE`, `EC2`, `EXTERNAL`, …
    pub launch_type: Option<&'a str>,
    /// Of Fargate: `1.4.0`, `1.3.0`, `LATEST`, …
    pub platform_version: Option<&'a str>,
    pub windows: bool,
    /// Of the task definition; none is docker's default, which has no interface of its own.
    pub network_mode: Option<&'a str>,
}

/// The kinds of calls that leave in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallKind {
    /// `ecr:GetAuthorizationToken`.
    RegistryLogin,
    /// Manifest and layers.
    ImagePull,
    /// Secrets Manager and Parameter Store.
    Secret,
    EnvironmentFile,
    /// The `awslogs` driver and the other drivers of docker.
    Logs,
    /// A volume of EFS.
    FileSystem,
    Exec,
    /// The code in the containers, FireLens among it.
    Application,
}

/// Whose interface carries a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeavesBy {
    TaskInterface,
    /// The primary interface of the container instance.
    InstanceInterface,
    /// An interface that Fargate owns: nothing of the account stands in its way.
    FargateInterface,
    /// A machine outside of AWS.
    ExternalHost,
    /// Network mode `none`.
    Nothing,
    Unknown,
}

impl CallKind {
    /// The name of the kind in data.
    pub fn word(self) -> &'static str {
        match self {
            Self::RegistryLogin => "registry-login",
            Self::ImagePull => "image-pull",
            Self::Secret => "secret",
            Self::EnvironmentFile => "environment-file",
            Self::Logs => "logs",
            Self::FileSystem => "file-system",
            Self::Exec => "exec",
            Self::Application => "application",
        }
    }
}

impl LeavesBy {
    /// The name of the interface's owner in data.
    pub fn word(self) -> &'static str {
        match self {
            Self::TaskInterface => "task",
            Self::InstanceInterface => "instance",
            Self::FargateInterface => "fargate",
            Self::ExternalHost => "external",
            Self::Nothing => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// By which interface a call leaves.
pub fn leaves_by(runs: &Runs<'_>, kind: CallKind) -> LeavesBy {
    match runs.launch_type {
        Some("FARGATE") => on_fargate(runs, kind),
        Some("EC2") => on_ec2(runs, kind),
        Some("EXTERNAL") => LeavesBy::ExternalHost,
        _ => LeavesBy::Unknown,
    }
}

/// Up to platform version 1.3, Fargate logs in and fetches secrets by an interface of its own.
fn on_fargate(runs: &Runs<'_>, kind: CallKind) -> LeavesBy {
    if !matches!(kind, CallKind::RegistryLogin | CallKind::Secret | CallKind::EnvironmentFile) || runs.windows {
        return LeavesBy::TaskInterface;
    }
    match runs.platform_version.and_then(is_current) {
        Some(true) => LeavesBy::TaskInterface,
        Some(false) => LeavesBy::FargateInterface,
        None => LeavesBy::Unknown,
    }
}

/// The agent and docker stand on the instance; only what runs inside of the task's namespace has the task's interface.
fn on_ec2(runs: &Runs<'_>, kind: CallKind) -> LeavesBy {
    match (kind, runs.network_mode) {
        (CallKind::Application | CallKind::FileSystem | CallKind::Exec, Some("awsvpc")) => LeavesBy::TaskInterface,
        (CallKind::Application, Some("none")) => LeavesBy::Nothing,
        _ => LeavesBy::InstanceInterface,
    }
}

/// Whether a platform version of Linux is 1.4 or later.
fn is_current(version: &str) -> Option<bool> {
    if version.eq_ignore_ascii_case("LATEST") {
        return Some(true);
    }
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    Some((numbers.next()??, numbers.next()??) >= (1, 4))
}

impl Runs<'_> {
    /// Whether a task's own interface gets a public IPv4 address, by `assignPublicIp` of the service or `RunTask` call.
    /// On EC2 it never does; on Fargate the API's default is `DISABLED`, and the subnet's setting does not count.
    pub fn assigns_public_ip(&self, assign_public_ip: Option<&str>) -> Option<bool> {
        match self.launch_type {
            Some("EC2") => Some(false),
            Some("FARGATE") => Some(assign_public_ip == Some("ENABLED")),
            _ => None,
        }
    }
}

impl<'a> Interface<'a> {
    /// An interface that EC2 still knows.
    pub fn of(found: &'a NetworkInterface) -> Self {
        Self {
            id: &found.network_interface_id,
            subnet: Ok(&found.subnet_id),
            groups: Ok(&found.groups),
            private_ip: found.private_ip_address,
            ipv6: found.ipv6_addresses.first().copied(),
            has_public_ip: Some(found.public_ip.is_some()),
            windows: false,
        }
    }

    /// An interface that is gone: what the configuration of its service or task says of it. Where that names no group,
    /// give the id of the VPC's default group: an interface without any lets nothing out.
    pub fn configured(subnet: Known<'a, str>, groups: Known<'a, [String]>, has_public_ip: Option<bool>) -> Self {
        Self { id: "", subnet, groups, private_ip: None, ipv6: None, has_public_ip, windows: false }
    }
}

#[cfg(test)]
mod tests {
    use CallKind::*;

    use super::*;

    const KINDS: [CallKind; 8] =
        [RegistryLogin, ImagePull, Secret, EnvironmentFile, Logs, FileSystem, Exec, Application];

    fn runs(launch: &'static str, version: &'static str, mode: &'static str) -> Runs<'static> {
        Runs { launch_type: Some(launch), platform_version: Some(version), network_mode: Some(mode), windows: false }
    }

    fn own_calls(runs: Runs<'_>) -> Vec<CallKind> {
        KINDS.into_iter().filter(|kind| leaves_by(&runs, *kind) == LeavesBy::TaskInterface).collect()
    }

    #[test]
    fn current_fargate_sends_everything_by_the_task() {
        for version in ["1.4.0", "LATEST", "1.10.0"] {
            assert_eq!(own_calls(runs("FARGATE", version, "awsvpc")), KINDS, "{version}");
        }
        assert_eq!(own_calls(Runs { windows: true, ..runs("FARGATE", "1.0.0", "awsvpc") }), KINDS);
    }

    #[test]
    fn old_fargate_logs_in_and_fetches_secrets_by_itself() {
        let old = runs("FARGATE", "1.3.0", "awsvpc");
        assert_eq!(own_calls(old), [ImagePull, Logs, FileSystem, Exec, Application]);
        assert_eq!(leaves_by(&old, Secret), LeavesBy::FargateInterface);
        assert_eq!(leaves_by(&Runs { platform_version: None, ..old }, Secret), LeavesBy::Unknown);
    }

    #[test]
    fn on_ec2_the_instance_starts_tasks() {
        assert_eq!(own_calls(runs("EC2", "", "awsvpc")), [FileSystem, Exec, Application]);
        for mode in ["bridge", "host", "none"] {
            assert!(own_calls(runs("EC2", "", mode)).is_empty(), "{mode}");
        }
        assert_eq!(leaves_by(&runs("EC2", "", "none"), ImagePull), LeavesBy::InstanceInterface);
    }

    #[test]
    fn only_fargate_assigns_public_addresses() {
        assert_eq!(runs("EC2", "", "awsvpc").assigns_public_ip(Some("ENABLED")), Some(false));
        assert_eq!(runs("FARGATE", "1.4.0", "awsvpc").assigns_public_ip(None), Some(false));
        assert_eq!(runs("FARGATE", "1.4.0", "awsvpc").assigns_public_ip(Some("ENABLED")), Some(true));
    }
}
