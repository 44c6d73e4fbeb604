//! A cause of a message as a finding about nothing in particular, for renderings that know findings only.

use super::v1::{Evidence, ExplainedCause, Finding};

/// Confidence and state are empty: a text alone shows neither.
pub fn finding(cause: &ExplainedCause) -> Finding {
    let line = cause.line.iter().map(|text| Evidence { source: "text".to_owned(), text: text.clone() });
    Finding {
        cause: cause.cause.clone(),
        confidence: "",
        state: "",
        title: cause.title.clone(),
        why: cause.why.clone(),
        rule: cause.rule.clone(),
        rule_docs: cause.rule_docs.clone(),
        container: None,
        role: None,
        resource: None,
        evidence: line.collect(),
        path: None,
        fixes: cause.fixes.clone(),
    }
}
