//! `completions`: a script for a shell that completes the command line.
//!
//! It is made from the definitions that parse the command line, so it offers what there is and nothing else.

use clap::{
    Args, CommandFactory as _,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use clap_complete::{Shell, generate};

use super::{args::Arguments, error::CliError, output};

const NOTES: &str = "\
Where shells look for it:
  bash        ecs-why completions bash > ~/.local/share/bash-completion/completions/ecs-why
  zsh         ecs-why completions zsh > DIR/_ecs-why, DIR being in $fpath
  fish        ecs-why completions fish > ~/.config/fish/completions/ecs-why.fish
  powershell  ecs-why completions powershell >> $PROFILE";

#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub struct CompletionsArgs {
    /// Shell that the script is for
    #[arg(value_parser = PossibleValuesParser::new(SHELLS).try_map(|name| name.parse::<Shell>()))]
    pub shell: Shell,
}

/// The shells whose scripts are tested.
const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

pub fn run(args: &CompletionsArgs) -> Result<u8, CliError> {
    output::print(&script(args.shell))?;
    Ok(0)
}

fn script(shell: Shell) -> String {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_has_the_commands_and_their_options() {
        for name in SHELLS {
            let script = script(name.parse().unwrap());
            for word in ["diagnose", "require", "verify-with-aws", "endpoint-url", "color", "completions"] {
                assert!(script.contains(word), "{name} does not know {word}");
            }
        }
    }
}
