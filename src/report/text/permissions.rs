//! The checks of each role with what decides them, what AWS's simulator thinks of them, and what a role grants beyond
//! need.
//!
//! Given the permissions of the report, gives a table a role; a decision is a word, its reason stands under it.

use super::{TOLD, change_text, heading, one_line};
use crate::report::{
    look::Tone,
    sheet::{Sheet, Span},
    v1::{Check, RolePermissions, RoleRef, Surplus},
};

/// The checks as they were decided, and how far AWS's simulator agrees.
pub fn decisions(roles: &[RolePermissions], sheet: &mut Sheet) {
    let told = |check: &Check| reason(check).into_iter().chain(disagreement(check)).collect();
    table(roles, &told, sheet);
    second_opinion(roles, sheet);
}

/// The checks of each role, with what is told under each.
pub fn table(roles: &[RolePermissions], told: &dyn Fn(&Check) -> Vec<String>, sheet: &mut Sheet) {
    for RolePermissions { role, checks, .. } in roles {
        sheet.blank();
        let title = format!("permissions of the {} role ", role.kind);
        sheet.record(4, &[Span::new(Tone::Strong, title), Span::about(role_name(role), &role.arn)]);
        let width = checks.iter().map(|c| c.action.len()).max().unwrap_or(0);
        for check in checks {
            sheet.record(TOLD, &decided(check, width));
            for text in told(check) {
                sheet.record(TOLD, &[format!("{:TOLD$}{text}", "").into()]);
            }
        }
    }
}

fn decided(check: &Check, width: usize) -> [Span<'_>; 3] {
    let tone = match check.decision {
        "missing" | "denied" => Tone::Bad,
        "unknown" => Tone::Doubtful,
        _ => Tone::Good,
    };
    let call = format!(" {:width$}  {}", check.action, one_line(&check.resource));
    ["  ".into(), Span::new(tone, format!("{:8}", check.decision)), call.into()]
}

fn role_name(role: &RoleRef) -> String {
    match (role.arn.as_str(), role.kind) {
        ("", "execution") => "(the task definition names none)".to_owned(),
        ("", _) => "(not known)".to_owned(),
        (arn, _) => one_line(arn),
    }
}

/// Grants of one statement that are shown; the JSON has them all.
const MOST_GRANTS: usize = 20;

pub fn surplus(role: &RolePermissions, sheet: &mut Sheet) {
    heading(sheet, "surplus of the execution role: what it grants beyond the needs of this task definition");
    match &role.surplus_unknown {
        Some(why) => sheet.record(4, &[format!("  not known: {}", one_line(why)).into()]),
        None if role.surplus.is_empty() => sheet.line(&["  none is known".into()]),
        None => {}
    }
    for grants in role.surplus.chunk_by(|a, b| (&a.policy, &a.statement) == (&b.policy, &b.statement)) {
        statement_surplus(grants, sheet);
    }
    if let Some(least) = &role.least {
        sheet.blank();
        change_text("least", least, sheet);
    }
}

fn statement_surplus(grants: &[Surplus], sheet: &mut Sheet) {
    if let Some(Surplus { policy, statement, .. }) = grants.first() {
        sheet.record(4, &[format!("  statement {statement} of {policy}").into()]);
    }
    let shown = || grants.iter().take(MOST_GRANTS);
    let width = shown().map(|s| s.action.chars().count()).max().unwrap_or(0);
    for Surplus { action, resource, .. } in shown() {
        sheet.record(6, &[format!("    {action:width$}  {resource}").into()]);
    }
    if grants.len() > MOST_GRANTS {
        sheet.line(&[format!("    and {} more", grants.len() - MOST_GRANTS).into()]);
    }
}

/// What AWS's policy simulator says otherwise than the table.
fn disagreement(check: &Check) -> Option<String> {
    let opinion = check.second_opinion.as_ref().filter(|opinion| opinion.agrees == Some(false))?;
    opinion.note.as_ref().map(|note| format!("DISAGREEMENT: {note}"))
}

const NOT_SIMULATED: &str = "it leaves out policies of resources and keys, trust, sessions, resource control policies, \
                             VPC endpoints and other accounts";

/// How far the simulator agrees, and what it does not look at.
fn second_opinion(roles: &[RolePermissions], sheet: &mut Sheet) {
    let opinions: Vec<_> = roles.iter().flat_map(|r| &r.checks).filter_map(|c| c.second_opinion.as_ref()).collect();
    let compared = opinions.iter().filter(|opinion| opinion.agrees.is_some()).count();
    let agreed = opinions.iter().filter(|opinion| opinion.agrees == Some(true)).count();
    let others = match opinions.len() - compared {
        0 => String::new(),
        n => format!("; {n} cannot be compared"),
    };
    if !opinions.is_empty() {
        sheet.blank();
        let by = "decisions by identity policies and boundary";
        let said = format!("AWS's policy simulator agrees on {agreed} of {compared} {by}{others}; {NOT_SIMULATED}");
        sheet.hanging(&[], &[said.into()]);
    }
}

/// Why a call is not allowed; of an allowed one, what a layer that is not read says of it.
pub fn reason(check: &Check) -> Option<String> {
    if check.decision == "allowed" {
        return check.note.clone();
    }
    let layer = check.layer.map(|l| format!("{l} layer"));
    let by = check.by.as_ref().map(|by| format!("statement {} of {}", by.statement, by.policy));
    let keys = (!check.unknown_keys.is_empty()).then(|| format!("depends on {}", check.unknown_keys.join(", ")));
    let parts: Vec<String> = [layer, by, keys, check.note.clone()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
