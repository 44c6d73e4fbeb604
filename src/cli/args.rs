//! What may stand on the command line. Help is generated from here, so it shows only what works.

use std::{path::PathBuf, sync::LazyLock};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValue};

use super::{manual::ManArgs, shell::CompletionsArgs, terminal::TerminalArgs};

#[derive(Debug, Parser)]
#[command(name = "ecs-why", version, about, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub terminal: TerminalArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find why a task stopped, and what would mend it
    Diagnose(DiagnoseArgs),
    /// Rank the causes of a pasted message; touches no account
    Explain(ExplainArgs),
    /// What a task definition needs of its roles, and policy decisions
    Iam {
        #[command(subcommand)]
        command: IamCommand,
    },
    /// Read, test and extend the knowledge base
    #[command(after_help = RULES_NOTES)]
    Rules {
        #[command(flatten)]
        folders: RulesArgs,
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Print the JSON Schema of what -o json writes
    Schema {
        /// The report of 'diagnose', the explanation of 'explain', or the requirements of 'iam require'
        #[arg(value_name = "VIEW", value_enum, default_value_t = SchemaView::Report)]
        view: SchemaView,
    },
    /// Serve the tools of ecs-why to assistants, by the Model Context Protocol on standard input and output
    #[cfg(feature = "mcp")]
    Mcp(McpArgs),
    /// Print the read-only IAM policy that ecs-why needs
    Policy(PolicyArgs),
    /// Print the script that completes ecs-why in a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

#[cfg(feature = "mcp")]
const MCP_NOTES: &str = "\
A client starts this command itself: give it the command 'ecs-why' with the arguments 'mcp' and what is wanted of those
above. Tools take names and Regions from the client; profile, endpoint and deadline are those given here.

Exit status:
  0  the client has closed standard input
  2  usage, input or configuration error";

#[cfg(feature = "mcp")]
#[derive(Debug, Args)]
#[command(after_help = MCP_NOTES)]
pub struct McpArgs {
    /// Answer from a snapshot that 'diagnose --save' wrote, and make no AWS call; may be repeated
    #[arg(long, value_name = "FILE")]
    pub from: Vec<String>,
    #[command(flatten)]
    pub rules: RulesArgs,
    #[command(flatten)]
    pub aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaView {
    Report,
    Explanation,
    Requirements,
}

const POLICY_NOTES: &str = "\
Each tier is a statement of its own. What a caller may not read is reported as not seen, and is never taken for a cause:
only the task itself (or the service) must be readable.

Two actions look like more than they are used for:
  s3:GetObject       is what HeadObject asks for: whether an environment file is there. Its content is not read. The
                     action may be left out, or be allowed for the ARNs of the environment files alone
  ecr:BatchGetImage  reads the manifest of an image, which lists its platforms; no layer is read";

#[derive(Debug, Args)]
#[command(after_help = POLICY_NOTES)]
pub struct PolicyArgs {
    /// Only the statements of these tiers; may be repeated, or be a list with commas [default: all]
    #[arg(long = "tier", value_name = "TIER", value_enum, value_delimiter = ',')]
    pub tiers: Vec<PolicyTier>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyTier {
    /// The task, its definition, its logs, its roles and their policies
    Core,
    /// The network path of the task's calls
    Network,
    /// What the task definition names: images, secrets, keys, files, file systems, target groups
    Resources,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  the task did not fail, or stopped in order
  1  a failure was diagnosed
  2  usage, input or configuration error; no credentials; AWS not reachable
  3  the task failed, but the evidence does not settle why
  4  no such task, or ECS no longer knows it
  5  the deadline passed before the task itself was read
--fail-on says which outcomes count as 1 and 3.";

#[derive(Debug, Args)]
#[command(after_help = EXIT_STATUS)]
pub struct DiagnoseArgs {
    /// A task ARN, a task id (with --cluster), or an ECS console address
    pub task: Option<String>,
    /// Name or ARN of the cluster; read from a task ARN or a console address if they have it
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,
    /// Name or ARN: take this service's newest stopped task that failed; without --cluster in the cluster 'default'
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Read a snapshot, an ECS Task State Change event or the output of 'aws ecs describe-tasks'; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,
    /// Write every fact read, redacted, to a snapshot that --from can replay
    #[arg(long, value_name = "FILE")]
    pub save: Option<String>,
    /// Make no AWS call
    #[arg(long)]
    pub offline: bool,
    /// Add what the execution role grants beyond the task definition's needs, and policies without it, proven to keep
    /// what is needed
    #[arg(long)]
    pub least: bool,
    /// Ask AWS's policy simulator for a second opinion on the permission checks; costs one more round of calls of
    /// iam:SimulatePrincipalPolicy, one for each role and resource
    #[arg(long)]
    pub verify_with_aws: bool,
    /// Form of the answer on standard output
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub output: Format,
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    pub post: PostArgs,
    /// Which outcomes end with a status other than 0; 2, 4 and 5 stay what they are
    #[arg(long, value_name = "OUTCOME", value_enum, default_value_t = FailOn::Failed)]
    pub fail_on: FailOn,
    #[command(flatten)]
    pub rules: RulesArgs,
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Tell on standard error what is asked and what comes back
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// Where an answer goes beside or instead of standard output.
#[derive(Debug, Args)]
pub struct DeliveryArgs {
    /// Write the answer to a file instead, whole or not at all, for its owner's eyes; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<String>,
    /// Print one line instead of the answer: verdict, cause, summary; on standard error nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// Sending an answer to a chat, a pager or another webhook.
#[cfg(feature = "aws")]
#[derive(Debug, Args)]
pub struct PostArgs {
    /// Also send the answer, in the form of -o, to the webhook whose address is in env:NAME, file:PATH,
    /// secretsmanager:SECRET[#KEY] or ssm:PARAMETER; an address is a credential and does not belong on a command line
    #[arg(long = "post", value_name = "SOURCE")]
    pub source: Option<String>,
    /// Allow a host that is none of the receiver's own, as HOST or HOST:PORT; -o json has no host of its own. May be
    /// repeated
    #[arg(long = "post-host", value_name = "HOST", requires = "source")]
    pub hosts: Vec<String>,
}

/// The outcomes of a diagnosis that a caller wants to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// None: 0 whatever came out
    Never,
    /// 1 if a failure was diagnosed and is not mended by now; else 0
    Present,
    /// 1 if a failure was diagnosed; 0 also if the evidence does not settle it
    Diagnosed,
    /// 1 if a failure was diagnosed, 3 if the evidence does not settle it
    Failed,
    /// As failed, and 1 also for a task that stopped in order
    Stopped,
}

#[derive(Debug, Clone, Args)]
pub struct AwsArgs {
    /// AWS Region; an ARN already has it
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Send every call to this address
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Bound of the whole call; what was not read by then is reported as not seen
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = deadline)]
    pub deadline: std::time::Duration,
}

/// A positive time such as `30s` or `1m30s`.
fn deadline(text: &str) -> Result<std::time::Duration, String> {
    let expected = "a time such as 30s or 1m30s is expected";
    let time: jiff::SignedDuration = text.parse().map_err(|_| expected.to_owned())?;
    std::time::Duration::try_from(time).ok().filter(|t| !t.is_zero()).ok_or_else(|| expected.to_owned())
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The message; `-` or nothing reads standard input
    pub text: Option<String>,
    /// Form of the answer on standard output
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub output: Format,
    /// Read lines {"id", "text", "field"?, "launch_type"?, "exit_code"?} and write a line of causes for each
    #[arg(long, conflicts_with_all = ["text", "output", "output_file", "quiet"])]
    pub ndjson: bool,
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    #[command(flatten)]
    pub rules: RulesArgs,
}

const EVAL_FORM: &str = "\
A case is one line of JSON; null, an empty list or nothing means that the layer is not there:
  {\"identity_policies\": [document…], \"permission_boundary_policies\": [document…], \"session_policy\": document,
   \"resource_policy\": document, \"endpoint_policies\": [document…],
   \"scps\": [[document…]…], \"rcps\": [[document…]…],
   \"request\": {\"principal\": ARN, service or 'anonymous', \"action\", \"resource\", \"resource_account\",
               \"context\": {key: [value…]}, \"multivalued\": [key…], \"wildcard_only_action\": true or false}}
An inner list of scps and rcps is a level, the root's first; an empty one allows nothing. A key that is not in the
context is absent.

Exit status:
  0  every line was a case
  1  a line was none: its answer is 'error', the reason is on standard error
  2  standard input could not be read";

#[derive(Debug, Subcommand)]
pub enum IamCommand {
    /// Print what starting a task definition needs, for which role and why
    Require(RequireArgs),
    /// Read a case a line, write a decision a line: allowed, implicitly_denied, explicitly_denied, unknown or error
    #[command(after_help = EVAL_FORM)]
    Eval {
        /// Form of an answer: a word, or JSON with layer, policy, statement and missing keys
        #[arg(short, long, value_enum, default_value_t = ListFormat::Text)]
        output: ListFormat,
    },
}

const REQUIRE_NOTES: &str = "\
A task definition in a file is judged without any AWS call: its decisions are unknown, and what
only AWS can tell (such as the key of a secret) is said on standard error beside a policy.

Exit status:
  0  the requirements were printed
  2  usage, input or configuration error; no credentials; AWS not reachable; no such task definition";

#[derive(Debug, Args)]
#[command(after_help = REQUIRE_NOTES)]
pub struct RequireArgs {
    /// A family, family:revision or ARN, read from AWS; or a JSON file as register-task-definition takes it or
    /// describe-task-definition gives it; `-` is standard input
    #[arg(value_name = "TASKDEF")]
    pub task_definition: String,
    /// Form of the answer; policy, terraform and cloudformation are the least that the execution role needs
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: RequireFormat,
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// A form of every answer, or a policy document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequireFormat {
    Answer(Format),
    Policy(PolicyFormat),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    Policy,
    Terraform,
    Cloudformation,
}

impl ValueEnum for RequireFormat {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<RequireFormat>> = LazyLock::new(|| {
            let answers = Format::value_variants().iter().copied().map(RequireFormat::Answer);
            answers.chain(PolicyFormat::value_variants().iter().copied().map(RequireFormat::Policy)).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Answer(format) => format.to_possible_value(),
            Self::Policy(format) => format.to_possible_value(),
        }
    }
}

const RULES_NOTES: &str = "\
A rule of your own is one TOML file; knowledge/README.md says how to write it, TEMPLATE.toml beside
it is one to copy. Folders with rules are named by --rules, or by the file ecs-why/config.toml under
XDG_CONFIG_HOME or ~/.config (ECS_WHY_CONFIG names another one): rules = [\"DIR\", …], relative to it.

Exit status:
  0  good
  1  an example came out wrong
  2  usage error, or a file of yours is wrong; what is good is used";

/// Where rules of the user's own are.
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    /// Folder with rules of your own, which add to the built-in ones or replace those with the same id; may be repeated
    #[arg(long = "rules", value_name = "DIR", global = true)]
    pub folders: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules by family, with the cause that each names
    List {
        /// Only rules with all of these words in their id, cause, title or family
        text: Vec<String>,
        /// Form of the answer on standard output
        #[arg(short, long, value_enum, default_value_t = ListFormat::Text)]
        output: ListFormat,
    },
    /// Show all of a rule: cause, what to do, patterns, examples, look-alikes, references
    Show {
        /// Id of the rule, as 'rules list' prints it; of a cause, to see which rules name it
        id: String,
        /// Form of the answer on standard output
        #[arg(short, long, value_enum, default_value_t = ListFormat::Text)]
        output: ListFormat,
    },
    /// Run the examples of every rule, or of those in a folder
    Test {
        /// Folder with rules of your own; their examples are tried among all rules
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    /// A document for an issue, a pull request or a wiki, of at most 60,000 characters
    Markdown,
    /// Message for Slack: an incoming webhook or chat.postMessage
    Slack,
    /// Message for Microsoft Teams: a Workflows webhook
    Teams,
    /// Custom notification of Amazon Q Developer in chat applications: an SNS topic
    Q,
    /// Event for PagerDuty's Events API v2; its routing_key is empty, and to be filled in
    Pagerduty,
    /// Annotations of GitHub Actions; the document is appended to the file that GITHUB_STEP_SUMMARY names, and status,
    /// cause and summary become outputs of the step in the one that GITHUB_OUTPUT names
    Github,
}

/// Forms of what is no answer about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Text,
    Json,
}
