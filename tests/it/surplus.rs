//! The tightened policies of the execution role: nothing needed is lost, nothing else is left, and what stands in the
//! policies besides stays.

use std::time::Duration;

use ecs_why::{
    case::{Answer, AttachedPolicies, Case, Fact, Gap, ManagedPolicy, Need, Origin, PolicyDocument},
    diagnose::{Cost, judge, judge_with_least},
    fix::{Change, Fix, apply, fixes, least},
    judge::{Diagnosis, Grant, diagnose, grants},
    report::{report_text, report_text_with_surplus},
    require::RoleKind,
};
use serde_json::{Value, json};

use crate::{catalogue, fixtures};

fn case(name: &str) -> Case {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap().case
}

/// A task that ran; the role is allowed exactly what it needs.
const RAN: &str = "one-secret-many-keys";

fn execution_role(case: &Case) -> Option<String> {
    let diagnosis = diagnose(case, catalogue());
    diagnosis.workload?.execution_role().name().map(str::to_owned)
}

fn put(case: &Case, policy: &str, statements: &Value) -> Case {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let role = execution_role(case).unwrap();
    apply(case, &[Change::PutRolePolicy { role, policy: policy.to_owned(), document }])
}

/// The policy as a managed one that so many principals have, the role among them.
fn attach(case: &Case, arn: &str, attachment_count: i64, statements: &Value) -> Case {
    let role = execution_role(case).unwrap();
    let mut case = case.clone();
    let mut attached = case.attached_policies(&role).cloned().unwrap_or_default().policy_arns;
    attached.push(arn.to_owned());
    let policy = || arn.to_owned();
    let managed = ManagedPolicy { arn: policy(), default_version_id: "v1".to_owned(), attachment_count };
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    for (need, answer) in [
        (Need::AttachedPolicies { role }, Answer::AttachedPolicies(AttachedPolicies { policy_arns: attached })),
        (Need::ManagedPolicy { policy: policy() }, Answer::ManagedPolicy(managed)),
        (
            Need::ManagedPolicyVersion { policy: policy(), version: "v1".to_owned() },
            Answer::ManagedPolicyVersion(PolicyDocument { document }),
        ),
    ] {
        case.admit(need, Fact::Known(answer, Origin::Aws));
    }
    case
}

fn surplus(case: &Case, diagnosis: &Diagnosis<'_>) -> Option<Vec<Grant>> {
    let all = grants(case, diagnosis.workload.as_ref()?, &diagnosis.ground.checks).ok()?;
    Some(all.into_iter().filter(Grant::is_surplus).collect())
}

fn offered(case: &Case) -> Option<Fix> {
    least(case, &diagnose(case, catalogue()), catalogue())
}

/// "kind action resource outcome" of every check.
fn decided(diagnosis: &Diagnosis<'_>) -> Vec<String> {
    let checks = diagnosis.ground.checks.iter();
    let told = checks.map(|c| {
        let permission = &c.permission;
        let kind = permission.role.kind.name();
        format!("{kind} {} {} {:?}", permission.action, permission.resource, c.decision.outcome)
    });
    told.collect()
}

/// Whether tightened policies are offered; if so, they do what is said of them.
fn holds(case: &Case, what: &str) -> bool {
    let before = diagnose(case, catalogue());
    let too_much = surplus(case, &before).unwrap_or_default();
    let Some(fix) = least(case, &before, catalogue()) else { return false };
    assert!(!too_much.is_empty(), "{what}: nothing to tighten");
    assert_eq!(fix.verified, Some(true), "{what}");
    let tightened = apply(case, &fix.changes);
    let after = diagnose(&tightened, catalogue());
    assert_eq!(decided(&after), decided(&before), "{what}");
    assert_eq!(surplus(&tightened, &after), Some(Vec::new()), "{what}");
    assert_eq!(least(&tightened, &after, catalogue()), None, "{what} is offered again");
    let mending = proven_fixes(case, &before);
    let mended = diagnose_after(case, &mending);
    assert_eq!(diagnose_after(case, &[mending.clone(), fix.changes.clone()].concat()), mended, "{what}, after a fix");
    assert_eq!(diagnose_after(case, &[fix.changes, mending].concat()), mended, "{what}, before a fix");
    true
}

