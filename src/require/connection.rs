//! What a task has to reach before it can start: registries, Secrets Manager, Parameter Store, S3, CloudWatch Logs, file
//! systems.
//!
//! Given a workload, gives one [`Connection`] a destination and kind of call, for the first container that needs it, in
//! the order in which ECS makes them. Decryption is the services' own call, so KMS is not among them.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-outbound.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>

use super::{Requirements, Workload};
use crate::{
    case::{ContainerDefinition, LogConfiguration},
    id::{Arn, ImageRef, SecretRef, dns_suffix, partition_of_region},
    net::{CallKind, Destination},
};

/// A destination that a call of the start goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub kind: CallKind,
    pub destination: Destination,
    /// What is wanted there, in words.
    pub because: String,
    pub container: Option<String>,
}

const HTTPS: u16 = 443;
/// The name that images without a registry stand under, and the host that serves them.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

pub fn require(workload: &Workload<'_>, requirements: &mut Requirements) {
    let containers: Vec<_> = workload.containers().collect();
    let mut all = Vec::new();
    all.extend(containers.iter().flat_map(|(container, image)| of_login(container, image)));
    all.extend(containers.iter().flat_map(|(container, image)| of_image(container, image)));
    all.extend(containers.iter().flat_map(|(container, _)| of_secrets(workload, container)));
    all.extend(containers.iter().flat_map(|(container, _)| of_files(workload, container)));
    all.extend(containers.iter().filter_map(|(container, _)| of_log(workload, container)));
    all.extend(of_volumes(workload));
    for connection in all {
        let same = |known: &Connection| known.kind == connection.kind && known.destination == connection.destination;
        if !requirements.connections.iter().any(same) {
            requirements.connections.push(connection);
        }
    }
}

fn wanted(kind: CallKind, destination: Destination, container: &ContainerDefinition, because: &str) -> Connection {
    let because = format!("{because} of container {}", container.name);
    Connection { kind, destination, because, container: Some(container.name.clone()) }
}

fn of_login(container: &ContainerDefinition, image: &str) -> Option<Connection> {
    let image = ImageRef::parse(image).ecr()?;
    let login = Destination::service("ecr.api", &image.region);
    Some(wanted(CallKind::RegistryLogin, login, container, "the login for the image"))
}

/// The manifest, and for ECR the layers, which S3 serves.
fn of_image(container: &ContainerDefinition, image: &str) -> Vec<Connection> {
    let image = ImageRef::parse(image);
    let pull = |destination, because| wanted(CallKind::ImagePull, destination, container, because);
    let Some(ecr) = image.ecr() else {
        return vec![pull(registry(image.host.as_deref()), "the image")];
    };
    let registry = image.host.as_deref().map(|host| Destination::of_host(host, HTTPS));
    vec![
        pull(registry.unwrap_or_else(|| Destination::service("ecr.dkr", &ecr.region)), "the manifest of the image"),
        pull(Destination::service("s3", &ecr.region), "the layers of the image"),
    ]
}

fn registry(host: Option<&str>) -> Destination {
    let host = host.filter(|host| *host != DOCKER_HUB.0).unwrap_or(DOCKER_HUB.1);
    let (name, port) = match host.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
        Some((name, Ok(port))) => (name, port),
        _ => (host, HTTPS),
    };
    Destination::of_host(name, port)
}

/// Secrets, parameters, and the credentials of a private registry.
fn of_secrets(workload: &Workload<'_>, container: &ContainerDefinition) -> Vec<Connection> {
    let options = container.log_configuration.iter().flat_map(|log| &log.secret_options);
    let values = container.secrets.iter().chain(options).map(|secret| secret.value_from.as_str());
    let places = values.filter_map(|value| place_of(workload, value));
    let credentials = container.repository_credentials.iter().map(|credentials| {
        let arn: Option<Arn> = credentials.credentials_parameter.parse().ok();
        ("secretsmanager", arn.map_or_else(|| workload.region.clone(), |arn| arn.region))
    });
    let wanted = |(service, region): (&str, String)| {
        let because = if service == "ssm" { "the parameters" } else { "the secrets" };
        wanted(CallKind::Secret, Destination::service(service, &region), container, because)
    };
    places.chain(credentials).map(wanted).collect()
}

/// The service and the Region that are asked for a `valueFrom`.
fn place_of(workload: &Workload<'_>, value: &str) -> Option<(&'static str, String)> {
    let region = |arn: Option<Arn>| arn.map_or_else(|| workload.region.clone(), |arn| arn.region);
    match SecretRef::parse(value).ok()? {
        SecretRef::Secret { .. } => Some(("secretsmanager", region(value.parse().ok()))),
        _ => Some(("ssm", region(value.parse().ok()))),
    }
}

/// A bucket's Region does not show in its ARN; mostly it is the task's.
fn of_files(workload: &Workload<'_>, container: &ContainerDefinition) -> Vec<Connection> {
    let suffix = dns_suffix(partition_of_region(&workload.region));
    let files = workload.environment_files(container);
    let buckets = files.filter_map(|file| {
        let object: Arn = file.value.parse().ok()?;
        object.resource.split_once('/').map(|(bucket, _)| bucket.to_owned())
    });
    let of_bucket = |bucket: String| {
        let host = format!("{bucket}.s3.{}.{suffix}", workload.region);
        wanted(CallKind::EnvironmentFile, Destination::of_host(&host, HTTPS), container, "the environment file")
    };
    buckets.map(of_bucket).collect()
}

fn of_log(workload: &Workload<'_>, container: &ContainerDefinition) -> Option<Connection> {
    let log = container.log_configuration.as_ref()?;
    let destination = match log.log_driver.as_str() {
        "awslogs" => match log.option("awslogs-endpoint") {
            Some(endpoint) => host_and_port(endpoint, HTTPS)?,
            None => Destination::service("logs", log.option("awslogs-region").unwrap_or(&workload.region)),
        },
        _ => collector(log)?,
    };
    Some(wanted(CallKind::Logs, destination, container, "the log"))
}

/// Where a log driver of docker's own sends to, if over TCP.
fn collector(log: &LogConfiguration) -> Option<Destination> {
    let options = ["splunk-url", "fluentd-address", "syslog-address", "gelf-address"];
    let address = options.into_iter().find_map(|option| log.option(option))?;
    host_and_port(address, HTTPS).filter(|_| !address.starts_with("unix:") && !address.starts_with("udp:"))
}

fn host_and_port(address: &str, default: u16) -> Option<Destination> {
    let plain = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = plain.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, default),
    };
    // The collector on the same host is no matter of the network.
    let local = host.is_empty() || host == "localhost" || host.starts_with("127.");
    (!local).then(|| Destination::of_host(host, port))
}

fn of_volumes(workload: &Workload<'_>) -> Vec<Connection> {
    let volumes = workload.definition.volumes.iter();
    let mounts = volumes.filter_map(|volume| Some((volume, volume.efs_volume_configuration.as_ref()?)));
    let mount = |(volume, efs): (&crate::case::Volume, &crate::case::EfsVolume)| Connection {
        kind: CallKind::FileSystem,
        destination: Destination::MountTarget {
            file_system: efs.file_system_id.clone(),
            region: workload.region.clone(),
        },
        because: format!("volume {}", volume.name),
        container: None,
    };
    mounts.map(mount).collect()
}
