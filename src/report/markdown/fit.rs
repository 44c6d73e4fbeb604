//! How much of an answer a document has room for: GitHub takes 65,536 characters in the body of an issue.
//!
//! Given something that renders an answer as blocks with a given detail, gives the most detailed document that fits. A
//! block is whole in itself, so leaving one out cuts no fence and no table. It never fails: in the end blocks are left
//! out, and the document says so.

/// Characters of a document; what people add around it has room.
pub const LONGEST: usize = 60_000;
/// Of which the notes at the end may need so many.
const RESERVED: usize = 1_000;

/// How much is told.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    /// Whether checks are listed that are allowed.
    pub allowed: bool,
    /// Characters of a message.
    pub evidence: usize,
    /// Messages of a finding.
    pub messages: usize,
    /// Findings after the first.
    pub others: usize,
    /// Rows of a table.
    pub rows: usize,
    /// Lines of a diff.
    pub diff: usize,
}

const FULL: Detail = Detail {
    allowed: true,
    evidence: usize::MAX,
    messages: usize::MAX,
    others: usize::MAX,
    rows: usize::MAX,
    diff: usize::MAX,
};

/// From everything to the least: allowed calls go first, then the middles of messages, then further findings.
const LEVELS: [Detail; 7] = [
    FULL,
    Detail { allowed: false, ..FULL },
    Detail { allowed: false, evidence: 4_000, ..FULL },
    Detail { allowed: false, evidence: 1_000, diff: 200, ..FULL },
    Detail { allowed: false, evidence: 600, messages: 8, others: 9, rows: 100, diff: 60 },
    Detail { allowed: false, evidence: 600, messages: 4, others: 4, rows: 30, diff: 60 },
    Detail { allowed: false, evidence: 300, messages: 2, others: 2, rows: 10, diff: 20 },
];

const SHORTENED: &str = "This document is shortened to fit into an issue; `-o json` has all of it.";

/// The document of the first level that fits. The last block is kept whatever happens.
pub fn fitting(render: impl Fn(&Detail) -> Vec<String>) -> String {
    let mut blocks = Vec::new();
    for (at, detail) in LEVELS.iter().enumerate() {
        blocks = render(detail);
        if at > 0 {
            blocks.insert(blocks.len().saturating_sub(1), SHORTENED.to_owned());
        }
        if length(&blocks) <= LONGEST {
            return joined(&blocks);
        }
    }
    joined(&packed(blocks))
}

/// Blocks in their order as long as there is room; what is behind one that is too long may still fit.
fn packed(mut blocks: Vec<String>) -> Vec<String> {
    let footer = blocks.pop();
    let mut room = LONGEST.saturating_sub(RESERVED).saturating_sub(footer.as_ref().map_or(0, |text| of(text)));
    let all = blocks.len();
    blocks.retain(|block| {
        let fits = of(block) <= room;
        room -= if fits { of(block) } else { 0 };
        fits
    });
    if all > blocks.len() {
        blocks.push(format!("{} parts that are too long are left out.", all - blocks.len()));
    }
    blocks.extend(footer);
    blocks
}

fn joined(blocks: &[String]) -> String {
    blocks.join("\n\n") + "\n"
}

fn length(blocks: &[String]) -> usize {
    blocks.iter().map(|block| of(block)).sum()
}

/// Characters of a block and of the empty line behind it.
fn of(block: &str) -> usize {
    block.chars().count() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole() {
        let text = fitting(|detail| vec!["a".repeat(detail.evidence.min(LONGEST - 100)), "end".to_owned()]);
        assert_eq!(text.chars().count(), LONGEST - 100 + 2 + 3 + 1);
        assert!(!text.contains("shortened"));
    }

    #[test]
    fn less_is_told_where_more_does_not_fit() {
        let text = fitting(|detail| vec!["é".repeat(detail.evidence.min(LONGEST)), "end".to_owned()]);
        assert_eq!(text, format!("{}\n\n{SHORTENED}\n\nend\n", "é".repeat(4_000)));
    }

    #[test]
    fn in_the_end_whole_blocks_are_left_out() {
        let huge = || "x".repeat(LONGEST);
        let blocks = || vec!["head".to_owned(), huge(), "y".repeat(50_000), "z".repeat(20_000), "end".to_owned()];
        let text = fitting(|_| blocks());
        assert!(
            text.starts_with("head\n\nyyy")
                && text.ends_with(
                    "y\n\nThis document is shortened to fit into an issue; \
            `-o json` has all of it.\n\n2 parts that are too long are left out.\n\nend\n"
                ),
            "{}",
            text.len()
        );
        assert!(text.chars().count() <= LONGEST);
    }
}
