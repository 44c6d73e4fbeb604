//! Policies of endpoints: one statement more, beside those that are there.
//!
//! ECR keeps layers in a bucket of its own, which the policy of an S3 endpoint has to let through:
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms>.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::words::{ECR_ENDPOINTS, ENDPOINT_POLICIES};
use crate::{
    case::{Case, network::VpcEndpoint},
    fix::{Change, EndpointEdit, NetworkChange, NetworkEdit, document, propose::Proposal},
    iam::Layer,
    judge::{Check, Reach, endpoint_of, layer_bucket},
    require::Workload,
};

/// What an endpoint's policy is to allow besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted<'a> {
    pub sid: &'a str,
    pub actions: &'a [String],
    pub resources: &'a [String],
}

/// The layers of ECR admitted by an S3 endpoint.
pub fn with_layers(endpoint: &VpcEndpoint, region: &str) -> Option<Proposal> {
    let (actions, resources) = (["s3:GetObject".to_owned()], [layer_bucket(region)]);
    let admitted = Admitted { sid: "EcrLayers", actions: &actions, resources: &resources };
    let change = put(endpoint, region, &admitted)?;
    Some(Proposal {
        title: format!(
            "Let the policy of endpoint {} through to the layers of ECR's images; its other statements stay",
            endpoint.vpc_endpoint_id
        ),
        changes: vec![change],
        docs: [ECR_ENDPOINTS, ENDPOINT_POLICIES].map(str::to_owned).to_vec(),
    })
}

/// Calls of a role that the policy of an endpoint alone stands against.
pub fn with_calls(case: &Case, workload: &Workload<'_>, calls: &[Check], reaches: &[Reach]) -> Option<Proposal> {
    let lacks = |call: &Check| call.decision.lacking == [Layer::Endpoint] && call.decision.deniers.is_empty();
    let endpoint = endpoint_of(case, workload, calls.first().filter(|_| calls.iter().all(lacks))?, reaches)?;
    let same = |call: &Check| endpoint_of(case, workload, call, reaches).is_some_and(|other| other == endpoint);
    if !calls.iter().all(same) {
        return None;
    }
    let of_calls =
        |of: fn(&Check) -> String| calls.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let actions = of_calls(|call| call.permission.action.clone());
    let resources = of_calls(|call| call.permission.granted_resource());
    let admitted = Admitted { sid: "TaskStart", actions: &actions, resources: &resources };
    Some(Proposal {
        title: format!(
            "Let the policy of endpoint {} through to {}; its other statements stay",
            endpoint.vpc_endpoint_id,
            actions.join(", ")
        ),
        changes: vec![put(endpoint, &workload.region, &admitted)?],
        docs: vec![ENDPOINT_POLICIES.to_owned()],
    })
}

/// The endpoint's policy with a statement more; `None` where it has no policy, which lets everything through, or one that
/// cannot be read.
pub fn put(endpoint: &VpcEndpoint, region: &str, admitted: &Admitted<'_>) -> Option<Change> {
    let present = document::parse(&endpoint.policy.as_ref()?.document)?;
    let edit = EndpointEdit::PutPolicy(admitting(present, admitted)?);
    let edit = NetworkEdit::ModifyEndpoint { endpoint: endpoint.vpc_endpoint_id.clone(), edit };
    Some(Change::Network(NetworkChange { region: region.to_owned(), edit }))
}

/// A document with an allow for everybody more: the policies of roles and resources decide beside it.
fn admitting(document: Value, admitted: &Admitted<'_>) -> Option<Value> {
    let statement = json!({
        "Sid": admitted.sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": document::one_or_many(admitted.actions),
        "Resource": document::one_or_many(admitted.resources),
    });
    document::with_statement(document, statement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::PolicyDocument;

    fn endpoint(policy: Option<&str>) -> VpcEndpoint {
        let policy = policy.map(|document| PolicyDocument { document: document.to_owned() });
        VpcEndpoint { vpc_endpoint_id: "vpce-s3".into(), policy, ..VpcEndpoint::default() }
    }

    #[test]
    fn the_layers_are_admitted_beside_what_is_there() {
        let own = r#"{"Version":"2008-10-17","Statement":{"Sid":"Own","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalAccount}-own/*"}}"#;
        let proposal = with_layers(&endpoint(Some(own)), "eu-central-1").unwrap();
        let document = proposal.changes[0].document().unwrap();
        let before: Value = serde_json::from_str(own).unwrap();
        assert_eq!((&document["Version"], &document["Statement"][0]), (&before["Version"], &before["Statement"]));
        let layers = json!("arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*");
        assert_eq!(
            (&document["Statement"][1]["Resource"], &document["Statement"][1]["Principal"]),
            (&layers, &json!("*"))
        );
    }

    #[test]
    fn what_lets_everything_through_stays() {
        assert_eq!(with_layers(&endpoint(None), "eu-central-1"), None);
        assert_eq!(with_layers(&endpoint(Some("no json")), "eu-central-1"), None);
    }
}
