//! `ecs-why/report/v1`: the JSON that scripts, bots and runbooks rely on.
//!
//! Fields may be added; none is renamed, dropped or given another meaning. Absent values are `null`, never left out.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub const SCHEMA: &str = "ecs-why/report/v1";
pub const REQUIREMENTS_SCHEMA: &str = "ecs-why/requirements/v1";
pub const EXPLANATION_SCHEMA: &str = "ecs-why/explanation/v1";

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `diagnosed`, `inconclusive`, `benign`, `not-failed` or `not-found`.
    #[schemars(extend("enum" = ["diagnosed", "inconclusive", "benign", "not-failed", "not-found"]))]
    pub status: &'static str,
    pub cause: Option<String>,
    pub summary: String,
    pub task: TaskView,
    pub timeline: Vec<TimelineEvent>,
    pub findings: Vec<Finding>,
    pub permissions: Vec<RolePermissions>,
    /// Where the calls go that start the task, as far as their paths were followed.
    pub paths: Vec<PathView>,
    pub coverage: Vec<Coverage>,
    pub meta: Meta,
}

#[derive(Debug, Clone, PartialEq, Default, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    pub arn: Option<String>,
    pub cluster: Option<String>,
    pub region: Option<String>,
    pub account: Option<String>,
    pub service: Option<String>,
    pub task_definition: Option<String>,
    pub launch_type: Option<String>,
    pub platform_version: Option<String>,
    pub stop_code: Option<String>,
    pub stopped_reason: Option<String>,
    /// When `DescribeTasks` may cease to know the task, RFC 3339: an hour after it stopped.
    pub known_until: Option<String>,
    pub containers: Vec<ContainerView>,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerView {
    pub name: String,
    pub image: Option<String>,
    pub exit_code: Option<i64>,
    pub reason: Option<String>,
    pub essential: Option<bool>,
    /// Where the `awslogs` driver writes; `null` with another driver.
    pub logs: Option<LogsView>,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct LogsView {
    pub region: String,
    pub group: String,
    /// `null` where it is named after a runtime id that is not known.
    pub stream: Option<String>,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TimelineEvent {
    /// RFC 3339.
    pub at: String,
    pub event: &'static str,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub cause: String,
    /// `confirmed`, `likely` or `possible`.
    #[schemars(extend("enum" = ["confirmed", "likely", "possible"]))]
    pub confidence: &'static str,
    /// `present`, `resolved` or `unknown`.
    #[schemars(extend("enum" = ["present", "resolved", "unknown"]))]
    pub state: &'static str,
    pub title: String,
    pub why: String,
    pub rule: Option<String>,
    /// The rule's page among the project's documents; `null` for a rule of the user's own.
    pub rule_docs: Option<String>,
    pub container: Option<String>,
    pub role: Option<RoleRef>,
    pub resource: Option<String>,
    pub evidence: Vec<Evidence>,
    /// The path that breaks, where the finding is about one.
    pub path: Option<PathView>,
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// What people are told of the state; nothing where the facts do not tell.
    pub fn state_words(&self) -> Option<&'static str> {
        match self.state {
            "present" => Some("still there"),
            "resolved" => Some("mended since"),
            _ => None,
        }
    }
}

/// One call of the start on its way.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PathView {
    /// The name of the endpoint service (`ecr.api`), else of the host, file system or address.
    pub destination: String,
    /// The name that is resolved; `null` where an address is called.
    pub host: Option<String>,
    pub port: u16,
    /// `registry-login`, `image-pull`, `secret`, `environment-file`, `logs`, `file-system`, `exec` or `application`.
    #[serde(rename = "for")]
    pub call: &'static str,
    pub because: String,
    pub container: Option<String>,
    /// Whose interface: `task`, `instance`, `fargate`, `external`, `none` or `unknown`.
    pub leaves_by: &'static str,
    /// The address that a message says was dialled.
    pub dialled: Option<String>,
    /// `reaches`, `broken`, `unknown` or `leaves`: goes on where the account's facts do not show it.
    #[schemars(extend("enum" = ["reaches", "broken", "unknown", "leaves"]))]
    pub verdict: &'static str,
    /// Whether every interface by which the call may have left has this verdict: a service may have several subnets.
    pub sure: bool,
    /// In the order in which packets take them; none where the interface is not one of the account.
    pub hops: Vec<HopView>,
    /// Endpoints that are made for this call and do not serve it.
    pub unused: Vec<UnusedView>,
}

impl PathView {
    /// Where the call goes, as one dials it.
    pub fn end(&self) -> String {
        format!("{}:{}", self.host.as_deref().unwrap_or(&self.destination), self.port)
    }

