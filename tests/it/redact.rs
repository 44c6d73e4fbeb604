//! Cleaning, held against what applications print and against what ECS says about secrets.

use std::{fs, path::Path};

use ecs_why::case::{Answer, Case, Fact, Need, Origin, PolicyDocument, Target, clean};
use proptest::prelude::*;

/// Lines that each hold `hunter2` or another piece that must go.
const LEAKS: &[(&str, &str)] = &[
    ("TOKEN=abcdef", "abcdef"),
    ("SLACK_TOKEN=abcdef", "abcdef"),
    ("export GITHUB_TOKEN=abcdef", "abcdef"),
    ("JWT_SECRET=swordfish", "swordfish"),
    ("SECRET_KEY_BASE=0123abcd", "0123abcd"),
    ("secret=swordfish", "swordfish"),
    ("DB_PASS=swordfish", "swordfish"),
    ("PGPASSWORD=[swordfish", "swordfish"),
    ("connecting with password=sword,fish", "fish"),
    (r#"{"token": "swordfish"}"#, "swordfish"),
    (r#"{"accessToken":"swordfish","user":"x"}"#, "swordfish"),
    (r#"{"password": "correct horse", "user": "x"}"#, "horse"),
    (r#"{"password": "a\"swordfish"}"#, "swordfish"),
    (r#"{\"password\":\"swordfish\"}"#, "swordfish"),
    (r#"{\"password\":\"a\\\"swordfish\"}"#, "swordfish"),
    (r#"{"db":{"password":12345678}}"#, "12345678"),
    ("./server --password swordfish", "swordfish"),
    ("./server --db-password=swordfish", "swordfish"),
    ("./server --api-key 'sword fish' --verbose", "fish"),
    (r#"args: ["--db-password","swordfish"]"#, "swordfish"),
    ("mysql -u root -pswordfish app", "swordfish"),
    ("mysqldump -h db -pswordfish", "swordfish"),
    ("curl -u app:swordfish https://x", "swordfish"),
    ("redis-cli -h cache -a swordfish", "swordfish"),
    ("login with password 'swordfish'", "swordfish"),
    ("CREATE USER app WITH PASSWORD 'sword fish';", "fish"),
    ("Authorization: Bearer abc", "abc"),
    ("sent Bearer abc123", "abc123"),
    ("got Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    (r#"{"Authorization":"Bearer abc"}"#, "abc"),
    (r#"password = "a b swordfish""#, "swordfish"),
    ("password = 'a b swordfish'", "swordfish"),
    ("password: two words", "words"),
    ("  db_password: two words", "words"),
    ("password: swordfish", "swordfish"),
    ("token: abcdef", "abcdef"),
    ("using secret: abc123", "abc123"),
    (
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=c3dvcmRmaXNo+/==;EndpointSuffix=core.windows.net",
        "c3dvcmRmaXNo",
    ),
    ("Server=db;User=sa;Password=swordfish;", "swordfish"),
    ("sendgrid SG.abcdefgh.ijklmnop", "ijklmnop"),
    ("POST https://hooks.slack.com/services/T0001/B0002/XXXXyyyy failed", "XXXXyyyy"),
    ("Set-Cookie: sid=swordfish; Path=/", "swordfish"),
    ("Cookie: a=1; session=swordfish", "swordfish"),
    (r#"{"cookie":"session=swordfish"}"#, "swordfish"),
    ("X-Api-Key: swordfish", "swordfish"),
    ("curl -H 'X-Api-Key: swordfish'", "swordfish"),
    ("x-auth-token=swordfish", "swordfish"),
    ("postgres://app:p@swordfish@db:5432/x", "swordfish"),
    ("redis://:swordfish@cache:6379", "swordfish"),
    (":password=>\"swordfish\"", "swordfish"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalr"),
    ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
    ("Map{password=swordfish, user=x}", "swordfish"),
    ("MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB", "MIIEow"),
];

/// What is said about secrets, by ECS above all.
const HARMLESS: &[&str] = &[
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::",
    "valueFrom arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:api_key:AWSCURRENT: of",
    "DB_SECRET=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
    "asm fetching password: AuthorizationData is malformed, empty field",
    "retrieved secret from Secrets Manager did not contain json key password",
    "unable to retrieve secret from asm: service call has been retried 1 time(s)",
    "Access to KMS is not allowed",
    "missing secret value for secret splunk-token",
    "splunk: splunk-token is expected",
    "unable to retrieve ecr registry auth: ecr auth token",
    "Your authorization token has expired. Reauthenticate and try again.",
    "The security token included in the request is expired",
    "ExpiredToken: The security token included in the request is expired",
    "ecr:GetAuthorizationToken: AccessDeniedException",
    "invalid parameters: /prod/token,/prod/password",
    "environment variable DB_PASSWORD is not set",
    "KeyError: 'DB_PASSWORD'",
    "no basic auth credentials",
    "Basic authentication required",
    "bearer token is missing",
    "HTTP Basic: Access denied",
    "WWW-Authenticate: Basic realm=x",
    "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
    "DB_PASSWORD: Required",
    "Unexpected token '<', \"<html>\" is not valid JSON",
    "unable to fetch token: connection refused",
    "option --password is required",
    "docker login --password-stdin",
    "max_tokens=4096",
    "invalid cookie: expired",
];

#[test]
fn secrets_go_and_stay_gone() {
    let mut kept = Vec::new();
    for (text, secret) in LEAKS {
        let once = clean(text);
        if once.contains(secret) || !once.contains("[redacted]") || clean(&once) != once {
            kept.push(format!("{text} -> {once} -> {}", clean(&once)));
        }
    }
    assert!(kept.is_empty(), "{kept:#?}");
}

#[test]
fn what_is_said_about_secrets_stays() {
    let changed: Vec<_> = HARMLESS.iter().map(|text| (*text, clean(text))).filter(|(a, b)| a != b).collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

/// The messages that rules are for, and ordinary logs: masked, they would say less.
#[test]
fn every_known_message_stays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages");
    let mut texts = crate::messages::texts();
    texts.extend(fs::read_to_string(root.join("healthy.txt")).unwrap().lines().map(str::to_owned));
    let changed: Vec<_> = texts.iter().map(|text| (text, clean(text))).filter(|(a, b)| *a != b).collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

fn admitted(answer: Answer) -> Answer {
    let need = Need::RolePolicy { role: "r".into(), policy: "p".into() };
    let mut case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
    case.admit(need.clone(), Fact::Known(answer, Origin::Aws));
    case.answer(&need).unwrap().clone()
}

#[test]
fn a_policy_stays_a_policy() {
    let document = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/Password":"db","aws:PrincipalTag/token":"abc123"}}}]}"#;
    let answer = Answer::RolePolicy(PolicyDocument { document: document.to_owned() });
    assert_eq!(admitted(answer.clone()), answer);
    let hostile = document.replace("s3:*", "s3:\\u001b[2J\u{202e}\\u202e*\\\\u001b");
    let Answer::RolePolicy(kept) = admitted(Answer::RolePolicy(PolicyDocument { document: hostile })) else { panic!() };
    assert_eq!(kept.document, document.replace("s3:*", "s3:[2J*\\\\u001b"));
    let _: serde_json::Value = serde_json::from_str(&kept.document).unwrap();
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(parts in prop::collection::vec((0..LEAKS.len() + HARMLESS.len(), 0..8usize), 1..6)) {
        let glue = ["\n", " ", ", ", ": ", "=", "\"", ",", ""];
        let all: Vec<&str> = LEAKS.iter().map(|(text, _)| *text).chain(HARMLESS.iter().copied()).collect();
        let text: String = parts.iter().flat_map(|(at, by)| [all[*at], glue[*by]]).collect();
        let once = clean(&text);
        prop_assert_eq!(clean(&once), once);
    }
}
