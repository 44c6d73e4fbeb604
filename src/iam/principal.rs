//! Who asks, and how a statement's principals name them.
//!
//! Naming the account only delegates to its identity policies; naming a role grants within what its boundary and its
//! session leave; naming the session, the user or everyone grants outright
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).

use memchr::memchr_iter;

use super::{
    context::Request,
    policy::{PrincipalKind, Principals},
    truth::Truth,
};

/// Who asks, by the form of the ARN or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// With its path.
    Role(&'a str),
    /// An assumed role's session: the role's name without path.
    Session {
        role: &'a str,
    },
    User,
    /// The session of a federated user, which its policy alone gives permissions.
    FederatedUser,
    Root,
    /// A service, or a provider of web identities, by its name.
    Named,
    Anonymous,
    Other,
}

impl<'a> Principal<'a> {
    pub fn of(text: &'a str) -> Self {
        if matches!(text, "anonymous" | "*") {
            return Self::Anonymous;
        }
        let Some(resource) = arn_resource(text) else {
            return if text.contains('.') { Self::Named } else { Self::Other };
        };
        match resource.split_once('/') {
            None if resource == "root" => Self::Root,
            Some(("role", name)) => Self::Role(name),
            Some(("assumed-role", rest)) => Self::Session { role: rest.split('/').next().unwrap_or(rest) },
            Some(("user", _)) => Self::User,
            Some(("federated-user", _)) => Self::FederatedUser,
            _ => Self::Other,
        }
    }

    /// Whether identity policies, boundaries and service control policies can bind them.
    pub fn is_of_account(self) -> bool {
        !matches!(self, Self::Named | Self::Anonymous)
    }
}

/// What follows the fifth colon of an ARN.
pub fn arn_resource(text: &str) -> Option<&str> {
    let fifth = memchr_iter(b':', text.as_bytes()).nth(4)?;
    text.get(fifth + 1..).filter(|_| text.starts_with("arn:"))
}

/// How a principal element meets a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    Not,
    /// By a canonical user id, which does not tell its account.
    PerhapsAccount,
    /// The principal's account: identity policies must allow as well.
    Account,
    /// The role behind the session.
    Role,
    /// The session or the user itself, or everyone.
    Itself,
}

/// How the element names the request's principal. A `NotPrincipal` names everyone else.
pub fn naming(principals: &Principals<'_>, request: &Request<'_>, asks: Principal<'_>) -> Naming {
    let named = principals.entries.iter().map(|(kind, value)| entry(*kind, value, request, asks)).max();
    match (principals.negated, named.unwrap_or(Naming::Not)) {
        (false, named) => named,
        (true, Naming::Not) => Naming::Itself,
        (true, _) => Naming::Not,
    }
}

/// Whether a deny for everyone but the principals reaches the one who asks. It reaches whoever has a boundary, listed or
/// not; and "the policy might deny" a role that is listed without its account, so where not all is known that is not
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>).
pub fn denied_as_other(
    principals: &Principals<'_>,
    request: &Request<'_>,
    asks: Principal<'_>,
    bounded: &Truth,
) -> Truth {
    let namings = || principals.entries.iter().map(|(kind, value)| entry(*kind, value, request, asks));
    let is_listed = namings().any(|naming| naming > Naming::PerhapsAccount);
    let is_role = matches!(asks, Principal::Role(_) | Principal::Session { .. });
    let everyone = namings().any(|naming| naming == Naming::Itself);
    let doubtful = is_role && !everyone && !request.context.is_complete();
    bounded.clone().or(|| match is_listed {
        true if doubtful => Truth::unknown("whether NotPrincipal spares a session of the role"),
        listed => (!listed).into(),
    })
}

fn entry(kind: PrincipalKind, value: &str, request: &Request<'_>, asks: Principal<'_>) -> Naming {
    match kind {
        PrincipalKind::Everyone => Naming::Itself,
        PrincipalKind::Aws if value == "*" => Naming::Itself,
        PrincipalKind::Aws if asks.is_of_account() => aws_entry(value, request, asks),
        PrincipalKind::Service | PrincipalKind::Federated if !asks.is_of_account() || asks == Principal::Other => {
            if value == request.principal {
                Naming::Itself
            } else {
                Naming::Not
            }
        }
        PrincipalKind::CanonicalUser if asks.is_of_account() => Naming::PerhapsAccount,
        _ => Naming::Not,
    }
}

fn aws_entry(value: &str, request: &Request<'_>, asks: Principal<'_>) -> Naming {
    let itself = if matches!(asks, Principal::Role(_)) { Naming::Role } else { Naming::Itself };
    if value == request.principal {
        return itself;
    }
    if names_account(value, &request.account) {
        return if asks == Principal::Root { Naming::Itself } else { Naming::Account };
    }
    if is_id(value, request) || is_role_of(value, request, asks) {
        return if asks == Principal::User { Naming::Itself } else { Naming::Role };
    }
    Naming::Not
}

fn names_account(value: &str, account: &str) -> bool {
    let root = || value.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    !account.is_empty() && (value == account || root() == Some(account))
}

/// The unique id of the role or user, as a policy has it whose principal was made by that id.
fn is_id(value: &str, request: &Request<'_>) -> bool {
    let of_session = || request.context.value("aws:userid").and_then(|id| id.split(':').next());
    request.principal_id.as_deref().or_else(of_session) == Some(value)
}

