//! The policy simulator: `SimulatePrincipalPolicy`, which evaluates and never makes the calls that it is asked about
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>).

use aws_sdk_iam::{
    Client,
    types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType},
};

use crate::case::{Answer, Gap, SimulatedCall, SimulatedCalls, SimulatedDecision, Simulation};

/// One resource a call: a call on several of them has one decision, the strictest.
pub async fn simulation(client: &Client, calls: &SimulatedCalls) -> Result<Answer, Gap> {
    let entries = calls.context.iter().map(|(key, value)| context_entry(key, value)).collect();
    let asked = client.simulate_principal_policy().policy_source_arn(&calls.principal).resource_arns(&calls.resource);
    let asked = asked.set_action_names(Some(calls.actions.clone())).set_context_entries(Some(entries));
    let results: Vec<EvaluationResult> = asked.into_paginator().items().send().try_collect().await?;
    let results = results.into_iter().map(mapped_result).collect::<Result<_, _>>()?;
    Ok(Answer::Simulation(Simulation { results }))
}

fn context_entry(key: &str, value: &str) -> ContextEntry {
    let kind = context_type(key);
    // AWS's dates have whole seconds.
    let value = match (&kind, value.split_once('.')) {
        (ContextKeyTypeEnum::Date, Some((seconds, _))) => format!("{seconds}Z"),
        _ => value.to_owned(),
    };
    ContextEntry::builder().context_key_name(key).context_key_values(value).context_key_type(kind).build()
}

/// Types of the global condition keys that are no texts
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
fn context_type(key: &str) -> ContextKeyTypeEnum {
    match key.to_ascii_lowercase().as_str() {
        "aws:securetransport" | "aws:principalisawsservice" | "aws:viaawsservice" => ContextKeyTypeEnum::Boolean,
        "aws:currenttime" => ContextKeyTypeEnum::Date,
        "aws:epochtime" => ContextKeyTypeEnum::Numeric,
        _ => ContextKeyTypeEnum::String,
    }
}

/// Missing keys stand with the resource if one was named, else with the action.
fn mapped_result(result: EvaluationResult) -> Result<SimulatedCall, Gap> {
    let of_resource = result.resource_specific_results.unwrap_or_default().into_iter().next();
    let decision = of_resource.as_ref().map_or(&result.eval_decision, |specific| &specific.eval_resource_decision);
    let decision = mapped_decision(decision)?;
    let boundary = result.permissions_boundary_decision_detail;
    let (missing, boundary) = match of_resource {
        Some(specific) => (specific.missing_context_values, specific.permissions_boundary_decision_detail.or(boundary)),
        None => (None, boundary),
    };
    let mut missing_context = result.missing_context_values.into_iter().chain(missing).flatten().collect::<Vec<_>>();
    missing_context.sort();
    missing_context.dedup();
    Ok(SimulatedCall {
        action: result.eval_action_name,
        decision,
        missing_context,
        allowed_by_organizations: result.organizations_decision_detail.map(|detail| detail.allowed_by_organizations),
        allowed_by_boundary: boundary.map(|detail| detail.allowed_by_permissions_boundary),
    })
}

fn mapped_decision(decision: &PolicyEvaluationDecisionType) -> Result<SimulatedDecision, Gap> {
    match decision {
        PolicyEvaluationDecisionType::Allowed => Ok(SimulatedDecision::Allowed),
        PolicyEvaluationDecisionType::ImplicitDeny => Ok(SimulatedDecision::ImplicitDeny),
        PolicyEvaluationDecisionType::ExplicitDeny => Ok(SimulatedDecision::ExplicitDeny),
        other => Err(Gap::Failed {
            message: format!("SimulatePrincipalPolicy gave an unknown decision: {}", other.as_str()),
        }),
    }
}

