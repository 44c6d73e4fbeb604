//! Failure signals: what ECS, a container or a user says went wrong, in one form whatever the wording.
//!
//! Given a case or a pasted text, gives [`Symptom`]s whose text is normalised once (wrappers, quotes, white space), with
//! the denial that it states, if any. Knows how ECS builds its messages, not what they mean.

use std::sync::OnceLock;

mod denial;
mod gather;
mod network;
mod normalise;
mod source;
mod topic;

pub use denial::{ANONYMOUS, Denial, DenialLayer};
pub use gather::{deployment_symptoms, log_symptoms, never_started, ran, service_symptoms, task_symptoms};
pub use network::{Bearing, Dialled, Stage};
pub use source::{LaunchType, Source};
pub use topic::{Topic, closest_instance, infrastructure_role, target_groups, topics};

/// One signal and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    pub source: Source,
    pub container: Option<String>,
    /// As it was said, for the evidence.
    pub raw: String,
    /// As rules match it.
    pub text: String,
    /// Whether the end is missing, so that nothing may be concluded from what is not there.
    pub truncated: bool,
    pub exit_code: Option<i64>,
    pub launch_type: LaunchType,
    pub stop_code: Option<String>,
    /// Of a line of a log: how many followed it, frames of stack traces apart.
    pub lines_after: usize,
    /// Read when it is first asked for: many rules and checks ask.
    #[doc(hidden)]
    pub read: OnceLock<Option<Denial>>,
}

impl Symptom {
    /// A signal of that text; the rest is what is unknown until set.
    pub fn new(source: Source, raw: &str) -> Self {
        let text = normalise::normalise(raw);
        Self {
            source,
            container: None,
            raw: raw.to_owned(),
            truncated: normalise::is_truncated(&text),
            text,
            exit_code: None,
            launch_type: LaunchType::Unknown,
            stop_code: None,
            lines_after: 0,
            read: OnceLock::new(),
        }
    }

    /// The call that the text says was denied. What ECS says of its own calls names them; an application's SDK may only
    /// name an operation.
    pub fn denial(&self) -> Option<Denial> {
        let read = || match self.source {
            Source::ContainerLog | Source::Text => Denial::of_application(&self.text),
            _ => Denial::find(&self.text),
        };
        self.read.get_or_init(read).clone()
    }

    /// Whether a log went on after the line: many lines followed it, or some a mere warning or an attempt that is repeated.
    pub fn is_passed(&self) -> bool {
        const MANY: usize = 40;
        const SOME: usize = 3;
        const WARNINGS: [&str; 5] = ["warn", "retry", "retries", "reconnect", "try again"];
        let text = || self.text.to_ascii_lowercase();
        let warns = || WARNINGS.iter().any(|word| text().contains(word));
        self.lines_after > MANY || (self.lines_after > SOME && warns())
    }
}
