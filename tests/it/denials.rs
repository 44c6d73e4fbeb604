//! What an application's log says of refused calls: whose call it was, what is decided about it, and what is offered.

use ecs_why::{
    case::{Answer, Case, Fact, LogEvent, LogEvents, Need, Origin, PolicyDocument},
    fix::fixes,
    judge::{Confidence, State, diagnose},
    needs::needs,
};
use serde_json::json;

use crate::{
    catalogue,
    fixes::{case, put},
};
use ecs_why::fix::apply;

const CASE: &str = "application-is-denied";
const TASK_ROLE: &str = "application-is-denied-task";
const SESSION: &str =
    "arn:aws:sts::123456789012:assumed-role/application-is-denied-task/7f9da7aab14b40788b6ceaabb762819c";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The shipped case with another end of its log.
fn logging(lines: &[&str]) -> Case {
    logged(case(CASE), lines)
}

fn logged(mut case: Case, lines: &[&str]) -> Case {
    let event = |line: &&str| LogEvent { timestamp: None, message: (*line).to_owned() };
    let events = LogEvents { events: lines.iter().map(event).collect() };
    let need = case.facts().map(|(need, _)| need.clone()).find(|n| matches!(n, Need::LogEvents { .. })).unwrap();
    case.admit(need, Fact::Known(Answer::LogEvents(events), Origin::Aws));
    case
}

fn allowing(case: &Case, action: &str, resource: &str) -> Case {
    apply(case, &[put(TASK_ROLE, "inline", json!([{"Effect": "Allow", "Action": action, "Resource": resource}]))])
}

fn refusal(principal: &str, action: &str, resource: &str, tail: &str) -> String {
    format!("AccessDenied: User: {principal} is not authorized to perform: {action} on resource: {resource} {tail}")
}

/// What the first finding says, in brief.
#[derive(Debug, PartialEq)]
struct Brief {
    cause: String,
    confidence: Confidence,
    state: State,
    role: bool,
    /// Of the change that is offered, if there is one.
    verified: Option<Option<bool>>,
}

fn brief(case: &Case) -> Brief {
    let diagnosis = diagnose(case, catalogue());
    let first = diagnosis.findings.first().unwrap();
    let change = fixes(case, &diagnosis, first, catalogue()).into_iter().find(|fix| !fix.changes.is_empty());
    Brief {
        cause: first.cause.clone(),
        confidence: first.confidence,
        state: first.state,
        role: first.role.is_some(),
        verified: change.map(|fix| fix.verified),
    }
}

fn expected(cause: &str, confidence: Confidence, state: State, role: bool, verified: Option<Option<bool>>) -> Brief {
    Brief { cause: cause.to_owned(), confidence, state, role, verified }
}

const NO_IDENTITY: &str = "because no identity-based policy allows it";

#[test]
fn only_the_task_role_s_own_call_is_mended_on_the_task_role() {
    use Confidence::{Confirmed, Likely};
    use State::{Present, Unknown};
    let queue = "arn:aws:sqs:eu-west-1:123456789012:orders";
    for (principal, wanted) in [
        (SESSION, expected("task-role-permission", Confirmed, Present, true, Some(Some(true)))),
        ("arn:aws:iam::123456789012:user/uploader", expected("task-role-permission", Likely, Unknown, false, None)),
        ("anonymous", expected("task-role-permission", Likely, Unknown, false, None)),
        (
            "arn:aws:sts::123456789012:assumed-role/partner/session",
            expected("task-role-permission", Likely, Unknown, false, None),
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/ecsInstanceRole/i-0123456789abcdef0",
            expected("task-role-permission", Likely, Unknown, false, None),
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/application-is-denied-execution/7f9d",
            expected("task-role-permission", Likely, Unknown, false, None),
        ),
        (
            "arn:aws:sts::444455556666:assumed-role/application-is-denied-task/7f9d",
            expected("task-role-permission", Likely, Unknown, false, None),
        ),
    ] {
        let case = logging(&[&refusal(principal, "sqs:SendMessage", queue, NO_IDENTITY)]);
        assert_eq!(brief(&case), wanted, "{principal}");
    }
}

#[test]
fn a_caller_that_is_not_named_leaves_the_proof_open() {
    let line = "upload failed: ./a.csv to s3://shop-data/in/a.csv An error occurred (AccessDenied) when calling the \
                PutObject operation: Access Denied";
    let wanted = expected("task-role-permission", Confidence::Confirmed, State::Present, true, Some(None));
    assert_eq!(brief(&logging(&[line])), wanted);
}

