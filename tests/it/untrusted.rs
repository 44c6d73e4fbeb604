//! Texts that would be obeyed somewhere, and answers that hold one of them wherever a text from outside may stand.
//!
//! Given a report of a shipped case, gives it with every name, message and sentence replaced. Each rendering is held to it
//! that the text is shown and does nothing.

use ecs_why::report::{
    ContainerView, Coverage, DecidedBy, Evidence, ExplainedCause, Explanation, Finding, Fix, HopView, LogsView,
    PathView, Report, Surplus,
};

/// What formats, links, mentions, includes or ends something in Markdown, in GitHub, in GitLab or in a runner of jobs.
pub const HOSTILE: [&str; 52] = [
    "```\n# x\n```",
    "~~~\nx",
    "`````````",
    "`",
    "`a``b`",
    "a\r\n```\r@octocat",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "[^1]: x",
    "x[^1]",
    "<img src=x onerror=alert(1)>",
    "<!-- x",
    "</td></tr></table><script>",
    "<https://evil.example>",
    "@octocat",
    "(@org/team) fixes #12",
    "!12 %3 ~bug $5 &7",
    "GH-12 PROJ-7",
    "https://evil.example/x.",
    "www.evil.example",
    "someone@evil.example",
    "1b87a05f00d2",
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "|",
    "a|b\\|c\\\\|d\\",
    "| a | b |\n|---|---|\n| c | d |",
    "\\",
    "\\`",
    "&lt;img&gt; &#96; &commat;octocat",
    "- x\n* y\n+ z",
    "1. x",
    "12) x",
    "===",
    "x\n---",
    "***",
    "# x #",
    "> x",
    "    indented",
    "\tx",
    "- [ ] x",
    "~~x~~ __y__ **z** _w_",
    "$x$ $`x`$ $$\nx\n$$",
    ":boom:",
    "/close",
    "[[_TOC_]]",
    "a  \nb",
    "\u{a0}@octocat\u{2003}#1",
    "::error::x\n::set-env name=a::b",
    "x ##[error]y ##[add-mask]z",
    "%0A::error::x%25",
    "\u{202f}…😀 ä",
];

/// A report that says this text wherever it says anything that is not one of our words.
pub fn report_of(report: &Report, text: &str) -> Report {
    let some = || Some(text.to_owned());
    let mut report = report.clone();
    report.summary = text.to_owned();
    let task = &mut report.task;
    (task.arn, task.cluster, task.service, task.account) = (some(), some(), some(), some());
    (task.task_definition, task.stopped_reason) = (some(), some());
    task.containers.iter_mut().for_each(|container| spoil_container(container, text));
    report.findings.iter_mut().for_each(|finding| spoil_finding(finding, text));
    report.paths.iter_mut().for_each(|path| spoil_path(path, text));
    for role in &mut report.permissions {
        role.role.arn = text.to_owned();
        role.surplus = vec![grant(text)];
        role.surplus_unknown = some();
        for check in &mut role.checks {
            (check.action, check.resource, check.because) = (text.to_owned(), text.to_owned(), text.to_owned());
            (check.note, check.unknown_keys) = (some(), vec![text.to_owned()]);
            check.by = Some(DecidedBy { policy: text.to_owned(), statement: text.to_owned() });
        }
    }
    report.coverage = vec![Coverage { source: text.to_owned(), status: "error", note: some() }];
    report
}

fn grant(text: &str) -> Surplus {
    let text = || text.to_owned();
    Surplus { policy: text(), statement: text(), action: text(), resource: text() }
}

fn spoil_container(container: &mut ContainerView, text: &str) {
    container.name = text.to_owned();
    container.logs =
        Some(LogsView { region: "eu-west-1".to_owned(), group: text.to_owned(), stream: Some(text.to_owned()) });
}

fn spoil_finding(finding: &mut Finding, text: &str) {
    let some = || Some(text.to_owned());
    (finding.cause, finding.title, finding.why) = (text.to_owned(), text.to_owned(), text.to_owned());
    (finding.rule, finding.container, finding.resource) = (some(), some(), some());
    finding.evidence = vec![Evidence { source: text.to_owned(), text: text.to_owned() }];
    finding.path.iter_mut().for_each(|path| spoil_path(path, text));
    finding.fixes = vec![fix_of(text, Some(true)), fix_of(text, None)];
}

fn spoil_path(path: &mut PathView, text: &str) {
    path.host = Some(text.to_owned());
    path.because = text.to_owned();
    for HopView { subject, note, .. } in &mut path.hops {
        (*subject, *note) = (Some(text.to_owned()), Some(text.to_owned()));
    }
}

/// A fix of a rule of the user's own may say anything. A sound address that it names is meant to be a link, so none is here.
pub fn fix_of(text: &str, verified: Option<bool>) -> Fix {
    let page = Some(text.to_owned()).filter(|page| !page.starts_with("https://"));
    let text = || text.to_owned();
    Fix {
        title: text(),
        commands: vec![text()],
        diffs: vec![text()],
        docs: page.into_iter().chain([format!("https://docs.aws.amazon.com/{}", text())]).collect(),
        verified,
        proof: Some(text()),
        ..Fix::default()
    }
}

/// An explanation whose every word is from outside.
pub fn explanation_of(text: &str) -> Explanation {
    let cause = |symptom| ExplainedCause {
        cause: text.to_owned(),
        rule: Some(text.to_owned()),
        rule_docs: None,
        title: text.to_owned(),
        why: text.to_owned(),
        symptom,
        line: Some(text.to_owned()),
        fixes: vec![fix_of(text, None)],
    };
    Explanation { schema: "ecs-why/explanation/v1", causes: vec![cause(false), cause(true)] }
}

/// A report of many containers, calls and findings, each with a log line as long as one is kept.
pub fn huge(report: &Report) -> Report {
    let mut report = report.clone();
    let line = "at `run` (@x) <b> | ```\n".repeat(64 * 1024 / 24);
    report.findings.truncate(1);
    let first = report.findings[0].clone();
    for at in 0..50 {
        let name = Some(format!("worker-{at}"));
        let evidence = vec![Evidence { source: "container.log".to_owned(), text: line.clone() }];
        report.findings.push(Finding { container: name, evidence, ..first.clone() });
    }
    report.findings[0].evidence.push(Evidence { source: "container.log".to_owned(), text: line });
    let container = report.task.containers[0].clone();
    report.task.containers =
        (0..50).map(|at| ContainerView { name: format!("worker-{at}"), ..container.clone() }).collect();
    for role in &mut report.permissions {
        let check = role.checks[0].clone();
        let resource = |at: usize| format!("arn:aws:ssm:eu-west-1:123456789012:parameter/{at}/{}", "x".repeat(900));
        role.checks.extend((0..200).map(|at| ecs_why::report::Check { resource: resource(at), ..check.clone() }));
    }
    report
}
