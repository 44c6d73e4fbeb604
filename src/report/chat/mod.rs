//! Answers as messages for chats and pagers, each one JSON document that its receiver takes as it is.
//!
//! Given a [`Brief`](super::Brief), gives the document of Slack, of Microsoft Teams, of Amazon Q Developer in chat
//! applications, or of PagerDuty. [`digest`] decides once what is told and in which order; each sink decides where text
//! from outside may stand, so that it neither formats nor mentions nor links, and holds the limits of its receiver:
//! what does not fit is cut or left out, and the message says so. The documents are ASCII.

mod cut;
mod digest;
mod document;
mod pagerduty;
mod q;
mod slack;
mod teams;

pub use pagerduty::pagerduty;
pub use q::q;
pub use slack::slack;
pub use teams::teams;