    /// What is to be said of the hop that decides a path that breaks or is not known.
    pub fn deciding_note(&self) -> Option<&str> {
        let decides =
            |hop: &&HopView| matches!((self.verdict, hop.verdict), ("broken", "breaks") | ("unknown", "unknown"));
        self.hops.iter().find(decides)?.note.as_deref()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct HopView {
    /// `interface`, `dns`, `endpoint`, `egress`, `ingress`, `acl`, `route`, `public-address`, `internet-gateway`,
    /// `egress-only-gateway`, `nat`, `block-public-access`, `mount-target` or `beyond`.
    pub kind: &'static str,
    /// The id of the thing; `null` of an interface that is gone.
    pub subject: Option<String>,
    /// `passes`, `breaks`, `unknown` or `leaves`.
    #[schemars(extend("enum" = ["passes", "breaks", "unknown", "leaves"]))]
    pub verdict: &'static str,
    /// Why it breaks (`no-route`), or which fact is missing (`route-tables`), in one word.
    pub reason: Option<&'static str>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct UnusedView {
    pub endpoint: String,
    pub because: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct RoleRef {
    /// `execution`, `task`, `instance` or `infrastructure`.
    #[schemars(extend("enum" = ["execution", "task", "instance", "infrastructure"]))]
    pub kind: &'static str,
    pub arn: String,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Evidence {
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Default, JsonSchema, Serialize)]
pub struct Fix {
    pub title: String,
    pub commands: Vec<String>,
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
    /// A unified diff for each document that is there and changes; `policy` is the whole of it.
    pub diffs: Vec<String>,
    pub terraform: Option<String>,
    pub cloudformation: Option<String>,
    pub docs: Vec<String>,
    /// `true`: judged again with the change applied and found to hold; `null`: advice.
    pub verified: Option<bool>,
    pub proof: Option<String>,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct RolePermissions {
    pub role: RoleRef,
    pub checks: Vec<Check>,
    /// What the execution role grants beyond what the task definition needs, as far as that is known.
    pub surplus: Vec<Surplus>,
    /// Why the surplus is not known; for the text only.
    #[serde(skip)]
    pub surplus_unknown: Option<String>,
    /// The role's policies without the surplus; `null` unless it was asked for and is proven.
    pub least: Option<Fix>,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub action: String,
    pub resource: String,
    pub because: String,
    pub container: Option<String>,
    /// `allowed`, `missing`, `denied` or `unknown`.
    #[schemars(extend("enum" = ["allowed", "missing", "denied", "unknown"]))]
    pub decision: &'static str,
    #[schemars(extend("enum" = ["identity", "boundary", "session", "resource-policy", "key-policy", "trust", "scp", "rcp", "endpoint", null]))]
    pub layer: Option<&'static str>,
    pub by: Option<DecidedBy>,
    pub unknown_keys: Vec<String>,
    /// Why a decision is unknown, where no condition key is the reason; or what a layer that is not read says.
    pub note: Option<String>,
    /// What AWS's policy simulator says, where it was asked.
    pub second_opinion: Option<SecondOpinion>,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct SecondOpinion {
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    #[schemars(extend("enum" = ["allowed", "implicitDeny", "explicitDeny"]))]
    pub decision: &'static str,
    /// Whether ecs-why decides as much by identity policies and boundary alone; `null` where that cannot be compared.
    pub agrees: Option<bool>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct DecidedBy {
    pub policy: String,
    /// The Sid, else `#0`, `#1` … in the policy.
    pub statement: String,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Surplus {
    pub policy: String,
    pub statement: String,
    pub action: String,
    pub resource: String,
}

#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Coverage {
    /// The IAM action of the question.
    pub source: String,
    /// `ok`, `denied`, `not-found`, `throttled`, `timeout`, `error` or `skipped`.
    #[schemars(extend("enum" = ["ok", "denied", "not-found", "throttled", "timeout", "error", "skipped"]))]
    pub status: &'static str,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub version: String,
    pub took_ms: u64,
    pub aws_calls: usize,
    /// Longest chain of calls that waited for one another, pages aside.
    pub aws_round_trips: usize,
}

/// `ecs-why/requirements/v1`: what starting a task definition needs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirements {
    #[schemars(extend("const" = REQUIREMENTS_SCHEMA))]
    pub schema: &'static str,
    /// Its ARN, or what it would be registered as.
    pub task_definition: String,
    pub permissions: Vec<RolePermissions>,
    pub coverage: Vec<Coverage>,
    pub meta: Meta,
}

/// `ecs-why/explanation/v1`: the causes of a pasted message, best first.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Explanation {
    #[schemars(extend("const" = EXPLANATION_SCHEMA))]
    pub schema: &'static str,
    pub causes: Vec<ExplainedCause>,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCause {
    pub cause: String,
    pub rule: Option<String>,
    /// The rule's page among the project's documents; `null` for a rule of the user's own.
    pub rule_docs: Option<String>,
    pub title: String,
    pub why: String,
    /// Whether it only says that something failed: any other cause goes before it.
    pub symptom: bool,
    /// Of several lines the one that says it, shortened.
    pub line: Option<String>,
    pub fixes: Vec<Fix>,
}
