//! Who may run a command that changes the policy of a resource: the policy as it stands decides that, too.
//!
//! An administrator stands for everybody of the resource's account. Its root user can always change a bucket's policy
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>); a key's is changed by those alone whom it
//! admits (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>).

use serde_json::{Map, Value};

use super::{
    Change, Resource, document,
    place::{Place, Standing},
};
use crate::{
    case::Case,
    iam::{Context, Decision, Layers, Outcome, Request, ResourcePolicy, decide},
    id::Arn,
    judge::{Fault, FaultSubject, document_set},
};

/// Whom the present policies let run the commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runner {
    /// Nothing is known that stands in the way of an administrator.
    Administrator,
    /// Some only, in words.
    Few(String),
    /// Nobody of the account, in words.
    Nobody(String),
}

const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Who may run what makes these changes, for a fault.
pub fn runner(case: &Case, fault: &Fault, changes: &[Change]) -> Runner {
    let all = changes.iter().filter_map(|change| Some(Command::of(case, fault, change)?.runner()));
    let (mut few, mut nobody) = (Vec::new(), Vec::new());
    for runner in all {
        match runner {
            Runner::Administrator => {}
            Runner::Few(why) => few.push(why),
            Runner::Nobody(why) => nobody.push(why),
        }
    }
    match (nobody.is_empty(), few.is_empty()) {
        (false, _) => Runner::Nobody(nobody.join("; ")),
        (true, false) => Runner::Few(few.join("; ")),
        (true, true) => Runner::Administrator,
    }
}

/// A call that changes the policy of a resource, and that policy.
struct Command<'a> {
    resource: &'a Resource,
    action: &'static str,
    arn: String,
    account: String,
    document: Value,
}

impl<'a> Command<'a> {
    /// `None` for a change of anything else, and where no policy is set or read.
    fn of(case: &Case, fault: &Fault, change: &'a Change) -> Option<Self> {
        let (resource, puts) = match change {
            Change::PutResourcePolicy { resource, .. } => (resource, true),
            Change::DeleteResourcePolicy { resource } => (resource, false),
            _ => return None,
        };
        let FaultSubject::Calls(calls) = &fault.subject else { return None };
        let meets = |call: &&crate::judge::Check| Resource::of(&call.permission.policy).as_ref() == Some(resource);
        let known = &calls.iter().find(meets)?.permission;
        let Standing::Written(document) = Place::Resource(resource.clone()).read(case) else { return None };
        let (arn, account) = (arn(resource, &known.resource)?, known.resource_account.clone());
        Some(Self { resource, action: action(resource, puts), arn, account, document })
    }

    fn runner(&self) -> Runner {
        let partition = self.arn.split(':').nth(1).unwrap_or("aws");
        let administrator = format!("arn:{partition}:iam::{}:role/ecs-why-any-administrator", self.account);
        let decision = self.decided(&administrator);
        match decision.outcome {
            Outcome::Allowed | Outcome::Unknown => Runner::Administrator,
            Outcome::ExplicitlyDenied => self.denied(&decision),
            Outcome::ImplicitlyDenied => self.not_admitted(),
        }
    }

    /// The call of a principal whose own policies allow everything.
    fn decided(&self, principal: &str) -> Decision {
        let text = self.document.to_string();
        let set = document_set("policy", &text);
        let resource = match self.resource {
            Resource::Key { .. } => ResourcePolicy::Key(set),
            _ => ResourcePolicy::Set(set),
        };
        let layers = Layers { identity: document_set("all", ALL), resource, ..Layers::default() };
        decide(&self.request(principal), &layers)
    }

    fn request(&self, principal: &str) -> Request<'static> {
        let context = Context::default()
            .with("aws:PrincipalArn", principal.to_owned())
            .with("aws:PrincipalAccount", self.account.clone())
            .with("aws:ResourceAccount", self.account.clone())
            .with("aws:PrincipalIsAWSService", "false")
            .with("aws:SecureTransport", "true");
        Request {
            principal: principal.to_owned().into(),
            principal_id: None,
            account: self.account.clone().into(),
            action: self.action.into(),
            resource: self.arn.clone().into(),
            resource_account: self.account.clone().into(),
            context,
        }
    }

    /// A deny without a condition that meets a role of any name meets everybody there.
    fn denied(&self, decision: &Decision) -> Runner {
        let labels = decision.deniers.iter().map(|denier| denier.by.statement.as_str());
        let whole = |label: &&str| document::labelled(&self.document, label).is_some_and(spares_nobody);
        let Some(label) = labels.clone().find(whole) else {
            let labels = labels.collect::<Vec<_>>().join(", ");
            return Runner::Few(format!(
                "statement {labels} denies {} as well: only whom it spares may run this",
                self.action
            ));
        };
        let denies = format!("statement {label} denies {} to everybody of account {}", self.action, self.account);
        match self.resource {
            Resource::Bucket { .. } => Runner::Few(format!("{denies} but its root user, who has to run this")),
            _ => Runner::Nobody(format!("{denies}, so AWS Support has to be asked to remove it")),
        }
    }

    fn not_admitted(&self) -> Runner {
        let named = self.named();
        if named.is_empty() {
            return Runner::Nobody(format!(
                "the policy of {} lets nobody of account {} call {}, so AWS Support has to be asked to change that",
                self.resource.told(),
                self.account,
                self.action
            ));
        }
        Runner::Few(format!("only {} may run this", named.join(", ")))
    }

    /// The principals of the account that the policy names, and does not deny the call to.
    fn named(&self) -> Vec<String> {
        let is_own = |p: &String| p.parse::<Arn>().is_ok_and(|arn| arn.account == self.account);
        let may = |p: &String| matches!(self.decided(p).outcome, Outcome::Allowed | Outcome::Unknown);
        let mut all: Vec<String> = Vec::new();
        for principal in document::statements(&self.document).into_iter().flat_map(principals) {
            if is_own(&principal) && !all.contains(&principal) && may(&principal) {
                all.push(principal);
            }
        }
        all
    }
}

fn principals(statement: &Map<String, Value>) -> Vec<String> {
    statement.get("Principal").and_then(|p| p.get("AWS")).map(document::texts).unwrap_or_default()
}

fn spares_nobody(statement: &Map<String, Value>) -> bool {
    !statement.contains_key("Condition") && !statement.contains_key("NotPrincipal")
}

/// The ARN of a resource, by that of a call on it.
fn arn(resource: &Resource, asked: &str) -> Option<String> {
    match resource {
        Resource::Bucket { bucket, .. } => Some(format!("arn:{}:s3:::{bucket}", asked.parse::<Arn>().ok()?.partition)),
        _ => Some(asked.to_owned()),
    }
}

fn action(resource: &Resource, puts: bool) -> &'static str {
    match (resource, puts) {
        (Resource::Repository { .. }, true) => "ecr:SetRepositoryPolicy",
        (Resource::Repository { .. }, false) => "ecr:DeleteRepositoryPolicy",
        (Resource::Secret { .. }, true) => "secretsmanager:PutResourcePolicy",
        (Resource::Secret { .. }, false) => "secretsmanager:DeleteResourcePolicy",
        (Resource::Key { .. }, _) => "kms:PutKeyPolicy",
        (Resource::Bucket { .. }, true) => "s3:PutBucketPolicy",
        (Resource::Bucket { .. }, false) => "s3:DeleteBucketPolicy",
    }
}
