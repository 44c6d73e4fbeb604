//! Fixes at the layer that says no: the policies of resources, boundaries, trust, and every deny among them.

use std::fs;

use ecs_why::{
    case::{
        Answer, AttachedPolicies, Case, Fact, Gap, Loaded, ManagedPolicy, Need, Origin, PolicyDocument, Role, load,
    },
    fix::{Change, Fix, Resource, apply, fixes},
    iam::{DecidedBy, Decision, Denier, Layer, Outcome},
    judge::{FaultSubject, diagnose},
};
use serde_json::{Value, json};

use crate::{
    catalogue,
    fixes::{case, changing, only_fix, put},
};

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The advice on the first finding.
fn advice(case: &Case) -> Vec<String> {
    assert!(changing(case).is_empty(), "{:#?}", changing(case));
    let diagnosis = diagnose(case, catalogue());
    let all = fixes(case, &diagnosis, diagnosis.findings.first().unwrap(), catalogue());
    all.into_iter().map(|fix: Fix| fix.title).collect()
}

/// A shipped case with every occurrence of a text replaced by another.
fn rewritten(name: &str, from: &str, to: &str) -> Case {
    let folder = crate::fixtures().into_iter().find(|fixture| fixture.name == name).unwrap().folder;
    let text = fs::read_to_string(folder.join("case.json")).unwrap().replace(from, to);
    let Loaded::Snapshot(case) = load(&text).unwrap() else { panic!("{name} holds no snapshot") };
    *case
}

/// The mended case has no fault left, and nothing to mend.
fn converges(case: &Case, fix: &Fix) {
    let after = apply(case, &fix.changes);
    assert!(diagnose(&after, catalogue()).ground.faults.is_empty(), "{fix:#?}");
}

const PULLER: &str = "arn:aws:iam::123456789012:role/ecr-cross-account-not-admitted-execution";

fn shared_base() -> Resource {
    let (region, account) = ("eu-west-1".to_owned(), "210987654321".to_owned());
    Resource::Repository { region, account, repository: "shared/base".to_owned() }
}

/// The cross-account pull with the repository's policy read.
fn repository_with(policy: &str) -> Case {
    let mut case = case("ecr-cross-account-not-admitted");
    let answer = Answer::RepositoryPolicy(PolicyDocument { document: policy.to_owned() });
    case.admit(shared_base().need(), Fact::Known(answer, Origin::Aws));
    case
}

#[test]
fn another_account_s_repository_admits_the_role() {
    let case = repository_with("");
    let fix = only_fix(&case);
    let expected = format!(
        "aws ecr set-repository-policy --registry-id 210987654321 --repository-name shared/base --policy-text \
         '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"EcrBatchGetImage\",\"Effect\":\"Allow\",\
         \"Principal\":{{\"AWS\":\"{PULLER}\"}},\"Action\":[\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]}}]}}' \
         --region eu-west-1"
    );
    assert_eq!(fix.commands, [expected]);
    assert!(fix.title.ends_with("with credentials of account 210987654321"), "{}", fix.title);
    assert!(fix.terraform.as_ref().unwrap().starts_with("resource \"aws_ecr_repository_policy\" \"base\" {"));
    assert_eq!((fix.verified, fix.cloudformation.as_ref(), fix.diffs.len()), (Some(true), None, 0));
    converges(&case, &fix);
}

#[test]
fn a_repository_s_policy_that_was_not_read_is_left_alone() {
    assert_eq!(advice(&case("ecr-cross-account-not-admitted")).len(), 1);
}

#[test]
fn a_role_joins_those_who_have_the_same() {
    let other = "arn:aws:iam::333333333333:root";
    let push = json!({"Sid": "Push", "Effect": "Allow", "Principal": {"AWS": other}, "Action": "ecr:*"});
    let pull = json!({"Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": other}, "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]});
    let case = repository_with(&document(json!([push, pull])).to_string());
    let fix = only_fix(&case);
    let policy = fix.policy.clone().unwrap();
    assert_eq!(policy["Statement"][0], push);
    assert_eq!(policy["Statement"][1]["Principal"]["AWS"], json!([other, PULLER]));
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 2);
    let added: Vec<&str> = fix.diffs[0]
        .lines()
        .filter(|l| l.starts_with(['+', '-']) && !l.contains("---") && !l.contains("+++"))
        .collect();
    assert!(added.iter().any(|l| l.contains(PULLER)) && !fix.diffs[0].contains("Push"), "{}", fix.diffs[0]);
    converges(&case, &fix);
}

