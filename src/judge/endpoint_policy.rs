//! Policies of VPC endpoints: each call that goes through an endpoint has to be allowed by the endpoint's policy as well.
//!
//! Given the paths of a start, decides the role's calls again with that layer, and the fetch of image layers, which is no
//! call of a role: ECR hands out signed addresses of a bucket of its own.
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>

use super::{
    check::{Check, is_undecidable, request},
    fault::{Fault, FaultSubject},
    policies::{document_set, layers},
    reach::Reach,
};
use crate::{
    case::{Case, network::VpcEndpoint},
    iam::{Context, Layers, Outcome, Request, decide},
    id::partition_of_region,
    net::{CallKind, Destination},
    require::{RoleKind, Workload},
};

/// A call that the policy of an endpoint does not let through, and that no role makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    pub region: String,
    pub endpoint: String,
    pub action: String,
    pub resource: String,
}

/// Decides the calls that go through endpoints with the policies of those.
pub fn respect(case: &Case, workload: &Workload<'_>, reaches: &[Reach], checks: &mut [Check]) {
    for check in checks.iter_mut().filter(|check| !is_undecidable(case, workload, &check.permission)) {
        let Some(document) = way_of(check, reaches).and_then(|reach| policy(case, workload, reach)) else { continue };
        let role = check.permission.role.name().unwrap_or_default();
        let endpoint = Some(document_set(document.0, document.1));
        let layers = Layers { endpoint, ..layers(case, role, &check.permission.policy) };
        check.decision = decide(&request(case, workload, &check.permission), &layers);
    }
}

/// The endpoint that a role's call goes through, if it goes through one.
pub fn endpoint_of<'a>(
    case: &'a Case,
    workload: &Workload<'_>,
    check: &Check,
    reaches: &[Reach],
) -> Option<&'a VpcEndpoint> {
    endpoint(case, &workload.region, way_of(check, reaches)?.endpoint()?)
}

/// The path that a role's call takes.
fn way_of<'r>(check: &Check, reaches: &'r [Reach]) -> Option<&'r Reach> {
    if check.permission.role.kind == RoleKind::Task || check.is_trust() {
        return None;
    }
    let (service, kind) = match check.permission.action.split_once(':')? {
        ("ecr", "GetAuthorizationToken") => ("ecr.api", CallKind::RegistryLogin),
        ("ecr", _) => ("ecr.dkr", CallKind::ImagePull),
        ("secretsmanager", _) => ("secretsmanager", CallKind::Secret),
        ("ssm", _) => ("ssm", CallKind::Secret),
        ("logs", _) => ("logs", CallKind::Logs),
        ("s3", "GetObject") => ("s3", CallKind::EnvironmentFile),
        _ => return None,
    };
    reaches.iter().find(|reach| reach.connection.kind == kind && is_service(reach, service))
}

fn is_service(reach: &Reach, service: &str) -> bool {
    matches!(&reach.connection.destination, Destination::Service { name, .. } if name == service)
}

/// The endpoint that a path goes through, and its policy, where somebody can have written one.
fn policy<'a>(case: &'a Case, workload: &Workload<'_>, reach: &Reach) -> Option<(&'a str, &'a str)> {
    let endpoint = endpoint(case, &workload.region, reach.endpoint()?)?;
    let document = endpoint.policy.as_ref()?.document.as_str();
    (!document.trim().is_empty()).then_some((endpoint.vpc_endpoint_id.as_str(), document))
}

/// An endpoint by its id.
pub fn endpoint<'a>(case: &'a Case, region: &str, id: &str) -> Option<&'a VpcEndpoint> {
    let mut answers = case.facts().filter_map(|(need, _)| match need {
        crate::case::Need::VpcEndpoints { region: of, vpc } if of == region => case.vpc_endpoints(of, vpc).ok(),
        _ => None,
    });
    answers.find_map(|found| found.iter().find(|endpoint| endpoint.vpc_endpoint_id == id))
}

/// The layers of images that the S3 endpoint's policy does not let through.
pub fn fault(case: &Case, workload: &Workload<'_>, reaches: &[Reach]) -> Option<Fault> {
    let is_layers = |reach: &&Reach| reach.connection.kind == CallKind::ImagePull && is_service(reach, "s3");
    let reach = reaches.iter().find(is_layers)?;
    let (endpoint, document) = policy(case, workload, reach)?;
    let Destination::Service { region, .. } = &reach.connection.destination else { return None };
    let resource = layer_bucket(region);
    let outcome = fetch(document, &resource, region);
    matches!(outcome, Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied).then(|| Fault {
        cause: "s3-layer-endpoint".to_owned(),
        container: reach.connection.container.clone(),
        role: None,
        resource: Some(endpoint.to_owned()),
        shows: format!("the policy of endpoint {endpoint} does not allow s3:GetObject on {resource}"),
        subject: FaultSubject::EndpointPolicy(Gate {
            region: workload.region.clone(),
            endpoint: endpoint.to_owned(),
            action: "s3:GetObject".to_owned(),
            resource,
        }),
    })
}

/// Where ECR keeps layers. <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
pub fn layer_bucket(region: &str) -> String {
    format!("arn:{}:s3:::prod-{region}-starport-layer-bucket/*", partition_of_region(region))
}

/// What the policy says of a layer's address, whoever signed it: nobody of the task's account did.
fn fetch(document: &str, bucket: &str, region: &str) -> Outcome {
    let object = bucket.replace("/*", "/layer");
    let request = Request {
        principal: "anonymous".into(),
        principal_id: None,
        account: "".into(),
        action: "s3:GetObject".into(),
        resource: object.into(),
        resource_account: "".into(),
        context: Context::default().with("aws:RequestedRegion", region.to_owned()).with("aws:SecureTransport", "true"),
    };
    let everything = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let layers = Layers {
        resource: crate::iam::ResourcePolicy::Set(document_set("bucket", everything)),
        endpoint: Some(document_set("endpoint policy", document)),
        ..Layers::default()
    };
    decide(&request, &layers).outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_need_a_statement_that_names_their_bucket() {
        let bucket = layer_bucket("eu-west-1");
        let policy = |resource: &str, principal: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
            )
        };
        for (document, outcome) in [
            (policy(&bucket, r#""*""#), Outcome::Allowed),
            (policy("*", r#"{"AWS":"*"}"#), Outcome::Allowed),
            (policy("arn:aws:s3:::own-bucket/*", r#""*""#), Outcome::ImplicitlyDenied),
            (policy(&layer_bucket("eu-west-2"), r#""*""#), Outcome::ImplicitlyDenied),
        ] {
            assert_eq!(fetch(&document, &bucket, "eu-west-1"), outcome, "{document}");
        }
        assert_eq!(layer_bucket("cn-north-1"), "arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket/*");
    }
}
