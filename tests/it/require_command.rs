//! `iam require`: what each shipped task definition needs, the policy that grants it, and that this policy is enough for
//! the roles of the shipped cases and no more.

use std::{collections::BTreeSet, fs, path::Path};

use ecs_why::{
    case::{Answer, Case, Fact, Gap, LogGroup, Need, Origin, Secret, Target, TaskDefinition, load_task_definition},
    collect::Nothing,
    diagnose::collect,
    fix::{Change, ExecutionRole, apply, configuration, doubts, template},
    iam::{Layer, Outcome},
    judge::{Check, checks},
    needs::needs,
    report::{Meta, Requirements as View, requirements, requirements_text},
    require::{Nameless, Requirements, RoleKind, Workload},
    subject::Subject,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fixtures;

/// A definition in a file, as the command line takes it in.
pub fn in_case(text: &str, region: &str) -> Case {
    in_case_of(load_task_definition(text).unwrap(), region)
}

fn in_case_of(definition: TaskDefinition, region: &str) -> Case {
    let label = definition.label();
    let target = Target { region: region.to_owned(), task_definition: Some(label.clone()), ..Target::default() };
    let mut case = Case::new(target, Timestamp::UNIX_EPOCH);
    let answer = Answer::TaskDefinition(Box::new(definition));
    case.admit(Need::TaskDefinition { task_definition: label }, Fact::Known(answer, Origin::File));
    case
}

pub fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/task-definitions");
    fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

pub const FILES: [&str; 9] = [
    "bridge-on-ec2",
    "china",
    "environment-files",
    "image-of-another-account",
    "needs-nothing",
    "parameters",
    "private-registry",
    "secrets",
    "web-on-fargate",
];

fn with<T>(case: &Case, told: impl FnOnce(&Workload<'_>, &Requirements) -> T) -> T {
    let subject = Subject::of(case);
    let workload = subject.workload(case).unwrap();
    told(&workload, &Requirements::of(case, &workload))
}

fn checked(case: &Case) -> Vec<Check> {
    with(case, |workload, requirements| checks(case, workload, requirements, &[]))
}

/// What is told of a definition that is in a file.
pub fn view_of(definition: TaskDefinition) -> View {
    view(&in_case_of(definition, "eu-west-1"))
}

pub fn view(case: &Case) -> View {
    with(case, |workload, _| requirements(case, workload, &checked(case), Meta::default()))
}

fn execution_role(case: &Case) -> Option<ExecutionRole> {
    with(case, ExecutionRole::of)
}

fn policy(case: &Case) -> Value {
    execution_role(case).map(|role| role.policy).unwrap_or_default()
}

#[test]
fn outputs_stay_as_they_were() {
    for name in FILES {
        let mut case = in_case(&file(name), "");
        collect(&mut case, &mut Nothing);
        insta::assert_snapshot!(format!("{name}.txt"), requirements_text(&view(&case)));
        insta::assert_snapshot!(format!("{name}.json"), serde_json::to_string_pretty(&view(&case)).unwrap());
        let doubts = with(&case, |workload, requirements| doubts(&case, workload, requirements)).join("\n");
        let Some(role) = execution_role(&case) else {
            insta::assert_snapshot!(format!("{name}.policy"), doubts);
            continue;
        };
        let policy = serde_json::to_string_pretty(&role.policy).unwrap();
        insta::assert_snapshot!(format!("{name}.policy"), format!("{policy}\n{doubts}"));
        insta::assert_snapshot!(format!("{name}.tf"), configuration(&role.changes).unwrap());
        insta::assert_snapshot!(format!("{name}.template"), template(&role.changes).unwrap());
    }
}

#[test]
fn every_shipped_file_is_held_against_its_outputs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/task-definitions");
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path().file_stem().unwrap().display().to_string()).collect();
    names.sort();
    assert_eq!(names, FILES);
}

#[test]
fn without_a_role_every_decision_is_unknown() {
    for name in FILES {
        let case = in_case(&file(name), "");
        assert!(view(&case).permissions.iter().flat_map(|r| &r.checks).all(|c| c.decision == "unknown"), "{name}");
    }
}

