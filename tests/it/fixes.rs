//! What a proposed change may be: something that IAM takes, no wider than the failure, and open about whom it reaches.

use ecs_why::{
    case::{Answer, Case, Fact, Loaded, ManagedPolicy, Need, Origin, PolicyDocument, Role, load, save},
    fix::{Change, Fix, apply, fixes, in_turn},
    judge::{State, diagnose},
};
use serde_json::{Value, json};

use crate::{catalogue, fixtures};

pub fn case(name: &str) -> Case {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap().case
}

pub fn put(role: &str, policy: &str, statements: Value) -> Change {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Change::PutRolePolicy { role: role.to_owned(), policy: policy.to_owned(), document }
}

/// Every fix that changes something.
pub fn changing(case: &Case) -> Vec<Fix> {
    let diagnosis = diagnose(case, catalogue());
    let all = diagnosis.findings.iter().flat_map(|finding| fixes(case, &diagnosis, finding, catalogue()));
    all.filter(|fix| !fix.changes.is_empty()).collect()
}

pub fn only_fix(case: &Case) -> Fix {
    let mut all = changing(case);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

const DENIED: &str = "secret-is-denied-execution";
const OTHER_SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-AbCdEf";

#[test]
fn an_earlier_fix_keeps_its_sid() {
    let earlier = json!([{"Sid": "SecretsmanagerGetSecretValue", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": OTHER_SECRET}]);
    let case = apply(&case("secret-is-denied"), &[put(DENIED, "ecs-why-secret-permission", earlier)]);
    let fix = only_fix(&case);
    let policy = fix.policy.unwrap();
    let sids: Vec<&str> = policy["Statement"].as_array().unwrap().iter().map(|s| s["Sid"].as_str().unwrap()).collect();
    assert_eq!(sids, ["SecretsmanagerGetSecretValue", "SecretsmanagerGetSecretValue2"]);
    assert_eq!(policy["Statement"][0]["Resource"], OTHER_SECRET);
    assert_eq!(fix.verified, Some(true));
}

#[test]
fn a_policy_that_was_not_read_is_not_overwritten() {
    let policy = "ecs-why-secret-permission";
    let mut case = apply(&case("secret-is-denied"), &[put(DENIED, policy, json!([]))]);
    let need = Need::RolePolicy { role: DENIED.to_owned(), policy: policy.to_owned() };
    case.admit(need, Fact::Missing(ecs_why::case::Gap::TimedOut));
    assert!(changing(&case).is_empty());
}

#[test]
fn a_trust_keeps_its_sids() {
    let role = "role-trusts-wrong-service-execution".to_owned();
    let document = json!({"Version": "2012-10-17", "Statement": {"Sid": "EcsTasks", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let case = apply(&case("role-trusts-wrong-service"), &[Change::UpdateTrust { role, document }]);
    let fix = only_fix(&case);
    assert_eq!(fix.policy.unwrap()["Statement"][1]["Sid"], "EcsTasks2");
}

/// The case of log streams with the permission that it lacks, and a deny on top.
fn logs_denied(resource: &str) -> Case {
    let role = "log-stream-denied-execution";
    let actions = json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
    let group = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/log-stream-denied:*";
    let changes = [
        put(role, "logs", json!([{"Effect": "Allow", "Action": actions, "Resource": group}])),
        put(role, "quiet", json!([{"Sid": "Quiet", "Effect": "Deny", "Action": actions, "Resource": resource}])),
    ];
    apply(&case("log-stream-denied"), &changes)
}

#[test]
fn a_log_deny_spares_the_next_task_too() {
    let fix = only_fix(&logs_denied("*"));
    let spared = &fix.policy.unwrap()["Statement"][0]["NotResource"];
    assert_eq!(spared, &json!(["arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/log-stream-denied:*"]));
    assert_eq!(fix.verified, Some(true));
}

#[test]
fn a_policy_of_nothing_but_the_deny_is_deleted() {
    let case = logs_denied("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/log-stream-denied:*");
    let fix = only_fix(&case);
    let expected = "aws iam delete-role-policy --role-name log-stream-denied-execution --policy-name quiet";
    assert_eq!(fix.commands, [expected]);
    assert_eq!((fix.verified, fix.policy, fix.terraform, fix.cloudformation), (Some(true), None, None, None));
    assert!(changing(&apply(&case, &fix.changes)).is_empty());
}

const MANAGED: &str = "arn:aws:iam::123456789012:policy/secret-denied-by-second-policy-second";

/// A managed policy that denies the secret, attached so many times.
fn managed_deny(resource: &str, attachment_count: i64) -> Case {
    let statement = json!([{"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": resource}]);
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    let change = Change::SetPolicyVersion { policy: MANAGED.to_owned(), document, shared: false };
    let mut case = apply(&case("secret-denied-by-second-policy"), &[change]);
    let known = case.managed_policy(MANAGED).unwrap().clone();
    let managed = Answer::ManagedPolicy(ManagedPolicy { attachment_count, ..known });
    case.admit(Need::ManagedPolicy { policy: MANAGED.to_owned() }, Fact::Known(managed, Origin::Aws));
    case
}

fn denied_secret(case: &Case) -> String {
    let diagnosis = diagnose(case, catalogue());
    let check = diagnosis.ground.checks.iter().find(|c| c.permission.action == "secretsmanager:GetSecretValue");
    check.unwrap().permission.resource.clone()
}

#[test]
fn a_managed_policy_is_never_left_empty() {
    let secret = denied_secret(&case("secret-denied-by-second-policy"));
    assert!(changing(&managed_deny(&secret, 1)).is_empty());
}

#[test]
fn whoever_else_has_the_policy_is_told() {
    let alone = only_fix(&managed_deny("*", 1));
    assert!(!alone.title.contains("every principal") && !alone.proof.unwrap().contains("other principals"));
    let shared = only_fix(&managed_deny("*", 3));
    assert!(shared.title.ends_with("every principal that has the policy gets the change"), "{}", shared.title);
    assert!(shared.proof.unwrap().ends_with(&format!("other principals that have {MANAGED} were not judged")));
    let boundary = only_fix(&case("secret-denied-by-boundary"));
    assert!(boundary.title.contains("every principal") && boundary.proof.unwrap().contains("not judged"));
}

/// Statements of about so many characters that allow nothing that is asked.
fn padding(characters: usize) -> Value {
    let resource = format!("arn:aws:s3:::{}", "x".repeat(characters));
    json!([{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": resource}])
}

#[test]
fn documents_over_the_limit_are_not_proposed() {
    let padded = |characters| apply(&case("secret-is-denied"), &[put(DENIED, "padding", padding(characters))]);
    assert_eq!(changing(&padded(9_000)).len(), 1);
    assert!(changing(&padded(9_900)).is_empty());
}

#[test]
fn a_raised_trust_limit_is_seen() {
    let name = "role-trusts-wrong-service-execution";
    let padded = |characters: usize| {
        let mut case = case("role-trusts-wrong-service");
        let account = json!({"AWS": vec!["arn:aws:iam::123456789012:root"; characters / 33]});
        let statement = json!([{"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}]);
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let role = Role { assume_role_policy_document: document, ..case.role(name).unwrap().clone() };
        case.admit(Need::Role { role: name.to_owned() }, Fact::Known(Answer::Role(role), Origin::Aws));
        changing(&case).len()
    };
    assert_eq!([padded(1_500), padded(1_900), padded(2_500), padded(4_000)], [1, 0, 1, 0]);
}

#[test]
fn a_cause_without_a_name_has_no_change() {
    let case = case("secret-is-denied");
    let diagnosis = diagnose(&case, catalogue());
    let mut finding = diagnosis.findings.first().unwrap().clone();
    finding.fault.as_mut().unwrap().cause = "unknown".to_owned();
    let all = fixes(&case, &diagnosis, &finding, catalogue());
    assert!(all.iter().all(|fix| fix.changes.is_empty()), "{all:#?}");
}

/// The titles of what is told on the first finding, without a change.
fn told(case: &Case) -> Vec<String> {
    assert!(changing(case).is_empty(), "{:#?}", changing(case));
    let diagnosis = diagnose(case, catalogue());
    let all = fixes(case, &diagnosis, diagnosis.findings.first().unwrap(), catalogue());
    all.into_iter().map(|fix| fix.title).collect()
}

#[test]
fn a_document_over_the_limit_is_told() {
    let case = apply(&case("secret-is-denied"), &[put(DENIED, "padding", padding(9_900))]);
    let told = told(&case).remove(0);
    assert!(told.contains("AWS takes 10240") && told.contains("managed policy"), "{told}");
}

#[test]
fn a_role_of_that_name_is_neither_made_nor_written_to() {
    let case = case("role-at-another-path");
    let told = told(&case).remove(0);
    assert!(told.contains("arn:aws:iam::123456789012:role/service-role/exec as executionRoleArn"), "{told}");
    let arn = "arn:aws:iam::123456789012:role/exec".to_owned();
    assert_eq!(apply(&case, &[Change::CreateRole { arn, trust: json!({}) }]).role("exec"), case.role("exec"));
}

#[test]
fn a_name_that_is_a_pattern_is_not_granted() {
    let folder = fixtures().into_iter().find(|fixture| fixture.name == "secret-is-denied").unwrap().folder;
    let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
    for name in ["d*b-", "d?b-", "d${x}b-"] {
        let Loaded::Snapshot(case) = load(&text.replace("/db-", &format!("/{name}"))).unwrap() else { panic!() };
        assert!(denied_secret(&case).contains(name));
        let told = told(&case).remove(0);
        assert!(told.contains("would stand for other resources too"), "{told}");
    }
}

#[test]
fn the_catalogue_does_not_advise_against_the_facts() {
    let usual = "Allow secretsmanager:GetSecretValue on this secret in the task execution role";
    assert!(
        told(&apply(&case("secret-is-denied"), &[put(DENIED, "padding", padding(9_900))])).contains(&usual.to_owned())
    );
    let mut case = case("secret-is-denied");
    let secret = denied_secret(&case);
    let allow = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    case = apply(&case, &[put(DENIED, "all", allow)]);
    let role = case.role(DENIED).unwrap().clone();
    let policy = "arn:aws:iam::aws:policy/Limits".to_owned();
    let bounded = Role { permissions_boundary: Some(policy.clone()), ..role };
    case.admit(Need::Role { role: DENIED.to_owned() }, Fact::Known(Answer::Role(bounded), Origin::Aws));
    let limits = ManagedPolicy { arn: policy.clone(), default_version_id: "v1".to_owned(), attachment_count: 0 };
    case.admit(Need::ManagedPolicy { policy: policy.clone() }, Fact::Known(Answer::ManagedPolicy(limits), Origin::Aws));
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "Never", "Effect": "Deny", "Action": "secretsmanager:*", "Resource": secret}
    ]});
    let version = Answer::ManagedPolicyVersion(PolicyDocument { document: document.to_string() });
    let need = Need::ManagedPolicyVersion { policy, version: "v1".to_owned() };
    case.admit(need, Fact::Known(version, Origin::Aws));
    let told = told(&case);
    assert!(told[0].contains("Statement Never"), "{told:?}");
    assert!(!told.contains(&usual.to_owned()), "{told:?}");
}

#[test]
fn a_document_that_cleaning_changed_is_not_written_back() {
    let deny = |sid: &str| json!({"Sid": sid, "Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"});
    let denying = |sid: &str, layout: &str| {
        let mut case = apply(&case("secret-is-denied"), &[put(DENIED, "guard", json!([deny("Guard"), deny("Other")]))]);
        let need = Need::RolePolicy { role: DENIED.to_owned(), policy: "guard".to_owned() };
        let document = case.role_policy(DENIED, "guard").unwrap().document.replace("Guard", sid) + layout;
        case.admit(need, Fact::Known(Answer::RolePolicy(PolicyDocument { document }), Origin::Aws));
        case
    };
    assert!(!changing(&denying("Guard", "\r\n")).is_empty());
    let altered = denying("Gu\u{202e}ard", "");
    assert!(changing(&altered).is_empty());
    let Loaded::Snapshot(again) = load(&save(&altered).unwrap()).unwrap() else { panic!() };
    assert_eq!(*again, altered);
    assert!(changing(&again).is_empty());
}

/// Runs everything that a report shows in the order in which it shows it: every finding with a proven fix is mended by
/// then. Gives how many of the fixes stand on others.
fn run_in_order(what: &str, case: &Case) -> usize {
    let before = diagnose(case, catalogue());
    let all = in_turn(case, &before, catalogue());
    let changes: Vec<Change> = all.iter().flatten().flat_map(|fix| fix.changes.clone()).collect();
    let after = diagnose(&apply(case, &changes), catalogue()).ground.faults;
    for (finding, fixes) in before.findings.iter().zip(&all).filter(|(finding, _)| finding.state != State::Resolved) {
        let proven = fixes.iter().any(|fix| fix.verified == Some(true));
        let left = finding.fault.as_ref().and_then(|fault| fault.left_in(&after));
        assert!(!proven || left.is_none(), "{what}: {} is left: {left:#?}", finding.cause);
    }
    all.iter().flatten().filter(|fix| fix.title.contains("on top of what is changed above")).count()
}

const GROUP: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/secret-is-denied";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-is-denied/db";

/// The pull alone, and two more statements.
fn beside_the_pull(more: [Value; 2]) -> Value {
    let pull = json!({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"});
    json!([pull, more[0], more[1]])
}

fn allow(action: Value, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

#[test]
fn fixes_of_one_report_do_not_undo_each_other() {
    for fixture in fixtures() {
        run_in_order(&fixture.name, &fixture.case);
    }
    let denied = case("secret-is-denied");
    let logs = || json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
    let read = || json!("secretsmanager:GetSecretValue");
    let near = beside_the_pull([allow(logs(), GROUP), allow(read(), SECRET)]);
    let near = apply(&denied, &[put(DENIED, "inline", near)]);
    assert_eq!(run_in_order("two near misses", &near), 1);
    let deny = json!({"Sid": "w", "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:ecr:*"});
    let deny = apply(&denied, &[put(DENIED, "inline", beside_the_pull([allow(json!("*"), "*"), deny]))]);
    assert_eq!(run_in_order("one deny of many calls", &deny), 2);
    let limits = "arn:aws:iam::123456789012:policy/limits".to_owned();
    let role = Role { permissions_boundary: Some(limits.clone()), ..denied.role(DENIED).unwrap().clone() };
    let mut bounded = apply(&denied, &[put(DENIED, "all", json!([allow(json!("*"), "*")]))]);
    bounded.admit(Need::Role { role: DENIED.to_owned() }, Fact::Known(Answer::Role(role), Origin::Aws));
    let document = json!({"Version": "2012-10-17", "Statement": allow(json!("ecr:*"), "*")});
    let bounded = apply(&bounded, &[Change::SetPolicyVersion { policy: limits, document, shared: false }]);
    assert_eq!(run_in_order("a boundary that lacks two", &bounded), 1);
}

#[test]
fn what_the_changes_above_mend_is_not_changed_again() {
    let case = case("secret-is-denied");
    let mut diagnosis = diagnose(&case, catalogue());
    let again = diagnosis.findings.first().unwrap().clone();
    diagnosis.findings.insert(1, again);
    let all = in_turn(&case, &diagnosis, catalogue());
    assert_eq!(all[0][0].changes.len(), 1);
    let titles: Vec<&str> = all[1].iter().map(|fix| fix.title.as_str()).collect();
    assert_eq!(titles, ["The change above mends this as well"]);
    assert!(all[1][0].commands.is_empty() && all[1][0].verified.is_none());
}

#[test]
fn a_deny_of_everything_elsewhere_excepts_no_more_than_it_has_to() {
    let deny = json!({"Sid": "w", "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:ecr:*"});
    let case =
        apply(&case("secret-is-denied"), &[put(DENIED, "inline", beside_the_pull([allow(json!("*"), "*"), deny]))]);
    let policies = changing(&case).into_iter().filter_map(|fix| fix.policy);
    let login = policies.map(|policy| policy["Statement"].as_array().unwrap()[2..].to_vec());
    let login = login.filter(|denies| denies[0].to_string().contains("ecr:GetAuthorizationToken"));
    let expected = json!({"Sid": "w", "Effect": "Deny", "NotAction": ["ecr:GetAuthorizationToken"], "NotResource": "arn:aws:ecr:*"});
    assert_eq!(login.collect::<Vec<_>>(), [vec![expected]]);
}
