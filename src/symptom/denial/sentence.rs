//! The sentence of an access denial: "User: … is not authorized to perform: … on resource: … because …".
//!
//! Services write it and SDKs pass it on
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>); this reads its parts, whatever
//! stands around them. Quotes may have been escaped on the way through a structured log.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{Denial, DenialLayer, named};

/// What every sentence has, in the case in which services write it: most texts are told apart by it.
const MARK: &str = "authorized to perform";

static SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(concat!(
        r"(?:(?:user|principal)?:?\s*(?P<principal>arn:[^\s,;]+|\banonymous)\s+)?(?:is )?not authorized to perform:?\s+",
        r"(?P<action>[a-z0-9-]+:[a-z0-9*]+)",
        r#"(?:\s+on(?:\s+the)?\s+resources?:?\s+(?:\\*"(?P<quoted>[^"\\]+)\\*"|[\\"']*(?P<resource>\*|[^\s"',;\\]+)))?"#,
    ))
});

static EXPLICIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r"with an explicit deny(?: in an? (?P<layer>[a-z -]+?)(?: policy)?(?:[:.,;]|$|\s+(?P<policy>arn:\S+)))?")
});

static IMPLICIT: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r"because no (?P<layer>[a-z -]+?)(?: policy)? (?:allows|policy allows)"));

static POLICY: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r#"explicit deny in an? [a-z -]+: (?P<policy>arn:[^\s,;"\\]+)"#));

/// The first sentence in a text.
pub fn read(text: &str) -> Option<Denial> {
    if !text.contains(MARK) {
        return None;
    }
    let bytes = text.as_bytes();
    let found = SENTENCE.as_ref()?.captures(bytes)?;
    let rest = bytes.get(found.get(0)?.end()..).unwrap_or_default();
    let explicit = EXPLICIT.as_ref()?.captures(rest);
    let implicit = IMPLICIT.as_ref()?.captures(rest);
    let layer = explicit.as_ref().or(implicit.as_ref()).and_then(|c| part(c, "layer"));
    let bare = || part(&found, "resource").map(|r| r.trim_end_matches(['.', ')', '}']).to_owned());
    Some(Denial {
        principal: part(&found, "principal"),
        action: named::spelled(&part(&found, "action")?),
        also: Vec::new(),
        resource: part(&found, "quoted").or_else(bare),
        explicit: explicit.is_some(),
        layer: layer.as_deref().and_then(layer_named),
        policy: POLICY.as_ref()?.captures(rest).and_then(|c| part(&c, "policy")),
    })
}

fn layer_named(text: &str) -> Option<DenialLayer> {
    let text = text.to_ascii_lowercase();
    let layers = [
        ("identity", DenialLayer::Identity),
        ("resource control", DenialLayer::ResourceControl),
        ("resource", DenialLayer::Resource),
        ("boundary", DenialLayer::Boundary),
        ("session", DenialLayer::Session),
        ("service control", DenialLayer::ServiceControl),
        ("endpoint", DenialLayer::Endpoint),
    ];
    layers.into_iter().find(|(name, _)| text.contains(name)).map(|(_, layer)| layer)
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
    fn services_write_it_in_many_ways() {
        for (text, action, resource, principal) in [
            (
                r#"{"level":"error","msg":"User: arn:aws:sts::111122223333:assumed-role/shop-task/0123 is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::shop-data/in/my file.csv" because no identity-based policy allows the s3:PutObject action"}"#,
                "s3:PutObject",
                Some("arn:aws:s3:::shop-data/in/my file.csv"),
                Some("arn:aws:sts::111122223333:assumed-role/shop-task/0123"),
            ),
            (
                "AuthorizationError: User: arn:aws:sts::111122223333:assumed-role/shop-task/0123 is not authorized to perform: SNS:Publish on resource: arn:aws:sns:eu-west-1:111122223333:orders because no identity-based policy allows the SNS:Publish action",
                "sns:Publish",
                Some("arn:aws:sns:eu-west-1:111122223333:orders"),
                Some("arn:aws:sts::111122223333:assumed-role/shop-task/0123"),
            ),
            (
                "User: arn:aws:sts::111122223333:assumed-role/shop-task/0123 is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:eu-west-1:111122223333:orders",
                "sqs:SendMessage",
                Some("arn:aws:sqs:eu-west-1:111122223333:orders"),
                Some("arn:aws:sts::111122223333:assumed-role/shop-task/0123"),
            ),
            (
                "UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:sts::111122223333:assumed-role/shop-task/0123 is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action",
                "ec2:DescribeInstances",
                None,
                Some("arn:aws:sts::111122223333:assumed-role/shop-task/0123"),
            ),
            (
                r#"{"Message":"User: anonymous is not authorized to perform: es:ESHttpPost because no resource-based policy allows the es:ESHttpPost action"}"#,
                "es:ESHttpPost",
                None,
                Some("anonymous"),
            ),
        ] {
            let denial = read(text).unwrap();
            assert_eq!(
                (denial.action.as_str(), denial.resource.as_deref(), denial.principal.as_deref()),
                (action, resource, principal),
                "{text}"
            );
        }
    }

    #[test]
    fn other_texts_state_none() {
        assert_eq!(Denial::find("denied: requested access to the resource is denied"), None);
    }
}
