//! Things by fact: what is asked about them and when, what is judged of them, and what stays open.

use std::collections::BTreeSet;

use ecs_why::{
    case::{
        Answer, Case, ContainerDefinition, Fact, Gap, Image, Key, LogGroup, Need, Object, Origin, PolicyDocument,
        TaskDefinition,
    },
    iam::Outcome,
    judge::{Confidence, Diagnosis, State, diagnose},
    needs::needs,
};
use serde_json::json;

use crate::{catalogue, fixes::case};

fn known(case: &mut Case, need: Need, answer: Answer) {
    case.admit(need, Fact::Known(answer, Origin::Aws));
}

fn missing(case: &mut Case, need: Need, gap: Gap) {
    case.admit(need, Fact::Missing(gap));
}

fn not_found() -> Gap {
    Gap::NotFound { message: "there is none".to_owned() }
}

fn need_of(case: &Case, is_it: impl Fn(&Need) -> bool) -> Need {
    case.facts().map(|(need, _)| need.clone()).find(is_it).unwrap()
}

/// The case with its task definition edited.
fn with_definition(name: &str, edit: impl FnOnce(&mut TaskDefinition)) -> Case {
    let mut case = case(name);
    let need = need_of(&case, |need| matches!(need, Need::TaskDefinition { .. }));
    let Ok(Answer::TaskDefinition(definition)) = case.answer(&need) else { panic!("no definition") };
    let mut definition = definition.clone();
    edit(&mut definition);
    known(&mut case, need, Answer::TaskDefinition(definition));
    case
}

/// The actions of what a case still asks.
fn asked(case: &Case) -> BTreeSet<&'static str> {
    case.unasked(needs(case)).iter().map(Need::action).collect()
}

fn causes<'d>(diagnosis: &'d Diagnosis<'_>) -> Vec<&'d str> {
    diagnosis.ground.faults.iter().map(|fault| fault.cause.as_str()).collect()
}

#[test]
fn what_tells_why_an_image_is_missing_is_asked_once_it_is() {
    let tag = case("image-tag-missing");
    assert!(asked(&tag).contains("ecr:GetLifecyclePolicy"));
    assert!(!asked(&tag).contains("ecr:DescribePullThroughCacheRules"));
    let repository = case("repository-missing-on-ec2");
    assert!(asked(&repository).contains("ecr:DescribePullThroughCacheRules"));
    assert!(!asked(&repository).contains("ecr:GetLifecyclePolicy"));
    let there = case("secret-is-denied");
    assert!(asked(&there).iter().all(|action| !action.starts_with("ecr:")), "{:?}", asked(&there));
}

#[test]
fn versions_of_a_secret_are_asked_where_the_reference_names_one() {
    let asks = |case: &Case| needs(case).iter().any(|need| matches!(need, Need::SecretVersions { .. }));
    assert!(asks(&case("secret-version-missing")));
    assert!(!asks(&case("secret-is-denied")));
}

#[test]
fn a_second_container_of_the_same_things_costs_no_call() {
    let before = needs(&case("secret-key-denied"));
    let doubled = with_definition("secret-key-denied", |definition| {
        let first = definition.container_definitions.first().unwrap().clone();
        definition.container_definitions.push(ContainerDefinition { name: "twin".to_owned(), ..first });
    });
    assert_eq!(needs(&doubled), before);
}

#[test]
fn a_message_about_what_is_there_by_now_is_resolved() {
    let mut case = case("image-tag-missing");
    let need = need_of(&case, |need| matches!(need, Need::Image(_)));
    known(&mut case, need, Answer::Image(Image::default()));
    let diagnosis = diagnose(&case, catalogue());
    let first = diagnosis.findings.first().unwrap();
    assert_eq!((first.cause.as_str(), first.state), ("image-not-found", State::Resolved));
}

/// The decision on a mount by what the task role's policy says.
fn mount(effect: Option<&str>) -> (Outcome, Vec<String>) {
    let mut case = case("efs-access-point-of-another");
    let need = need_of(&case, |need| matches!(need, Need::RolePolicy { role, .. } if role.ends_with("-task")));
    let statement = effect.map(|effect| json!({"Effect": effect, "Action": "elasticfilesystem:*", "Resource": "*"}));
    let statements: Vec<_> = statement.into_iter().collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    known(&mut case, need, Answer::RolePolicy(PolicyDocument { document }));
    let diagnosis = diagnose(&case, catalogue());
    let check = diagnosis.ground.checks.iter().find(|c| c.permission.action == "elasticfilesystem:ClientMount");
    let outcome = check.unwrap().decision.outcome;
    (outcome, causes(&diagnosis).into_iter().map(str::to_owned).collect())
}

/// The file system's own policy, which is not read, may allow what the role lacks and deny what it has.
#[test]
fn only_a_deny_decides_a_mount() {
    assert_eq!(mount(None).0, Outcome::Unknown);
    assert_eq!(mount(Some("Allow")).0, Outcome::Unknown);
    let (outcome, causes) = mount(Some("Deny"));
    assert_eq!(outcome, Outcome::ExplicitlyDenied);
    assert!(causes.iter().any(|cause| cause == "efs-mount-permission"), "{causes:?}");
}

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/6948a891-7346-44e3-bd71-07877cef3647";

