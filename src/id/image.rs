//! Container image references: `[host/]repository[:tag][@digest]`.
//!
//! Given the `image` of a container definition, gives registry host, repository and reference, and whether the host is
//! a private Amazon ECR registry (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>).

use serde::{Deserialize, Serialize};

use super::{Arn, arn::is_account};

/// An image reference in its parts. A missing host means Docker Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    pub host: Option<String>,
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

/// A tag or digest of a repository in a private ECR registry. Without either, the tag is `latest`, as Docker has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcrImage {
    pub account: String,
    pub region: String,
    pub repository: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl ImageRef {
    /// Splits a reference as Docker does: the first segment is a host if it has a dot or a colon, or is `localhost`.
    pub fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (host, path) = match rest.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first.to_owned()), path),
            _ => (None, rest),
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository.to_owned(), Some(tag.to_owned())),
            None => (path.to_owned(), None),
        };
        Self { host, repository, tag, digest }
    }

    /// The private ECR image that this names, if its host is a private ECR registry.
    pub fn ecr(&self) -> Option<EcrImage> {
        let (account, region) = ecr_registry(self.host.as_deref()?)?;
        let tag = match &self.digest {
            Some(_) => None,
            None => Some(self.tag.clone().unwrap_or_else(|| "latest".to_owned())),
        };
        Some(EcrImage { account, region, repository: self.repository.clone(), tag, digest: self.digest.clone() })
    }
}

impl EcrImage {
    /// The repository's ARN, which is what IAM is asked about.
    pub fn repository_arn(&self) -> Arn {
        Arn::new("ecr", &self.region, &self.account, format!("repository/{}", self.repository))
    }
}

/// Account and Region of `ACCOUNT.dkr.ecr[-fips].REGION.amazonaws.com[.cn]` and of the dual-stack
/// `ACCOUNT.dkr-ecr[-fips].REGION.on.aws`.
fn ecr_registry(host: &str) -> Option<(String, String)> {
    let (account, rest) = host.split_once('.')?;
    let forms = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
    let rest = forms.iter().find_map(|form| rest.strip_prefix(form))?;
    let (region, domain) = rest.split_once('.')?;
    let known = domain.starts_with("amazonaws.") || domain.starts_with("on.") || domain.ends_with(".gov");
    (known && is_account(account)).then(|| (account.to_owned(), region.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecr_hosts_are_recognised() {
        for (host, region) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ] {
            let image = ImageRef::parse(&format!("{host}/team/app:v9")).ecr().unwrap();
            assert_eq!((image.region.as_str(), image.repository.as_str()), (region, "team/app"));
            assert_eq!(image.tag.as_deref(), Some("v9"));
        }
        for other in ["nginx", "public.ecr.aws/nginx/nginx:1", "quay.io/a/b", "12.dkr.ecr.eu-west-1.amazonaws.com/a"] {
            assert_eq!(ImageRef::parse(other).ecr(), None, "{other}");
        }
    }

    #[test]
    fn tags_digests_and_ports_do_not_mix() {
        let image = ImageRef::parse("localhost:5000/a/b@sha256:00");
        assert_eq!((image.host.as_deref(), image.digest.as_deref()), (Some("localhost:5000"), Some("sha256:00")));
        assert_eq!(ImageRef::parse("redis:7").tag.as_deref(), Some("7"));
        let latest = ImageRef::parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app").ecr().unwrap();
        assert_eq!(latest.tag.as_deref(), Some("latest"));
    }
}
