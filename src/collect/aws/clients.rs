//! The SDK's clients, one a service and Region, each made when a need first asks for it.
//!
//! ECS and IAM are asked in the Region of the run; all else may live in others. All
//! clients share the configuration's HTTP client, thus its connections and its TLS settings.

use std::{cell::RefCell, collections::BTreeMap};

use aws_config::{Region, SdkConfig};

use crate::case::Need;

/// Every client of a run.
#[derive(Debug)]
pub struct Clients {
    config: SdkConfig,
    ecs: Regional<aws_sdk_ecs::Client>,
    iam: Regional<aws_sdk_iam::Client>,
    logs: Regional<aws_sdk_cloudwatchlogs::Client>,
    secretsmanager: Regional<aws_sdk_secretsmanager::Client>,
    ssm: Regional<aws_sdk_ssm::Client>,
    kms: Regional<aws_sdk_kms::Client>,
    ecr: Regional<aws_sdk_ecr::Client>,
    s3: Regional<aws_sdk_s3::Client>,
    ec2: Regional<aws_sdk_ec2::Client>,
    efs: Regional<aws_sdk_efs::Client>,
    elb: Regional<aws_sdk_elasticloadbalancingv2::Client>,
    route53: Regional<aws_sdk_route53::Client>,
}

impl Clients {
    pub fn new(config: SdkConfig) -> Self {
        Self {
            config,
            ecs: Regional::new(aws_sdk_ecs::Client::new),
            iam: Regional::new(aws_sdk_iam::Client::new),
            logs: Regional::new(aws_sdk_cloudwatchlogs::Client::new),
            secretsmanager: Regional::new(aws_sdk_secretsmanager::Client::new),
            ssm: Regional::new(aws_sdk_ssm::Client::new),
            kms: Regional::new(aws_sdk_kms::Client::new),
            ecr: Regional::new(aws_sdk_ecr::Client::new),
            s3: Regional::new(aws_sdk_s3::Client::new),
            ec2: Regional::new(aws_sdk_ec2::Client::new),
            efs: Regional::new(aws_sdk_efs::Client::new),
            elb: Regional::new(aws_sdk_elasticloadbalancingv2::Client::new),
            route53: Regional::new(aws_sdk_route53::Client::new),
        }
    }

    pub fn ecs(&self) -> aws_sdk_ecs::Client {
        self.ecs.get(&self.config, self.region())
    }

    /// IAM is one service for a whole partition; the SDK finds its endpoint by the Region.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        self.iam.get(&self.config, self.region())
    }

    pub fn logs(&self, region: &str) -> aws_sdk_cloudwatchlogs::Client {
        self.logs.get(&self.config, region)
    }

    pub fn secretsmanager(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        self.secretsmanager.get(&self.config, region)
    }

    pub fn ssm(&self, region: &str) -> aws_sdk_ssm::Client {
        self.ssm.get(&self.config, region)
    }

    pub fn kms(&self, region: &str) -> aws_sdk_kms::Client {
        self.kms.get(&self.config, region)
    }

    pub fn ecr(&self, region: &str) -> aws_sdk_ecr::Client {
        self.ecr.get(&self.config, region)
    }

    pub fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        self.s3.get(&self.config, region)
    }

    pub fn ec2(&self, region: &str) -> aws_sdk_ec2::Client {
        self.ec2.get(&self.config, region)
    }

    pub fn efs(&self, region: &str) -> aws_sdk_efs::Client {
        self.efs.get(&self.config, region)
    }

    pub fn elb(&self, region: &str) -> aws_sdk_elasticloadbalancingv2::Client {
        self.elb.get(&self.config, region)
    }

    /// As IAM, one service for a whole partition.
    pub fn route53(&self) -> aws_sdk_route53::Client {
        self.route53.get(&self.config, self.region())
    }

    /// Where a need is asked, in words for a message: `ecs in eu-west-1 at http://localhost:5000`.
    pub fn place(&self, need: &Need) -> String {
        let service = need.action().split(':').next().unwrap_or_default();
        let region = region_of(need).unwrap_or_else(|| self.region());
        match self.config.endpoint_url() {
            Some(endpoint) => format!("{service} in {region} at {endpoint}"),
            None => format!("{service} in {region}"),
        }
    }

    fn region(&self) -> &str {
        self.config.region().map(AsRef::as_ref).unwrap_or_default()
    }
}

