//! What would mend a thing that is missing or cannot be used: another name for it in the task definition, or the thing
//! brought back.

use super::{Proposal, Remedy};
use crate::{
    case::{Case, Key},
    fix::{Change, Revision, Text},
    id::{EcrImage, ImageRef, short_name},
    judge::missing_tags,
    require::{Thing, Workload, version_id, version_stage},
};

const REVISE: &str =
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-task-definition-console-v2.html";
const KEY_STATE: &str = "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html";
const LINKED: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html";
const TAGS: &str = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html";
/// The label that every secret with a value has.
const CURRENT: &str = "AWSCURRENT";

pub fn propose(case: &Case, workload: &Workload<'_>, thing: &Thing) -> Remedy {
    match thing {
        Thing::LogGroup { region, group } => Remedy::of(Some(log_group(region, group))),
        Thing::Secret { region, secret, reference } => secret_remedy(case, workload, [region, secret, reference]),
        Thing::Image(image) => image_remedy(case, workload, image),
        Thing::Key { region, key, of } => Remedy::of(case.key(region, key).ok().and_then(|k| usable(region, k, of))),
        Thing::ServiceRole { arn, .. } => Remedy::of(linked_role(case, arn)),
        Thing::Parameter { .. }
        | Thing::Platform { .. }
        | Thing::Object { .. }
        | Thing::FileSystem { .. }
        | Thing::AccessPoint { .. }
        | Thing::Host { .. }
        | Thing::TargetGroup { .. } => Remedy::default(),
    }
}

fn log_group(region: &str, group: &str) -> Proposal {
    Proposal {
        title: format!("Create log group {group} in {region}"),
        changes: vec![Change::CreateLogGroup { region: region.to_owned(), group: group.to_owned() }],
        docs: vec!["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html".to_owned()],
    }
}

fn secret_remedy(case: &Case, workload: &Workload<'_>, [region, secret, reference]: [&str; 3]) -> Remedy {
    let mut remedy = Remedy::of(restored_secret(case, region, secret));
    remedy.add(other_version(case, workload, [region, secret, reference]));
    remedy
}

fn restored_secret(case: &Case, region: &str, secret: &str) -> Option<Proposal> {
    let found = case.secret(region, secret).ok().filter(|s| s.deleted_date.is_some())?;
    Some(Proposal {
        title: format!("Restore secret {}, whose deletion is scheduled", found.name),
        changes: vec![Change::RestoreSecret { region: region.to_owned(), secret: secret.to_owned() }],
        docs: vec!["https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html".to_owned()],
    })
}

/// The current version in the place of one that is not there, where it is the only one that a label leads to.
fn other_version(case: &Case, workload: &Workload<'_>, [region, secret, reference]: [&str; 3]) -> Option<Proposal> {
    let found = case.secret(region, secret).ok().filter(|found| found.deleted_date.is_none())?;
    if found.version_stages != [CURRENT] || (version_id(reference).is_none() && version_stage(reference).is_none()) {
        return None;
    }
    let key = reference.split(':').nth(7).unwrap_or_default();
    let to = format!("{secret}:{key}:{CURRENT}:");
    let text = Text::ValueFrom { from: reference.to_owned(), to };
    let title = format!("Let task definition {} take the current version of secret {}", label(workload), found.name);
    Some(Proposal { title, changes: vec![revise(case, workload, text)?], docs: vec![REVISE.to_owned()] })
}

/// Another tag only where one is evident; else the nearest are named, and a person chooses.
fn image_remedy(case: &Case, workload: &Workload<'_>, image: &EcrImage) -> Remedy {
    let (near, _) = missing_tags(case, image);
    let same: Vec<&str> = near.iter().filter(|near| near.is_same).map(|near| near.tag).collect();
    let all: Vec<&str> = near.iter().map(|near| near.tag).collect();
    let evident = match (same.as_slice(), all.as_slice()) {
        ([tag], _) | ([], [tag]) => Some(*tag),
        _ => None,
    };
    let mut remedy = Remedy::of(evident.and_then(|tag| other_tag(case, workload, image, tag)));
    if !all.is_empty() {
        let title = format!(
            "Name an image that is there, of which the nearest tags are {}, or push the one that is named",
            all.join(", ")
        );
        remedy.advice.push((title, vec![TAGS.to_owned()]));
    }
    remedy
}

fn other_tag(case: &Case, workload: &Workload<'_>, image: &EcrImage, tag: &str) -> Option<Proposal> {
    let mut texts = workload.definition.container_definitions.iter().map(|container| container.image.as_str());
    let from = texts.find(|text| ImageRef::parse(text).ecr().as_ref() == Some(image))?;
    let named = ImageRef::parse(from);
    let bare = match &named.tag {
        Some(old) => from.strip_suffix(old.as_str())?.strip_suffix(':')?,
        None => from,
    };
    let text = Text::Image { from: from.to_owned(), to: format!("{bare}:{tag}") };
    let title =
        format!("Let task definition {} name tag {tag} of {}, which is there", label(workload), image.repository);
    Some(Proposal { title, changes: vec![revise(case, workload, text)?], docs: vec![REVISE.to_owned()] })
}

fn label(workload: &Workload<'_>) -> String {
    short_name(&workload.definition.label()).to_owned()
}

fn revise(case: &Case, workload: &Workload<'_>, text: Text) -> Option<Change> {
    let definition = workload.definition;
    let of_task = workload.task.and_then(|task| task.service()).map(str::to_owned);
    let service = of_task.or_else(|| workload.service.map(|service| service.service_name.clone()));
    let own = workload.task.and_then(|task| task.cluster_arn.as_deref()).map(|arn| short_name(arn).to_owned());
    let cluster = own.or_else(|| case.target.cluster.clone()).unwrap_or_else(|| "default".to_owned());
    let revision = Revision {
        region: workload.region.clone(),
        family: definition.family.clone(),
        revision: definition.revision?,
        text,
        service: service.map(|service| (cluster, service)),
    };
    revision.text.is_plain().then_some(Change::ReviseTaskDefinition(revision))
}

/// Only these states a call takes back.
fn usable(region: &str, key: &Key, of: &str) -> Option<Proposal> {
    let (region, arn) = (region.to_owned(), key.arn.clone());
    let enable = Change::EnableKey { region: region.clone(), key: arn.clone() };
    let (title, changes) = match key.key_state.as_str() {
        "Disabled" => (format!("Enable key {arn}, which encrypts {of}"), vec![enable]),
        "PendingDeletion" => {
            let keep = Change::CancelKeyDeletion { region, key: arn.clone() };
            (format!("Keep key {arn}, which encrypts {of}, and enable it"), vec![keep, enable])
        }
        _ => return None,
    };
    Some(Proposal { title, changes, docs: vec![KEY_STATE.to_owned()] })
}

fn linked_role(case: &Case, arn: &str) -> Option<Proposal> {
    let (_, rest) = arn.split_once(":role/aws-service-role/")?;
    let (service, name) = rest.split_once('/')?;
    let missing = case.role(name).is_err_and(crate::case::Gap::is_not_found);
    missing.then(|| Proposal {
        title: format!("Let {service} make its role {name}"),
        changes: vec![Change::CreateServiceLinkedRole { arn: arn.to_owned(), service: service.to_owned() }],
        docs: vec![LINKED.to_owned()],
    })
}
