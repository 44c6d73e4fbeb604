//! `ecs-why` finds why an Amazon ECS task stopped, and proves a fix before it shows it.
//!
//! ```text
//!  input      facts               judgement (pure: no I/O, no clock, no environment)                output
//!  Target  →  collect  →  Case  →  symptom  →  knowledge  →  require  →  judge  →  fix  →  report
//!                 ▲                                             │           ▲        │
//!                 └──────────── needs(&Case) ───────────────────┘           └─ apply ┘
//! ```
//!
//! Modules stand in layer order: each uses only what stands above it.

mod embedded;

pub mod id;

pub mod case;

pub mod net;

pub mod iam;

pub mod symptom;

pub mod knowledge;

pub mod require;

pub mod subject;

pub mod needs;

pub mod judge;

pub mod fix;

pub mod report;

pub mod collect;

pub mod explain;

pub mod diagnose;

#[cfg(feature = "aws")]
pub mod post;

#[cfg(feature = "mcp")]
mod mcp;

#[cfg(feature = "cli")]
pub mod cli;