#[test]
fn without_a_resource_the_statements_are_looked_at() {
    let line = "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied";
    let nowhere = logging(&[line]);
    assert_eq!(brief(&nowhere), expected("task-role-permission", Confidence::Confirmed, State::Present, true, None));
    let somewhere = allowing(&nowhere, "s3:Put*", "arn:aws:s3:::shop-data/*");
    assert_eq!(brief(&somewhere), expected("task-role-permission", Confidence::Likely, State::Unknown, true, None));
    let diagnosis = diagnose(&somewhere, catalogue());
    let shown = &diagnosis.findings.first().unwrap().evidence;
    let statement = "by statement #0 of inline on arn:aws:s3:::shop-data/*";
    assert!(shown.iter().any(|evidence| evidence.text.ends_with(statement)), "{shown:?}");
}

#[test]
fn what_other_policies_say_too_is_not_decided_here() {
    let likely = |cause| expected(cause, Confidence::Likely, State::Unknown, true, None);
    let object = "arn:aws:s3:::shop-data/a.csv";
    let forbidden = refusal(SESSION, "s3:PutObject", object, "with an explicit deny in a resource-based policy");
    assert_eq!(brief(&allowing(&logging(&[&forbidden]), "s3:*", "*")), likely("task-role-explicit-deny"));

    let elsewhere = "arn:aws:sqs:eu-west-1:444455556666:orders";
    let other_account = refusal(SESSION, "sqs:SendMessage", elsewhere, "because no resource-based policy allows it");
    assert_eq!(brief(&allowing(&logging(&[&other_account]), "sqs:*", "*")), likely("task-role-permission"));

    let assumed = refusal(SESSION, "sts:AssumeRole", "arn:aws:iam::123456789012:role/partner", "");
    assert_eq!(brief(&logging(&[&assumed])), likely("task-role-permission"));
}

#[test]
fn a_call_that_is_allowed_by_now_is_mended() {
    let queue = "arn:aws:sqs:eu-west-1:123456789012:orders";
    let case =
        allowing(&logging(&[&refusal(SESSION, "sqs:sendmessage", queue, NO_IDENTITY)]), "sqs:SendMessage", queue);
    assert_eq!(brief(&case), expected("task-role-permission", Confidence::Likely, State::Resolved, true, None));
}

#[test]
fn the_policy_of_a_refused_key_is_asked_for_and_decides() {
    let mut case = logging(&[&refusal(SESSION, "kms:Decrypt", KEY, NO_IDENTITY)]);
    let (region, key) = ("eu-west-1".to_owned(), KEY.to_owned());
    let policy = Need::KeyPolicy { region: region.clone(), key: key.clone() };
    let role = format!("arn:aws:iam::123456789012:role/{TASK_ROLE}");
    let grants = Need::KeyGrants { region, key, grantee: role };
    assert!(needs(&case).is_superset(&[policy.clone(), grants.clone()].into()));
    assert_eq!(brief(&case), expected("task-role-permission", Confidence::Likely, State::Unknown, true, None));

    let delegates = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}]});
    let document = Answer::KeyPolicy(PolicyDocument { document: delegates.to_string() });
    case.admit(policy, Fact::Known(document, Origin::Aws));
    case.admit(grants, Fact::Known(Answer::KeyGrants(Default::default()), Origin::Aws));
    let wanted = expected("task-role-permission", Confidence::Confirmed, State::Present, true, Some(Some(true)));
    assert_eq!(brief(&case), wanted);
}

/// A program that went on after a refusal did not end for it; what stands before the end that is read says nothing.
#[test]
fn a_refusal_far_from_the_end_is_not_the_cause() {
    let line = refusal(SESSION, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:orders", NO_IDENTITY);
    let causes = |after: usize| -> Vec<String> {
        let mut lines = vec![line.as_str()];
        lines.extend(std::iter::repeat_n("INFO served", after));
        diagnose(&logging(&lines), catalogue()).findings.into_iter().map(|f| f.cause).collect()
    };
    assert_eq!(causes(40)[0], "task-role-permission");
    assert_eq!(causes(41)[..2], ["app-exit-nonzero", "task-role-permission"]);
    assert_eq!(causes(199)[..2], ["app-exit-nonzero", "task-role-permission"]);
    assert_eq!(causes(200), ["app-exit-nonzero"]);
}

#[test]
fn a_refusal_in_several_lines_is_one() {
    let case = logging(&[
        "An error occurred (AccessDeniedException) when calling the Scan operation: ",
        &format!("User: {SESSION} is not authorized to perform: "),
        "dynamodb:Scan on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/artifacts ",
        NO_IDENTITY,
    ]);
    let wanted = expected("task-role-permission", Confidence::Confirmed, State::Present, true, Some(Some(true)));
    assert_eq!(brief(&case), wanted);
}

#[test]
fn without_a_task_role_there_is_no_permission_to_lack() {
    let line = "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/ecsInstanceRole/i-0123456789abcdef0 is not \
                authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:123456789012:orders";
    let case = logged(case("application-without-task-role"), &[line]);
    assert_eq!(brief(&case), expected("task-role-missing", Confidence::Confirmed, State::Present, false, None));
}
