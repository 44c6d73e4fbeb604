//! Secrets' metadata: `DescribeSecret`, `ListSecretVersionIds` and `GetResourcePolicy`. Their values are never asked for.

use std::collections::BTreeSet;

use aws_sdk_secretsmanager::{Client, operation::describe_secret::DescribeSecretOutput};

use super::time::instant;
use crate::case::{Answer, Gap, PolicyDocument, Secret, SecretVersions};

pub async fn secret(client: &Client, secret: &str) -> Result<Answer, Gap> {
    let described = client.describe_secret().secret_id(secret).send().await?;
    Ok(Answer::Secret(mapped(described)))
}

/// A reference may name a version that has no label any more, which the service lists only as deprecated.
pub async fn versions(client: &Client, secret: &str) -> Result<Answer, Gap> {
    let request = client.list_secret_version_ids().secret_id(secret).include_deprecated(true);
    let pages = request.into_paginator().send().try_collect().await?;
    let versions = pages.into_iter().filter_map(|page| page.versions).flatten();
    let version_ids = versions.filter_map(|version| version.version_id).collect();
    Ok(Answer::SecretVersions(SecretVersions { version_ids }))
}

/// Empty where the secret has no policy.
pub async fn resource_policy(client: &Client, secret: &str) -> Result<Answer, Gap> {
    let answer = client.get_resource_policy().secret_id(secret).send().await?;
    Ok(Answer::SecretPolicy(PolicyDocument { document: answer.resource_policy.unwrap_or_default() }))
}

fn mapped(described: DescribeSecretOutput) -> Secret {
    let labels = described.version_ids_to_stages.into_iter().flatten().flat_map(|(_, stages)| stages);
    Secret {
        version_stages: labels.collect::<BTreeSet<_>>().into_iter().collect(),
        arn: described.arn.unwrap_or_default(),
        name: described.name.unwrap_or_default(),
        kms_key_id: described.kms_key_id,
        deleted_date: described.deleted_date.and_then(instant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::Need,
        collect::aws::wire::{REGION, asked, reply},
    };

    #[test]
    fn labels_of_all_versions_are_listed_once() {
        let labels = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect::<Vec<_>>();
        let described = DescribeSecretOutput::builder()
            .name("db")
            .version_ids_to_stages("1", labels(&["AWSPREVIOUS", "mine"]))
            .version_ids_to_stages("2", labels(&["AWSCURRENT", "mine"]))
            .build();
        assert_eq!(mapped(described).version_stages, ["AWSCURRENT", "AWSPREVIOUS", "mine"]);
    }

    #[test]
    fn versions_without_a_label_are_listed_too() {
        let page = |id: &str, rest: &str| reply(200, format!(r#"{{"Versions":[{{"VersionId":"{id}"}}]{rest}}}"#));
        let need = Need::SecretVersions { region: REGION.to_owned(), secret: "db".to_owned() };
        let asked = asked(&need, [page("1", r#","NextToken":"more""#), page("2", "")]);
        let version_ids = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(asked.answer, Ok(Answer::SecretVersions(SecretVersions { version_ids })));
        assert!(asked.requests.iter().all(|request| request.contains(r#""IncludeDeprecated":true"#)), "{asked:?}");
    }
}
