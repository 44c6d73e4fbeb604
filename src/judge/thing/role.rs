//! Roles that ECS itself assumes, for its own work or for infrastructure that a service or volume names.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html>

use super::Verdict;
use crate::{
    case::{Case, Gap},
    iam::Outcome,
    id::short_name,
    judge::{check::trusts, policies::unread},
    require::Workload,
};

/// Who assumes them.
const ECS: &str = "ecs.amazonaws.com";

pub fn judge(case: &Case, workload: &Workload<'_>, arn: &str, cause: &'static str) -> Verdict {
    let name = short_name(arn);
    let broken = |shows| Verdict::Broken { cause, shows };
    match case.role(name) {
        Ok(found) => match trusts(workload, arn, &found.assume_role_policy_document, ECS) {
            Outcome::Allowed => Verdict::Holds,
            Outcome::Unknown => Verdict::Undecided(format!("whether {name} trusts {ECS} is not known")),
            Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied => {
                broken(format!("the trust policy of {name} does not let {ECS} assume it"))
            }
        },
        Err(Gap::NotFound { .. }) => broken(format!("role {name} does not exist")),
        Err(gap) => Verdict::Undecided(unread("the role", "iam:GetRole", gap)),
    }
}
