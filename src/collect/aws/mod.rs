//! The collector that asks AWS. It only reads, and it never asks for a value: no secret, no parameter, no object.
//!
//! Given the needs of a round, asks them all at once and gives a fact for each: AWS's answer in the types of `case`, or
//! the gap that says why there is none. One file a service holds its operations and the mapping of their answers;
//! `error` alone turns the SDK's errors into gaps. Every call ends by the deadline.

mod clients;
pub(crate) mod connect;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod elb;
pub(crate) mod error;
mod iam;
mod kms;
mod logs;
mod route53;
mod s3;
mod secretsmanager;
mod ssm;
mod time;
#[cfg(test)]
mod wire;

use std::{collections::BTreeSet, time::Instant};

use aws_config::SdkConfig;
use futures::stream::{self, StreamExt};
use tokio::{
    runtime::{Builder, Runtime},
    time::{error::Elapsed, timeout_at},
};

use self::clients::Clients;
use super::Collector;
use crate::case::{Answer, Fact, Gap, Need, Origin};

pub use self::connect::ConnectError;

/// How many requests are under way at once. A round seldom has as many; the bound spares sockets where it has more.
const AT_ONCE: usize = 64;

/// What the user says about the way to AWS; the environment and the profile say the rest.
#[derive(Debug, Clone)]
pub struct AwsOptions {
    pub region: Option<String>,
    pub profile: Option<String>,
    pub endpoint_url: Option<String>,
    /// No call lasts beyond this instant.
    pub deadline: Instant,
}

/// Answers needs by AWS's APIs, on behalf of one caller and until one deadline.
#[derive(Debug)]
pub struct AwsCollector {
    // A round waits for the network and computes nothing: one thread drives all its requests, and costs none to start.
    runtime: Loop,
    config: SdkConfig,
    profile: Option<String>,
    deadline: Instant,
    /// Made by the first round, because credentials may take calls to get. They are got once: a collector lives for one
    /// diagnosis, and a caller without any learns so once.
    clients: Option<Result<Clients, Gap>>,
    calls: usize,
}

impl AwsCollector {
    /// Reads the environment and the profile. Calls nothing, unless only the instance metadata can tell the Region.
    ///
    /// # Errors
    /// There is no Region, the profile does not exist, its file or the endpoint is unusable, or the runtime cannot start.
    pub fn connect(options: &AwsOptions) -> Result<Self, ConnectError> {
        let runtime = Loop::start().map_err(ConnectError::Runtime)?;
        let loading = until(options.deadline, connect::configuration(options));
        let config = runtime.run(loading).and_then(Result::ok).ok_or(ConnectError::TimedOut)??;
        let (profile, deadline) = (options.profile.clone(), options.deadline);
        Ok(Self { runtime, config, profile, deadline, clients: None, calls: 0 })
    }

    /// The Region that calls go to: the option, else what the environment, the profile or the instance names.
    pub fn region(&self) -> &str {
        self.config.region().map(AsRef::as_ref).unwrap_or_default()
    }
}

impl Collector for AwsCollector {
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
        let clients = self.clients.get_or_insert_with(|| {
            let signing_in = connect::sign_in(&self.config, self.profile.as_deref());
            let signed_in = self.runtime.run(until(self.deadline, signing_in)).and_then(Result::ok);
            signed_in.unwrap_or(Err(Gap::TimedOut)).map(Clients::new)
        });
        let clients = match clients {
            Ok(clients) => &*clients,
            Err(gap) => return all_missing(needs, gap),
        };
        self.calls += needs.len();
        let asked = stream::iter(needs).map(|need| fact(clients, need, self.deadline)).buffer_unordered(AT_ONCE);
        self.runtime.run(asked.collect()).unwrap_or_default()
    }

    fn calls(&self) -> usize {
        self.calls
    }
}

