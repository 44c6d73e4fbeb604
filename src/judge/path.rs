//! Broken paths as faults, and what paths that are intact say of a message about the network.

use super::{
    fault::{Fault, FaultSubject},
    finding::{Confidence, Evidence, Finding, State},
    join::Join,
    reach::{Break, Reach, breaks},
};
use crate::{
    knowledge::Owner,
    net::{Hop, HopKind, LeavesBy, Summary},
    symptom::{Stage, Symptom},
};

/// A fault for each hop and cause: what breaks at one hop is one fault of the network, whichever call meets it first.
pub fn faults(reaches: &[Reach]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for broken in breaks(reaches) {
        for reach in &broken.reaches {
            let cause = reach.cause();
            if !faults.iter().any(|fault| fault.cause == cause && is_at(fault, &broken)) {
                faults.push(fault(cause, reach, &broken));
            }
        }
    }
    faults
}

fn shows(reach: &Reach, hop: &Hop) -> String {
    format!("the path to {} ({}) is broken: {}", reach.host(), reach.connection.because, says(reach, hop))
}

fn is_at(fault: &Fault, broken: &Break) -> bool {
    matches!(&fault.subject, FaultSubject::Path(known) if known.hop == broken.hop)
}

/// The reaches of the cause come first, those that a message says were tried before others.
fn fault(cause: &str, reach: &Reach, broken: &Break) -> Fault {
    let mut reaches = broken.reaches.clone();
    reaches.sort_by_key(|other| (other.cause() != cause, other.dialled.is_none()));
    let reach = reaches.first().unwrap_or(reach).clone();
    let hop = broken.hop.clone();
    Fault {
        cause: cause.to_owned(),
        container: reach.connection.container.clone(),
        role: None,
        resource: Some(if hop.subject.is_empty() { reach.host() } else { hop.subject.clone() }),
        shows: shows(&reach, &hop),
        subject: FaultSubject::Path(Break { hop, reaches }),
    }
}

impl Fault {
    /// Whether a message about a cause may mean it: that a call came to nothing does not say whether its name was the reason.
    pub(super) fn is_of(&self, cause: &str) -> bool {
        let of_network = matches!(self.subject, FaultSubject::Path(_));
        self.cause == cause || (of_network && family(&self.cause) == family(cause))
    }

    /// Whether both are one break of the network, seen from different calls.
    pub(super) fn shares_hop(&self, other: &Self) -> bool {
        match (&self.subject, &other.subject) {
            (FaultSubject::Path(one), FaultSubject::Path(another)) => one.hop == another.hop,
            _ => false,
        }
    }

    /// Whether every way that the call may have taken breaks.
    pub(super) fn is_sure(&self) -> bool {
        match &self.subject {
            FaultSubject::Path(broken) => broken.reaches.first().is_some_and(|reach| reach.sure),
            _ => true,
        }
    }
}

/// What the paths say of a cause that is one of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// All of its calls get through.
    Open,
    /// One breaks.
    Broken,
    /// How far they get cannot be seen.
    Unseen,
}