#[test]
fn a_token_in_a_file_comes_out_nowhere() {
    assert!(file("secrets").contains("planted-token-81f2"));
    let case = in_case(&file("secrets"), "");
    let outputs = format!("{:?} {}", case, requirements_text(&view(&case)));
    assert!(!outputs.contains("planted-token-81f2"));
}

/// A definition with one container, and what else is given.
fn definition(container: Value, more: Value) -> String {
    let mut whole = json!({"family": "web", "containerDefinitions": [container]});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole.to_string()
}

fn nameless(case: &Case) -> Option<Nameless> {
    with(case, |_, requirements| requirements.nameless().map(|(_, why)| why).next())
}

#[test]
fn what_the_file_does_not_tell_is_asked_for() {
    let container = json!({"name": "app", "image": "nginx", "secrets": [{"name": "S", "valueFrom": "/a/b"}]});
    let role = json!({"executionRoleArn": "arn:aws:iam::123456789012:role/exec"});
    let text = definition(container.clone(), role);
    assert_eq!(nameless(&in_case(&text, "")), Some(Nameless::Region));
    assert_eq!(nameless(&in_case(&text, "eu-west-1")), None);
    assert_eq!(nameless(&in_case(&definition(container.clone(), json!({})), "eu-west-1")), Some(Nameless::Account));
    let own = json!({"taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"});
    assert_eq!(nameless(&in_case(&definition(container, own), "")), None);
}

#[test]
fn a_name_that_would_be_a_pattern_is_refused() {
    let role = json!({"executionRoleArn": "arn:aws:iam::123456789012:role/exec"});
    let secret = |value: &str| json!({"name": "app", "image": "nginx", "secrets": [{"name": "S", "valueFrom": value}]});
    for value in ["/*", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*", "/${aws:username}/x"] {
        assert_eq!(nameless(&in_case(&definition(secret(value), role.clone()), "eu-west-1")), Some(Nameless::Pattern));
    }
}

/// Everyone who may start the definition, by what is given of it.
fn pullers(more: Value) -> BTreeSet<&'static str> {
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1";
    let case = in_case(&definition(json!({"name": "app", "image": image}), more), "");
    with(&case, |_, requirements| requirements.permissions.iter().map(|p| p.role.kind.name()).collect())
}

#[test]
fn compatibilities_and_attributes_tell_who_pulls() {
    let role = "arn:aws:iam::123456789012:role/exec";
    let attribute = |name: &str| json!([{"name": name}]);
    for (more, expected) in [
        (json!({}), "instance"),
        (json!({"executionRoleArn": role}), "execution"),
        (json!({"requiresCompatibilities": ["FARGATE"]}), "execution"),
        (json!({"requiresCompatibilities": ["MANAGED_INSTANCES"]}), "execution"),
        (json!({"requiresCompatibilities": ["EC2", "FARGATE"], "executionRoleArn": role}), "execution"),
        (
            json!({"requiresCompatibilities": ["EC2"], "requiresAttributes": attribute("ecs.capability.task-eni")}),
            "instance",
        ),
        (
            json!({"executionRoleArn": role, "requiresAttributes": attribute("ecs.capability.execution-role-ecr-pull")}),
            "execution",
        ),
    ] {
        assert_eq!(pullers(more.clone()), BTreeSet::from([expected]), "{more}");
    }
}

