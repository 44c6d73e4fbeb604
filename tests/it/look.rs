//! The text as a terminal shows it: every shipped case in widths, with and without colour and links.
//!
//! Colour and links only add to the text: without them it is the same. No prose is wider than was asked for; what may
//! be is a single word (a name, an address), a command or a line of a diff.

use std::collections::BTreeSet;

use anstream::adapter::strip_str;
use ecs_why::{
    collect::Nothing,
    diagnose::{Cost, collect, judge_with_least, meta},
    explain::explain,
    report::{Answer, CauseView, Look, Report, RuleEntry, RuleView, cause_text, links, rule_list, rule_text},
};

use crate::{cases::report, catalogue, fixtures};

const WIDTHS: [usize; 3] = [60, 80, 100];

fn plain(width: usize) -> Look {
    Look { width, folds: true, ..Look::PLAIN }
}

fn loud(width: usize) -> Look {
    Look { colour: true, links: true, ..plain(width) }
}

/// Every case, with the name under which a failure is told.
fn reports() -> impl Iterator<Item = (String, Report)> {
    fixtures().into_iter().map(|fixture| (fixture.name.clone(), report(&fixture)))
}

fn shown(report: &Report, look: Look) -> String {
    Answer::Report { report, with_surplus: true }.shown(look)
}

/// Lines that are taken away as they are.
fn exact(report: &Report) -> BTreeSet<String> {
    let fixes = report.findings.iter().flat_map(|finding| &finding.fixes);
    let fixes: Vec<_> = fixes.chain(report.permissions.iter().filter_map(|role| role.least.as_ref())).collect();
    let diffs = fixes.iter().flat_map(|fix| fix.diffs.iter().flat_map(|diff| diff.lines()));
    let commands = fixes.iter().flat_map(|fix| fix.commands.iter().map(String::as_str));
    commands.chain(diffs).map(|line| format!("    {line}").trim_end().to_owned()).collect()
}

/// Whether a line is wider than asked for and could have been broken: more than a word follows what leads it.
fn could_be_broken(line: &str, width: usize) -> bool {
    let text = line.trim_start();
    let lead = text.split_once("  ").map_or("", |(lead, _)| lead);
    let led = text.strip_prefix(lead).unwrap_or(text).trim_start();
    line.chars().count() > width && text.contains(' ') && (led.contains(' ') || lead.contains(' '))
}

#[test]
fn no_prose_is_wider_than_asked_for() {
    let mut wrapped = 0;
    for (name, report) in reports() {
        let exact = exact(&report);
        for width in WIDTHS {
            let text = shown(&report, plain(width));
            for line in text.lines().filter(|line| !exact.contains(*line)) {
                assert!(!could_be_broken(line, width), "{name} at {width}: {line}");
            }
            wrapped += text.lines().count();
        }
    }
    assert!(wrapped > 10_000, "{wrapped}");
    assert!(could_be_broken("  why       a b", 10) && could_be_broken("a b", 2) && !could_be_broken("  docs  a", 2));
}

#[test]
fn commands_diffs_and_names_are_never_broken() {
    for (name, report) in reports() {
        for width in WIDTHS {
            let text = shown(&report, plain(width));
            let lines: BTreeSet<&str> = text.lines().collect();
            let commands = report.findings.iter().flat_map(|finding| &finding.fixes).flat_map(|fix| &fix.commands);
            for command in commands {
                assert!(lines.contains(format!("    {command}").as_str()), "{name} at {width}: {command}");
            }
            let roles = report.permissions.iter().map(|role| &role.role.arn);
            let resources = report.permissions.iter().flat_map(|role| &role.checks).map(|check| &check.resource);
            for arn in roles.chain(resources).filter(|arn| arn.starts_with("arn:") && !arn.contains(' ')) {
                assert!(text.contains(arn.as_str()), "{name} at {width}: {arn}");
            }
        }
    }
}

#[test]
fn colour_and_links_only_add() {
    let mut coloured = 0;
    for (name, report) in reports() {
        for width in WIDTHS {
            let (plain, loud) = (shown(&report, plain(width)), shown(&report, loud(width)));
            assert!(!plain.contains('\u{1b}'), "{name}");
            assert_eq!(strip_str(&loud).to_string(), plain, "{name} at {width}");
            coloured += usize::from(loud.contains("\u{1b}[31m"));
        }
    }
    assert!(coloured > 100, "{coloured}");
}