/// A runtime whose end waits for nothing: a name that is still being looked up must not outlast the deadline.
#[derive(Debug)]
struct Loop(Option<Runtime>);

impl Loop {
    fn start() -> std::io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// What comes of a future; there is a runtime until the end.
    fn run<F: Future>(&self, future: F) -> Option<F::Output> {
        self.0.as_ref().map(|runtime| runtime.block_on(future))
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn all_missing(needs: &BTreeSet<Need>, gap: &Gap) -> Vec<(Need, Fact)> {
    needs.iter().map(|need| (need.clone(), Fact::Missing(gap.clone()))).collect()
}

async fn fact(clients: &Clients, need: &Need, deadline: Instant) -> (Need, Fact) {
    let fact = match until(deadline, ask(clients, need)).await {
        Ok(Ok(answer)) => Fact::Known(answer, Origin::Aws),
        Ok(Err(gap)) => Fact::Missing(error::located(gap, || clients.place(need))),
        Err(_) => Fact::Missing(Gap::TimedOut),
    };
    (need.clone(), fact)
}

/// The runtime's timers exist only inside of it, so that this must be polled there and not merely called.
async fn until<F: Future>(deadline: Instant, future: F) -> Result<F::Output, Elapsed> {
    timeout_at(deadline.into(), future).await
}

/// The one table of which operation answers which need.
async fn ask(clients: &Clients, need: &Need) -> Result<Answer, Gap> {
    match need {
        Need::Tasks { cluster, tasks } => ecs::tasks(&clients.ecs(), cluster, tasks).await,
        Need::StoppedTasks { cluster, service } => ecs::stopped_tasks(&clients.ecs(), cluster, service).await,
        Need::Services { cluster, services } => ecs::services(&clients.ecs(), cluster, services).await,
        Need::ServiceNames { cluster } => ecs::service_names(&clients.ecs(), cluster).await,
        Need::TaskDefinition { task_definition } => ecs::task_definition(&clients.ecs(), task_definition).await,
        Need::Role { role } => iam::role(&clients.iam(), role).await,
        Need::RolePolicyNames { role } => iam::role_policy_names(&clients.iam(), role).await,
        Need::RolePolicy { role, policy } => iam::role_policy(&clients.iam(), role, policy).await,
        Need::AttachedPolicies { role } => iam::attached_policies(&clients.iam(), role).await,
        Need::ManagedPolicy { policy } => iam::managed_policy(&clients.iam(), policy).await,
        Need::ManagedPolicyVersion { policy, version } => {
            iam::managed_policy_version(&clients.iam(), policy, version).await
        }
        Need::LogGroup { region, group } => logs::group(&clients.logs(region), group).await,
        Need::LogStreams { region, group, prefix } => logs::streams(&clients.logs(region), group, prefix).await,
        Need::LogEvents { region, group, stream } => logs::events(&clients.logs(region), group, stream).await,
        Need::CapturedEvents { region, group, task } => logs::captured_events(&clients.logs(region), group, task).await,
        Need::Secret { region, secret } => secretsmanager::secret(&clients.secretsmanager(region), secret).await,
        Need::Parameters { region, names } => ssm::parameters(&clients.ssm(region), names).await,
        Need::Key { region, key } => kms::key(&clients.kms(region), key).await,
        Need::Image(image) => ecr::image(&clients.ecr(&image.region), image).await,
        Need::RepositoryPolicy { account, region, repository } => {
            ecr::repository_policy(&clients.ecr(region), account, repository).await
        }
        Need::SecretPolicy { region, secret } => {
            secretsmanager::resource_policy(&clients.secretsmanager(region), secret).await
        }
        Need::KeyPolicy { region, key } => kms::key_policy(&clients.kms(region), key).await,
        Need::KeyGrants { region, key, grantee } => kms::key_grants(&clients.kms(region), key, grantee).await,
        Need::BucketPolicy { region, bucket } => s3::bucket_policy(&clients.s3(region), bucket).await,
        Need::Simulation(calls) => iam::simulation(&clients.iam(), calls).await,
        Need::ContainerInstances { cluster, container_instances } => {
            ecs::container_instances(&clients.ecs(), cluster, container_instances).await
        }
        Need::Instance { region, instance } => ec2::instance(&clients.ec2(region), instance).await,
        Need::NetworkInterface { region, interface } => ec2::network_interface(&clients.ec2(region), interface).await,
        Need::NetworkInterfacesAt { region, vpc, address } => {
            ec2::network_interfaces_at(&clients.ec2(region), vpc, address).await
        }
        Need::Subnets { region, subnets } => ec2::subnets(&clients.ec2(region), subnets).await,
        Need::VpcSubnets { region, vpc } => ec2::vpc_subnets(&clients.ec2(region), vpc).await,
        Need::Vpc { region, vpc } => ec2::vpc(&clients.ec2(region), vpc).await,
        Need::VpcAttribute { region, vpc, attribute } => ec2::vpc_attribute(&clients.ec2(region), vpc, attribute).await,
        Need::DhcpOptions { region, dhcp_options } => ec2::dhcp_options(&clients.ec2(region), dhcp_options).await,
        Need::RouteTables { region, vpc } => ec2::route_tables(&clients.ec2(region), vpc).await,
        Need::NetworkAcls { region, vpc } => ec2::network_acls(&clients.ec2(region), vpc).await,
        Need::SecurityGroups { region, groups } => ec2::security_groups(&clients.ec2(region), groups).await,
        Need::DefaultSecurityGroup { region, vpc } => ec2::default_security_group(&clients.ec2(region), vpc).await,
        Need::NatGateways { region, vpc } => ec2::nat_gateways(&clients.ec2(region), vpc).await,
        Need::VpcEndpoints { region, vpc } => ec2::vpc_endpoints(&clients.ec2(region), vpc).await,
        Need::PrefixLists { region } => ec2::prefix_lists(&clients.ec2(region)).await,
        Need::PrefixListEntries { region, prefix_list } => {
            ec2::prefix_list_entries(&clients.ec2(region), prefix_list).await
        }
        Need::BlockPublicAccess { region } => ec2::block_public_access(&clients.ec2(region)).await,
        Need::BlockPublicAccessExclusions { region } => ec2::block_public_access_exclusions(&clients.ec2(region)).await,
        Need::HostedZones { region, vpc } => route53::hosted_zones(&clients.route53(), region, vpc).await,
        Need::FileSystem { region, file_system } => efs::file_system(&clients.efs(region), file_system).await,
        Need::MountTargets { region, file_system } => efs::mount_targets(&clients.efs(region), file_system).await,
        Need::MountTargetGroups { region, mount_target } => {
            efs::mount_target_groups(&clients.efs(region), mount_target).await
        }
        Need::AccessPoint { region, access_point } => efs::access_point(&clients.efs(region), access_point).await,
        Need::Object { region, bucket, key } => s3::object(clients, region, bucket, key).await,
        Need::ImageTags { account, region, repository } => {
            ecr::image_tags(&clients.ecr(region), account, repository).await
        }
        Need::LifecyclePolicy { account, region, repository } => {
            ecr::lifecycle_policy(&clients.ecr(region), account, repository).await
        }
        Need::PullThroughCacheRules { account, region } => {
            ecr::pull_through_cache_rules(&clients.ecr(region), account).await
        }
        Need::ImagePlatforms(image) => ecr::image_platforms(&clients.ecr(&image.region), image).await,
        Need::SecretVersions { region, secret } => {
            secretsmanager::versions(&clients.secretsmanager(region), secret).await
        }
        Need::TargetGroup { region, target_group } => elb::target_group(&clients.elb(region), target_group).await,
        Need::TargetHealth { region, target_group } => elb::target_health(&clients.elb(region), target_group).await,
    }
}
