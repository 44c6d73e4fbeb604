//! A role that the task definition names and IAM does not know: made again, with what starting the task needs and no more.

use super::Proposal;
use crate::{
    fix::{
        Change, document,
        statements::{statements, trust_statement},
    },
    judge::Check,
    require::{Permission, RoleRef, Workload},
};

/// The role with its trust and, if it is to start the task, its permissions.
pub fn propose(workload: &Workload<'_>, role: &RoleRef, checks: &[Check]) -> Option<Proposal> {
    let (arn, name) = (role.arn.clone()?, role.name()?);
    let own = checks.iter().filter(|c| c.permission.role == *role && !c.is_trust());
    let own: Vec<&Permission> = own.map(|check| &check.permission).collect();
    let trust = document::new(vec![trust_statement(workload)]);
    let mut changes = vec![Change::CreateRole { arn, trust }];
    if !own.is_empty() {
        let document = document::new(statements(&own));
        changes.push(Change::PutRolePolicy {
            role: name.to_owned(),
            policy: "ecs-why-task-start".to_owned(),
            document,
        });
    }
    Some(Proposal {
        title: format!("Create the {} role {name} again, with what this task definition needs", role.kind.name()),
        changes,
        docs: vec![
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html".to_owned(),
        ],
    })
}
