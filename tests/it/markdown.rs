//! `-o markdown` as a parser of GitHub Flavored Markdown reads it: nothing but what the renderer means to write.

use std::collections::BTreeSet;

use ecs_why::{
    collect::Nothing,
    diagnose::collect,
    explain::explain,
    report::{Fix, Report, explanation_markdown, report_markdown, requirements_markdown},
};
use markdown::{ParseOptions, mdast::Node};
use proptest::prelude::*;

use crate::{
    cases::report,
    catalogue, fixtures,
    require_command::{FILES, file, in_case, view},
    untrusted::{HOSTILE, explanation_of, fix_of, huge, report_of},
};

const LONGEST: usize = 60_000;

fn parsed(text: &str) -> Vec<Node> {
    match markdown::to_mdast(text, &ParseOptions::gfm()).unwrap() {
        Node::Root(root) => root.children,
        other => panic!("{other:?}"),
    }
}

/// Every node, outer ones first; not the text of an address that leads to itself.
fn all(nodes: &[Node]) -> Vec<&Node> {
    nodes.iter().flat_map(|node| std::iter::once(node).chain(all(within(node)))).collect()
}

fn within(node: &Node) -> &[Node] {
    match node {
        Node::Link(link) if node.to_string() == link.url => &[],
        other => other.children().map_or(&[], Vec::as_slice),
    }
}

/// What a document holds that no renderer of ours means.
pub fn strange(text: &str) -> Vec<String> {
    let nodes = parsed(text);
    let mut found: Vec<String> = all(&nodes).into_iter().filter_map(strange_node).collect();
    if text.chars().count() > LONGEST {
        found.push("too long".to_owned());
    }
    if !matches!(nodes.first(), Some(Node::Heading(heading)) if heading.depth == 1) {
        found.push("no heading".to_owned());
    }
    if !matches!(nodes.last(), Some(Node::Paragraph(_))) {
        found.push("no last line".to_owned());
    }
    found
}

fn strange_node(node: &Node) -> Option<String> {
    let sound = match node {
        Node::Text(text) => text.value.chars().all(|c| c.is_ascii_alphanumeric() || " .,:;()\"'?!-\n".contains(c)),
        Node::Code(code) => {
            code.meta.is_none() && code.lang.as_deref().is_some_and(|lang| ["text", "sh", "diff"].contains(&lang))
        }
        Node::Strong(strong) => matches!(&strong.children[..], [Node::Text(text)] if is_our_bold(&text.value)),
        Node::Link(link) => return strange_link(&link.url, &link.children),
        Node::Heading(_) | Node::Paragraph(_) | Node::InlineCode(_) => true,
        Node::Table(_) | Node::TableRow(_) | Node::TableCell(_) => true,
        _ => false,
    };
    (!sound).then(|| format!("{node:?}"))
}

fn is_our_bold(text: &str) -> bool {
    ["missing", "denied", "unknown", "disagreement:"].contains(&text)
}

/// An address stands for itself, or a page of the console under a name.
fn strange_link(url: &str, label: &[Node]) -> Option<String> {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let console = ["console.aws.amazon.com", "console.amazonaws.cn"];
    let is_console = console.iter().any(|own| host == *own || host.ends_with(&format!(".{own}")));
    let is_itself = matches!(label, [Node::Text(text)] if text.value == url);
    let sound = is_console || is_itself && ["docs.aws.amazon.com", "docs.docker.com"].contains(&host);
    (!sound).then(|| format!("a link to {url}"))
}

/// The texts of all fences, of all code in lines, and of all else.
fn fences(text: &str) -> Vec<String> {
    let code = |node: &Node| if let Node::Code(code) = node { Some(code.value.clone()) } else { None };
    all(&parsed(text)).into_iter().filter_map(code).collect()
}

fn spans(text: &str) -> Vec<String> {
    let code = |node: &Node| if let Node::InlineCode(code) = node { Some(code.value.clone()) } else { None };
    all(&parsed(text)).into_iter().filter_map(code).collect()
}

fn first_report() -> Report {
    let all = fixtures();
    report(all.iter().find(|fixture| fixture.name == "acl-drops-the-answers").unwrap())
}

#[test]
fn every_case_is_a_document_as_intended() {
    let mut hosts = BTreeSet::new();
    for fixture in fixtures() {
        let report = report(&fixture);
        let text = report_markdown(&report, true);
        assert_eq!(strange(&text), [""; 0], "{}", fixture.name);
        for finding in &report.findings {
            let shown = fences(&text);
            assert!(finding.evidence.iter().all(|e| shown.contains(&e.text.trim_end().to_owned())), "{}", fixture.name);
            let mut commands = finding.fixes.iter().flat_map(|fix| &fix.commands);
            assert!(commands.all(|command| shown.contains(command)), "{}", fixture.name);
        }
        for node in all(&parsed(&text)) {
            if let Node::Link(link) = node {
                hosts.insert(link.url.split('/').nth(2).unwrap().to_owned());
            }
        }
    }
    assert!(hosts.contains("docs.aws.amazon.com") && hosts.contains("eu-west-1.console.aws.amazon.com"), "{hosts:?}");
}