/// The Region that a need is asked in, if not the run's. The one that `HostedZones` names is where the VPC is.
fn region_of(need: &Need) -> Option<&str> {
    match need {
        Need::LogGroup { region, .. }
        | Need::LogStreams { region, .. }
        | Need::LogEvents { region, .. }
        | Need::CapturedEvents { region, .. }
        | Need::Secret { region, .. }
        | Need::Parameters { region, .. }
        | Need::Key { region, .. }
        | Need::RepositoryPolicy { region, .. }
        | Need::SecretPolicy { region, .. }
        | Need::KeyPolicy { region, .. }
        | Need::KeyGrants { region, .. }
        | Need::BucketPolicy { region, .. }
        | Need::Instance { region, .. }
        | Need::NetworkInterface { region, .. }
        | Need::NetworkInterfacesAt { region, .. }
        | Need::Subnets { region, .. }
        | Need::VpcSubnets { region, .. }
        | Need::Vpc { region, .. }
        | Need::VpcAttribute { region, .. }
        | Need::DhcpOptions { region, .. }
        | Need::RouteTables { region, .. }
        | Need::NetworkAcls { region, .. }
        | Need::SecurityGroups { region, .. }
        | Need::DefaultSecurityGroup { region, .. }
        | Need::NatGateways { region, .. }
        | Need::VpcEndpoints { region, .. }
        | Need::PrefixLists { region, .. }
        | Need::PrefixListEntries { region, .. }
        | Need::BlockPublicAccess { region, .. }
        | Need::BlockPublicAccessExclusions { region, .. }
        | Need::FileSystem { region, .. }
        | Need::MountTargets { region, .. }
        | Need::MountTargetGroups { region, .. }
        | Need::AccessPoint { region, .. }
        | Need::Object { region, .. }
        | Need::ImageTags { region, .. }
        | Need::LifecyclePolicy { region, .. }
        | Need::PullThroughCacheRules { region, .. }
        | Need::SecretVersions { region, .. }
        | Need::TargetGroup { region, .. }
        | Need::TargetHealth { region, .. } => Some(region),
        Need::Image(image) | Need::ImagePlatforms(image) => Some(&image.region),
        _ => None,
    }
}

/// The clients of one service by Region.
#[derive(Debug)]
struct Regional<C> {
    make: fn(&SdkConfig) -> C,
    made: RefCell<BTreeMap<String, C>>,
}

impl<C: Clone> Regional<C> {
    fn new(make: fn(&SdkConfig) -> C) -> Self {
        Self { make, made: RefCell::default() }
    }

    fn get(&self, config: &SdkConfig, region: &str) -> C {
        let mut made = self.made.borrow_mut();
        let client = made.entry(region.to_owned()).or_insert_with(|| {
            let region = Region::new(region.to_owned());
            (self.make)(&config.to_builder().region(region).build())
        });
        client.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_name_service_region_and_endpoint() {
        let config = || SdkConfig::builder().region(Region::new("eu-west-1"));
        let role = Need::Role { role: "exec".into() };
        let key = Need::Key { region: "us-east-1".into(), key: "x".into() };
        let clients = Clients::new(config().build());
        assert_eq!((clients.place(&role), clients.place(&key)), ("iam in eu-west-1".into(), "kms in us-east-1".into()));
        let zones = Need::HostedZones { region: "us-east-1".into(), vpc: "x".into() };
        let subnets = Need::VpcSubnets { region: "us-east-1".into(), vpc: "x".into() };
        assert_eq!(clients.place(&zones), "route53 in eu-west-1");
        assert_eq!(clients.place(&subnets), "ec2 in us-east-1");
        let local = Clients::new(config().endpoint_url("http://localhost:5000").build());
        assert_eq!(local.place(&role), "iam in eu-west-1 at http://localhost:5000");
    }
}
