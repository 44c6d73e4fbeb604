//! Whether the knowledge base knows what ECS says: its own vocabulary (named errors of the agent, stop codes, exit
//! codes, reasons of refused calls, events), held against the templates; every cause; and what a pattern may quote.
//!
//! Gets the rows of `fixtures/messages/templates`, whose causes `messages.rs` proves, the catalogue and the shipped
//! cases. The lists follow the container agent's source, the API's model and these pages of the developer guide:
//! `stopped-task-error-codes.html`, `api_failures_messages.html`, `ecs_service_events.html`.
//!
//! That every rule comes first for one of its own examples is checked with the examples, in `knowledge.rs`.

use std::{collections::BTreeSet, fs};

use regex_syntax::ast::{Ast, parse::Parser};

use crate::{
    catalogue, fixtures,
    messages::{Template, spared, templates},
};

/// Errors that the container agent names (a name, a colon, the message), with the spellings that it ever had.
const AGENT_ERRORS: &[&str] = &[
    "CannotCreateContainerError",
    "CannotCreateContainerExecError",
    "CannotCreateVolumeError",
    "CannotDescribeContainerError",
    "CannotGetContainerTopError",
    "CannotGetDockerClientVersionError",
    "CannotGetDockerclientError",
    "CannotInspectContainerError",
    "CannotInspectContainerExecError",
    "CannotInspectVolumeError",
    "CannotListContainersError",
    "CannotListImagesError",
    "CannotListPluginsError",
    "CannotPullContainerAuthError",
    "CannotPullContainerError",
    "CannotPullECRContainerError",
    "CannotPullImageManifestError",
    "CannotRemoveContainerError",
    "CannotRemoveVolumeError",
    "CannotStartContainerError",
    "CannotStartContainerExecError",
    "CannotStopContainerError",
    "CgroupError",
    "ContainerNetworkingError",
    "ContainerVanishedError",
    "DockerClientConfigError",
    "DockerStateError",
    "DockerTimeoutError",
    "HostConfigError",
    "ImpossibleStateTransitionError",
    "InvalidVolumeError",
    "NoSuchContainerError",
    "OutOfMemoryError",
    "OutofMemoryError",
    "ResourceInitializationError",
    "TaskDependencyError",
    "TaskStateError",
    "TaskStoppedBeforePullBeginError",
    "UnparsablePort",
    "UnrecogniedTaskError",
    "UnrecognizedTaskError",
    "UnrecognizedTransportProtocol",
    "VolumeError",
    // Words that agents misspelt inside of messages.
    "intialize volume",
    "tranisition",
    "unxpected error",
];

/// States that the agent waits for, in `Could not transition to`.
const AWAITED: &[&str] = &[
    "MANIFEST_PULLED",
    "created",
    "creating volume",
    "exec command",
    "inspect exec command",
    "inspecting",
    "inspecting volume",
    "listing",
    "listing plugins",
    "loading image",
    "pullBegin",
    "pulled",
    "removing",
    "removing image",
    "removing volume",
    "start exec command",
    "started",
    "stopped",
];

/// First words of a task's stopped reason that the developer guide lists.
const TASK_ERRORS: &[&str] = &[
    "CannotCreateVolumeError",
    "CannotInspectContainerError",
    "CannotPullContainer",
    "CannotStartContainerError",
    "CannotStopContainerError",
    "ContainerRuntimeError",
    "ContainerRuntimeTimeoutError",
    "InternalError",
    "OutOfMemoryError",
    "ResourceInitializationError",
    "ResourceNotFoundException",
    "SpotInterruptionError",
    "TaskFailedToStart",
];

const STOP_CODES: &[&str] = &[
    "EssentialContainerExited",
    "InfrastructureHealth",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "TaskFailedToStart",
    "TerminationNotice",
    "UserInitiated",
];

const FAILURES: &[&str] = &[
    "AGENT",
    "ATTRIBUTE",
    "DEPLOYMENT_BLOCKED",
    "EMPTY CAPACITY PROVIDER",
    "INACTIVE",
    "LOCATION",
    "MISSING",
    "MemberOf placement constraint unsatisfied",
    "NO ACTIVE INSTANCES",
    "RESOURCE:CPU",
    "RESOURCE:ENI",
    "RESOURCE:FARGATE",
    "RESOURCE:GPU",
    "RESOURCE:MEMORY",
    "RESOURCE:PORTS",
];

/// Codes that mean something by themselves: of programs, shells, docker, signals and Windows.
const EXIT_CODES: &[i64] = &[
    0,
    1,
    2,
    125,
    126,
    127,
    128,
    129,
    130,
    131,
    132,
    133,
    134,
    135,
    136,
    137,
    139,
    143,
    252,
    253,
    254,
    255,
    1067,
    3_221_225_477,
    3_221_225_781,
    3_221_225_786,
];

/// Names of events that state a failure.
const EVENTS: &[&str] = &[
    "ECS_OPERATION_THROTTLED",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED",
    "SERVICE_DEPLOYMENT_FAILED",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED",
    "SERVICE_TASK_PLACEMENT_FAILURE",
    "SERVICE_TASK_START_IMPAIRED",
    "VPC_LATTICE_TARGET_UNHEALTHY",
];

/// Words of ECS that say no cause, alone: the agent's name for an error without a name, the two events whose reason
/// stands in another field, and the answer for a task that cannot be protected, which is no failure of the task.
const SAYS_NOTHING: &[&str] =
    &["SERVICE_HEALTH_UNKNOWN", "SERVICE_TASK_CONFIGURATION_FAILURE", "TASK_NOT_VALID", "UnknownError"];

/// Causes that no message shows, only facts. Each is pinned by a shipped case.
const SHOWN_BY_FACTS: &[&str] = &["wrong-role"];

