//! The knowledge base as people read it: a catalogue, one rule, and a page for each rule.

mod page;
mod text;
mod view;

pub use page::rule_pages;
pub use text::{cause_text, rule_list, rule_text};
pub use view::{CauseView, RuleEntry, RuleView};
