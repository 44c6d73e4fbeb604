//! What may stand on the command line. Help is generated from here, so it shows only what works.

use clap::{Args, Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
#[command(name = "ecs-why", version, about, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Rank the causes of a pasted message; touches no account
    Explain(ExplainArgs),
    /// Read the knowledge base
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The message; `-` or nothing reads standard input
    pub text: Option<String>,
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub output: Format,
    /// Read lines {"id", "text", "field"?, "launch_type"?, "exit_code"?} and write a line of causes for each
    #[arg(long, conflicts_with_all = ["text", "output"])]
    pub ndjson: bool,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// One line a rule
    List,
    /// A rule with its examples, look-alikes and references
    Show { id: String },
    /// Run the examples of every rule
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