fn told(rows: &[Template], says: impl Fn(&Template) -> bool) -> bool {
    rows.iter().any(|row| row.cause != "unknown" && says(row))
}

fn untold<'a>(words: &[&'a str], rows: &[Template]) -> Vec<&'a str> {
    let told = |word: &str| told(rows, |row| row.message.text.contains(word));
    words.iter().copied().filter(|word| !told(word)).collect()
}

#[test]
fn every_word_of_ecs_has_a_template_with_a_cause() {
    let rows = templates();
    for (list, words) in [
        ("error of the agent", AGENT_ERRORS),
        ("error of a task", TASK_ERRORS),
        ("reason of a refused call", FAILURES),
        ("event", EVENTS),
    ] {
        let missing = untold(words, &rows);
        assert!(missing.is_empty(), "no template knows the {list}: {missing:?}");
    }
}

#[test]
fn every_awaited_state_has_a_template() {
    let awaited: Vec<String> = AWAITED.iter().map(|state| format!("transition to {state};")).collect();
    let words: Vec<&str> = awaited.iter().map(String::as_str).collect();
    assert_eq!(untold(&words, &templates()), [""; 0]);
}

#[test]
fn every_stop_code_has_a_template_with_a_cause() {
    let rows = templates();
    let carries = |code: &str| told(&rows, |row| row.message.stop_code.as_deref() == Some(code));
    let missing: Vec<_> = STOP_CODES.iter().filter(|code| !carries(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_exit_code_has_a_template_with_a_cause() {
    let rows = templates();
    let missing: Vec<_> =
        EXIT_CODES.iter().filter(|code| !told(&rows, |row| row.message.exit_code == Some(**code))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn words_that_say_nothing_stay_unknown() {
    let rows = templates();
    for word in SAYS_NOTHING {
        let found: Vec<_> = rows.iter().filter(|row| row.message.text.contains(word)).collect();
        assert!(found.iter().any(|row| row.cause == "unknown"), "no template has {word} as unknown");
    }
}

#[test]
fn every_cause_is_first_for_a_template_or_pinned_by_a_case() {
    let rows = templates();
    let named: BTreeSet<&str> = rows.iter().map(|row| row.cause.as_str()).collect();
    let causes = catalogue().causes().map(|cause| cause.id.as_str());
    let missing: Vec<_> = causes.filter(|id| !named.contains(id) && !SHOWN_BY_FACTS.contains(id)).collect();
    assert!(missing.is_empty(), "no template has as its cause: {missing:?}");
    for cause in SHOWN_BY_FACTS {
        assert!(is_pinned(cause), "no shipped case finds {cause}");
    }
}

/// Whether a case names the cause in what a person pinned, or has a finding of it.
fn is_pinned(cause: &str) -> bool {
    fixtures().iter().any(|fixture| {
        let expected = fs::read_to_string(fixture.folder.join("expect.toml")).unwrap();
        let found = crate::cases::report(fixture).findings;
        expected.contains(&format!("cause = \"{cause}\"")) || found.iter().any(|finding| finding.cause == cause)
    })
}

/// A rule that is never held against its look-alikes grows until it matches them.
#[test]
fn every_rule_has_two_near_misses() {
    const FEWEST: usize = 2;
    let spared = spared();
    let count = |id: &str| spared.iter().filter(|rule| *rule == id).count();
    let short = catalogue().rules().iter().filter(|rule| count(&rule.id) < FEWEST);
    let short: Vec<String> = short.map(|rule| format!("{}/{}: {}", rule.family, rule.id, count(&rule.id))).collect();
    assert!(short.is_empty(), "rules with fewer than {FEWEST} near misses:\n{}", short.join("\n"));
}

/// A pattern matches what ECS's code builds; a long literal would quote somebody's message.
#[test]
fn no_pattern_quotes_a_message() {
    const LONGEST: usize = 120;
    const QUOTE: usize = 60;
    let texts: Vec<String> = templates().into_iter().map(|row| row.message.text.to_lowercase()).collect();
    for rule in catalogue().rules() {
        for pattern in rule.when.iter().flat_map(|when| when.text.iter().chain(&when.none)) {
            for run in runs(&Parser::new().parse(pattern).unwrap()) {
                assert!(run.len() <= LONGEST, "{}: {run}", rule.id);
                let quoted = texts.iter().find(|text| text.len() > QUOTE && run.contains(text.as_str()));
                assert_eq!(quoted, None, "{}", rule.id);
            }
        }
    }
}

/// The runs of literal characters in a pattern, in lower case.
fn runs(tree: &Ast) -> Vec<String> {
    match tree {
        Ast::Literal(literal) => vec![literal.c.to_lowercase().to_string()],
        Ast::Group(group) => runs(&group.ast),
        Ast::Repetition(repetition) => runs(&repetition.ast),
        Ast::Alternation(branches) => branches.asts.iter().flat_map(runs).collect(),
        Ast::Concat(concat) => runs_of_sequence(&concat.asts),
        _ => Vec::new(),
    }
}

fn runs_of_sequence(parts: &[Ast]) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in parts {
        match part {
            Ast::Literal(literal) => found.last_mut().unwrap().extend(literal.c.to_lowercase()),
            other => {
                found.extend(runs(other));
                found.push(String::new());
            }
        }
    }
    found
}

#[test]
fn runs_are_what_a_pattern_spells_out() {
    let tree = Parser::new().parse(r"Task (?:a|bc)d\.e{2}").unwrap();
    let found: Vec<String> = runs(&tree).into_iter().filter(|run| !run.is_empty()).collect();
    assert_eq!(found, ["task ", "a", "bc", "d.", "e"]);
}
