//! What is shown for a finding: the text that said it, a line of a log with its neighbours, the end of a log.

use super::{finding::Evidence, join::Join, symptoms};
use crate::symptom::{Source, Symptom};

impl Join<'_> {
    /// The text of a symptom; a line of a log with its neighbours.
    pub(super) fn said(&self, symptom: &Symptom) -> Evidence {
        let excerpt = symptom.container.as_deref().filter(|_| symptom.source == Source::ContainerLog);
        let excerpt =
            excerpt.and_then(|container| symptoms::log_around(self.case, self.workload?, container, &symptom.raw));
        let text = excerpt.unwrap_or_else(|| symptom.raw.trim().to_owned());
        Evidence { source: symptom.source.name().to_owned(), text }
    }

    pub(super) fn log_end(&self, container: &str) -> Option<Evidence> {
        let text = symptoms::log_end(self.case, self.workload?, container)?;
        Some(Evidence { source: Source::ContainerLog.name().to_owned(), text })
    }
}