#[test]
fn a_definition_is_asked_for_first_and_then_what_it_names() {
    let name = || "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1".to_owned();
    let target = Target { task_definition: Some(name()), ..Target::default() };
    let case = Case::new(target, Timestamp::UNIX_EPOCH);
    assert_eq!(needs(&case), BTreeSet::from([Need::TaskDefinition { task_definition: name() }]));
    let mut read = in_case(&file("web-on-fargate"), "");
    let asked = needs(&read);
    for role in ["web-execution", "web-task"] {
        assert!(asked.contains(&Need::Role { role: role.to_owned() }), "{role}");
    }
    // Whether the group has to be created costs a permission or not.
    let group = |group: &str| Need::LogGroup { region: "eu-west-1".into(), group: group.to_owned() };
    assert!(asked.contains(&group("/ecs/shop/web")) && asked.contains(&group("/ecs/shop/proxy")));
    let creates = |case: &Case| policy(case).to_string().contains("logs:CreateLogGroup");
    assert!(creates(&read));
    read.admit(group("/ecs/shop/proxy"), Fact::Known(Answer::LogGroup(LogGroup::default()), Origin::Aws));
    assert!(!creates(&read));
}

const PARTIAL: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";
const STORED: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1";

fn with_secret(case: &mut Case, kms_key_id: Option<&str>) {
    let secret = Secret { arn: STORED.into(), kms_key_id: kms_key_id.map(str::to_owned), ..Secret::default() };
    let need = Need::Secret { region: "eu-west-1".into(), secret: PARTIAL.into() };
    case.admit(need, Fact::Known(Answer::Secret(secret), Origin::Aws));
}

#[test]
fn what_aws_tells_of_a_secret_goes_into_the_policy() {
    let container = json!({"name": "app", "image": "nginx", "secrets": [{"name": "S", "valueFrom": PARTIAL}]});
    let mut case =
        in_case(&definition(container, json!({"executionRoleArn": "arn:aws:iam::123456789012:role/exec"})), "");
    let told = |case: &Case| with(case, |workload, requirements| doubts(case, workload, requirements));
    assert_eq!(policy(&case)["Statement"][0]["Resource"], format!("{PARTIAL}-??????"));
    assert!(told(&case).iter().any(|doubt| doubt.contains("customer managed key") && doubt.contains(PARTIAL)));
    with_secret(&mut case, Some(KEY));
    assert_eq!(policy(&case)["Statement"][0]["Resource"], STORED);
    assert_eq!(policy(&case)["Statement"][1]["Resource"], KEY);
    assert!(told(&case).is_empty(), "{:?}", told(&case));
    with_secret(&mut case, Some("alias/mine"));
    assert_eq!(policy(&case)["Statement"].as_array().unwrap().len(), 1);
    assert!(told(&case).iter().any(|doubt| doubt.contains("alias/mine") && doubt.contains("kms:DescribeKey")));
}

/// The case of a task as the case of its definition, whose execution role may do nothing yet.
fn bare(case: &Case) -> Option<Case> {
    let subject = Subject::of(case);
    let definition = subject.workload(case)?.definition.clone();
    let mut bare = case.clone();
    let region = case.target.region.clone();
    bare.target = Target { region, task_definition: Some(definition.label()), ..Target::default() };
    let role = definition.execution_role_arn.clone()?;
    let need = Need::TaskDefinition { task_definition: definition.label() };
    bare.admit(need, Fact::Known(Answer::TaskDefinition(Box::new(definition)), Origin::Aws));
    let trust = json!({"Version": "2012-10-17", "Statement": []});
    // No role is made where one is.
    let name = role.rsplit('/').next()?.to_owned();
    bare.admit(Need::Role { role: name }, Fact::Missing(Gap::NotFound { message: String::new() }));
    Some(apply(&bare, &[Change::CreateRole { arn: role, trust }]))
}

/// The calls of the execution role.
fn own(case: &Case) -> Vec<Check> {
    checked(case).into_iter().filter(|c| c.permission.role.kind == RoleKind::Execution && !c.is_trust()).collect()
}

fn allowed(checks: &[Check]) -> usize {
    checks.iter().filter(|check| !check.decision.lacking.contains(&Layer::Identity)).count()
}

/// Whether the role's own side lets a call through. An incomplete ARN is not the one that is asked for.
fn holds(check: &Check) -> bool {
    let identity = check.decision.lacking.contains(&Layer::Identity);
    let incomplete = check.permission.granted_resource().ends_with("-??????");
    let denied = check.decision.deniers.iter().any(|denier| denier.layer == Layer::Identity);
    incomplete || (!identity && !denied && !open(check))
}

