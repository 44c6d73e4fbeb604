//! Does the thing exist, and can it be used? One answer for everything that a start needs.

mod host;
mod image;
mod nearest;
mod role;
mod secret;
mod storage;

pub use image::missing_tags;
pub use nearest::Near;

use super::policies::unread;
use crate::{
    case::{Case, Gap, Key, TargetGroup},
    require::{Existence, Thing, Workload},
};

/// The verdict on a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// The cause that it is, and what the facts show.
    Broken {
        cause: &'static str,
        shows: String,
    },
    /// What would have to be read.
    Undecided(String),
}

/// Judges a thing by the facts.
pub fn judge(case: &Case, workload: &Workload<'_>, existence: &Existence) -> Verdict {
    match &existence.thing {
        Thing::Image(image) => image::judge(case, image),
        Thing::Platform { image, os, architecture } => image::platform(case, image, os, architecture),
        Thing::LogGroup { region, group } => {
            let found = case.log_group(region, group).map(|_| Verdict::Holds);
            found.unwrap_or_else(|gap| {
                absent(gap, "log-group-missing", &format!("log group {group}"), "logs:DescribeLogGroups")
            })
        }
        Thing::Secret { region, secret, reference } => secret::judge(case, region, secret, reference),
        Thing::Parameter { region, names } => secret::parameter(case, region, names),
        Thing::Key { region, key, of } => match case.key(region, key) {
            Ok(found) => usable_key(found, of),
            Err(gap) => absent(gap, "kms-key-unusable", &format!("key {key}"), "kms:DescribeKey"),
        },
        Thing::Object { region, bucket, key, of } => storage::object(case, [region, bucket, key], *of),
        Thing::FileSystem { region, file_system } => storage::file_system(case, region, file_system),
        Thing::AccessPoint { region, access_point, file_system } => {
            storage::access_point(case, region, access_point, file_system)
        }
        Thing::Host { cluster, instance, side } => host::judge(case, cluster, instance, side),
        Thing::TargetGroup { region, target_group } => match case.target_group(region, target_group) {
            Ok(found) => attached(found),
            Err(gap) => {
                let what = format!("target group {target_group}");
                absent(gap, "target-group-missing", &what, "elasticloadbalancing:DescribeTargetGroups")
            }
        },
        Thing::ServiceRole { arn, cause } => role::judge(case, workload, arn, cause),
    }
}

fn absent(gap: &Gap, cause: &'static str, what: &str, action: &str) -> Verdict {
    if gap.is_not_found() {
        Verdict::Broken { cause, shows: format!("{what} does not exist") }
    } else {
        Verdict::Undecided(unread(what, action, gap))
    }
}

/// States in which a key cannot be used
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>).
fn usable_key(key: &Key, of: &str) -> Verdict {
    match key.key_state.as_str() {
        "" | "Enabled" | "Updating" => Verdict::Holds,
        state => {
            let shows = format!("key {}, which encrypts {of}, is {state}", key.arn);
            Verdict::Broken { cause: "kms-key-unusable", shows }
        }
    }
}

/// Targets of a group that no load balancer uses are never checked.
fn attached(group: &TargetGroup) -> Verdict {
    if !group.load_balancer_arns.is_empty() || group.target_group_arn.is_empty() {
        return Verdict::Holds;
    }
    let shows = format!("target group {} belongs to no load balancer", group.target_group_arn);
    Verdict::Broken { cause: "target-group-missing", shows }
}
