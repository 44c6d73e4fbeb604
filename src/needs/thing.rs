//! What to ask about the things that a task definition names.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    case::{Case, Gap, Need},
    id::{EcrImage, short_name},
    require::{PolicySide, Requirements, Thing, Workload, is_repository_missing, version_id},
    symptom::{Topic, task_symptoms, topics},
};

/// Most parameters that one `DescribeParameters` takes.
const PARAMETERS_A_CALL: usize = 50;

pub(super) fn need(case: &Case, thing: &Thing, requirements: &Requirements, needs: &mut BTreeSet<Need>) {
    match thing.clone() {
        Thing::Image(image) => image_needs(case, image, needs),
        Thing::Platform { image, .. } => needs.extend([Need::ImagePlatforms(image)]),
        Thing::LogGroup { region, group } => needs.extend([Need::LogGroup { region, group }]),
        Thing::Secret { region, secret, reference } => secret_needs(case, region, secret, &reference, needs),
        Thing::Key { region, key, .. } => key_needs(case, region, key, requirements, needs),
        Thing::Object { region, bucket, key, .. } => needs.extend([Need::Object { region, bucket, key }]),
        Thing::FileSystem { region, file_system } => needs.extend([Need::FileSystem { region, file_system }]),
        Thing::AccessPoint { region, access_point, .. } => needs.extend([Need::AccessPoint { region, access_point }]),
        Thing::Host { cluster, instance, .. } => {
            needs.extend([Need::ContainerInstances { cluster, container_instances: vec![instance] }]);
        }
        Thing::TargetGroup { region, target_group } => target_group_needs(case, region, target_group, needs),
        Thing::ServiceRole { arn, .. } => needs.extend([Need::Role { role: short_name(&arn).to_owned() }]),
        // Asked together: see `parameters`.
        Thing::Parameter { .. } => {}
    }
}

/// What would tell why an image is missing is asked only once it is.
fn image_needs(case: &Case, image: EcrImage, needs: &mut BTreeSet<Need>) {
    let missing = case.image(&image).is_err_and(Gap::is_not_found);
    if is_repository_missing(case, &image) {
        needs.insert(Need::pull_through_cache_rules(&image));
    } else if missing {
        needs.extend([Need::image_tags(&image), Need::lifecycle_policy(&image)]);
    }
    needs.insert(Need::Image(image));
}

/// The ids of versions only where the reference names one.
fn secret_needs(case: &Case, region: String, secret: String, reference: &str, needs: &mut BTreeSet<Need>) {
    if version_id(reference).is_some() && case.secret(&region, &secret).is_ok() {
        needs.insert(Need::SecretVersions { region: region.clone(), secret: secret.clone() });
    }
    needs.insert(Need::Secret { region, secret });
}

/// An alias cannot be asked for its policy, and the key's own ARN is the surest name. Only a key that a role has to use
/// is asked for it.
fn key_needs(case: &Case, region: String, key: String, requirements: &Requirements, needs: &mut BTreeSet<Need>) {
    if let Ok(described) = case.key(&region, &key) {
        let own = PolicySide::Key { region: region.clone(), key: described.arn.clone() };
        let used = requirements.permissions.iter().any(|permission| permission.policy == own);
        let policy = Need::KeyPolicy { region: region.clone(), key: described.arn.clone() };
        needs.extend(used.then_some(policy));
    }
    needs.insert(Need::Key { region, key });
}

fn target_group_needs(case: &Case, region: String, target_group: String, needs: &mut BTreeSet<Need>) {
    if !case.target_group(&region, &target_group).is_err_and(Gap::is_not_found) {
        needs.insert(Need::TargetHealth { region: region.clone(), target_group: target_group.clone() });
    }
    needs.insert(Need::TargetGroup { region, target_group });
}

/// A message about the load balancer that names no target group: the service does.
pub(super) fn service(case: &Case, workload: &Workload<'_>, requirements: &Requirements) -> Option<Need> {
    let task = workload.task?;
    let spoken = task_symptoms(task).iter().any(|s| topics(&s.text).contains(&Topic::TargetGroup));
    let named = requirements.things.iter().any(|existence| matches!(existence.thing, Thing::TargetGroup { .. }));
    let service = task.service().filter(|_| spoken && !named)?;
    Some(Need::Services { cluster: case.target.cluster.clone(), services: vec![service.to_owned()] })
}

pub(super) fn parameters(requirements: &Requirements, needs: &mut BTreeSet<Need>) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for existence in &requirements.things {
        if let Thing::Parameter { region, names: any } = &existence.thing {
            names.entry(region).or_default().extend(any.iter().map(String::as_str));
        }
    }
    for (region, names) in names {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let batches = names.chunks(PARAMETERS_A_CALL);
        needs.extend(batches.map(|b| Need::Parameters { region: region.to_owned(), names: b.to_vec() }));
    }
}
