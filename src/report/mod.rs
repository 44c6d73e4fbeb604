//! The frozen public view of a diagnosis and its renderings. Renderers see nothing but these types.

mod build;
mod text;
mod v1;

pub use build::{report, with_least};
pub use text::{explanation_text, report_text, report_text_with_surplus};
pub use v1::{
    Check, ContainerView, Coverage, DecidedBy, Evidence, ExplainedCause, Explanation, Finding, Fix, Meta, Report,
    RolePermissions, RoleRef, Surplus, TaskView, TimelineEvent,
};
