//! Edits of documents, gathered: several edits of one document are one change.

use serde_json::Value;

use super::Proposal;
use crate::{
    case::Case,
    fix::place::{Place, Standing},
};

/// The documents edited so far, and what was done to them in words.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    pub case: &'a Case,
    edited: Vec<(Place, Value)>,
    titles: Vec<String>,
}

impl<'a> Draft<'a> {
    pub fn new(case: &'a Case) -> Self {
        Self { case, edited: Vec::new(), titles: Vec::new() }
    }

    /// What stands in a place with the edits so far.
    pub fn read(&self, place: &Place) -> Standing {
        match self.edited.iter().find(|(known, _)| known == place) {
            Some((_, document)) => Standing::Written(document.clone()),
            None => place.read(self.case),
        }
    }

    pub fn edit(&mut self, place: Place, document: Value, title: String) {
        match self.edited.iter_mut().find(|(known, _)| *known == place) {
            Some((_, known)) => *known = document,
            None => self.edited.push((place, document)),
        }
        self.titles.push(title);
    }

    /// The edits as changes; `None` if there are none, or one of them cannot be.
    pub fn proposal(self, docs: Vec<String>) -> Option<Proposal> {
        let changes = self.edited.into_iter().map(|(place, document)| place.change(self.case, document));
        let changes = changes.collect::<Option<Vec<_>>>()?;
        (!changes.is_empty()).then(|| Proposal { title: self.titles.join("; "), changes, docs })
    }
}