#[test]
fn requirements_and_explanations_are_documents_as_intended() {
    for name in FILES {
        let mut case = in_case(&file(name), "");
        collect(&mut case, &mut Nothing);
        let text = requirements_markdown(&view(&case));
        assert_eq!(strange(&text), [""; 0], "{name}: {text}");
    }
    for fixture in fixtures() {
        let Some(reason) = report(&fixture).task.stopped_reason else { continue };
        let text = explanation_markdown(&explain(catalogue(), &reason));
        assert_eq!(strange(&text), [""; 0], "{}: {text}", fixture.name);
    }
}

#[test]
fn some_documents_stay_as_they_were() {
    let shown = ["acl-drops-the-answers", "secret-is-denied", "scaled-in", "stopped-tasks-unread", "first-end-counts"];
    for fixture in fixtures().iter().filter(|fixture| shown.contains(&fixture.name.as_str())) {
        insta::assert_snapshot!(format!("{}.md", fixture.name), report_markdown(&report(fixture), false));
    }
    let mut case = in_case(&file("secrets"), "");
    collect(&mut case, &mut Nothing);
    insta::assert_snapshot!("secrets.md", requirements_markdown(&view(&case)));
    let text = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy <b>@octocat</b>";
    insta::assert_snapshot!("explanation.md", explanation_markdown(&explain(catalogue(), text)));
}

/// As code in a line shows it.
fn on_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_hostile_is_shown_and_does_nothing() {
    let report = first_report();
    for text in HOSTILE {
        let document = report_markdown(&report_of(&report, text), true);
        assert_eq!(strange(&document), [""; 0], "{text:?}: {document}");
        let as_read = text.trim_end().replace("\r\n", "\n").replace('\r', "\n");
        let fences = fences(&document);
        assert!(
            fences.iter().filter(|fence| fence.replace('\r', "\n") == as_read).count() >= 3,
            "{text:?}: {fences:?}"
        );
        assert!(spans(&document).contains(&on_a_line(text)), "{text:?}: {document}");
        let explained = explanation_markdown(&explanation_of(text));
        assert_eq!(strange(&explained), [""; 0], "{text:?}: {explained}");
    }
}

#[test]
fn a_row_keeps_its_cells() {
    let report = first_report();
    for text in HOSTILE {
        let document = report_markdown(&report_of(&report, text), true);
        let nodes = parsed(&document);
        let tables = nodes.iter().filter(|node| matches!(node, Node::Table(_)));
        let rows = |table: &Node| table.children().unwrap().iter().map(|row| row.children().unwrap().len()).collect();
        let widths: Vec<BTreeSet<usize>> = tables.map(rows).collect();
        assert!(widths.len() >= 5 && widths.iter().all(|widths| widths.len() == 1), "{text:?}: {widths:?}");
        let first = document.lines().find(|line| line.starts_with("| `") || line.starts_with("| broken")).unwrap();
        let bars = first.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{text:?}: {first}");
    }
}

#[test]
fn a_huge_report_fits_into_an_issue() {
    for fixture in fixtures().iter().filter(|f| ["secret-is-denied", "acl-drops-the-answers"].contains(&&*f.name)) {
        let report = huge(&report(fixture));
        let document = report_markdown(&report, true);
        assert_eq!(strange(&document), [""; 0]);
        assert!(document.chars().count() > LONGEST / 4, "{}", document.chars().count());
        let proven = &report.findings[0].fixes[0];
        assert!(fences(&document).contains(&proven.commands[0]));
        for told in ["This document is shortened to fit into an issue", "[…]", "more findings.", "are not listed."] {
            assert!(document.contains(told), "{told}: {document}");
        }
    }
}

#[test]
fn a_command_is_whole_or_not_there() {
    let mut report = first_report();
    let fix =
        |length: usize| Fix { commands: vec![format!("aws x {}", "y".repeat(length))], ..fix_of("x", Some(true)) };
    report.findings[0].fixes = vec![fix(70_000), fix(10_000)];
    let document = report_markdown(&report, false);
    assert_eq!(strange(&document), [""; 0]);
    let commands: Vec<String> = fences(&document).into_iter().filter(|text| text.starts_with("aws")).collect();
    assert_eq!(commands, report.findings[0].fixes[1].commands);
    assert!(document.contains("A command of 70006 characters is left out"));
}

/// Pieces that mean something together where they mean nothing alone.
const PIECES: [&str; 30] = [
    "`", "``", "|", "\\", "\n", " ", "<", ">", "[", "]", "(", ")", "!", "#", "@", "*", "_", "~", "&", ";", ":", "/",
    ".", "-", "1", "a", "b3", "https://", "www.", "\"",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_text_is_obeyed(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..24)) {
        let text = pieces.concat();
        let document = explanation_markdown(&explanation_of(&text));
        prop_assert_eq!(strange(&document), Vec::<String>::new(), "{:?}: {}", text, document);
    }

    #[test]
    fn no_cell_ends_another(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..24)) {
        let text = pieces.concat();
        let document = report_markdown(&report_of(&FIRST, &text), true);
        prop_assert_eq!(strange(&document), Vec::<String>::new(), "{:?}: {}", text, document);
    }
}

static FIRST: std::sync::LazyLock<Report> = std::sync::LazyLock::new(first_report);
