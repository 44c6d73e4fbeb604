//! Images in private ECR registries: the login, the manifest, the layers; and credentials of other registries.

use std::collections::BTreeMap;

use super::{Existence, Permission, PolicySide, Requirements, Thing, Workload, table::expand};
use crate::{
    case::{Case, Gap, PullThroughCacheRule},
    id::{EcrImage, ImageRef},
};

const REGISTRY_POLICY: &str = "the policy of the registry, which decides as well, is not read";

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, image) in workload.containers() {
        let Some(image) = ImageRef::parse(image).ecr() else { continue };
        requirements.permissions.extend(permissions(workload, &container.name, &image, "image-ecr"));
        if is_repository_missing(case, &image) && pull_through(case, &image).is_some() {
            let imports = permissions(workload, &container.name, &image, "image-ecr-pull-through").into_iter();
            let policy = || PolicySide::Unread(REGISTRY_POLICY.to_owned());
            requirements.permissions.extend(imports.map(|p| Permission { policy: policy(), ..p }));
        }
        let container = Some(container.name.clone());
        requirements.things.push(Existence { thing: Thing::Image(image), container });
    }
}

/// Whether ECR says that there is no such repository.
pub fn is_repository_missing(case: &Case, image: &EcrImage) -> bool {
    matches!(case.image(image), Err(Gap::NotFound { message }) if message.contains("RepositoryNotFound"))
}

/// The rule of the registry that fetches what is missing from upstream: that of the longest prefix
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html>).
pub fn pull_through<'a>(case: &'a Case, image: &EcrImage) -> Option<&'a PullThroughCacheRule> {
    let rules = &case.pull_through_cache_rules(image).ok()?.rules;
    let covers = |rule: &&PullThroughCacheRule| {
        let prefix = rule.ecr_repository_prefix.trim_end_matches('/');
        prefix == "ROOT" || image.repository.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
    };
    rules.iter().filter(covers).max_by_key(|rule| match rule.ecr_repository_prefix.as_str() {
        "ROOT" => 0,
        prefix => prefix.len(),
    })
}

fn permissions(workload: &Workload<'_>, container: &str, image: &EcrImage, feature: &str) -> Vec<Permission> {
    let values = BTreeMap::from([
        ("repository", image.repository.clone()),
        ("repository_arn", image.repository_arn().to_string()),
        ("container", container.to_owned()),
    ]);
    let rows = expand(feature, &values).into_iter();
    let permission = |row: super::table::Row| {
        // The login is asked of the caller's own account; only what names the repository crosses over.
        let at_repository = row.resource != "*";
        Permission {
            role: workload.puller(),
            action: row.action,
            resource: row.resource,
            resource_account: if at_repository { image.account.clone() } else { workload.account.clone() },
            because: row.because,
            container: Some(container.to_owned()),
            context: in_region(row.context, &image.region),
            reference: row.reference,
            doubt: None,
            policy: if at_repository { PolicySide::Repository(image.clone()) } else { PolicySide::None },
        }
    };
    rows.map(permission).collect()
}

/// The registry's Region, which the login's resource `*` does not tell.
fn in_region(mut context: BTreeMap<String, String>, region: &str) -> BTreeMap<String, String> {
    context.insert("aws:RequestedRegion".to_owned(), region.to_owned());
    context
}