#[test]
fn a_condition_is_not_shared_with_the_role() {
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    let pull = json!({"Effect": "Allow", "Principal": {"AWS": "333333333333"}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "Condition": condition});
    let policy = only_fix(&repository_with(&document(json!([pull])).to_string())).policy.unwrap();
    assert_eq!(policy["Statement"][0], pull);
    assert_eq!(policy["Statement"][1]["Principal"]["AWS"], PULLER);
}

#[test]
fn a_role_made_again_is_named_again() {
    let stale = "AROAOLDOLDOLDOLDOLD12";
    let pull = json!({"Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": [stale, "333333333333"]}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]});
    let case = repository_with(&document(json!([pull])).to_string());
    let diagnosis = diagnose(&case, catalogue());
    let shows = &diagnosis.ground.faults[0].shows;
    assert!(
        shows.contains(&format!("statement Pull of the resource's policy names {stale}, the id of a role")),
        "{shows}"
    );
    let fix = only_fix(&case);
    assert_eq!(fix.policy.as_ref().unwrap()["Statement"][0]["Principal"]["AWS"], json!([PULLER, "333333333333"]));
    assert!(fix.title.contains(stale), "{}", fix.title);
    converges(&case, &fix);
}

#[test]
fn the_role_s_own_id_and_a_user_s_are_not_left_behind() {
    let own = case("ecr-cross-account-not-admitted")
        .role("ecr-cross-account-not-admitted-execution")
        .unwrap()
        .role_id
        .clone();
    let shows = |id: &str| {
        let pull = json!({"Effect": "Allow", "Principal": {"AWS": id}, "Action": "ecr:*"});
        let case = repository_with(&document(json!([pull])).to_string());
        diagnose(&case, catalogue()).ground.faults.first().map(|fault| fault.shows.clone())
    };
    // The id of the role that is there names it as its ARN does.
    assert_eq!(shows(&own), None);
    let user = "AIDAOLDOLDOLDOLDOLD12";
    assert!(!shows(user).unwrap().contains(user));
}

#[test]
fn another_account_s_secret_admits_the_role() {
    let here = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-is-denied/";
    let case = rewritten("secret-is-denied", here, &here.replace("123456789012", "210987654321"));
    let fix = only_fix(&case);
    assert!(fix.commands[0].starts_with("aws iam put-role-policy "), "{}", fix.commands[0]);
    assert!(fix.commands[1].starts_with("aws secretsmanager put-resource-policy --secret-id arn:aws:secretsmanager:"));
    assert!(fix.commands[1].ends_with(" --block-public-policy --region eu-west-1"), "{}", fix.commands[1]);
    assert!(fix.terraform.as_ref().unwrap().contains("aws_secretsmanager_secret_policy"));
    assert!(fix.cloudformation.as_ref().unwrap().contains("AWS::SecretsManager::ResourcePolicy"));
    assert_eq!(fix.verified, Some(true));
    converges(&case, &fix);
}

fn key_with(statements: Value) -> Case {
    let mut case = case("secret-key-denied");
    let found = case.facts().find_map(|(need, _)| matches!(need, Need::KeyPolicy { .. }).then(|| need.clone()));
    let answer = Answer::KeyPolicy(PolicyDocument { document: document(statements).to_string() });
    case.admit(found.unwrap(), Fact::Known(answer, Origin::Aws));
    case
}

#[test]
fn a_key_keeps_its_administrators() {
    let administrators = json!({"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/admin"}, "Action": "kms:*", "Resource": "*"});
    let case = key_with(json!([administrators]));
    let fix = only_fix(&case);
    let policy = fix.policy.clone().unwrap();
    assert_eq!(policy["Statement"][0], administrators);
    assert_eq!(policy["Statement"][1]["Action"], "kms:Decrypt");
    assert_eq!(policy["Statement"][1]["Resource"], "*");
    assert_eq!(
        policy["Statement"][1]["Principal"]["AWS"],
        "arn:aws:iam::123456789012:role/secret-key-denied-execution"
    );
    assert!(fix.commands[0].starts_with("aws kms put-key-policy --key-id arn:aws:kms:") && fix.commands.len() == 1);
    assert!(fix.terraform.as_ref().unwrap().contains("aws_kms_key_policy"));
    assert_eq!(fix.cloudformation, None);
    converges(&case, &fix);
}

