//! Whether a call of the start arrives: its path in one word, and where no path was followed, what its interface says.

use super::reach::Reach;
use crate::net::{LeavesBy, Summary};

/// What became of a call, as far as packets decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrives {
    Yes,
    No,
    Unknown,
    /// It goes on where the facts of the account do not show it.
    OutOfSight,
}

impl Reach {
    pub fn arrives(&self) -> Arrives {
        let Some(path) = &self.path else { return without_path(self.leaves_by) };
        match path.summary() {
            Summary::Reaches => Arrives::Yes,
            Summary::Broken(_) => Arrives::No,
            Summary::Unknown(_) => Arrives::Unknown,
            Summary::LeavesView(_) => Arrives::OutOfSight,
        }
    }
}

/// Interfaces that Fargate or somebody else owns are in no fact of the account.
fn without_path(leaves_by: LeavesBy) -> Arrives {
    match leaves_by {
        LeavesBy::FargateInterface | LeavesBy::ExternalHost => Arrives::OutOfSight,
        LeavesBy::Nothing => Arrives::No,
        LeavesBy::TaskInterface | LeavesBy::InstanceInterface | LeavesBy::Unknown => Arrives::Unknown,
    }
}

impl Arrives {
    /// How often each comes up, in words: `3 get through, 1 breaks`.
    pub fn counted(reaches: &[Reach]) -> String {
        let of = |arrives| reaches.iter().filter(|reach| reach.arrives() == arrives).count();
        let count = |arrives, one: &str, many: &str| match of(arrives) {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let counts = [
            count(Self::Yes, "gets through", "get through"),
            count(Self::No, "breaks", "break"),
            count(Self::Unknown, "is not known", "are not known"),
            count(Self::OutOfSight, "goes on out of sight", "go on out of sight"),
        ];
        counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        net::{CallKind, Destination, Hop, HopKind, Path, Reason, Verdict},
        require::Connection,
    };

    fn reach(leaves_by: LeavesBy, verdicts: Option<Vec<Verdict>>) -> Reach {
        let hop = |verdict| Hop { kind: HopKind::Route, subject: "rtb-1".to_owned(), verdict };
        let path = |verdicts: Vec<Verdict>| Path { hops: verdicts.into_iter().map(hop).collect(), unused: Vec::new() };
        let connection = Connection {
            kind: CallKind::Secret,
            destination: Destination::service("ssm", "eu-west-1"),
            because: "parameter p".to_owned(),
            container: None,
        };
        Reach { connection, leaves_by, dialled: None, path: verdicts.map(path), sure: true }
    }

    #[test]
    fn a_path_in_one_word() {
        for (leaves_by, verdicts, arrives) in [
            (LeavesBy::TaskInterface, Some(vec![Verdict::Passes]), Arrives::Yes),
            (LeavesBy::TaskInterface, Some(vec![Verdict::Leaves, Verdict::Breaks(Reason::NoRoute)]), Arrives::No),
            (LeavesBy::TaskInterface, Some(vec![Verdict::Leaves]), Arrives::OutOfSight),
            (LeavesBy::TaskInterface, None, Arrives::Unknown),
            (LeavesBy::FargateInterface, None, Arrives::OutOfSight),
            (LeavesBy::ExternalHost, None, Arrives::OutOfSight),
            (LeavesBy::Nothing, None, Arrives::No),
            (LeavesBy::Unknown, None, Arrives::Unknown),
        ] {
            assert_eq!(reach(leaves_by, verdicts.clone()).arrives(), arrives, "{leaves_by:?} {verdicts:?}");
        }
    }

    #[test]
    fn paths_are_counted_by_what_becomes_of_them() {
        let through = reach(LeavesBy::TaskInterface, Some(vec![Verdict::Passes]));
        let unknown = reach(LeavesBy::Unknown, None);
        let counted = Arrives::counted(&[through.clone(), unknown, through]);
        assert_eq!(counted, "2 get through, 1 is not known");
    }
}
