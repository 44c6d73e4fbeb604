//! How text looks where it is read: how wide, whether in colour, whether with links. Plain data; the command line fills
//! it from the terminal, a flag and the environment.
//!
//! [`Look::PLAIN`] is what a file or a pipe gets. A tone says what a text is; only here it becomes one of the
//! terminal's own sixteen colours, which the user has chosen to be readable. No tone says what the words do not say.

use anstyle::{AnsiColor, Style};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns that prose is wrapped to; commands, diffs and names are never broken.
    pub width: usize,
    /// Whether a record (a verdict, a permission, an event) is wrapped too. Off a terminal each stays on its line,
    /// where `grep` finds it whole.
    pub folds: bool,
    pub colour: bool,
    /// Whether names that have a page in the AWS console lead there (OSC 8).
    pub links: bool,
}

impl Look {
    pub const PLAIN: Self = Self { width: 100, folds: false, colour: false, links: false };
    /// Columns below which nothing is made to fit.
    pub const NARROWEST: usize = 40;
}

/// What a text is, as far as it is to be seen at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// What leads to the text beside it.
    Label,
    /// What is read first, or taken away to be run.
    Strong,
    Bad,
    Doubtful,
    Good,
    Removed,
    Place,
}

impl Tone {
    pub fn style(self) -> Style {
        let coloured = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Label => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Bad => coloured(AnsiColor::Red).bold(),
            Self::Doubtful => coloured(AnsiColor::Yellow),
            Self::Good => coloured(AnsiColor::Green),
            Self::Removed => coloured(AnsiColor::Red),
            Self::Place => coloured(AnsiColor::Cyan),
        }
    }
}
