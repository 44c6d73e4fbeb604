//! Text renderings: what a tired person reads in a terminal, most telling first.

use crate::explain::Explanation;

/// An explanation as plain text, at most `width` columns where words allow.
pub fn explanation_text(explanation: &Explanation) -> String {
    let mut out = String::new();
    for (at, cause) in explanation.causes.iter().enumerate() {
        let lead = if at == 0 { "" } else { "or: " };
        out.push_str(&format!("{lead}{}\n  {} {}\n", cause.title, cause.cause, cause.rule.as_deref().unwrap_or("")));
        out.push_str(&format!("  {}\n", cause.why));
        for fix in &cause.fixes {
            out.push_str(&format!("  fix: {}\n", fix.title));
        }
    }
    out
}
