//! What a change does to a document that is there: a unified diff of the two, written alike.

use serde_json::Value;
use similar::TextDiff;

use super::{
    Change,
    place::{Place, Standing},
};
use crate::case::Case;

/// Lines around a difference.
const CONTEXT: usize = 2;

/// The difference that a change makes; `None` where it writes a new document, or none.
pub fn diff(before: &Case, change: &Change) -> Option<String> {
    let (place, after) = (Place::of(change)?, change.document()?);
    let Standing::Written(known) = place.read(before) else { return None };
    let (old, new) = (pretty(&known)?, pretty(after)?);
    let name = place.told();
    Some(TextDiff::from_lines(&old, &new).unified_diff().context_radius(CONTEXT).header(&name, &name).to_string())
}

fn pretty(document: &Value) -> Option<String> {
    serde_json::to_string_pretty(document).ok().map(|text| text + "\n")
}