/// The denied secret with a policy of its own.
fn secret_admitting(statements: Value) -> Case {
    let mut case = case("secret-is-denied");
    let found = case.facts().find_map(|(need, _)| matches!(need, Need::SecretPolicy { .. }).then(|| need.clone()));
    let answer = Answer::SecretPolicy(PolicyDocument { document: document(statements).to_string() });
    case.admit(found.unwrap(), Fact::Known(answer, Origin::Aws));
    case
}

/// The same with the permission that the role lacks.
fn secret_with(statements: Value) -> Case {
    let fix = only_fix(&case("secret-is-denied"));
    apply(&secret_admitting(statements), &fix.changes)
}

const READER: &str = "arn:aws:iam::123456789012:role/secret-is-denied-execution";
const READ: &str = "secretsmanager:GetSecretValue";

#[test]
fn at_home_the_secret_s_word_is_enough() {
    let old = |action| json!([{"Sid": "Old", "Effect": "Allow", "Principal": {"AWS": "AROAOLDOLDOLDOLDOLD12"}, "Action": action, "Resource": "*"}]);
    let case = secret_admitting(old(READ));
    let fix = only_fix(&case);
    assert_eq!(fix.policy.as_ref().unwrap()["Statement"][0]["Principal"]["AWS"], READER);
    assert_eq!(fix.changes.len(), 1);
    converges(&case, &fix);
    // What the old role had besides would come back with it: the next proposal is the one that holds.
    let fix = only_fix(&secret_admitting(old("secretsmanager:*")));
    assert!(fix.commands[0].starts_with("aws iam put-role-policy ") && fix.commands.len() == 1, "{:?}", fix.commands);
}