fn key(key_state: &str) -> Answer {
    Answer::Key(Key { arn: KEY.to_owned(), key_state: key_state.to_owned(), key_manager: "CUSTOMER".to_owned() })
}

fn key_need() -> Need {
    Need::Key { region: "eu-west-1".to_owned(), key: KEY.to_owned() }
}

#[test]
fn the_key_of_a_log_group_has_to_be_usable_and_no_more() {
    let mut case = case("secret-is-denied");
    assert!(!asked(&case).contains("kms:DescribeKey"));
    let need = need_of(&case, |need| matches!(need, Need::LogGroup { .. }));
    let group = LogGroup { kms_key_id: Some(KEY.to_owned()), ..LogGroup::default() };
    known(&mut case, need, Answer::LogGroup(group));
    assert!(asked(&case).contains("kms:DescribeKey"));
    known(&mut case, key_need(), key("Enabled"));
    assert!(!asked(&case).contains("kms:GetKeyPolicy"));
    assert!(!causes(&diagnose(&case, catalogue())).contains(&"kms-key-unusable"));
    known(&mut case, key_need(), key("Disabled"));
    assert!(causes(&diagnose(&case, catalogue())).contains(&"kms-key-unusable"));
}

fn object_need(case: &Case) -> Need {
    needs(case).into_iter().find(|need| matches!(need, Need::Object { .. })).unwrap()
}

#[test]
fn the_key_of_an_environment_file_is_the_execution_role_s_to_use() {
    let mut case = case("environment-file-there");
    let need = object_need(&case);
    known(&mut case, need, Answer::Object(Object { kms_key_id: Some(KEY.to_owned()), content_length: None }));
    known(&mut case, key_need(), key("Enabled"));
    let diagnosis = diagnose(&case, catalogue());
    let decrypt = diagnosis.ground.checks.iter().find(|c| c.permission.action == "kms:Decrypt").unwrap();
    assert_eq!(decrypt.permission.resource, KEY);
    assert!(asked(&case).contains("kms:GetKeyPolicy"));
}

#[test]
fn an_object_that_nobody_saw_may_be_missing() {
    let name = "environment-file-granted-since";
    let found = |case: &Case| -> Vec<(String, Confidence)> {
        diagnose(case, catalogue()).findings.iter().map(|f| (f.cause.clone(), f.confidence)).collect()
    };
    let permission = ("env-file-permission".to_owned(), Confidence::Likely);
    assert_eq!(found(&case(name)), std::slice::from_ref(&permission));
    let mut unseen = case(name);
    let need = object_need(&unseen);
    missing(&mut unseen, need, Gap::Denied { message: "Forbidden".to_owned() });
    assert_eq!(found(&unseen), [permission, ("env-file-not-found".to_owned(), Confidence::Possible)]);
}

#[test]
fn a_target_group_has_to_be_there_and_in_use() {
    let name = "targets-answer-with-errors";
    let whole = case(name);
    assert!(!causes(&diagnose(&whole, catalogue())).contains(&"target-group-missing"));
    let mut gone = case(name);
    let need = need_of(&gone, |need| matches!(need, Need::TargetGroup { .. }));
    missing(&mut gone, need, not_found());
    assert!(causes(&diagnose(&gone, catalogue())).contains(&"target-group-missing"));
}

#[test]
fn a_message_about_the_agent_is_resolved_once_it_is_connected() {
    let mut case = case("agent-not-connected");
    let need = need_of(&case, |need| matches!(need, Need::ContainerInstances { .. }));
    let Ok(Answer::ContainerInstances(found)) = case.answer(&need) else { panic!("no instance") };
    let mut found = found.clone();
    found.container_instances.iter_mut().for_each(|instance| instance.agent_connected = true);
    known(&mut case, need, Answer::ContainerInstances(found));
    let diagnosis = diagnose(&case, catalogue());
    let first = diagnosis.findings.first().unwrap();
    assert_eq!((first.cause.as_str(), first.state), ("agent-disconnected", State::Resolved));
}

/// Only EC2 takes the file from S3, and the execution role reads it.
#[test]
fn the_configuration_of_a_log_router_is_read_like_any_object() {
    let mut case = with_definition("repository-missing-on-ec2", |definition| {
        let router = json!({"name": "router", "image": "fluent", "firelensConfiguration": {"type": "fluentbit", "options": {
            "config-file-type": "s3", "config-file-value": "arn:aws:s3:::settings/extra.conf"
        }}});
        definition.container_definitions.push(serde_json::from_value(router).unwrap());
    });
    let policy = Need::BucketPolicy { region: "eu-west-1".to_owned(), bucket: "settings".to_owned() };
    known(&mut case, policy, Answer::BucketPolicy(PolicyDocument::default()));
    let denied = diagnose(&case, catalogue());
    assert!(causes(&denied).contains(&"firelens-config"), "{:?}", causes(&denied));
    assert!(!causes(&denied).contains(&"env-file-permission"));
    let need = object_need(&case);
    missing(&mut case, need, not_found());
    let absent = diagnose(&case, catalogue());
    let shown = absent.ground.faults.iter().find(|fault| fault.shows.contains("object extra.conf of bucket settings"));
    assert_eq!(shown.unwrap().cause, "firelens-config");
}