/// Whether it is the ARN of the role whose session asks. A session's ARN leaves the role's path out; where the request
/// says `aws:PrincipalArn`, that has it.
fn is_role_of(value: &str, request: &Request<'_>, asks: Principal<'_>) -> bool {
    let Principal::Session { role } = asks else { return false };
    if let Some(arn) = request.context.value("aws:PrincipalArn").filter(|arn| arn.contains(":role/")) {
        return value == arn;
    }
    let mut parts = value.splitn(6, ':').skip(2);
    let (service, account, resource) = (parts.next(), parts.nth(1), parts.next());
    let name = resource.and_then(|resource| resource.strip_prefix("role/")?.rsplit('/').next());
    value.starts_with("arn:")
        && service == Some("iam")
        && account == Some(request.account.as_ref())
        && name == Some(role)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::iam::Context;

    const ROLE: &str = "arn:aws:iam::123456789012:role/app/exec";
    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/exec/abc";

    fn request<'a>(principal: &'a str, context: Context<'a>) -> Request<'a> {
        Request {
            principal: principal.into(),
            principal_id: Some("AROAEXAMPLE".into()),
            account: "123456789012".into(),
            action: "s3:GetObject".into(),
            resource: "*".into(),
            resource_account: "123456789012".into(),
            context,
        }
    }

    fn named(principal: &str, kind: PrincipalKind, value: &str) -> Naming {
        let request = request(principal, Context::default());
        let principals = Principals { negated: false, entries: vec![(kind, Cow::Borrowed(value))] };
        naming(&principals, &request, Principal::of(principal))
    }

    #[test]
    fn names_reach_as_far_as_they_say() {
        use PrincipalKind::{Aws, CanonicalUser, Federated, Service};
        for (principal, kind, value, expected) in [
            (ROLE, Aws, ROLE, Naming::Role),
            (ROLE, Aws, "AROAEXAMPLE", Naming::Role),
            (ROLE, Aws, "AROAOTHER", Naming::Not),
            (ROLE, Aws, "123456789012", Naming::Account),
            (ROLE, Aws, "arn:aws:iam::123456789012:root", Naming::Account),
            (ROLE, Aws, "arn:aws:iam::210987654321:root", Naming::Not),
            (ROLE, Aws, "arn:aws:iam::123456789012:role/app/*", Naming::Not),
            (ROLE, Aws, "*", Naming::Itself),
            (ROLE, CanonicalUser, "0123", Naming::PerhapsAccount),
            (ROLE, Service, "ecs-tasks.amazonaws.com", Naming::Not),
            (SESSION, Aws, SESSION, Naming::Itself),
            (SESSION, Aws, ROLE, Naming::Role),
            (SESSION, Aws, "arn:aws:iam::210987654321:role/exec", Naming::Not),
            ("arn:aws:iam::123456789012:user/ann", Aws, "arn:aws:iam::123456789012:user/ann", Naming::Itself),
            ("arn:aws:iam::123456789012:root", Aws, "123456789012", Naming::Itself),
            ("ecs-tasks.amazonaws.com", Service, "ecs-tasks.amazonaws.com", Naming::Itself),
            ("ecs-tasks.amazonaws.com", Aws, "123456789012", Naming::Not),
            ("accounts.google.com", Federated, "accounts.google.com", Naming::Itself),
            ("anonymous", Aws, "*", Naming::Itself),
            ("anonymous", Aws, "123456789012", Naming::Not),
        ] {
            assert_eq!(named(principal, kind, value), expected, "{principal} by {value}");
        }
    }

    #[test]
    fn a_session_s_role_has_a_path_where_the_request_says_so() {
        let context = Context::default().with("aws:PrincipalArn", ROLE);
        let request = request(SESSION, context);
        let by = |value: &'static str| {
            let principals = Principals { negated: false, entries: vec![(PrincipalKind::Aws, value.into())] };
            naming(&principals, &request, Principal::of(SESSION))
        };
        assert_eq!(by(ROLE), Naming::Role);
        assert_eq!(by("arn:aws:iam::123456789012:role/exec"), Naming::Not);
    }

    fn denied(principal: &str, listed: (PrincipalKind, &str), bounded: Truth) -> Truth {
        let request = request(principal, Context::default());
        let entries = vec![(listed.0, Cow::Borrowed(listed.1))];
        denied_as_other(&Principals { negated: true, entries }, &request, Principal::of(principal), &bounded)
    }

    #[test]
    fn a_listed_role_may_be_denied_all_the_same() {
        use PrincipalKind::Aws;
        assert!(matches!(denied(ROLE, (Aws, ROLE), Truth::No), Truth::Unknown(_)));
        assert!(matches!(denied(ROLE, (Aws, "123456789012"), Truth::No), Truth::Unknown(_)));
        assert_eq!(denied(ROLE, (Aws, "210987654321"), Truth::No), Truth::Yes);
        assert_eq!(denied(ROLE, (Aws, "*"), Truth::No), Truth::No);
    }

    #[test]
    fn a_boundary_is_always_denied() {
        for listed in [ROLE, "123456789012", "*"] {
            assert_eq!(denied(ROLE, (PrincipalKind::Aws, listed), Truth::Yes), Truth::Yes);
        }
    }

    #[test]
    fn services_and_users_are_spared_by_name() {
        let service = "ecs-tasks.amazonaws.com";
        assert_eq!(denied(service, (PrincipalKind::Service, service), Truth::No), Truth::No);
        assert_eq!(denied(service, (PrincipalKind::Service, "ec2.amazonaws.com"), Truth::No), Truth::Yes);
        let user = "arn:aws:iam::123456789012:user/u";
        assert_eq!(denied(user, (PrincipalKind::Aws, user), Truth::No), Truth::No);
    }
}
