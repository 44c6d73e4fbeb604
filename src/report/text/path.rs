//! Pictures of paths: the hops of the one that breaks on a line, the others in a line each.
//!
//! `eni-1 ─ sg-1 ─ acl-1 ─ rtb-1 ✗ no route ┄ api.ecr.eu-west-1.amazonaws.com:443`

use super::{INDENT, TOLD, heading, one_line, row};
use crate::report::{
    look::Tone,
    sheet::{Sheet, Span},
    v1::{HopView, PathView},
};

/// Between hops that the call comes to, and past the one where it ends or nobody knows.
const WAY: &str = "─ ";
const NO_WAY: &str = "┄ ";

/// The picture of a path, and what is to be said of the hop that decides.
pub fn picture(path: &PathView, sheet: &mut Sheet) {
    if path.hops.is_empty() {
        return;
    }
    let room = sheet.width().saturating_sub(INDENT);
    row(sheet, "path", &in_lines(pieces(path), room));
    if !path.sure {
        row(sheet, "", &["so in one of the subnets that the service may use; not in all of them".into()]);
    }
    for unused in &path.unused {
        row(sheet, "", &[format!("{} is not taken: {}", unused.endpoint, unused.because).into()]);
    }
}

/// The hops of a path on one line, however long.
pub fn on_a_line(path: &PathView) -> String {
    pieces(path).iter().map(|[way, hop]| format!("{}{}", way.text(), hop.text())).collect::<Vec<_>>().join(" ")
}

/// The paths beside the one that was drawn.
pub fn others(paths: &[PathView], drawn: Option<&PathView>, sheet: &mut Sheet) {
    let others: Vec<&PathView> = paths.iter().filter(|path| Some(*path) != drawn).collect();
    if others.iter().any(|path| matches!(path.verdict, "broken" | "unknown")) {
        heading(sheet, "paths");
        others.iter().for_each(|path| summary(path, sheet));
    } else if let Some(count) = in_sum(paths, &others) {
        sheet.blank();
        sheet.record(2, &[Span::new(Tone::Strong, "paths:"), format!(" {count}").into()]);
    }
}