fn open(check: &Check) -> bool {
    let decided = check.permission.doubt.is_none();
    decided && check.decision.outcome == Outcome::Unknown && check.decision.layer == Some(Layer::Identity)
}

#[test]
fn the_policy_is_enough_for_an_empty_role_and_each_part_is_needed() {
    let mut judged = 0;
    for fixture in fixtures() {
        let Some(case) = bare(&fixture.case) else { continue };
        let Some(role) = execution_role(&case) else { continue };
        assert_eq!(role.made, None, "{}", fixture.name);
        assert!(!own(&case).iter().any(Check::is_allowed), "{}: the role is not empty", fixture.name);
        let after = own(&apply(&case, &role.changes));
        assert!(after.iter().all(holds), "{}: {:#?}", fixture.name, after.iter().find(|c| !holds(c)));
        judged += allowed(&after);
        for (at, statement) in role.policy["Statement"].as_array().unwrap().iter().enumerate() {
            // Whether the ARN that Secrets Manager stores is covered can only be seen where it was read.
            if !statement.to_string().contains("-??????") {
                let less = own(&apply(&case, &[without(&role, at)]));
                assert!(allowed(&less) < allowed(&after), "{}: nothing needs {statement}", fixture.name);
            }
        }
    }
    assert!(judged > 100, "only {judged} calls were allowed");
}

/// The change that puts the policy, but for one statement.
fn without(role: &ExecutionRole, at: usize) -> Change {
    let Some(Change::PutRolePolicy { role: name, policy, document }) = role.changes.last().cloned() else { panic!() };
    let mut document = document;
    document["Statement"].as_array_mut().unwrap().remove(at);
    Change::PutRolePolicy { role: name, policy, document }
}

#[test]
fn no_pair_is_granted_that_nothing_needs() {
    for case in fixtures().iter().filter_map(|fixture| bare(&fixture.case)) {
        let needed: BTreeSet<(String, String)> =
            own(&case).iter().map(|c| (c.permission.action.clone(), c.permission.granted_resource())).collect();
        let granted: BTreeSet<(String, String)> =
            policy(&case)["Statement"].as_array().into_iter().flatten().flat_map(pairs).collect();
        assert!(granted.is_subset(&needed), "{granted:?}");
    }
}

fn pairs(statement: &Value) -> Vec<(String, String)> {
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().map(|i| i.as_str().unwrap().to_owned()).collect(),
        single => vec![single.as_str().unwrap().to_owned()],
    };
    let (actions, resources): (Vec<String>, Vec<String>) = (texts(&statement["Action"]), texts(&statement["Resource"]));
    actions.iter().flat_map(|a| resources.iter().map(move |r| (a.clone(), r.clone()))).collect()
}

/// The binary, which is there with the command line only.
#[cfg(feature = "cli")]
mod binary {
    use std::{
        io::Write,
        process::{Command, Output, Stdio},
    };

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/task-definitions");

