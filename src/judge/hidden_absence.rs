//! A refusal that may hide an absence: who may not list a bucket gets 403, and not 404, for a key that is not there
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).

use super::{
    check::{Check, decided},
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
};
use crate::{case::Case, require::Permission, require::Workload};

impl Join<'_> {
    /// The environment file that may not be there: the message says that it was refused, and the role may read it, be it
    /// since or all along.
    pub(super) fn hidden_absence(&self, first: &Finding) -> Option<Finding> {
        if first.cause != "env-file-permission" || first.state != State::Resolved {
            return None;
        }
        let mut reads = self.ground.checks.iter().filter(|c| c.permission.action == "s3:GetObject");
        let read = reads.find(|read| self.workload.is_some_and(|w| may_not_list(self.case, w, read)))?;
        let role = read.permission.role.name().unwrap_or_default();
        let file = read.permission.resource.clone();
        let text =
            format!("{role} may read {file} and may not list its bucket: S3 answers 403 where the key is missing");
        let cause = self.catalogue.cause("env-file-not-found")?;
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
}

/// Whether the role that reads an object is known not to be allowed to list its bucket.
fn may_not_list(case: &Case, workload: &Workload<'_>, read: &Check) -> bool {
    let Some((bucket, _)) = read.permission.resource.split_once('/') else { return false };
    let list =
        Permission { action: "s3:ListBucket".to_owned(), resource: bucket.to_owned(), ..read.permission.clone() };
    decided(case, workload, list).is_broken()
}
