//! Images in private ECR registries: the login, the manifest, the layers; and credentials of other registries.

use std::collections::BTreeMap;

use super::{Existence, Permission, PolicySide, Requirements, Thing, Workload, table::expand};
use crate::id::{EcrImage, ImageRef};

pub fn require(workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, image) in workload.containers() {
        let Some(image) = ImageRef::parse(image).ecr() else { continue };
        requirements.permissions.extend(permissions(workload, &container.name, &image));
        let container = Some(container.name.clone());
        requirements.things.push(Existence { thing: Thing::Image(image), container });
    }
}

fn permissions(workload: &Workload<'_>, container: &str, image: &EcrImage) -> Vec<Permission> {
    let values = BTreeMap::from([
        ("repository", image.repository.clone()),
        ("repository_arn", image.repository_arn().to_string()),
        ("container", container.to_owned()),
    ]);
    let rows = expand("image-ecr", &values).into_iter();
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
