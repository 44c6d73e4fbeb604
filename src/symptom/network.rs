//! What a message says of the network: where a call was dialled, and whether anything answered.
//!
//! The fixed parts are those of the SDKs and of docker that ECS hands on; an answer of AWS, even a refusal, proves that
//! the way to it was open. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html>

use std::net::SocketAddr;

use super::{DenialLayer, Symptom};

/// A connection that a message says was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// Of the address in front of it: `Post "https://api.ecr.eu-west-1.amazonaws.com/"`.
    pub host: Option<String>,
    pub address: SocketAddr,
}

/// Whether a message shows that the calls of a start came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// A connection failed.
    Unreachable,
    /// A refusal that names no layer which the account's policies show: the policy of an endpoint may have made it.
    Refused,
    /// Something answered: what failed is not the network.
    Answered,
    /// It is about calls of the start, and does not tell.
    Open,
    /// It is about something else.
    Aside,
}

/// How far a connection got before it failed, as far as the message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its name was not resolved.
    Name,
    /// An address was dialled, and no answer came.
    Address,
    /// The other side answered with packets: no route, group or ACL stopped them.
    Connected,
    Untold,
}

/// What only a connection that was made, or refused, can say.
const CONNECTED: [&str; 5] =
    ["connection refused", "connection reset", "tls handshake timeout", "x509:", "certificate signed by"];

/// What connections that fail say of themselves.
const UNREACHABLE: [&str; 24] = [
    "dial tcp",
    "dial udp",
    "i/o timeout",
    "tls handshake timeout",
    "connection timed out",
    "client.timeout exceeded",
    "request canceled while waiting",
    "context deadline exceeded",
    "signal: killed",
    "statuscode: 0",
    "request send failed",
    "send request failed",
    "no such host",
    "connection refused",
    "connection issue",
    "network configuration",
    "connect timeout",
    "could not connect",
    "no route to host",
    "network is unreachable",
    "failed to resolve \"fs-",
    "mount attempt",
    "due to timeout",
    "connection reset",
];

/// What answers of AWS and of registries say.
const ANSWERED: [&str; 16] = [
    "statuscode: 4",
    "status code: 4",
    "statuscode: 5",
    "status code: 5",
    "resourcenotfoundexception",
    "manifest unknown",
    "name unknown",
    ": not found",
    "invalid ssm parameters",
    "invalid parameters:",
    "toomanyrequests",
    "did not contain json key",
    "descriptor matching platform",
    "no matching manifest",
    "access denied by server",
    "access to kms is not allowed",
];

const REFUSED: [&str; 3] = ["403 forbidden", "statuscode: 403", "status code: 403"];

/// What the calls of a start are called.
const CALLS: [&str; 15] = [
    "resourceinitializationerror",
    "cannotpull",
    "pull",
    "registry",
    "secret",
    "ssm",
    "asm",
    "environment file",
    "env file",
    "envfile",
    "logging driver",
    "logger",
    "log stream",
    "mount",
    "efs",
];

impl Symptom {
    /// What the message bears on the network.
    pub fn bearing(&self) -> Bearing {
        let text = self.text.to_ascii_lowercase();
        let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        match self.denial().map(|denial| denial.layer) {
            Some(Some(DenialLayer::Endpoint)) => return Bearing::Refused,
            Some(_) => return Bearing::Answered,
            None => {}
        }
        if says(&UNREACHABLE) {
            Bearing::Unreachable
        } else if says(&REFUSED) {
            Bearing::Refused
        } else if says(&ANSWERED) {
            Bearing::Answered
        } else if says(&CALLS) {
            Bearing::Open
        } else {
            Bearing::Aside
        }
    }

    /// How far the connection got. A mount goes through a proxy on its own host, whose refusals tell nothing.
    pub fn stage(&self) -> Stage {
        let text = self.text.to_ascii_lowercase();
        let mounts = text.contains("mount");
        match () {
            () if !mounts && CONNECTED.iter().any(|part| text.contains(part)) => Stage::Connected,
            () if text.contains("no such host") || text.contains("dial tcp: lookup") => Stage::Name,
            () if !self.dialled().is_empty() => Stage::Address,
            () => Stage::Untold,
        }
    }

