//! AWS's own identifiers, parsed once: ARNs, partitions, tasks, images, secret references.
//!
//! Given text that a user or AWS wrote; gives types whose parts can be asked for, or an error that says what was
//! expected. Knows nothing of tasks' states, policies or the network.

mod arn;
mod image;
mod secret;
mod service;
mod task;
mod task_definition;

pub use arn::{Arn, ArnError, dns_suffix, is_account, is_region, partition_of_region};
pub use image::{EcrImage, ImageRef};
pub use secret::{Completeness, SecretRef, SecretRefError};
pub use service::{ServiceName, ServiceNameError};
pub use task::{TaskName, TaskNameError, short_name};
pub use task_definition::{TaskDefinitionName, TaskDefinitionNameError};
