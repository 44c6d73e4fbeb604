//! Which of the calls that start a task get through: each connection with its path, hop by hop.

use std::net::IpAddr;

use crate::{
    net::{Hop, LeavesBy, Path},
    require::Connection,
};

/// A connection with the path that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    pub connection: Connection,
    pub leaves_by: LeavesBy,
    /// The address that a message says was dialled.
    pub dialled: Option<IpAddr>,
    /// `None` where the call does not leave by an interface of the account.
    pub path: Option<Path>,
}

/// The connections that break at one and the same hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    pub hop: Hop,
    pub reaches: Vec<Reach>,
}
