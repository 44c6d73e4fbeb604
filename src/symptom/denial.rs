//! The sentence of an access denial: who was denied what on what, and which kind of policy said no.
//!
//! Every AWS service and SDK prints the same sentence
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>); this reads its parts.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A denied call, as far as the sentence states it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denial {
    /// ARN of the principal, mostly an assumed-role session.
    pub principal: Option<String>,
    pub action: String,
    pub resource: Option<String>,
    /// An explicit deny, rather than the lack of an allow.
    pub explicit: bool,
    pub layer: Option<DenialLayer>,
    /// ARN of the denying policy, where the sentence names it.
    pub policy: Option<String>,
}

/// The kind of policy that the sentence holds responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialLayer {
    Identity,
    Resource,
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    Endpoint,
}

static SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(concat!(
        r"(?:(?:user|principal)?:?\s*(?P<principal>arn:[^\s,;]+)\s+)?(?:is )?not authorized to perform:?\s+",
        r"(?P<action>[a-z0-9-]+:[a-z0-9*]+)",
        r#"(?:\s+on(?:\s+the)?\s+resources?:?\s+["']?(?P<resource>\*|[^\s"',;]+))?"#,
    ))
});

static EXPLICIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r"with an explicit deny(?: in an? (?P<layer>[a-z -]+?)(?: policy)?(?:[:.,;]|$|\s+(?P<policy>arn:\S+)))?")
});

static IMPLICIT: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r"because no (?P<layer>[a-z -]+?)(?: policy)? (?:allows|policy allows)"));

static POLICY: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r"explicit deny in an? [a-z -]+: (?P<policy>arn:[^\s,;]+)"));

impl Denial {
    /// The first denial in a text.
    pub fn find(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let found = SENTENCE.as_ref()?.captures(bytes)?;
        let rest = bytes.get(found.get(0)?.end()..).unwrap_or_default();
        let explicit = EXPLICIT.as_ref()?.captures(rest);
        let implicit = IMPLICIT.as_ref()?.captures(rest);
        let layer = explicit.as_ref().or(implicit.as_ref()).and_then(|c| part(c, "layer"));
        Some(Self {
            principal: part(&found, "principal"),
            action: part(&found, "action")?,
            resource: part(&found, "resource").map(|r| r.trim_end_matches(['.', ')', '}']).to_owned()),
            explicit: explicit.is_some(),
            layer: layer.as_deref().and_then(DenialLayer::named),
            policy: POLICY.as_ref()?.captures(rest).and_then(|c| part(&c, "policy")),
        })
    }

    /// Name of the role of the assumed-role session that was denied, and the session's name.
    pub fn role_session(&self) -> Option<(&str, &str)> {
        let rest = self.principal.as_deref()?.split_once(":assumed-role/")?.1;
        rest.split_once('/')
    }

    /// Whether the principal and the resource are of two accounts that the sentence states.
    pub fn is_cross_account(&self) -> bool {
        let accounts = (self.principal.as_deref().and_then(account), self.resource.as_deref().and_then(account));
        matches!(accounts, (Some(principal), Some(resource)) if principal != resource)
    }
}

impl DenialLayer {
    fn named(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let layers = [
            ("identity", Self::Identity),
            ("resource control", Self::ResourceControl),
            ("resource", Self::Resource),
            ("boundary", Self::Boundary),
            ("session", Self::Session),
            ("service control", Self::ServiceControl),
            ("endpoint", Self::Endpoint),
        ];
        layers.into_iter().find(|(name, _)| text.contains(name)).map(|(_, layer)| layer)
    }
}

/// The account of an ARN, if it is one rather than a mask.
fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit()))
}

fn part(captures: &Captures<'_>, name: &str) -> Option<String> {
    captures.name(name).map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned())
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let denial = Denial::find(
            "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0123456789abcdef0123456789abcdef is not \
             authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf \
             because no identity-based policy allows the secretsmanager:GetSecretValue action status code: 400",
        )
        .unwrap();
        assert_eq!(denial.action, "secretsmanager:GetSecretValue");
        assert_eq!(denial.resource.as_deref(), Some("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"));
        assert_eq!((denial.explicit, denial.layer), (false, Some(DenialLayer::Identity)));
        assert_eq!(denial.role_session().map(|(role, _)| role), Some("exec"));
    }

    #[test]
    fn explicit_denies_name_their_layer_and_policy() {
        let text = |tail: &str| {
            format!(
                "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:r:1:repository/a with an explicit deny in {tail}"
            )
        };
        for (tail, layer, policy) in [
            (
                "a service control policy: arn:aws:organizations::1:policy/o-1/p-1",
                DenialLayer::ServiceControl,
                Some("arn:aws:organizations::1:policy/o-1/p-1"),
            ),
            ("an identity-based policy", DenialLayer::Identity, None),
            ("a VPC endpoint policy", DenialLayer::Endpoint, None),
            ("a permissions boundary: arn:aws:iam::1:policy/b", DenialLayer::Boundary, Some("arn:aws:iam::1:policy/b")),
            ("a resource-based policy", DenialLayer::Resource, None),
        ] {
            let denial = Denial::find(&text(tail)).unwrap();
            assert_eq!(
                (denial.explicit, denial.layer, denial.policy.as_deref()),
                (true, Some(layer), policy),
                "{tail}"
            );
        }
    }

    #[test]
    fn accounts_are_compared_where_both_are_stated() {
        for (principal, registry, cross) in [
            ("111111111111", "222222222222", true),
            ("111111111111", "111111111111", false),
            ("1111XXXX", "222222222222", false),
        ] {
            let text = format!(
                "User: arn:aws:sts::{principal}:assumed-role/r/s is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:{registry}:repository/a"
            );
            assert_eq!(Denial::find(&text).unwrap().is_cross_account(), cross, "{text}");
        }
    }

    #[test]
    fn a_shortened_sentence_is_read() {
        let denial = Denial::find("AccessDeniedException: not authorized to perform: ssm:GetParameters").unwrap();
        assert_eq!((denial.action.as_str(), denial.principal), ("ssm:GetParameters", None));
    }

    #[test]
    fn other_texts_state_none() {
        assert_eq!(Denial::find("denied: requested access to the resource is denied"), None);
    }
}
