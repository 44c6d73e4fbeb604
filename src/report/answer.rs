//! What a command answers with, in every form that is not one of its own.

use serde::Serialize;

use super::{
    Brief, Explanation, Look, Report, Requirements, explanation_markdown,
    github::{annotations, step_outputs},
    report_markdown, requirements_markdown,
    text::{explanation_sheet, report_sheet, requirements_sheet},
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
    /// For a person, wherever it is read: no colour, no links.
    pub fn text(&self) -> String {
        self.shown(Look::PLAIN)
    }

    /// For a person at a terminal.
    pub fn shown(&self, look: Look) -> String {
        match self {
            Self::Report { report, with_surplus } => report_sheet(report, *with_surplus, look),
            Self::Explanation(explanation) => explanation_sheet(explanation, look),
            Self::Requirements(requirements) => requirements_sheet(requirements, look),
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

    /// For an issue, a pull request, a job summary or a wiki.
    pub fn markdown(&self) -> String {
        match self {
            Self::Report { report, with_surplus } => report_markdown(report, *with_surplus),
            Self::Explanation(explanation) => explanation_markdown(explanation),
            Self::Requirements(requirements) => requirements_markdown(requirements),
        }
    }

    /// Annotations of a workflow of GitHub Actions, for its standard output.
    pub fn github(&self) -> String {
        annotations(&self.brief())
    }

    /// What a later step of the workflow can read, for the file that GitHub Actions names.
    pub fn github_outputs(&self) -> String {
        let (status, cause) = match self {
            Self::Report { report, .. } => (report.status, report.cause.as_deref()),
            Self::Explanation(explanation) => ("explained", explanation.causes.first().map(|c| c.cause.as_str())),
            Self::Requirements(_) => ("listed", None),
        };
        step_outputs(status, cause.unwrap_or_default(), &self.brief().summary)
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
