//! Names that a policy takes for patterns: what is granted by such a name is granted on other resources too
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).

use super::Advice;
use crate::{judge::Check, require::Nameless};

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html";

/// What to do where one of the calls is on a resource of such a name.
pub fn advice(calls: &[&Check]) -> Option<Advice> {
    let is_pattern = |call: &&&Check| call.permission.nameless() == Some(Nameless::Pattern);
    let permission = &calls.iter().find(is_pattern)?.permission;
    let title = format!(
        "{} on {}: in a policy this name would stand for other resources too. Check the name; if it is right, allow it \
         with each *, ? and $ of the name written as ${{*}}, ${{?}} and ${{$}}",
        permission.action, permission.resource
    );
    Some((title, vec![PAGE.to_owned()]))
}