    fn run(arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-why"));
        command.args(["iam", "require"]).args(arguments).current_dir(FOLDER);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn every_form_is_printed_for_every_file() {
        for name in super::FILES {
            let file = format!("{name}.json");
            for form in ["text", "json", "policy", "terraform", "cloudformation"] {
                let run = run(&[&file, "-o", form], "");
                assert_eq!(run.status.code(), Some(0), "{name} {form}: {}", text(&run.stderr));
                let out = text(&run.stdout);
                let nothing = ["bridge-on-ec2", "needs-nothing"].contains(&name) && !["text", "json"].contains(&form);
                assert_eq!(out.is_empty(), nothing, "{name} {form}");
                assert!(!nothing || text(&run.stderr).contains("needs nothing of an execution role"));
                if ["json", "policy", "cloudformation"].contains(&form) && !nothing {
                    serde_json::from_str::<serde_json::Value>(&out).unwrap();
                }
            }
        }
    }

    #[test]
    fn standard_input_is_read_like_a_file() {
        let by_name = run(&["web-on-fargate.json", "-o", "policy"], "");
        let piped = run(&["-", "-o", "policy"], &super::file("web-on-fargate"));
        assert_eq!((by_name.stdout, by_name.stderr), (piped.stdout, piped.stderr));
    }

    #[test]
    fn bad_input_is_one_error_that_names_it() {
        let tokenless =
            r#"{"containerDefinitions":[{"name":"a","image":"nginx","secrets":[{"name":"S","valueFrom":"/a"}]}]}"#;
        for (arguments, input, says) in [
            (&["no-such.json"][..], "", "'no-such.json'"),
            (&["./no-such"], "", "'./no-such'"),
            (&["."], "", "'.'"),
            (&["two words"], "", "'two words'"),
            (&["arn:aws:iam::123456789012:role/web"], "", "not of an ECS task definition"),
            (&["-"], "", "standard input"),
            (&["-"], "family: web", "not JSON"),
            (&["-"], "[1, 2]", "containerDefinitions"),
            (&["-"], r#"{"containerDefinitions": "none"}"#, "containerDefinitions"),
            (&["-"], tokenless, "account"),
            (&["image-of-another-account.json", "--region", "eu-west-1"], "", "eu-west-1"),
        ] {
            let run = run(arguments, input);
            let told = text(&run.stderr);
            assert_eq!(run.status.code(), Some(2), "{arguments:?} {told}");
            assert!(run.stdout.is_empty(), "{arguments:?}");
            assert_eq!(told.lines().filter(|line| line.starts_with("error")).count(), 1, "{told}");
            assert!(told.contains(says) && told.contains("hint: "), "{arguments:?} {told}");
        }
    }
}

#[test]
fn a_policy_too_large_for_a_role_is_told() {
    let role = json!({"executionRoleArn": "arn:aws:iam::123456789012:role/exec"});
    let value = |at: usize| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:s{at}-AbCdEf");
    let secrets = |count: usize| (0..count).map(|at| json!({"name": format!("S{at}"), "valueFrom": value(at)}));
    let made = |count: usize| {
        let container = json!({"name": "app", "image": "nginx", "secrets": secrets(count).collect::<Vec<_>>()});
        let case = in_case(&definition(container, role.clone()), "");
        let excess = with(&case, |w, requirements| ExecutionRole::of(w, requirements).unwrap().excess());
        (excess, with(&case, |w, requirements| doubts(&case, w, requirements)))
    };
    assert_eq!(made(10).0, None);
    let (excess, doubts) = made(200);
    assert!(excess.unwrap().contains("10,240"));
    assert!(doubts[0].contains(" and 195 more was not read") && doubts[0].matches("arn:").count() == 5, "{doubts:?}");
}

#[test]
fn an_account_that_is_not_known_is_no_other() {
    let image = json!({"name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"});
    for more in [json!({}), json!({"executionRoleArn": "exec"})] {
        let case = in_case(&definition(image.clone(), more), "");
        let told = with(&case, |w, requirements| doubts(&case, w, requirements));
        assert!(!told.iter().any(|doubt| doubt.contains("another account")), "{told:?}");
    }
}

#[test]
fn what_ecs_would_not_register_is_refused() {
    let container = json!({"name": "app", "image": "nginx"});
    let error = |container: &Value, more: Value| load_task_definition(&definition(container.clone(), more)).err();
    let told = |container: &Value, more: Value| error(container, more).unwrap().to_string();
    assert!(told(&json!({}), json!({})).contains("container 1 of it has no name"));
    assert!(told(&json!({"name": "app"}), json!({})).contains("has no image"));
    let user = json!({"executionRoleArn": "arn:aws:iam::123456789012:user/x"});
    assert!(told(&container, user).contains("executionRoleArn is 'arn:aws:iam::123456789012:user/x'"));
    for role in ["exec", "arn:aws:iam::123456789012:role/a/b"] {
        assert!(error(&container, json!({"executionRoleArn": role, "taskRoleArn": role})).is_none());
    }
}
