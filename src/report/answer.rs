//! What a command answers with, in every form that is not one of its own.

use serde::Serialize;

use super::{
    Brief, Explanation, Report, Requirements, explanation_text, report_text, report_text_with_surplus,
    requirements_text,
};

/// A public view that every output can show.
pub enum Answer<'a> {
    Report {
        report: &'a Report,
        /// Whether text also tells what the execution role grants beyond need.
        with_surplus: bool,
    },
    Explanation(&'a Explanation),
    Requirements(&'a Requirements),
}

impl Answer<'_> {
    /// For a person at a terminal.
    pub fn text(&self) -> String {
        match self {
            Self::Report { report, with_surplus: true } => report_text_with_surplus(report),
            Self::Report { report, with_surplus: false } => report_text(report),
            Self::Explanation(explanation) => explanation_text(explanation),
            Self::Requirements(requirements) => requirements_text(requirements),
        }
    }

    /// The frozen view, pretty, ending in a line break.
    ///
    /// # Errors
    /// Only if serialisation itself fails, which plain data does not cause.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Report { report, .. } => pretty(report),
            Self::Explanation(explanation) => pretty(explanation),
            Self::Requirements(requirements) => pretty(requirements),
        }
    }

    /// For chats, pagers and pipelines.
    pub fn brief(&self) -> Brief {
        match self {
            Self::Report { report, .. } => Brief::of_report(report),
            Self::Explanation(explanation) => Brief::of_explanation(explanation),
            Self::Requirements(requirements) => Brief::of_requirements(requirements),
        }
    }
}

fn pretty(view: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(view)? + "\n")
}
