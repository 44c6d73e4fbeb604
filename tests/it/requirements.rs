//! What a task definition needs, call by call: a definition that uses every feature, and the exact list.

use ecs_why::{
    case::{Answer, Case, Fact, Key, Need, Origin, Parameter, Parameters, Secret, Target, Task, TaskDefinition, Tasks},
    require::{Requirements, Workload},
    subject::Subject,
};
use jiff::Timestamp;
use serde_json::json;

const ID: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1";

fn known(case: &mut Case, need: Need, answer: Answer) {
    case.admit(need, Fact::Known(answer, Origin::Aws));
}

/// A Fargate task whose definition uses everything that the tables know.
fn case() -> Case {
    let task: Task = serde_json::from_value(json!({
        "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{ID}"),
        "taskDefinitionArn": "web:1", "launchType": "FARGATE", "lastStatus": "STOPPED"
    }))
    .unwrap();
    let definition: TaskDefinition = serde_json::from_value(json!({
        "family": "web",
        "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
        "containerDefinitions": [{
            "name": "app",
            "image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/app:v1",
            "environmentFiles": [{"value": "arn:aws:s3:::settings/app.env", "type": "s3"}],
            "secrets": [
                {"name": "A", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::"},
                {"name": "B", "valueFrom": "/prod/token"},
                {"name": "C", "valueFrom": "arn:aws:s3:::not/a/secret"}
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app",
                    "awslogs-create-group": "true"
                }
            }
        }]
    }))
    .unwrap();
    let target =
        Target { region: "eu-west-1".into(), cluster: Some("prod".into()), task: Some(ID.into()), ..Target::default() };
    let mut case = Case::new(target, Timestamp::UNIX_EPOCH);
    let tasks = Need::Tasks { cluster: Some("prod".into()), tasks: vec![ID.into()] };
    known(&mut case, tasks, Answer::Tasks(Tasks { tasks: vec![task], failures: Vec::new() }));
    let named = Need::TaskDefinition { task_definition: "web:1".into() };
    known(&mut case, named, Answer::TaskDefinition(Box::new(definition)));
    let region = || "eu-west-1".to_owned();
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    let secret = Secret { arn: arn.into(), name: "db".into(), kms_key_id: Some(KEY.into()), ..Secret::default() };
    known(&mut case, Need::Secret { region: region(), secret: arn.into() }, Answer::Secret(secret));
    let key = Key { arn: KEY.into(), key_state: "Enabled".into(), key_manager: "CUSTOMER".into() };
    known(&mut case, Need::Key { region: region(), key: KEY.into() }, Answer::Key(key));
    let token =
        Parameter { name: "/prod/token".into(), kind: "SecureString".into(), key_id: Some("alias/aws/ssm".into()) };
    let parameters = Need::Parameters { region: region(), names: vec!["/prod/token".into()] };
    known(&mut case, parameters, Answer::Parameters(Parameters { parameters: vec![token] }));
    case
}

fn with<T>(judged: impl FnOnce(&Workload<'_>, Requirements) -> T) -> T {
    let case = case();
    let subject = Subject::of(&case);
    let workload = subject.workload(&case).unwrap();
    judged(&workload, Requirements::of(&case, &workload))
}

#[test]
fn every_feature_costs_exactly_its_calls() {
    let calls = with(|_, requirements| {
        let calls =
            requirements.permissions.iter().map(|p| format!("{} {} {}", p.role.kind.name(), p.action, p.resource));
        calls.collect::<Vec<_>>()
    });
    let repository = "arn:aws:ecr:us-east-1:210987654321:repository/team/app";
    let group = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:";
    assert_eq!(
        calls,
        [
            "execution ecr:GetAuthorizationToken *".to_owned(),
            format!("execution ecr:BatchGetImage {repository}"),
            format!("execution ecr:GetDownloadUrlForLayer {repository}"),
            "execution secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
                .to_owned(),
            format!("execution kms:Decrypt {KEY}"),
            "execution ssm:GetParameters arn:aws:ssm:eu-west-1:123456789012:parameter/prod/token".to_owned(),
            "execution s3:GetObject arn:aws:s3:::settings/app.env".to_owned(),
            "execution s3:GetBucketLocation arn:aws:s3:::settings".to_owned(),
            format!("execution logs:CreateLogStream {group}app/app/{ID}"),
            format!("execution logs:PutLogEvents {group}app/app/{ID}"),
            format!("execution logs:CreateLogGroup {group}"),
        ]
    );
}

#[test]
fn references_that_ecs_cannot_use_are_told() {
    let malformed = with(|_, requirements| requirements.malformed);
    assert_eq!(malformed.len(), 1);
    assert!(malformed[0].error.to_string().contains("ARN of s3"));
}

#[test]
fn the_registry_s_account_owns_the_repository_but_not_the_login() {
    let accounts = with(|_, requirements| {
        requirements.permissions.iter().take(2).map(|p| p.resource_account.clone()).collect::<Vec<_>>()
    });
    assert_eq!(accounts, ["123456789012", "210987654321"]);
}
