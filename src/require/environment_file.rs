//! Environment files in S3: the object must be there and be readable by the execution role.

use super::{ObjectUse, Requirements, Workload, object::Object};
use crate::case::Case;

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for (container, _) in workload.containers() {
        let over = workload.task.into_iter().flat_map(|t| &t.overrides.container_overrides);
        let over =
            over.filter(|o| o.name.as_deref() == Some(container.name.as_str())).flat_map(|o| &o.environment_files);
        for file in container.environment_files.iter().chain(over) {
            let (arn, container) = (file.value.as_str(), container.name.as_str());
            let object = Object { arn, container, of: ObjectUse::EnvironmentFile, feature: "environment-file-s3" };
            object.require(case, workload, requirements);
        }
    }
}
