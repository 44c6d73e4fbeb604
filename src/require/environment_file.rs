//! Environment files in S3: the object must be there and be readable by the execution role.

use super::{ObjectUse, Requirements, Workload, object::Object};
use crate::case::Case;

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, _) in workload.containers() {
        for file in workload.environment_files(container) {
            let (arn, container) = (file.value.as_str(), container.name.as_str());
            let object = Object { arn, container, of: ObjectUse::EnvironmentFile, feature: "environment-file-s3" };
            object.require(case, workload, requirements);
        }
    }
}
