//! The frozen public view of a diagnosis and its renderings. Renderers see nothing but these types.

/// Writing to a `String` cannot fail, so the result says nothing.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

pub mod agent;
mod answer;
mod brief;
mod build;
pub mod chat;
mod console;
mod explained;
mod github;
mod look;
mod markdown;
mod path;
mod quiet;
mod rules;
mod schema;
mod sheet;
mod text;
mod v1;

pub use answer::Answer;
pub use brief::{Brief, Outcome};
pub use build::{report, requirements, with_least};
pub use console::{Link, links};
pub use look::Look;
pub use markdown::{explanation_markdown, report_markdown, requirements_markdown};
pub use quiet::quiet_line;
pub use rules::{CauseView, RuleEntry, RuleView, cause_text, rule_list, rule_pages, rule_text};
pub use schema::{View, json_schema};
pub use text::{explanation_text, report_text, report_text_with_surplus, requirements_text};
pub use v1::{
    Check, ContainerView, Coverage, DecidedBy, EXPLANATION_SCHEMA, Evidence, ExplainedCause, Explanation, Finding, Fix,
    HopView, LogsView, Meta, PathView, Report, Requirements, RolePermissions, RoleRef, SecondOpinion, Surplus,
    TaskView, TimelineEvent, UnusedView,
};
