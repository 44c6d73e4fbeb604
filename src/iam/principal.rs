//! Whether a statement's principals cover who asks, and how directly.
//!
//! Naming the account only delegates to its identity policies; naming the role or everyone grants
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).

use super::{context::Request, policy::Principals};

/// How a principal element meets a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Not,
    /// The principal's account: identity policies must allow as well.
    Account,
    /// The principal itself, or everyone.
    Itself,
}

/// How the element names the request's principal. A `NotPrincipal` names everyone else.
pub fn naming(principals: &Principals, request: &Request) -> Naming {
    let best = principals.entries.iter().map(|(kind, value)| entry(kind, value, request)).max_by_key(|n| *n as u8);
    let named = best.unwrap_or(Naming::Not);
    match (principals.negated, named) {
        (false, named) => named,
        (true, Naming::Not) => Naming::Itself,
        (true, _) => Naming::Not,
    }
}

fn entry(kind: &str, value: &str, request: &Request) -> Naming {
    let is_role = request.principal.starts_with("arn:");
    match kind {
        "*" => Naming::Itself,
        "Service" if !is_role && value == request.principal => Naming::Itself,
        "AWS" if is_role => aws_entry(value, request),
        _ => Naming::Not,
    }
}

fn aws_entry(value: &str, request: &Request) -> Naming {
    if value == "*" || value == request.principal {
        return Naming::Itself;
    }
    let root = value.strip_suffix(":root").and_then(|v| v.rsplit(':').next());
    if value == request.account || root == Some(request.account.as_str()) { Naming::Account } else { Naming::Not }
}