fn proven_fixes(case: &Case, diagnosis: &Diagnosis<'_>) -> Vec<Change> {
    let all = diagnosis.findings.iter().flat_map(|finding| fixes(case, diagnosis, finding, catalogue()));
    all.filter(|fix| fix.verified == Some(true)).flat_map(|fix| fix.changes).collect()
}

fn diagnose_after(case: &Case, changes: &[Change]) -> Vec<String> {
    let case = apply(case, changes);
    decided(&diagnose(&case, catalogue()))
}

const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
const CUSTOMER_MANAGED: &str = "arn:aws:iam::123456789012:policy/wide";

fn recommended() -> Value {
    json!([{"Effect": "Allow", "Resource": "*", "Action": [
        "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage", "logs:CreateLogStream", "logs:PutLogEvents"
    ]}])
}

fn everything() -> Value {
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
}

/// The case, and the case with too much granted in every way that policies come.
fn variants(case: &Case) -> Vec<(&'static str, Case)> {
    let services = json!([
        {"Effect": "Allow", "Action": ["ecr:*", "logs:*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["iam:*", "ecr:*"], "Resource": "*"},
        {"Sid": "NoKeys", "Effect": "Deny", "Action": "kms:DisableKey", "Resource": "*"}
    ]);
    vec![
        ("as it is", case.clone()),
        ("everything inline", put(case, "wide", &everything())),
        ("services inline", put(case, "wide", &services)),
        ("recommended by AWS", attach(case, AWS_MANAGED, 0, &recommended())),
        ("own managed policy", attach(case, CUSTOMER_MANAGED, 1, &services)),
        ("shared managed policy", attach(case, CUSTOMER_MANAGED, 5, &services)),
        ("two at once", attach(&put(case, "wide", &everything()), AWS_MANAGED, 0, &recommended())),
    ]
}

#[test]
fn nothing_needed_is_lost_and_nothing_else_is_left() {
    let mut proven = 0;
    for fixture in fixtures() {
        let case = &fixture.case;
        let diagnosis = diagnose(case, catalogue());
        if surplus(case, &diagnosis).is_none() {
            assert_eq!(offered(case), None, "{}", fixture.name);
            continue;
        }
        for (variant, case) in variants(case) {
            let what = format!("{}, {variant}", fixture.name);
            let diagnosis = diagnose(&case, catalogue());
            if surplus(&case, &diagnosis).unwrap().is_empty() {
                continue;
            }
            // A fix that changes the same policy has to be made first.
            let held = holds(&case, &what);
            let mended = apply(&case, &proven_fixes(&case, &diagnosis));
            let clean = || surplus(&mended, &diagnose(&mended, catalogue())).unwrap().is_empty();
            assert!(held || clean() || holds(&mended, &what), "{what} is not offered");
            proven += usize::from(held);
        }
    }
    assert!(proven >= 250, "only {proven} proven");
}

/// Tightened by who could not read a fact, the role still allows what it did by all of the facts.
#[test]
fn what_was_not_read_is_not_taken_away() {
    let mut offers = 0;
    for fixture in fixtures() {
        let Some(_) = surplus(&fixture.case, &diagnose(&fixture.case, catalogue())) else { continue };
        let whole = put(&fixture.case, "wide", &everything());
        let before = diagnose(&whole, catalogue());
        for (need, _) in whole.facts().filter(|(_, fact)| matches!(fact, Fact::Known(..))) {
            let mut less = whole.clone();
            less.admit(need.clone(), Fact::Missing(Gap::TimedOut));
            let Some(fix) = offered(&less) else { continue };
            offers += 1;
            let after = diagnose_after(&whole, &fix.changes);
            assert_eq!(after, decided(&before), "{} without {need:?}", fixture.name);
        }
    }
    assert!(offers >= 150, "only {offers} offers");
}

#[test]
fn exactly_what_is_needed_is_no_surplus() {
    let case = case("application-ends-itself");
    let diagnosis = diagnose(&case, catalogue());
    assert_eq!(surplus(&case, &diagnosis), Some(Vec::new()));
    assert_eq!(offered(&case), None);
    assert!(report_text_with_surplus(&report_with_least(&case)).contains("\n  none is known\n"));
}

fn report_with_least(case: &Case) -> ecs_why::report::Report {
    judge_with_least(case, catalogue(), Cost::default(), Duration::ZERO)
}

/// What a policy grants and denies after the changes.
fn statements(case: &Case, role: &str, policy: &str) -> Value {
    let document: Value = serde_json::from_str(&case.role_policy(role, policy).unwrap().document).unwrap();
    document["Statement"].clone()
}

#[test]
fn a_wildcard_is_told_and_narrowed() {
    let base = case("application-ends-itself");
    let statement = json!([{"Sid": "Pull", "Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]);
    let role = execution_role(&base).unwrap();
    let case = put(&base, "inline", &statement);
    let report = report_with_least(&case);
    let own = report.permissions.iter().find(|r| r.role.kind == RoleKind::Execution.name()).unwrap();
    let told: Vec<_> = own.surplus.iter().map(|s| [&s.policy, &s.statement, &s.action, &s.resource]).collect();
    assert_eq!(told, [["inline", "Pull", "ecr:*", "*"]]);
    let fix = offered(&case).unwrap();
    let repository = "arn:aws:ecr:eu-west-1:123456789012:repository/application-ends-itself";
    let expected = json!([
        {"Sid": "Pull", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {"Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "Resource": repository}
    ]);
    assert_eq!(statements(&apply(&case, &fix.changes), &role, "inline"), expected);
    assert_eq!(own.least.as_ref().unwrap().commands, fix.commands);
    assert_eq!(fix.commands.len(), 1);
}

#[test]
fn conditions_and_denies_stay() {
    let base = case("application-ends-itself");
    let role = execution_role(&base).unwrap();
    let condition = json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
    let deny = json!({"Sid": "NoDeletes", "Effect": "Deny", "Action": "ecr:Delete*", "Resource": "*"});
    let wide = json!([
        {"Effect": "Allow", "Action": "ecr:*", "Resource": "*", "Condition": condition},
        {"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
        deny
    ]);
    let inline = put(&base, "inline", &wide);
    let after = apply(&inline, &offered(&inline).unwrap().changes);
    let narrowed = statements(&after, &role, "inline");
    assert_eq!([&narrowed[0]["Condition"], &narrowed[1]["Condition"]], [&condition, &condition]);
    assert_eq!([&narrowed[2]["Condition"], &narrowed[3]], [&Value::Null, &deny]);
    let shared = attach(&put(&base, "inline", &json!([deny])), CUSTOMER_MANAGED, 2, &wide);
    let after = apply(&shared, &offered(&shared).unwrap().changes);
    assert_eq!(statements(&after, &role, "ecs-why-least"), narrowed);
    assert_eq!(statements(&after, &role, "inline"), json!([deny]));
}

#[test]
fn a_conditional_grant_does_not_stand_in_for_another() {
    let base = case("application-ends-itself");
    let repository = "arn:aws:ecr:eu-west-1:123456789012:repository/application-ends-itself";
    let elsewhere = json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}});
    for (action, resource) in [("ecr:BatchGetImage", repository), ("ecr:*", "*")] {
        let statements = json!([
            {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": elsewhere},
            {"Effect": "Allow", "Action": ["ecr:*", "logs:*"], "Resource": "*"}
        ]);
        assert!(holds(&put(&base, "inline", &statements), action));
    }
}

#[test]
fn what_is_granted_anew_comes_before_what_is_removed() {
    let base = case("application-ends-itself");
    let role = execution_role(&base).unwrap();
    let delete = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    let without = apply(&base, &[Change::DeleteRolePolicy { role: role.clone(), policy: "inline".to_owned() }]);
    let case = attach(&put(&without, "buckets", &delete), AWS_MANAGED, 0, &recommended());
    let fix = offered(&case).unwrap();
    let verbs: Vec<&str> = fix.commands.iter().map(|c| c.split(' ').nth(2).unwrap()).collect();
    assert_eq!(verbs, ["put-role-policy", "delete-role-policy", "detach-role-policy"]);
    let expected = format!("aws iam detach-role-policy --role-name {role} --policy-arn {AWS_MANAGED}");
    assert_eq!(fix.commands[2], expected);
    assert_eq!((&fix.terraform, &fix.cloudformation), (&None, &None));
    for applied in 1..=fix.changes.len() {
        let between = diagnose_after(&case, &fix.changes[..applied]);
        assert_eq!(between, diagnose_after(&case, &[]), "after {applied} commands");
    }
}

#[test]
fn a_policy_that_only_the_role_has_is_edited() {
    let base = case("application-ends-itself");
    let wide = json!([{"Effect": "Allow", "Action": ["ecr:*", "s3:*"], "Resource": "*", "Condition": {
        "StringEquals": {"aws:RequestedRegion": "eu-west-1"}
    }}]);
    let without = put(&base, "inline", &json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]));
    let own = offered(&attach(&without, CUSTOMER_MANAGED, 1, &wide)).unwrap();
    assert!(matches!(own.changes[..], [Change::SetPolicyVersion { shared: false, .. }]), "{:#?}", own.changes);
    let shared = offered(&attach(&without, CUSTOMER_MANAGED, 2, &wide)).unwrap();
    let changes = &shared.changes[..];
    assert!(matches!(changes, [Change::PutRolePolicy { .. }, Change::DetachRolePolicy { .. }]), "{changes:#?}");
    // What the role is granted elsewhere is not granted again.
    let twice = offered(&attach(
        &base,
        CUSTOMER_MANAGED,
        2,
        &json!([{
            "Effect": "Allow", "Action": ["ecr:*", "s3:*"], "Resource": "*"
        }]),
    ));
    assert!(matches!(twice.unwrap().changes[..], [Change::DetachRolePolicy { .. }]));
}

#[test]
fn each_command_fits_when_its_turn_comes() {
    let base = attach(&case("application-ends-itself"), AWS_MANAGED, 0, &recommended());
    let padded = |characters: usize| {
        let resource = format!("arn:aws:s3:::{}", "x".repeat(characters));
        let wide = put(&base, "wide", &json!([{"Effect": "Allow", "Action": "s3:*", "Resource": resource}]));
        // With nothing else to hold it, what the managed policy grants is granted anew.
        put(&wide, "inline", &json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]))
    };
    assert!(offered(&padded(9_000)).is_some());
    assert_eq!(offered(&padded(9_900)), None);
}

#[test]
fn an_earlier_tightening_is_kept() {
    let base = case("application-ends-itself");
    let role = execution_role(&base).unwrap();
    let inline = statements(&base, &role, "inline");
    let moved = put(&base, "ecs-why-least", &inline);
    let moved = apply(&moved, &[Change::DeleteRolePolicy { role: role.clone(), policy: "inline".to_owned() }]);
    let wide = json!([{"Sid": "RegistryToken", "Effect": "Allow", "Action": "ecr:*", "Resource": "*", "Condition": {
        "StringEquals": {"aws:RequestedRegion": "eu-west-1"}
    }}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    let case = attach(&moved, CUSTOMER_MANAGED, 2, &wide);
    let after = apply(&case, &offered(&case).unwrap().changes);
    let kept = statements(&after, &role, "ecs-why-least");
    let (kept, inline) = (kept.as_array().unwrap(), inline.as_array().unwrap());
    assert_eq!(kept[..inline.len()], inline[..]);
    assert_eq!(kept.last().unwrap()["Effect"], "Deny");
    assert!(holds(&case, "an earlier tightening"));
}

#[test]
fn a_fix_of_the_same_policy_comes_first() {
    let case = case("ecr-denied-explicitly-on-ec2");
    let diagnosis = diagnose(&case, catalogue());
    let mending = proven_fixes(&case, &diagnosis);
    assert!(!surplus(&case, &diagnosis).unwrap().is_empty() && !mending.is_empty());
    assert_eq!(offered(&case), None);
    assert!(offered(&apply(&case, &mending)).is_some());
}

#[test]
fn variables_of_an_old_document_do_not_come_to_life() {
    let base = case("application-ends-itself");
    let deny = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::x/${aws:username}"});
    let mut case = attach(&base, CUSTOMER_MANAGED, 2, &json!([]));
    let document = json!({"Version": "2008-10-17", "Statement": [everything()[0], deny]}).to_string();
    let need = Need::ManagedPolicyVersion { policy: CUSTOMER_MANAGED.to_owned(), version: "v1".to_owned() };
    case.admit(need, Fact::Known(Answer::ManagedPolicyVersion(PolicyDocument { document }), Origin::Aws));
    assert_eq!(surplus(&case, &diagnose(&case, catalogue())).unwrap().len(), 1);
    assert_eq!(offered(&case), None);
}

#[test]
fn unread_policies_have_no_surplus() {
    let mut case = case(RAN);
    assert!(!surplus(&case, &diagnose(&case, catalogue())).unwrap().is_empty());
    let role = execution_role(&case).unwrap();
    case.admit(Need::AttachedPolicies { role }, Fact::Missing(Gap::TimedOut));
    let report = report_with_least(&case);
    assert!(report.permissions.iter().all(|role| role.surplus.is_empty() && role.least.is_none()));
    assert!(report_text_with_surplus(&report).contains("  not known: not all policies of the role were read\n"));
    assert!(!serde_json::to_string(&report).unwrap().contains("not all policies"));
}

#[test]
fn only_who_asks_is_told_of_surplus() {
    let case = attach(&case(RAN), AWS_MANAGED, 0, &recommended());
    let plain = judge(&case, catalogue(), Cost::default(), Duration::ZERO);
    assert!(plain.permissions.iter().any(|r| !r.surplus.is_empty()));
    assert!(plain.permissions.iter().all(|r| r.least.is_none()));
    assert!(!report_text(&plain).contains("surplus"));
    let text = report_text_with_surplus(&report_with_least(&case));
    assert!(text.contains("surplus of the execution role"), "{text}");
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(told.matches("other task definitions that use this role may need what is removed").count(), 1, "{text}");
}

#[test]
fn why_nothing_is_known_of_a_shared_role_is_told() {
    let text = report_text_with_surplus(&report_with_least(&case("one-role-for-both")));
    assert!(text.contains("  not known: this role is the task role too"), "{text}");
}

#[test]
fn a_policy_that_cleaning_changed_is_not_narrowed() {
    let role = "secret-is-denied-whole-execution";
    let offered = |sid: &str| {
        let mut case = crate::fixes::case("secret-is-denied-healthy");
        let wide = json!([{"Sid": sid, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
        case = apply(&case, &[crate::fixes::put(role, "wide", wide)]);
        let diagnosis = diagnose(&case, catalogue());
        least(&case, &diagnosis, catalogue()).is_some()
    };
    assert!(offered("Wide"));
    assert!(!offered("Wi\u{202e}de"));
}
