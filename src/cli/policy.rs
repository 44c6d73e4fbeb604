//! `policy`: the least read-only IAM policy that ecs-why needs, from the questions that it can ask.

use serde_json::json;

use super::{error::CliError, output};
use crate::case::Need;

pub fn run() -> Result<u8, CliError> {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "EcsWhyReadOnly", "Effect": "Allow", "Action": Need::ACTIONS.as_slice(), "Resource": "*"}]
    });
    output::print(&output::json(&policy)?)?;
    Ok(0)
}
