//! A refusal that may hide an absence: who may not list a bucket gets 403, and not 404, for a key that is not there
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>). Where the object itself was asked for, that
//! decides; else it stays possible.

use super::{
    check::{Check, decided},
    fault::{Fault, FaultSubject},
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
};
use crate::{
    case::{Case, Gap},
    knowledge::Ranked,
    require::{Permission, Thing, Workload},
};

const MISSING: &str = "env-file-not-found";

impl<'a> Join<'a> {
    /// The environment file that may not be there: the message says that it was refused, and the role may read it, be it
    /// since or all along.
    pub(super) fn hidden_absence(&self, first: &Finding) -> Option<Finding> {
        if first.cause != "env-file-permission" || first.state != State::Resolved {
            return None;
        }
        let mut reads = self.ground.checks.iter().filter(|c| c.permission.action == "s3:GetObject");
        let read = reads.find(|read| self.workload.is_some_and(|w| may_not_list(self.case, w, read)))?;
        if self.is_decided(&read.permission.resource) {
            return None;
        }
        let role = read.permission.role.name().unwrap_or_default();
        let file = read.permission.resource.clone();
        let text =
            format!("{role} may read {file} and may not list its bucket: S3 answers 403 where the key is missing");
        let cause = self.catalogue.cause(MISSING)?;
        Some(Finding {
            cause: cause.id.clone(),
            confidence: Confidence::Possible,
            state: State::Unknown,
            title: cause.title.clone(),
            why: "If the role could read the file when the task started, the 403 means that there is no such key: without \
                  s3:ListBucket Amazon S3 does not say so. Check that the object is there under exactly that key."
                .to_owned(),
            role: None,
            resource: Some(file),
            container: read.permission.container.clone(),
            evidence: vec![Evidence { source: "iam".to_owned(), text }],
            fault: None,
            ..first.clone()
        })
    }

    /// The file that is known to be missing behind a message that says that it was refused: for certain where the role may
    /// read it, and not where it would have been told so.
    pub(super) fn absent_file(&self, ranked: &Ranked<'a>) -> Option<(&Fault, Confidence)> {
        if ranked.matched.rule.cause != "env-file-permission" {
            return None;
        }
        let symptom = self.symptom(ranked);
        let missing = self.ground.faults.iter().filter(|fault| fault.cause == MISSING);
        let hidden: Vec<_> = missing.filter_map(|fault| Some((fault, self.hides(fault)?))).collect();
        let named = |fault: &Fault| file_of(fault).is_some_and(|(_, key)| symptom.text.contains(key));
        hidden.iter().find(|(fault, _)| named(fault)).or(hidden.first()).copied()
    }

    /// Whether a 403 may stand for the absence of a file, and how surely it does.
    fn hides(&self, fault: &Fault) -> Option<Confidence> {
        let (bucket, key) = file_of(fault)?;
        let path = format!(":::{bucket}/{key}");
        let is_read = |c: &&Check| c.permission.action == "s3:GetObject" && c.permission.resource.ends_with(&path);
        let read = self.ground.checks.iter().find(is_read)?;
        let list = listing(self.case, self.workload?, read)?;
        match (read.is_broken(), list.is_allowed()) {
            (true, _) | (_, true) => None,
            _ if read.is_allowed() && list.is_broken() => Some(Confidence::Confirmed),
            _ => Some(Confidence::Likely),
        }
    }

    /// Whether it is known that a file is there, or that it is not.
    fn is_decided(&self, arn: &str) -> bool {
        self.ground.requirements.things.iter().any(|existence| match &existence.thing {
            Thing::Object { region, bucket, key, .. } if arn.ends_with(&format!(":::{bucket}/{key}")) => {
                let answer = self.case.object(region, bucket, key);
                answer.is_ok() || answer.is_err_and(Gap::is_not_found)
            }
            _ => false,
        })
    }
}

/// Bucket and key of the file that a fault is about.
fn file_of(fault: &Fault) -> Option<(&str, &str)> {
    match &fault.subject {
        FaultSubject::Thing(Thing::Object { bucket, key, .. }) => Some((bucket, key)),
        _ => None,
    }
}

/// Whether the role that reads an object is known not to be allowed to list its bucket.
fn may_not_list(case: &Case, workload: &Workload<'_>, read: &Check) -> bool {
    listing(case, workload, read).is_some_and(|list| list.is_broken())
}

/// Whether the role that reads an object may list its bucket.
fn listing(case: &Case, workload: &Workload<'_>, read: &Check) -> Option<Check> {
    let (bucket, _) = read.permission.resource.split_once('/')?;
    let list =
        Permission { action: "s3:ListBucket".to_owned(), resource: bucket.to_owned(), ..read.permission.clone() };
    Some(decided(case, workload, list))
}