impl<'a> Join<'a> {
    fn reaches_of(&self, symptom: Option<&Symptom>, cause: &str) -> Vec<&'a Reach> {
        let hosts = symptom.map(Symptom::hosts).unwrap_or_default();
        let of_cause: Vec<&Reach> = self.ground.reaches.iter().filter(|reach| is_of(reach, cause)).collect();
        let named = |reach: &&&Reach| hosts.contains(&reach.host());
        let of_host: Vec<&Reach> = of_cause.iter().filter(named).copied().collect();
        if of_host.is_empty() { of_cause } else { of_host }
    }

    /// How the calls of a network cause fare; `None` where it has none, or none was looked at.
    pub(super) fn way(&self, symptom: Option<&Symptom>, cause: &str) -> Option<Way> {
        let reaches = self.reaches_of(symptom, cause);
        if reaches.is_empty() {
            return None;
        }
        Some(match () {
            () if reaches.iter().any(|reach| reach.broken_at().is_some()) => Way::Broken,
            () if reaches.iter().all(|reach| reach.gets_through()) => Way::Open,
            () => Way::Unseen,
        })
    }

    /// The fault as the message tells it: about the call whose host it names.
    pub(super) fn as_told(&self, symptom: &Symptom, fault: &Fault) -> Fault {
        let FaultSubject::Path(broken) = &fault.subject else { return fault.clone() };
        let hosts = symptom.hosts();
        match broken.reaches.iter().find(|reach| hosts.contains(&reach.host())) {
            Some(named) => {
                let mut told = self::fault(named.cause(), named, broken);
                if let FaultSubject::Path(broken) = &mut told.subject {
                    broken.reaches.sort_by_key(|reach| reach.connection != named.connection);
                }
                Fault { shows: shows(named, &broken.hop), container: named.connection.container.clone(), ..told }
            }
            None => fault.clone(),
        }
    }

    /// A break is what a message is about if it names none of the hosts that are called, or one that breaks there.
    pub(super) fn may_be_about_break(&self, symptom: &Symptom, broken: &Break) -> bool {
        if !is_at_stage(symptom.stage(), broken) {
            return false;
        }
        let hosts = symptom.hosts();
        let called = |reach: &&Reach| hosts.contains(&reach.host());
        let named = self.ground.reaches.iter().any(|reach| called(&reach));
        !named || broken.reaches.iter().any(|reach| called(&reach))
    }

    /// A message that says that a call did not get through, in the light of the way as it is now.
    pub(super) fn on_its_way(&self, symptom: &Symptom, finding: Finding) -> Finding {
        if !self.cause_is(&finding.cause, |cause| cause.owner == Owner::Network) {
            return finding;
        }
        let reaches = self.reaches_of(Some(symptom), &finding.cause);
        let Some(way) = self.way(Some(symptom), &finding.cause) else { return finding };
        let told = reaches.iter().filter_map(|reach| seen(reach));
        let (state, means) = match way {
            Way::Open => (State::Resolved, INTACT),
            Way::Broken => return finding,
            Way::Unseen => (State::Unknown, UNSEEN),
        };
        let evidence = told.map(|text| Evidence { source: "network".to_owned(), text });
        let of_fargate = reaches.iter().all(|reach| reach.leaves_by == LeavesBy::FargateInterface);
        Finding {
            confidence: Confidence::Likely,
            state,
            why: format!("{} {means}", finding.why.trim_end()),
            evidence: finding.evidence.into_iter().chain(evidence).collect(),
            advice: if of_fargate { vec![newer_platform()] } else { finding.advice },
            ..finding
        }
    }
}

const INTACT: &str = "As the network is now, the path is intact: the fault was mended since, or passed, or lies outside of \
                      what can be seen from the VPC.";
const UNSEEN: &str = "Nothing that can be seen breaks the path, but not all of it can be seen.";

/// Whether a connection that got so far can have come to nothing at the hop.
fn is_at_stage(stage: Stage, broken: &Break) -> bool {
    let of_name = matches!(broken.hop.kind, HopKind::Dns | HopKind::MountTarget);
    match stage {
        Stage::Name => of_name,
        Stage::Address => !of_name,
        Stage::Connected => false,
        Stage::Untold => true,
    }
}

/// No edit of the VPC changes a call that does not pass through it.
fn newer_platform() -> (String, Vec<String>) {
    let title = "Start the task again, on platform version 1.4.0 or later: there the call leaves by the task's own interface, \
                 and nothing in the VPC decides it before";
    let page = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html";
    (title.to_owned(), vec![page.to_owned()])
}

/// Whether a cause is about a call, however it breaks.
fn is_of(reach: &Reach, cause: &str) -> bool {
    family(reach.cause()) == family(cause)
}

/// Names and ways of one kind of call are one family.
fn family(cause: &str) -> &str {
    match cause {
        "registry-dns" => "registry-network",
        "efs-mount-dns" => "efs-mount-network",
        other => other,
    }
}

fn seen(reach: &Reach) -> Option<String> {
    let host = reach.host();
    if reach.leaves_by == LeavesBy::FargateInterface {
        return Some(format!("the call to {host} leaves by an interface of Fargate's own, not by the VPC of the task"));
    }
    Some(match reach.path.as_ref()?.summary() {
        Summary::Reaches => format!("every hop to {host} lets the call through"),
        Summary::Broken(hop) => format!("the path to {host} breaks: {}", says(reach, hop)),
        Summary::Unknown(hop) => format!("the path to {host} cannot be followed to its end: {}", says(reach, hop)),
        Summary::LeavesView(hop) => format!("the path to {host} leaves what can be seen: {}", says(reach, hop)),
    })
}

fn says(reach: &Reach, hop: &Hop) -> String {
    hop.says(reach.connection.destination.port()).unwrap_or_default()
}
