//! One line for a pager, a log or a loop: verdict, cause, summary, and how sure and how current that is.
//!
//! Given the digest of an answer. The line begins with a word of ours, has no control characters and at most
//! [`LONGEST`] characters: what is too long is cut out of the summary, never out of what follows it.

use super::{Brief, Outcome};
use crate::case::plain;

/// As much as a person reads at a glance; a summary with an ARN in it fits.
pub const LONGEST: usize = 320;

/// Two spaces part the columns, one parts the words in them.
const BETWEEN: &str = "  ";

pub fn quiet_line(brief: &Brief) -> String {
    let first = brief.findings.first();
    let mut head = vec![brief.outcome.word().to_owned()];
    head.extend(first.map(|first| flat(&first.cause)).filter(|cause| !cause.is_empty()));
    let (head, tail) = (head.join(BETWEEN), tail(brief));
    let room = LONGEST.saturating_sub(head.chars().count() + BETWEEN.len() + tail.chars().count());
    format!("{head}{BETWEEN}{}{tail}\n", cut(&flat(&brief.summary), room))
}

/// How sure it is and whether it still holds; of requirements how many are met.
fn tail(brief: &Brief) -> String {
    let sure = brief.findings.first().filter(|first| !first.confidence.is_empty());
    if let Some(first) = sure {
        let state = first.state_words().map(|words| format!(", {words}")).unwrap_or_default();
        return format!(" ({}{state})", first.confidence);
    }
    match brief.outcome {
        Outcome::Listed => format!(" ({} allowed, {} not allowed or not known)", brief.allowed, brief.refused.len()),
        _ => String::new(),
    }
}

fn flat(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{explain::explain, knowledge::Catalogue};

    fn brief(message: &str) -> Brief {
        Brief::of_explanation(&explain(Catalogue::embedded().unwrap(), message))
    }

    #[test]
    fn an_explanation_is_a_verdict_a_cause_and_a_title() {
        let line = quiet_line(&brief("OutOfMemoryError: Container killed due to memory usage"));
        assert!(line.starts_with("EXPLAINED  oom-container  "), "{line}");
        assert!(line.ends_with(".\n"), "{line}");
    }

    #[test]
    fn whatever_a_summary_says_the_line_stays_one_and_short() {
        for text in ["a\nFAILED  b\r\u{1b}[2Jc\u{85}d\u{2028}e", &"é \n".repeat(5000), "", &"x".repeat(5000)] {
            let mut brief = brief("OutOfMemoryError: Container killed due to memory usage");
            brief.summary = text.to_owned();
            if let Some(first) = brief.findings.first_mut() {
                (first.confidence, first.state) = ("confirmed", "present");
            }
            let line = quiet_line(&brief);
            assert_eq!(line.lines().count(), 1, "{line:?}");
            assert!(!line.trim_end().contains(|c: char| c.is_control()), "{line:?}");
            assert!(line.chars().count() <= LONGEST + 1, "{}", line.len());
            assert!(line.ends_with(" (confirmed, still there)\n"), "{line:?}");
        }
    }
}
