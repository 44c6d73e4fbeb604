//! The paths of a diagnosis as the report has them: every call of the start that was followed, hop by hop.

use super::v1::{HopView, PathView, UnusedView};
use crate::{
    judge::{Arrives, FaultSubject, Finding, Reach},
    net::{Destination, Hop, Path, Unused},
};

/// One call with what becomes of it on its way.
pub fn path_view(reach: &Reach) -> PathView {
    let Reach { connection, leaves_by, dialled, path, sure } = reach;
    let port = connection.destination.port();
    PathView {
        destination: name(&connection.destination),
        host: connection.destination.host(),
        port,
        call: connection.kind.word(),
        because: connection.because.clone(),
        container: connection.container.clone(),
        leaves_by: leaves_by.word(),
        dialled: dialled.map(|address| address.to_string()),
        verdict: verdict(reach),
        sure: *sure,
        hops: path.iter().flat_map(|path| &path.hops).map(|hop| hop_view(hop, port)).collect(),
        unused: unused(path.as_ref()),
    }
}

/// The path that a finding is about: the first of those that break at its hop.
pub fn path_of(finding: &Finding) -> Option<PathView> {
    match &finding.fault.as_ref()?.subject {
        FaultSubject::Path(broken) => broken.reaches.first().map(path_view),
        _ => None,
    }
}

/// An API of AWS by the name of its endpoint service, anything else by the name that it is called by.
fn name(destination: &Destination) -> String {
    match destination {
        Destination::Service { name, .. } | Destination::Host { name, .. } => name.clone(),
        Destination::MountTarget { file_system, .. } => file_system.clone(),
        Destination::Address { address, .. } => address.to_string(),
    }
}

fn verdict(reach: &Reach) -> &'static str {
    match reach.arrives() {
        Arrives::Yes => "reaches",
        Arrives::No => "broken",
        Arrives::Unknown => "unknown",
        Arrives::OutOfSight => "leaves",
    }
}

fn hop_view(hop: &Hop, port: u16) -> HopView {
    HopView {
        kind: hop.kind.word(),
        subject: Some(hop.subject.clone()).filter(|subject| !subject.is_empty()),
        verdict: hop.verdict_word(),
        reason: hop.reason_word(),
        note: hop.says(port),
    }
}

fn unused(path: Option<&Path>) -> Vec<UnusedView> {
    let view = |unused: &Unused| UnusedView { endpoint: unused.endpoint.clone(), because: unused.because.says() };
    path.into_iter().flat_map(|path| &path.unused).map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::Gap,
        net::{CallKind, HopKind, LeavesBy, Missing, Reason, UnusedBecause, Verdict, What},
        require::Connection,
    };

    fn reach(destination: Destination, path: Option<Path>) -> Reach {
        let because = "the layers of image web:1".to_owned();
        let connection =
            Connection { kind: CallKind::ImagePull, destination, because, container: Some("web".to_owned()) };
        Reach { connection, leaves_by: LeavesBy::TaskInterface, dialled: "10.0.3.7".parse().ok(), path, sure: true }
    }

    fn hop(kind: HopKind, subject: &str, verdict: Verdict) -> Hop {
        Hop { kind, subject: subject.to_owned(), verdict }
    }

    #[test]
    fn a_path_has_every_hop_and_why_it_breaks() {
        let hops = vec![
            hop(HopKind::Interface, "", Verdict::Passes),
            hop(HopKind::Route, "rtb-1", Verdict::Breaks(Reason::NoRoute)),
        ];
        let unused = vec![Unused { endpoint: "vpce-1".to_owned(), because: UnusedBecause::NotInRouteTable }];
        let view = path_view(&reach(Destination::service("s3", "eu-west-1"), Some(Path { hops, unused })));
        let json = serde_json::to_value(&view).unwrap();
        let expected = serde_json::json!({
            "destination": "s3", "host": "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com", "port": 443,
            "for": "image-pull", "because": "the layers of image web:1", "container": "web",
            "leavesBy": "task", "dialled": "10.0.3.7", "verdict": "broken", "sure": true,
            "hops": [
                {"kind": "interface", "subject": null, "verdict": "passes", "reason": null, "note": null},
                {"kind": "route", "subject": "rtb-1", "verdict": "breaks", "reason": "no-route",
                 "note": "route table rtb-1 has no route to it"},
            ],
            "unused": [{"endpoint": "vpce-1", "because": "it is not in the route table of the caller's subnet"}],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn an_unknown_hop_says_what_would_tell() {
        let gap = Some(Gap::Denied { message: String::new() });
        let missing = Missing { what: What::RouteTables, subject: "subnet-1".to_owned(), gap };
        let hops = vec![hop(HopKind::Route, "subnet-1", Verdict::Unknown(missing))];
        let view = path_view(&reach(Destination::of_host("10.1.2.3", 5000), Some(Path { hops, unused: Vec::new() })));
        let note = view.hops.first().and_then(|hop| hop.note.as_deref());
        assert_eq!(note, Some("the route table of subnet-1 is not known: ec2:DescribeRouteTables is denied"));
        assert_eq!(
            (view.destination.as_str(), view.host, view.port, view.verdict),
            ("10.1.2.3", None, 5000, "unknown")
        );
    }

    #[test]
    fn a_call_by_an_interface_of_another_has_no_hops() {
        let own = reach(Destination::service("secretsmanager", "eu-west-1"), None);
        let view = path_view(&Reach { leaves_by: LeavesBy::FargateInterface, ..own });
        assert_eq!((view.leaves_by, view.verdict, view.hops.len()), ("fargate", "leaves", 0));
    }
}
