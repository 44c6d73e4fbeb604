//! Whether a statement's principals cover who asks, and how directly.
//!
//! Naming the account only delegates to its identity policies; naming the role or everyone grants
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).

use super::{context::Request, policy::Principals, truth::Truth};

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

/// Whether a deny for everyone but the principals reaches the one who asks. It reaches whoever has a boundary, listed or
/// not; and an assumed role is spared only if its session is listed beside the role, which cannot be told from here
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>).
pub fn denied_as_other(principals: &Principals, request: &Request, bounded: &Truth) -> Truth {
    let is_listed = naming(principals, request) == Naming::Not;
    let is_session = request.principal.starts_with("arn:") && !request.principal.contains(":user/");
    let everyone = principals.entries.iter().any(|(kind, value)| kind == "*" || (kind == "AWS" && value == "*"));
    bounded.clone().or(|| match is_listed {
        true if is_session && !everyone => Truth::unknown("whether NotPrincipal spares a session of the role"),
        listed => (!listed).into(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Context;

    const ROLE: &str = "arn:aws:iam::123456789012:role/exec";

    fn denied(principal: &str, listed: (&str, &str), bounded: Truth) -> Truth {
        let request = Request {
            principal: principal.to_owned(),
            account: "123456789012".to_owned(),
            action: "s3:GetObject".to_owned(),
            resource: "*".to_owned(),
            resource_account: "123456789012".to_owned(),
            context: Context::default(),
        };
        let entries = vec![(listed.0.to_owned(), listed.1.to_owned())];
        denied_as_other(&Principals { negated: true, entries }, &request, &bounded)
    }

    #[test]
    fn a_listed_role_may_be_denied_all_the_same() {
        assert!(matches!(denied(ROLE, ("AWS", ROLE), Truth::No), Truth::Unknown(_)));
        assert!(matches!(denied(ROLE, ("AWS", "123456789012"), Truth::No), Truth::Unknown(_)));
        assert_eq!(denied(ROLE, ("AWS", "210987654321"), Truth::No), Truth::Yes);
        assert_eq!(denied(ROLE, ("AWS", "*"), Truth::No), Truth::No);
    }

    #[test]
    fn a_boundary_is_always_denied() {
        for listed in [ROLE, "123456789012", "*"] {
            assert_eq!(denied(ROLE, ("AWS", listed), Truth::Yes), Truth::Yes);
        }
    }

    #[test]
    fn services_and_users_are_spared_by_name() {
        let service = "ecs-tasks.amazonaws.com";
        assert_eq!(denied(service, ("Service", service), Truth::No), Truth::No);
        assert_eq!(denied(service, ("Service", "ec2.amazonaws.com"), Truth::No), Truth::Yes);
        let user = "arn:aws:iam::123456789012:user/u";
        assert_eq!(denied(user, ("AWS", user), Truth::No), Truth::No);
    }
}