/// Nothing is to be said where nothing is beside the drawn one.
fn in_sum(paths: &[PathView], others: &[&PathView]) -> Option<String> {
    let all = others.len() == paths.len();
    let which = |count: usize| match (count, all) {
        (1, true) => "it".to_owned(),
        (1, false) => "the other one".to_owned(),
        (count, true) => format!("all {count}"),
        (count, false) => format!("the other {count}"),
    };
    let (reaching, leaving) = (["reaches", "reach"], ["goes on out of sight", "go on out of sight"]);
    let verb = |count: usize, [one, many]: [&'static str; 2]| if count == 1 { one } else { many };
    let leaves = others.iter().filter(|path| path.verdict == "leaves").count();
    match (others.len() - leaves, leaves) {
        (0, 0) => None,
        (reach, 0) => Some(format!("{} {}", which(reach), verb(reach, reaching))),
        (0, leaves) => Some(format!("{} {}", which(leaves), verb(leaves, leaving))),
        (reach, leaves) => Some(format!("{reach} {}, {leaves} {}", verb(reach, reaching), verb(leaves, leaving))),
    }
}

fn summary(path: &PathView, sheet: &mut Sheet) {
    let verdict = Span::new(tone(path.verdict), format!("{:8}", path.verdict));
    let call = format!(" {}  {}", one_line(&path.end()), one_line(&path.because));
    sheet.record(TOLD, &["  ".into(), verdict, call.into()]);
    if let Some(note) = path.deciding_note() {
        sheet.record(TOLD, &[format!("{:TOLD$}{}", "", one_line(note)).into()]);
    }
}

/// How a verdict of a path or a hop looks.
fn tone(verdict: &str) -> Tone {
    match verdict {
        "broken" | "breaks" => Tone::Bad,
        "unknown" => Tone::Doubtful,
        "reaches" => Tone::Good,
        _ => Tone::Plain,
    }
}

/// The hops worth a look, each with the mark of its verdict and what leads to it.
fn pieces(path: &PathView) -> Vec<[Span<'static>; 2]> {
    let (mut pieces, mut shown, mut way) = (Vec::new(), Vec::new(), "");
    for hop in path.hops.iter().filter(|hop| is_worth_a_look(hop)) {
        let name = hop.subject.as_deref().unwrap_or(hop.kind);
        if hop.verdict == "passes" && shown.contains(&name) {
            continue;
        }
        shown.push(name);
        pieces.push([way.into(), Span::new(tone(hop.verdict), marked(name, hop))]);
        let ended = way == NO_WAY || hop.verdict != "passes";
        way = if ended { NO_WAY } else { WAY };
    }
    pieces.push([if way.is_empty() { WAY } else { way }.into(), path.end().into()]);
    pieces
}

/// A name that resolves and a switch that is off are no things on the way.
fn is_worth_a_look(hop: &HopView) -> bool {
    hop.verdict != "passes" || !matches!(hop.kind, "dns" | "block-public-access")
}

fn marked(name: &str, hop: &HopView) -> String {
    let reason = hop.reason.map(|word| format!(" {}", word.replace('-', " "))).unwrap_or_default();
    match hop.verdict {
        "breaks" => format!("{name} ✗{reason}"),
        "unknown" => format!("{name} ?{reason}"),
        "leaves" => format!("{name} …"),
        _ => name.to_owned(),
    }
}

/// Pieces on lines of this width; none is broken.
fn in_lines(pieces: Vec<[Span<'static>; 2]>, width: usize) -> Vec<Span<'static>> {
    let (mut lines, mut column) = (Vec::new(), 0);
    for piece in pieces {
        let wide = piece.iter().map(Span::columns).sum();
        match column {
            0 => column = wide,
            _ if column + 1 + wide <= width => {
                lines.push(" ".into());
                column += 1 + wide;
            }
            _ => {
                lines.push("\n".into());
                column = wide;
            }
        }
        lines.extend(piece);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::look::Look;

    fn hop(kind: &'static str, subject: &str, verdict: &'static str, reason: Option<&'static str>) -> HopView {
        let note = reason.map(|reason| format!("{subject} says {reason}"));
        HopView { kind, subject: (!subject.is_empty()).then(|| subject.to_owned()), verdict, reason, note }
    }

    fn path(verdict: &'static str, hops: Vec<HopView>) -> PathView {
        PathView {
            destination: "ecr.api".to_owned(),
            host: Some("api.ecr.eu-west-1.amazonaws.com".to_owned()),
            port: 443,
            call: "registry-login",
            because: "the login to the registry".to_owned(),
            container: None,
            leaves_by: "task",
            dialled: None,
            verdict,
            sure: true,
            hops,
            unused: Vec::new(),
        }
    }

    fn drawn(hops: Vec<HopView>) -> String {
        pictured(&path("broken", hops))
    }

    fn pictured(path: &PathView) -> String {
        let mut sheet = Sheet::new(Look::PLAIN, Vec::new());
        picture(path, &mut sheet);
        sheet.finish()
    }

    fn start() -> Vec<HopView> {
        vec![
            hop("interface", "eni-1", "passes", None),
            hop("dns", "api.ecr.eu-west-1.amazonaws.com", "passes", None),
            hop("egress", "sg-1", "passes", None),
            hop("acl", "acl-1", "passes", None),
            hop("acl", "acl-1", "passes", None),
        ]
    }

    fn with(more: Vec<HopView>) -> Vec<HopView> {
        start().into_iter().chain(more).collect()
    }

    #[test]
    fn the_hop_that_breaks_is_marked() {
        let out = drawn(with(vec![hop("route", "rtb-1", "breaks", Some("no-route"))]));
        assert_eq!(out, "  path      eni-1 ─ sg-1 ─ acl-1 ─ rtb-1 ✗ no route ┄ api.ecr.eu-west-1.amazonaws.com:443\n");
    }

    #[test]
    fn what_is_unknown_and_what_leaves_is_marked_too() {
        for (last, end) in [
            (hop("route", "rtb-1", "unknown", Some("prefix-list")), "acl-1 ─ rtb-1 ? prefix list ┄ api.ecr"),
            (hop("beyond", "tgw-1", "leaves", None), "acl-1 ─ tgw-1 … ┄ api.ecr"),
            (hop("internet-gateway", "igw-1", "passes", None), "acl-1 ─ igw-1 ─ api.ecr"),
        ] {
            let out = drawn(with(vec![last]));
            assert!(out.contains(end), "{out}");
        }
    }

    #[test]
    fn a_hop_after_the_break_is_not_reached() {
        let closed = hop("egress", "sg-1", "breaks", Some("egress-closed"));
        let out = drawn(vec![hop("interface", "", "passes", None), closed, hop("route", "rtb-1", "passes", None)]);
        assert!(out.contains("interface ─ sg-1 ✗ egress closed ┄ rtb-1 ┄ api.ecr"), "{out}");
    }

    #[test]
    fn a_long_path_is_wrapped_between_hops() {
        let long = |at: usize| hop("route", &format!("rtb-{at:017}"), "passes", None);
        let out = drawn((0..9).map(long).collect());
        assert!(out.lines().count() > 1 && out.lines().all(|line| line.chars().count() <= Look::PLAIN.width), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with("            ─ ")), "{out}");
    }

    #[test]
    fn an_endpoint_that_is_not_taken_stands_under_the_path() {
        let mut path = path("broken", start());
        let because = "its private DNS names are off";
        path.unused = vec![crate::report::UnusedView { endpoint: "vpce-1".to_owned(), because }];
        let out = pictured(&path);
        assert!(out.ends_with("            vpce-1 is not taken: its private DNS names are off\n"), "{out}");
    }

    #[test]
    fn a_path_that_only_some_subnets_have_says_so() {
        let out = pictured(&PathView { sure: false, ..path("broken", start()) });
        assert!(out.ends_with("not in all of them\n"), "{out}");
    }

    fn listed(paths: &[PathView], drawn: Option<&PathView>) -> String {
        let mut sheet = Sheet::new(Look::PLAIN, Vec::new());
        others(paths, drawn, &mut sheet);
        sheet.finish()
    }

    #[test]
    fn other_paths_have_a_line_each() {
        let broken = path("broken", vec![hop("route", "rtb-1", "breaks", Some("no-route"))]);
        let unknown = path("unknown", vec![hop("route", "rtb-2", "unknown", Some("address"))]);
        let paths = [broken.clone(), unknown, path("reaches", Vec::new())];
        let out = listed(&paths, Some(&broken));
        let expected = "\npaths\n  unknown  api.ecr.eu-west-1.amazonaws.com:443  the login to the registry\n\
                        \x20          rtb-2 says address\n\
                        \x20 reaches  api.ecr.eu-west-1.amazonaws.com:443  the login to the registry\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn where_all_is_well_one_line_is_enough() {
        let (reaches, leaves) = (path("reaches", Vec::new()), path("leaves", Vec::new()));
        let broken = path("broken", Vec::new());
        assert_eq!(listed(&[reaches.clone(), reaches.clone()], None), "\npaths: all 2 reach\n");
        assert_eq!(listed(&[reaches.clone(), leaves], None), "\npaths: 1 reaches, 1 goes on out of sight\n");
        assert_eq!(listed(&[broken.clone(), reaches], Some(&broken)), "\npaths: the other one reaches\n");
        assert_eq!(listed(&[], None), "");
    }
}
