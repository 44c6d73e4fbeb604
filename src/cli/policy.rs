//! `policy`: the least read-only IAM policy that ecs-why needs, from the questions that it can ask; a statement a tier.

use serde_json::{Value, json};

use super::{
    args::{PolicyArgs, PolicyTier},
    error::CliError,
    output,
};
use crate::case::Tier;

pub fn run(args: &PolicyArgs) -> Result<u8, CliError> {
    output::print(&output::json(&policy(&args.tiers))?)?;
    Ok(0)
}

/// The statements of these tiers, in the order of the tiers; of all where none is named.
fn policy(wanted: &[PolicyTier]) -> Value {
    let tiers = Tier::ALL.into_iter().filter(|tier| wanted.is_empty() || wanted.iter().any(|one| one.tier() == *tier));
    json!({"Version": "2012-10-17", "Statement": tiers.map(statement).collect::<Vec<_>>()})
}

fn statement(tier: Tier) -> Value {
    let actions: Vec<&str> = tier.actions().collect();
    json!({"Sid": sid(tier), "Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn sid(tier: Tier) -> &'static str {
    match tier {
        Tier::Core => "EcsWhyCore",
        Tier::Network => "EcsWhyNetwork",
        Tier::Resources => "EcsWhyResources",
    }
}

impl PolicyTier {
    fn tier(self) -> Tier {
        match self {
            Self::Core => Tier::Core,
            Self::Network => Tier::Network,
            Self::Resources => Tier::Resources,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{
        case::Need,
        cli::args::{Arguments, Command},
    };

    fn printed(words: &[&str]) -> Value {
        let words = ["ecs-why", "policy"].iter().chain(words);
        match Arguments::try_parse_from(words).unwrap().command {
            Command::Policy(args) => policy(&args.tiers),
            other => panic!("{other:?}"),
        }
    }

    /// What a field of the statements says, lists one by one.
    fn texts<'v>(policy: &'v Value, field: &str) -> Vec<&'v str> {
        let fields = policy["Statement"].as_array().unwrap().iter().map(|statement| &statement[field]);
        let values = fields.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
        values.map(|value| value.as_str().unwrap()).collect()
    }

    #[test]
    fn all_tiers_grant_every_action_once() {
        let policy = printed(&[]);
        assert_eq!(texts(&policy, "Sid"), ["EcsWhyCore", "EcsWhyNetwork", "EcsWhyResources"]);
        let mut actions = texts(&policy, "Action");
        actions.sort_unstable();
        assert_eq!(actions, Need::ACTIONS);
        assert!(texts(&policy, "Resource").iter().all(|resource| *resource == "*"));
    }

    #[test]
    fn a_tier_is_a_statement() {
        for (words, sids) in [
            (&["--tier", "core"][..], &["EcsWhyCore"][..]),
            (&["--tier", "resources,core"], &["EcsWhyCore", "EcsWhyResources"]),
            (&["--tier", "network", "--tier", "network"], &["EcsWhyNetwork"]),
        ] {
            assert_eq!(texts(&printed(words), "Sid"), sids, "{words:?}");
        }
    }

    #[test]
    fn no_other_tier_is_known() {
        assert!(Arguments::try_parse_from(["ecs-why", "policy", "--tier", "all"]).is_err());
    }
}