#[test]
fn what_a_pipe_gets_is_plain() {
    for (_, report) in reports() {
        let answer = Answer::Report { report: &report, with_surplus: false };
        assert_eq!(answer.text(), answer.shown(Look::PLAIN));
        let folded = answer.shown(plain(Look::PLAIN.width));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&folded), words(&answer.text()));
    }
}

/// Addresses that a text leads to; each link is closed on the line on which it begins.
fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let opened = line.split("\u{1b}]8;;").skip(1).map(|rest| rest.split('\u{1b}').next().unwrap());
        let opened: Vec<&str> = opened.collect();
        assert!(
            opened.len().is_multiple_of(2) && opened.iter().skip(1).step_by(2).all(|url| url.is_empty()),
            "{line:?}"
        );
        found.extend(opened.iter().step_by(2).map(|url| (*url).to_owned()));
    }
    found
}

#[test]
fn links_lead_to_pages_of_the_console_and_nowhere_else() {
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    for (name, report) in reports() {
        let pages: BTreeSet<String> = links(&report).into_iter().map(|link| link.url).collect();
        for url in addresses(&shown(&report, loud(80))) {
            assert!(url.starts_with("https://") && pages.contains(&url), "{name}: {url}");
            kinds.extend(["/tasks/", "/services/", "log-events", "/roles/"].iter().find(|part| url.contains(**part)));
        }
        assert!(addresses(&shown(&report, Look { links: false, ..loud(80) })).is_empty(), "{name}");
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn a_tightened_policy_wraps_like_the_rest() {
    for fixture in fixtures() {
        let mut case = fixture.case.clone();
        let cost = collect(&mut case, &mut Nothing);
        let report = judge_with_least(&case, catalogue(), cost, std::time::Duration::ZERO);
        let exact = exact(&report);
        for width in WIDTHS {
            let text = shown(&report, plain(width));
            assert_eq!(strip_str(&shown(&report, loud(width))).to_string(), text, "{}", fixture.name);
            let wide = text.lines().find(|line| !exact.contains(*line) && could_be_broken(line, width));
            assert_eq!(wide, None, "{} at {width}", fixture.name);
        }
    }
}

#[test]
fn explanations_wrap_and_only_gain_colour() {
    for rule in catalogue().rules() {
        let text = rule.example.iter().filter_map(|example| example.matches.as_deref()).collect::<Vec<_>>().join("\n");
        let explanation = explain(catalogue(), &text);
        for width in WIDTHS {
            let text = Answer::Explanation(&explanation).shown(plain(width));
            assert_eq!(strip_str(&Answer::Explanation(&explanation).shown(loud(width))).to_string(), text);
            let wide = text.lines().find(|line| could_be_broken(line, width));
            assert_eq!(wide, None, "{} at {width}", rule.id);
        }
    }
}

#[test]
fn rules_only_gain_colour() {
    let entries: Vec<RuleEntry> = catalogue().rules().iter().map(RuleEntry::of).collect();
    for width in WIDTHS {
        assert_eq!(strip_str(&rule_list(&entries, loud(width))).to_string(), rule_list(&entries, plain(width)));
        for rule in catalogue().rules() {
            let view = RuleView::of(rule, catalogue());
            assert_eq!(strip_str(&rule_text(&view, loud(width))).to_string(), rule_text(&view, plain(width)));
        }
        let view = CauseView::of("image-not-found", catalogue()).unwrap();
        assert_eq!(strip_str(&cause_text(&view, loud(width))).to_string(), cause_text(&view, plain(width)));
    }
}

#[test]
fn a_hostile_name_neither_colours_nor_links() {
    let (_, mut report) = reports().find(|(name, _)| name == "secret-is-denied").unwrap();
    report.summary = "\u{1b}[32mall is well\u{1b}]8;;https://evil.example\u{1b}\\here".to_owned();
    report.meta = meta(Cost::default(), std::time::Duration::ZERO);
    for look in [Look::PLAIN, plain(80), Look { colour: true, ..plain(80) }] {
        let first = shown(&report, look);
        let first = first.lines().next().unwrap();
        assert!(!first.contains("\u{1b}[32m") && !first.contains("\u{1b}]8"), "{first:?}");
    }
    assert!(!shown(&report, loud(80)).contains("\u{1b}]8;;https://evil.example"));
}
