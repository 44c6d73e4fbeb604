//! Can a call get through? The path from an interface to where a call goes, hop by hop, with unknown as a value.
//!
//! Given what EC2 says of a [`Network`], the [`Interface`] by which a call leaves and the [`Call`], [`path()`] gives
//! the [`Path`]: every hop with its verdict, and in sum whether the call reaches, which hop breaks it, what would have
//! to be known, or where it leaves what can be seen. Judges packets, not permissions: an endpoint's policy answers with
//! a refusal, never with silence. The rules are those of
//! <https://docs.aws.amazon.com/vpc/latest/userguide/how-it-works.html>.

mod acl;
mod cidr;
mod destination;
mod endpoint;
mod group;
mod hop;
mod interface;
mod inward;
mod name;
mod nat;
mod outward;
mod path;
mod prefix;
mod public_access;
mod route;
mod view;
mod words;

pub use destination::{Call, Destination};
pub use hop::{Hop, HopKind, Missing, Path, Reason, Summary, Unused, UnusedBecause, Verdict, What};
pub use interface::{CallKind, Interface, LeavesBy, Runs, leaves_by};
pub use path::path;
pub use route::{Chosen, best};
pub use view::{Known, Network};