    /// The connections that the message says were tried, in its order.
    pub fn dialled(&self) -> Vec<Dialled> {
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once("dial tcp ") {
            let word = after.split([' ', ',', ';']).next().unwrap_or_default();
            // Go writes `10.0.1.5:40022->10.0.0.2:443` where it knows its own side.
            let there = word.rsplit("->").next().unwrap_or_default().trim_end_matches([':', '.']);
            if let Ok(address) = there.parse() {
                found.push(Dialled { host: host_in(before), address });
            }
            rest = after;
        }
        found
    }

    /// The hosts whose addresses the message names, dialled or not.
    pub fn hosts(&self) -> Vec<String> {
        let parts = self.text.split("https://").skip(1);
        let hosts = parts.filter_map(|part| part.split(['/', '"', ' ', ':', '?', ',']).next());
        hosts.filter(|host| host.contains('.')).map(str::to_owned).collect()
    }
}

/// The host of the last address in a text.
fn host_in(text: &str) -> Option<String> {
    let (_, last) = text.rsplit_once("https://").or_else(|| text.rsplit_once("http://"))?;
    let host = last.split(['/', '"', ' ', ':', '?']).next().unwrap_or_default();
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symptom::Source;

    fn said(text: &str) -> Symptom {
        Symptom::new(Source::TaskStoppedReason, text)
    }

    #[test]
    fn dialled_addresses_come_with_their_host() {
        let symptom = said(
            r#"request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 10.0.3.7:443: i/o timeout; Get "https://registry-1.docker.io/v2/": dial tcp [2001:db8::1]:443: connect: connection timed out"#,
        );
        let found = symptom.dialled();
        let told: Vec<_> = found.iter().map(|d| (d.host.as_deref().unwrap_or(""), d.address.to_string())).collect();
        assert_eq!(
            told,
            [
                ("api.ecr.eu-west-1.amazonaws.com", "10.0.3.7:443".to_owned()),
                ("registry-1.docker.io", "[2001:db8::1]:443".to_owned())
            ]
        );
        assert_eq!(symptom.hosts().len(), 2);
        assert!(said("dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host").dialled().is_empty());
    }

    #[test]
    fn messages_tell_how_far_a_connection_got() {
        for (text, stage) in [
            (
                r#"Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host"#,
                Stage::Name,
            ),
            (r#"Head "https://a.b/v2": dial tcp 1.2.3.4:443: i/o timeout"#, Stage::Address),
            (r#"Head "https://a.b/v2": dial tcp 1.2.3.4:443: connect: connection refused"#, Stage::Connected),
            (r#"Head "https://a.b/v2": x509: certificate signed by unknown authority"#, Stage::Connected),
            ("mount.nfs4: Connection reset by peer", Stage::Untold),
            ("failed to validate logger args: : signal: killed", Stage::Untold),
        ] {
            assert_eq!(said(text).stage(), stage, "{text}");
        }
    }

    #[test]
    fn an_answer_is_no_network_failure() {
        for (text, bearing) in [
            (
                "CannotPullContainerError: ref pull has been retried 5 time(s): dial tcp 1.2.3.4:443: i/o timeout",
                Bearing::Unreachable,
            ),
            ("ResourceInitializationError: failed to validate logger args: : signal: killed", Bearing::Unreachable),
            (
                "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0123456789abcdef0123456789abcdef is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action",
                Bearing::Answered,
            ),
            (
                "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0123456789abcdef0123456789abcdef is not authorized to perform: secretsmanager:GetSecretValue on resource: x because no VPC endpoint policy allows the secretsmanager:GetSecretValue action",
                Bearing::Refused,
            ),
            (
                "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code https://x: 403 Forbidden",
                Bearing::Refused,
            ),
            (
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref web:1: web:1: not found",
                Bearing::Answered,
            ),
            ("ResourceInitializationError: unable to pull secrets or registry auth", Bearing::Open),
            ("RESOURCE:MEMORY", Bearing::Aside),
        ] {
            assert_eq!(said(text).bearing(), bearing, "{text}");
        }
    }
}