#[test]
fn a_secret_s_deny_spares_the_role_alone() {
    let case = secret_with(
        json!([{"Sid": "Nobody", "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]),
    );
    let fix = only_fix(&case);
    let expected = json!([
        {"Sid": "Nobody", "Effect": "Deny", "Principal": "*", "NotAction": [READ], "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": READER}}},
    ]);
    assert_eq!(fix.policy.as_ref().unwrap()["Statement"], expected);
    // It covers the command that would mend it as well.
    assert_eq!(fix.verified, None);
    converges(&case, &fix);
}

#[test]
fn a_secret_s_policy_of_nothing_but_the_deny_is_deleted() {
    let case = secret_with(json!([{"Effect": "Deny", "Principal": {"AWS": READER}, "Action": READ, "Resource": "*"}]));
    let fix = only_fix(&case);
    assert!(
        fix.commands[0].starts_with("aws secretsmanager delete-resource-policy --secret-id "),
        "{:?}",
        fix.commands
    );
    assert!(fix.title.starts_with("Delete the policy of secret "), "{}", fix.title);
    converges(&case, &fix);
}

#[test]
fn who_is_not_listed_is_not_spared_by_a_guess() {
    let others = json!({"AWS": "arn:aws:iam::123456789012:role/admin"});
    let case = secret_with(
        json!([{"Sid": "Listed", "Effect": "Deny", "NotPrincipal": others, "Action": READ, "Resource": "*"}]),
    );
    assert!(advice(&case)[0].contains("Statement Listed of the policy of secret"), "{:?}", advice(&case));
}

#[test]
fn a_condition_that_denies_is_named() {
    let condition = json!({"StringNotEquals": {"aws:ResourceAccount": "210987654321"}});
    let case = secret_with(
        json!([{"Sid": "Away", "Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*", "Condition": condition}]),
    );
    let told = advice(&case).remove(0);
    assert!(
        told.contains("Statement Away") && told.contains("StringNotEquals aws:ResourceAccount 210987654321"),
        "{told}"
    );
}

#[test]
fn a_bucket_s_deny_spares_the_object() {
    let granted = case("environment-file-denied");
    let granted = apply(&granted, &only_fix(&granted).changes);
    let deny = json!({"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::environment-file-denied-settings/*"});
    let resource =
        Resource::Bucket { region: "eu-west-1".to_owned(), bucket: "environment-file-denied-settings".to_owned() };
    let case = apply(&granted, &[Change::PutResourcePolicy { resource, document: document(json!([deny])) }]);
    let fix = only_fix(&case);
    assert!(
        fix.commands[0].starts_with("aws s3api put-bucket-policy --bucket environment-file-denied-settings --policy ")
    );
    assert!(fix.terraform.as_ref().unwrap().contains("aws_s3_bucket_policy"));
    assert!(fix.cloudformation.as_ref().unwrap().contains("AWS::S3::BucketPolicy"));
    let kept = &fix.policy.as_ref().unwrap()["Statement"][1]["NotResource"];
    assert_eq!(kept, &json!(["arn:aws:s3:::environment-file-denied-settings/production.env"]));
    converges(&case, &fix);
}

const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/limits";

/// The denied secret whose role has a boundary besides.
fn bounded(statements: Value, boundary: &str) -> Case {
    let name = "secret-is-denied-execution";
    let mut case = case("secret-is-denied");
    let role = Role { permissions_boundary: Some(boundary.to_owned()), ..case.role(name).unwrap().clone() };
    case.admit(Need::Role { role: name.to_owned() }, Fact::Known(Answer::Role(role), Origin::Aws));
    let (policy, document) = (boundary.to_owned(), document(statements));
    apply(&case, &[Change::SetPolicyVersion { policy, document, shared: false }])
}

fn all() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

#[test]
fn two_layers_are_mended_in_one() {
    let denied = json!([all(), {"Sid": "NoReads", "Effect": "Deny", "Action": READ, "Resource": "*"}]);
    let case = bounded(denied.clone(), BOUNDARY);
    let fix = only_fix(&case);
    let kinds: Vec<&str> = fix.commands.iter().map(|c| c.split(' ').nth(2).unwrap()).collect();
    assert_eq!((kinds, fix.verified), (vec!["create-policy-version", "put-role-policy"], Some(true)));
    converges(&case, &fix);
    let twice = apply(&case, &[put("secret-is-denied-execution", "guard", denied)]);
    let fix = only_fix(&twice);
    assert_eq!(fix.changes.len(), 2, "{:#?}", fix.commands);
    converges(&twice, &fix);
}

#[test]
fn a_layer_out_of_reach_leaves_advice() {
    let aws = "arn:aws:iam::aws:policy/Limits";
    let case = bounded(json!([{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]), aws);
    let told = advice(&case).remove(0);
    assert!(told.contains(&format!("The permissions boundary {aws} of role secret-is-denied-execution")), "{told}");
    let denies = bounded(json!([all(), {"Sid": "Never", "Effect": "Deny", "Action": READ, "Resource": "*"}]), aws);
    let told = advice(&denies).remove(0);
    assert!(
        told.contains("Statement Never of policy arn:aws:iam::aws:policy/Limits (permissions boundary layer)"),
        "{told}"
    );
}

/// The advice where the calls of the first fault are denied as well as that says.
fn advice_on(mutate: impl Fn(&mut Decision)) -> Vec<String> {
    let case = case("secret-is-denied");
    let diagnosis = diagnose(&case, catalogue());
    let mut finding = diagnosis.findings.first().unwrap().clone();
    let Some(FaultSubject::Calls(calls)) = finding.fault.as_mut().map(|f| &mut f.subject) else { panic!("no calls") };
    calls.iter_mut().for_each(|call| mutate(&mut call.decision));
    let all = fixes(&case, &diagnosis, &finding, catalogue());
    assert!(all.iter().all(|fix| fix.changes.is_empty()), "{all:#?}");
    all.into_iter().map(|fix| fix.title).collect()
}

#[test]
fn an_organization_s_policy_is_for_its_administrators() {
    let lacks = advice_on(|decision| decision.lacking.push(Layer::Scp));
    assert!(lacks[0].starts_with("No service control policy allows role secret-is-denied-execution"), "{lacks:?}");
    let by = DecidedBy { policy: "p-guardrail".to_owned(), statement: "NoSecrets".to_owned() };
    let denies = advice_on(|decision| decision.deniers.push(Denier { layer: Layer::Scp, by: by.clone() }));
    let expected = "Statement NoSecrets of policy p-guardrail (service control policy layer) denies";
    assert!(denies[0].starts_with(expected), "{denies:?}");
}

#[test]
fn a_deny_of_all_but_some_gets_one_more() {
    let guard = json!([{"Sid": "OnlyThese", "Effect": "Deny", "NotAction": ["ecr:*", "logs:*"], "Resource": "*"}]);
    let granted = apply(&case("secret-is-denied"), &only_fix(&case("secret-is-denied")).changes);
    let case = apply(&granted, &[put("secret-is-denied-execution", "guard", guard)]);
    let fix = only_fix(&case);
    let statements = &fix.policy.as_ref().unwrap()["Statement"];
    assert_eq!(statements[0]["NotAction"], json!(["ecr:*", "logs:*", READ]));
    assert_eq!(statements[1]["Action"], READ);
    assert!(statements[1]["NotResource"][0].as_str().unwrap().contains(":secret:"), "{statements:#}");
    converges(&case, &fix);
}

#[test]
fn a_pattern_of_actions_is_not_widened() {
    let guard = json!([{"Sid": "NoGets", "Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": "*"}]);
    let granted = apply(&case("secret-is-denied"), &only_fix(&case("secret-is-denied")).changes);
    let told = advice(&apply(&granted, &[put("secret-is-denied-execution", "guard", guard)]));
    assert!(told[0].starts_with("Statement NoGets of policy guard (identity layer) denies"), "{told:?}");
}

#[test]
fn a_managed_policy_s_missing_tail_is_corrected() {
    let name = "secret-without-suffix-in-policy-execution";
    let mut case = case("secret-without-suffix-in-policy");
    let inline = case.role_policy_names(name).unwrap().policy_names.clone();
    let text = case.role_policy(name, &inline[0]).unwrap().document.clone();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let about_secret = |s: &&Value| s["Action"] == READ;
    let statements = whole["Statement"].as_array().unwrap();
    let rest: Vec<Value> = statements.iter().filter(|s| !about_secret(s)).cloned().collect();
    let near: Vec<Value> = statements.iter().filter(about_secret).cloned().collect();
    let policy = "arn:aws:iam::123456789012:policy/reads".to_owned();
    let attached = Answer::AttachedPolicies(AttachedPolicies { policy_arns: vec![policy.clone()] });
    case.admit(Need::AttachedPolicies { role: name.to_owned() }, Fact::Known(attached, Origin::Aws));
    let managed = ManagedPolicy { arn: policy.clone(), attachment_count: 2, ..ManagedPolicy::default() };
    case.admit(
        Need::ManagedPolicy { policy: policy.clone() },
        Fact::Known(Answer::ManagedPolicy(managed), Origin::Aws),
    );
    let version = Change::SetPolicyVersion { policy, document: document(json!(near)), shared: false };
    let case = apply(&case, &[put(name, &inline[0], json!(rest)), version]);
    let fix = only_fix(&case);
    assert!(fix.commands[0].starts_with("aws iam create-policy-version "), "{:?}", fix.commands);
    assert!(fix.title.ends_with("every principal that has the policy gets the change"), "{}", fix.title);
    assert!(fix.proof.as_ref().unwrap().contains("a policy keeps five versions"));
    converges(&case, &fix);
}

#[test]
fn a_boundary_s_missing_tail_is_corrected() {
    let diagnosed = case("secret-is-denied");
    let secret = diagnose(&diagnosed, catalogue()).findings[0].resource.clone().unwrap();
    let (bare, _) = secret.rsplit_once('-').unwrap();
    let rest = json!({"Effect": "Allow", "Action": ["ecr:*", "logs:*"], "Resource": "*"});
    let case = bounded(json!([rest, {"Effect": "Allow", "Action": READ, "Resource": bare}]), BOUNDARY);
    let fix = only_fix(&case);
    let Change::SetPolicyVersion { document, .. } = &fix.changes[1] else { panic!("{:#?}", fix.changes) };
    assert_eq!(document["Statement"][1]["Resource"], secret);
    converges(&case, &fix);
}

#[test]
fn neighbours_are_judged_too() {
    let fix = only_fix(&case("secret-is-denied"));
    assert!(fix.proof.as_ref().unwrap().ends_with(" neighbours (names alike, other actions) gain and lose nothing"));
    let fix = only_fix(&repository_with(""));
    assert!(fix.proof.as_ref().unwrap().contains("neighbours (names alike, other actions, another role)"));
    let trust = trusting(json!([]));
    assert!(only_fix(&trust).proof.unwrap().ends_with("; 3 neighbours (other services) gain and lose nothing"));
}

/// The role that trusts the wrong service, with another trust policy.
fn trusting(statements: Value) -> Case {
    let role = "role-trusts-wrong-service-execution".to_owned();
    apply(&case("role-trusts-wrong-service"), &[Change::UpdateTrust { role, document: document(statements) }])
}

fn trust_fix(statements: Value) -> Value {
    let case = trusting(statements);
    let fix = only_fix(&case);
    assert_eq!(fix.verified, Some(true));
    converges(&case, &fix);
    fix.policy.unwrap()["Statement"].clone()
}

const TASKS: &str = "ecs-tasks.amazonaws.com";

fn conditioned(condition: Value) -> Value {
    json!([{"Effect": "Allow", "Principal": {"Service": TASKS}, "Action": "sts:AssumeRole", "Condition": condition}])
}

#[test]
fn a_list_of_services_gets_one_more() {
    let fixed = trust_fix(
        json!([{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}, "Action": "sts:AssumeRole"}]),
    );
    assert_eq!(fixed[0]["Principal"]["Service"], json!(["ec2.amazonaws.com", "ecs.amazonaws.com", TASKS]));
    assert_eq!(fixed.as_array().unwrap().len(), 1);
}

#[test]
fn a_source_of_another_place_is_corrected() {
    let here = "arn:aws:ecs:eu-west-1:123456789012:*";
    for wrong in ["arn:aws:ecs:eu-west-1:210987654321:*", "arn:aws:ecs:eu-west-1:123456789012:cluster/other"] {
        let condition =
            json!({"ArnLike": {"aws:SourceArn": wrong}, "StringEquals": {"aws:SourceAccount": "123456789012"}});
        let fixed = trust_fix(conditioned(condition));
        let expected =
            json!({"ArnLike": {"aws:SourceArn": here}, "StringEquals": {"aws:SourceAccount": "123456789012"}});
        assert_eq!(fixed[0]["Condition"], expected, "{wrong}");
    }
    let elsewhere = "arn:aws:ecs:us-east-1:123456789012:*";
    let fixed = trust_fix(conditioned(json!({"ArnLike": {"aws:SourceArn": elsewhere}})));
    assert_eq!(fixed[0]["Condition"]["ArnLike"]["aws:SourceArn"], json!([elsewhere, here]));
    let fixed = trust_fix(conditioned(json!({"StringEquals": {"aws:SourceAccount": "210987654321"}})));
    assert_eq!(fixed[0]["Condition"]["StringEquals"]["aws:SourceAccount"], "123456789012");
}

#[test]
fn a_source_with_a_wildcard_is_compared_as_a_pattern() {
    let here = "arn:aws:ecs:eu-west-1:123456789012:*";
    let literal = json!({"StringEquals": {"aws:SourceArn": here, "aws:SourceAccount": "123456789012"}});
    let fixed = trust_fix(conditioned(literal));
    let expected = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnLike": {"aws:SourceArn": here}});
    assert_eq!(fixed[0]["Condition"], expected);
}

#[test]
fn a_trust_that_denies_spares_ecs_tasks() {
    let services = json!({"Service": [TASKS, "lambda.amazonaws.com"]});
    let allow = json!({"Effect": "Allow", "Principal": {"Service": TASKS}, "Action": "sts:AssumeRole"});
    let deny = json!({"Effect": "Deny", "Principal": services, "Action": "sts:AssumeRole"});
    let fixed = trust_fix(json!([allow, deny]));
    assert_eq!(fixed[0], allow);
    assert_eq!(fixed[1]["Principal"]["Service"], json!(["lambda.amazonaws.com"]));
    let everyone = json!({"Sid": "Nobody", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"});
    assert!(advice(&trusting(json!([allow, everyone])))[0].contains("Statement Nobody of the trust policy of"));
}

/// The case of a denied key with grants of it to the role.
fn granted_key(grants: Value) -> Case {
    let mut case = case("secret-key-denied");
    let asked = case.facts().find(|(need, _)| matches!(need, Need::KeyGrants { .. })).unwrap().0.clone();
    let Need::KeyGrants { grantee, .. } = &asked else { panic!() };
    let text = grants.to_string().replace("ROLE", grantee);
    let grants = Answer::KeyGrants(serde_json::from_str(&text).unwrap());
    case.admit(asked, Fact::Known(grants, Origin::Aws));
    case
}

fn decrypt(case: &Case) -> Outcome {
    let checks = diagnose(case, catalogue()).ground.checks;
    checks.iter().find(|check| check.permission.action == "kms:Decrypt").unwrap().decision.outcome
}

#[test]
fn a_grant_stands_beside_the_key_s_policy() {
    let grant = |operation: &str, context: Value| {
        granted_key(
            json!({"grants": [{"grantId": "g", "granteePrincipal": "ROLE", "operations": [operation], "encryptionContext": context}]}),
        )
    };
    assert_eq!(decrypt(&granted_key(json!({"grants": []}))), Outcome::ImplicitlyDenied);
    assert_eq!(decrypt(&grant("Decrypt", json!({}))), Outcome::Allowed);
    assert_eq!(decrypt(&grant("Encrypt", json!({}))), Outcome::ImplicitlyDenied);
    assert_eq!(decrypt(&grant("Decrypt", json!({"SecretARN": "another"}))), Outcome::ImplicitlyDenied);
    let mut unread = granted_key(json!({"grants": []}));
    let asked = unread.facts().find(|(need, _)| matches!(need, Need::KeyGrants { .. })).unwrap().0.clone();
    unread.admit(asked, Fact::Missing(Gap::Denied { message: "no".to_owned() }));
    assert_eq!(decrypt(&unread), Outcome::Unknown);
}

#[test]
fn a_bucket_s_lock_is_no_lock_of_the_bucket_beside_it() {
    let bucket = "environment-file-denied-by-bucket-settings".to_owned();
    let resource = Resource::Bucket { region: "eu-west-1".to_owned(), bucket: bucket.clone() };
    let arn = format!("arn:aws:s3:::{bucket}");
    for action in [json!("s3:*"), json!(["s3:GetObject", "s3:GetBucketLocation"])] {
        let lock = json!([{"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": [arn, format!("{arn}/*")]}]);
        let change = Change::PutResourcePolicy { resource: resource.clone(), document: document(lock) };
        let case = apply(&case("environment-file-denied-by-bucket"), &[change]);
        let fix = only_fix(&case);
        assert_eq!(fix.verified, Some(true), "{action}");
        converges(&case, &fix);
    }
}

/// The advice on a role whose trust policy admits ECS and denies it, too.
fn advice_on_trust(deny: Value) -> Vec<String> {
    let role = "role-trusts-wrong-service-execution".to_owned();
    let service = json!({"Service": "ecs-tasks.amazonaws.com"});
    let allow = json!({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"});
    let change = Change::UpdateTrust { role, document: document(json!([allow, deny])) };
    advice(&apply(&case("role-trusts-wrong-service"), &[change]))
}

#[test]
fn a_service_is_not_spared_as_a_role_would_be() {
    let others = json!({"AWS": "arn:aws:iam::123456789012:root"});
    let not_principal =
        advice_on_trust(json!({"Sid": "No", "Effect": "Deny", "NotPrincipal": others, "Action": "sts:AssumeRole"}));
    assert!(not_principal[0].contains("which IAM does not support in a trust policy: remove"), "{not_principal:?}");
    let everyone =
        advice_on_trust(json!({"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}));
    for told in [&not_principal[0], &everyone[0]] {
        assert!(told.contains("(trust layer) denies ecs-tasks.amazonaws.com sts:AssumeRole on"), "{told}");
        assert!(told.contains("remove the statement") && !told.contains("aws:PrincipalArn"), "{told}");
    }
}

#[test]
fn every_statement_that_denies_is_named() {
    let name = "secret-is-denied-execution";
    let narrow = json!([all(), {"Sid": "Plain", "Effect": "Deny", "Action": READ, "Resource": "*"}]);
    let condition = json!({"StringNotEquals": {"aws:PrincipalAccount": "210987654321"}});
    let hard = json!([{"Sid": "Hard", "Effect": "Deny", "Action": READ, "Resource": "*", "Condition": condition}]);
    let case = apply(&case("secret-is-denied"), &[put(name, "a", narrow), put(name, "b", hard)]);
    let told = advice(&case);
    assert!(told.iter().any(|t| t.starts_with("Statement Plain of policy a") && t.ends_with("has to spare this call")));
    assert!(told.iter().any(|t| t.starts_with("Statement Hard of policy b") && t.contains("aws:PrincipalAccount")));
}

/// The first fix that changes something, with the policy of the resource set to that.
fn fix_with(name: &str, need: fn(&Need) -> bool, statements: Value) -> Fix {
    let mut case = case(name);
    let need = case.facts().map(|(need, _)| need.clone()).find(need).unwrap();
    let policy = PolicyDocument { document: document(statements).to_string() };
    let answer = match &need {
        Need::SecretPolicy { .. } => Answer::SecretPolicy(policy),
        Need::KeyPolicy { .. } => Answer::KeyPolicy(policy),
        Need::BucketPolicy { .. } => Answer::BucketPolicy(policy),
        _ => Answer::RepositoryPolicy(policy),
    };
    case.admit(need, Fact::Known(answer, Origin::Aws));
    changing(&case).remove(0)
}

fn deny_all(action: &str, more: Value) -> Value {
    let mut deny = json!({"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"});
    deny.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    deny
}

/// Whether the fix is proven, and the end of what its proof says.
fn ends(fix: &Fix, end: &str) -> Option<bool> {
    let proof = fix.proof.as_deref().unwrap();
    assert!(proof.ends_with(end), "{proof}");
    fix.verified
}

#[test]
fn what_nobody_may_run_is_not_proven() {
    let account = "to everybody of account 123456789012, so AWS Support has to be asked to remove it";
    let repository = |need: &Need| matches!(need, Need::RepositoryPolicy { .. });
    let frozen = json!([{"Sid": "Frozen", "Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]);
    let fix = fix_with("ecr-denied-by-repository", repository, frozen);
    let why = format!("but nobody may run it: statement Frozen denies ecr:SetRepositoryPolicy {account}");
    assert_eq!(ends(&fix, &why), None);
    assert_eq!(fix.commands.len(), 1);
    let secret = |need: &Need| matches!(need, Need::SecretPolicy { .. });
    let whole = json!([deny_all("secretsmanager:*", json!({}))]);
    let fix = fix_with("secret-denied-by-its-own-policy", secret, whole);
    assert_eq!(ends(&fix, &format!("statement Lock denies secretsmanager:PutResourcePolicy {account}")), None);
    let root = json!({"AWS": "arn:aws:iam::123456789012:root"});
    let key = |need: &Need| matches!(need, Need::KeyPolicy { .. });
    let enabled = json!({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"});
    let locked = json!([enabled, deny_all("kms:*", json!({}))]);
    let fix = fix_with("secret-key-denied", key, locked);
    assert_eq!(ends(&fix, &format!("statement Lock denies kms:PutKeyPolicy {account}")), None);
    let stale = json!({"AWS": "AROAEXAMPLEEXAMPLEEX"});
    let orphan = json!([{"Effect": "Allow", "Principal": stale, "Action": "kms:*", "Resource": "*"}]);
    let fix = fix_with("secret-key-denied", key, orphan);
    let nobody =
        "lets nobody of account 123456789012 call kms:PutKeyPolicy, so AWS Support has to be asked to change that";
    assert_eq!(ends(&fix, nobody), None);
}

#[test]
fn whoever_may_run_it_is_told() {
    let fix = only_fix(&case("secret-key-admits-administrators"));
    assert_eq!(ends(&fix, "; only arn:aws:iam::123456789012:role/key-admin may run this"), Some(true));
    let bucket = |need: &Need| matches!(need, Need::BucketPolicy { .. });
    let fix = fix_with("environment-file-denied-by-bucket", bucket, json!([deny_all("s3:*", json!({}))]));
    let root = "denies s3:PutBucketPolicy to everybody of account 123456789012 but its root user, who has to run this";
    assert_eq!(ends(&fix, root), Some(true));
    let secret = |need: &Need| matches!(need, Need::SecretPolicy { .. });
    let breaker = json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/break-glass"}});
    let writes = deny_all("secretsmanager:PutResourcePolicy", json!({"Condition": breaker}));
    let reads = deny_all("secretsmanager:GetSecretValue", json!({"Sid": "Reads"}));
    let guarded = fix_with("secret-denied-by-its-own-policy", secret, json!([writes, reads]));
    let spared = "statement Lock denies secretsmanager:PutResourcePolicy as well: only whom it spares may run this";
    assert_eq!(ends(&guarded, spared), Some(true));
    let fix = only_fix(&case("secret-denied-by-its-own-policy"));
    assert!(!fix.proof.unwrap().contains("run"));
}
