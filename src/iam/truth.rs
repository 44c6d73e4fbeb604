//! Kleene's three values; the third carries what would have to be known.

use std::collections::BTreeSet;

/// Yes, no, or unknown because of the named condition keys or unread things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    Unknown(BTreeSet<String>),
}

impl Truth {
    pub fn unknown(because: impl Into<String>) -> Self {
        Self::Unknown(BTreeSet::from([because.into()]))
    }

    /// `No` decides; otherwise anything unknown stays unknown.
    pub fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Unknown(a) => match other() {
                Self::No => Self::No,
                Self::Yes => Self::Unknown(a),
                Self::Unknown(b) => Self::Unknown(&a | &b),
            },
        }
    }

    /// `Yes` decides; otherwise anything unknown stays unknown.
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        self.not().and(|| other().not()).not()
    }

    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown => unknown,
        }
    }

    /// Conjunction over many; an empty one holds.
    pub fn all(items: impl IntoIterator<Item = Self>) -> Self {
        items.into_iter().fold(Self::Yes, |all, item| all.and(|| item))
    }

    /// Disjunction over many; an empty one does not hold.
    pub fn any(items: impl IntoIterator<Item = Self>) -> Self {
        items.into_iter().fold(Self::No, |any, item| any.or(|| item))
    }

    /// What would have to be known; empty where it is.
    pub fn keys(&self) -> BTreeSet<String> {
        match self {
            Self::Unknown(keys) => keys.clone(),
            Self::Yes | Self::No => BTreeSet::new(),
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}
