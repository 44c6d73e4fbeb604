//! What could not be read, in few lines: a question a line, and where many of one kind went wrong, their names alone.
//!
//! The JSON has every line whole.

use super::{heading, one_line};
use crate::report::{
    look::Tone,
    sheet::{Sheet, Span},
    v1::Coverage,
};

/// Questions of one outcome that have a line each.
const MOST: usize = 6;
/// Characters of a note that are shown.
const LONGEST_NOTE: usize = 400;
/// Column at which the questions stand.
const INDENT: usize = 13;

pub fn not_seen(coverage: &[Coverage], sheet: &mut Sheet) {
    let gaps: Vec<&Coverage> = gaps(coverage).collect();
    if gaps.is_empty() {
        return;
    }
    heading(sheet, "not seen");
    let of = |status| gaps.iter().filter(|gap| gap.status == status).count();
    for gap in gaps.iter().filter(|gap| of(gap.status) <= MOST) {
        let status = Span::new(Tone::Doubtful, format!("{:9}", gap.status));
        sheet.record(INDENT, &["  ".into(), status, format!("  {}  {}", gap.source, note(gap)).into()]);
    }
    let mut many: Vec<&str> = gaps.iter().map(|gap| gap.status).filter(|status| of(status) > MOST).collect();
    many.sort_unstable();
    many.dedup();
    for status in many {
        let names: Vec<&str> = gaps.iter().filter(|gap| gap.status == status).map(|gap| gap.source.as_str()).collect();
        by_name(status, &names, sheet);
    }
}

/// The questions without an answer that are worth a word.
pub fn gaps(coverage: &[Coverage]) -> impl Iterator<Item = &Coverage> {
    coverage.iter().filter(|line| line.status != "ok" && !is_usual(line))
}

/// The interface of a task that has stopped is deleted with it.
fn is_usual(line: &Coverage) -> bool {
    line.status == "not-found" && line.source == "ec2:DescribeNetworkInterfaces"
}

fn note(gap: &Coverage) -> String {
    let note = one_line(gap.note.as_deref().unwrap_or_default());
    match note.char_indices().nth(LONGEST_NOTE) {
        Some((end, _)) => format!("{} […]", note.get(..end).unwrap_or_default()),
        None => note,
    }
}

fn by_name(status: &str, names: &[&str], sheet: &mut Sheet) {
    let status = Span::new(Tone::Doubtful, format!("{status:9}"));
    let text = format!("{}; -o json has the details", names.join(", "));
    sheet.hanging(&["  ".into(), status, "  ".into()], &[text.into()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::look::Look;

    fn lines(status: &'static str, count: usize) -> Vec<Coverage> {
        let note = Some("x".to_owned());
        (0..count).map(|at| Coverage { source: format!("ec2:Describe{at}"), status, note: note.clone() }).collect()
    }

    fn printed(coverage: &[Coverage]) -> String {
        let mut sheet = Sheet::new(Look::PLAIN, Vec::new());
        not_seen(coverage, &mut sheet);
        sheet.finish()
    }

    #[test]
    fn a_few_gaps_have_a_line_each() {
        let out = printed(&[lines("ok", 30), lines("denied", 2)].concat());
        assert_eq!(out, "\nnot seen\n  denied     ec2:Describe0  x\n  denied     ec2:Describe1  x\n");
        assert_eq!(printed(&lines("ok", 30)), "");
    }

    #[test]
    fn many_of_one_kind_are_named_together() {
        let out = printed(&[lines("denied", 30), lines("not-found", 1)].concat());
        assert!(out.starts_with("\nnot seen\n  not-found  ec2:Describe0  x\n  denied     ec2:Describe0, "), "{out}");
        assert!((0..30).all(|at| out.contains(&format!("ec2:Describe{at}"))), "{out}");
        assert!(out.lines().count() < 12 && out.lines().all(|line| line.chars().count() <= Look::PLAIN.width), "{out}");
    }

    #[test]
    fn a_long_note_is_cut() {
        let note = Some("ä".repeat(LONGEST_NOTE + 9));
        let out = printed(&[Coverage { source: "ec2:DescribeVpcs".to_owned(), status: "error", note }]);
        assert_eq!(out.chars().filter(|c| *c == 'ä').count(), LONGEST_NOTE);
        assert!(out.ends_with(" […]\n"), "{out}");
    }
}