#[cfg(test)]
#[cfg(feature = "mocks")]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_iam::config::retry::RetryConfig;
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
    use aws_smithy_runtime_api::{client::orchestrator::HttpResponse, http::StatusCode};
    use aws_smithy_types::body::SdkBody;

    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/team/exec";
    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";

    fn calls() -> SimulatedCalls {
        let context = [
            ("aws:CurrentTime", "2026-11-22T06:28:29.99159346Z"),
            ("aws:SecureTransport", "true"),
            ("kms:ViaService", "secretsmanager.eu-west-1.amazonaws.com"),
        ];
        SimulatedCalls {
            principal: ROLE.to_owned(),
            resource: SECRET.to_owned(),
            actions: vec!["kms:Decrypt".to_owned(), "secretsmanager:GetSecretValue".to_owned()],
            context: BTreeMap::from(context.map(|(key, value)| (key.to_owned(), value.to_owned()))),
        }
    }

    fn asked(rules: &[Rule]) -> Result<Simulation, Gap> {
        let once = |config: aws_sdk_iam::config::Builder| config.retry_config(RetryConfig::disabled());
        let client = mock_client!(aws_sdk_iam, RuleMode::Sequential, rules, once);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match runtime.block_on(simulation(&client, &calls()))? {
            Answer::Simulation(simulation) => Ok(simulation),
            other => panic!("not of the kind that was asked: {other:?}"),
        }
    }

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
    }

    fn page(results: &str, rest: &str) -> String {
        format!(
            r#"<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
            <SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>{rest}
            </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"#
        )
    }

    fn member(action: &str, decision: &str, rest: &str) -> String {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision>{rest}</member>"
        )
    }

    /// Answers one call; the rule matches only if the page is asked for by its marker.
    fn on_page(marker: Option<&'static str>, body: String) -> Rule {
        mock!(Client::simulate_principal_policy)
            .match_requests(move |asked| asked.marker() == marker)
            .then_http_response(move || answer(200, &body))
    }

    fn refusal(status: u16, code: &'static str) -> Rule {
        mock!(Client::simulate_principal_policy).then_http_response(move || {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
            answer(status, &format!("<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"))
        })
    }

    #[test]
    fn pages_are_followed_and_mapped() {
        let denied = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
                      </OrganizationsDecisionDetail>";
        let specific = format!(
            "<ResourceSpecificResults><member><EvalResourceName>{SECRET}</EvalResourceName>\
             <EvalResourceDecision>implicitDeny</EvalResourceDecision>\
             <MissingContextValues><member>aws:SourceVpce</member></MissingContextValues>\
             <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
             </PermissionsBoundaryDecisionDetail></member></ResourceSpecificResults>"
        );
        let missing =
            "<MissingContextValues><member>aws:SourceVpce</member><member>aws:SourceIp</member></MissingContextValues>";
        let first =
            page(&member("kms:Decrypt", "explicitDeny", denied), "<IsTruncated>true</IsTruncated><Marker>m</Marker>");
        let last = member("secretsmanager:GetSecretValue", "implicitDeny", &format!("{missing}{specific}"));
        let last = page(&last, "<IsTruncated>false</IsTruncated>");
        let rules = [on_page(None, first), on_page(Some("m"), last)];
        let found = asked(&rules).unwrap();
        assert_eq!(
            found.results,
            [
                SimulatedCall {
                    action: "kms:Decrypt".to_owned(),
                    decision: SimulatedDecision::ExplicitDeny,
                    missing_context: Vec::new(),
                    allowed_by_organizations: Some(false),
                    allowed_by_boundary: None,
                },
                SimulatedCall {
                    action: "secretsmanager:GetSecretValue".to_owned(),
                    decision: SimulatedDecision::ImplicitDeny,
                    missing_context: vec!["aws:SourceIp".to_owned(), "aws:SourceVpce".to_owned()],
                    allowed_by_organizations: None,
                    allowed_by_boundary: Some(false),
                },
            ]
        );
        assert_eq!(rules.map(|rule| rule.num_calls()), [1, 1]);
    }

    #[test]
    fn the_question_says_all_that_is_known() {
        let rule = mock!(Client::simulate_principal_policy)
            .match_requests(|asked| {
                let entry = |key: &str, value: &str, kind: ContextKeyTypeEnum| {
                    ContextEntry::builder()
                        .context_key_name(key)
                        .context_key_values(value)
                        .context_key_type(kind)
                        .build()
                };
                asked.policy_source_arn() == Some(ROLE)
                    && asked.resource_arns() == [SECRET]
                    && asked.action_names() == ["kms:Decrypt", "secretsmanager:GetSecretValue"]
                    && asked.resource_policy().is_none()
                    && asked.context_entries()
                        == [
                            entry("aws:CurrentTime", "2026-11-22T06:28:29Z", ContextKeyTypeEnum::Date),
                            entry("aws:SecureTransport", "true", ContextKeyTypeEnum::Boolean),
                            entry(
                                "kms:ViaService",
                                "secretsmanager.eu-west-1.amazonaws.com",
                                ContextKeyTypeEnum::String,
                            ),
                        ]
            })
            .then_http_response(|| answer(200, &page("", "<IsTruncated>false</IsTruncated>")));
        assert_eq!(asked(&[rule]).unwrap().results, []);
    }

    #[test]
    fn refusals_are_gaps() {
        let denied = asked(&[refusal(403, "AccessDenied")]).unwrap_err();
        assert_eq!(denied, Gap::Denied { message: "AccessDenied: no".to_owned() });
        let throttled = asked(&[refusal(400, "Throttling")]).unwrap_err();
        assert_eq!(throttled, Gap::Throttled { message: "Throttling: no".to_owned() });
        let gone = asked(&[refusal(404, "NoSuchEntity")]).unwrap_err();
        assert!(gone.is_not_found(), "{gone:?}");
    }

    #[test]
    fn a_decision_of_another_name_is_none() {
        let body = page(&member("kms:Decrypt", "perhaps", ""), "<IsTruncated>false</IsTruncated>");
        let gap = asked(&[on_page(None, body)]).unwrap_err();
        assert!(gap.message().unwrap().contains("perhaps"), "{gap:?}");
    }
}
