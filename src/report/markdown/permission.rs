//! The permission table of each role, and what the execution role grants beyond need.
//!
//! Given the checks of a report or of requirements. Where there is no room, calls that are allowed are counted only.

use super::{
    Detail,
    finding::fix_blocks,
    is_asked, name_of,
    table::{cell, cell_code, table},
};
use crate::report::v1::{Check, Requirements, RolePermissions, RoleRef, Surplus};

/// The checks of every role, with what decides each.
pub fn roles(roles: &[RolePermissions], detail: &Detail) -> Vec<String> {
    let columns = Columns { because: false, decision: true };
    roles.iter().flat_map(|role| checks(role, &columns, detail)).collect()
}

/// What a task definition needs; nothing is decided where no role was read.
pub fn needed(requirements: &Requirements, detail: &Detail) -> Vec<String> {
    if requirements.permissions.is_empty() {
        return vec!["No permission, of any role.".to_owned()];
    }
    let columns = Columns { because: true, decision: is_asked(&requirements.meta) };
    requirements.permissions.iter().flat_map(|role| checks(role, &columns, detail)).collect()
}

/// Which columns stand beside action and resource.
struct Columns {
    because: bool,
    decision: bool,
}

impl Columns {
    /// Those of the titles or cells given that are shown.
    fn of<T>(&self, [action, resource, because, decision, why]: [T; 5]) -> Vec<T> {
        let because = self.because.then_some(because);
        let decided = self.decision.then_some([decision, why]);
        [action, resource].into_iter().chain(because).chain(decided.into_iter().flatten()).collect()
    }

    fn row(&self, check: &Check) -> Vec<String> {
        self.of([
            cell_code(&check.action),
            cell_code(&check.resource),
            cell(&check.because),
            decision(check.decision),
            why(check),
        ])
    }
}

fn checks(of: &RolePermissions, columns: &Columns, detail: &Detail) -> Vec<String> {
    let is_shown = |check: &&Check| detail.allowed || !columns.decision || check.decision != "allowed";
    let rows: Vec<Vec<String>> = of.checks.iter().filter(is_shown).map(|check| columns.row(check)).collect();
    let mut blocks = vec![format!("## Permissions of the {} role {}", of.role.kind, role_name(&of.role))];
    if !rows.is_empty() {
        let heads = columns.of(["action", "resource", "for", "decision", "why"]);
        blocks.extend(table(&heads, &rows, detail.rows));
    }
    blocks.extend(match of.checks.len() - rows.len() {
        0 => None,
        1 => Some("One call that is allowed is not listed.".to_owned()),
        count => Some(format!("{count} calls that are allowed are not listed.")),
    });
    blocks
}

fn role_name(role: &RoleRef) -> String {
    match (role.arn.as_str(), role.kind) {
        ("", "execution") => "(the task definition names none)".to_owned(),
        ("", _) => "(not known)".to_owned(),
        (arn, _) => name_of(arn),
    }
}

/// What is not allowed stands out.
fn decision(word: &str) -> String {
    if word == "allowed" { word.to_owned() } else { format!("**{word}**") }
}

/// The layer that decides, its statement, what is not known, and what a second opinion says otherwise.
fn why(check: &Check) -> String {
    let refused = check.decision != "allowed";
    let layer = check.layer.filter(|_| refused).map(|layer| format!("{layer} layer"));
    let by = check.by.as_ref().filter(|_| refused);
    let by = by.map(|by| format!("statement {} of {}", cell_code(&by.statement), cell_code(&by.policy)));
    let keys: Vec<String> = check.unknown_keys.iter().filter(|_| refused).map(|key| cell_code(key)).collect();
    let keys = (!keys.is_empty()).then(|| format!("depends on {}", keys.join(", ")));
    let parts = [layer, by, keys, check.note.as_deref().map(cell), disagreement(check)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn disagreement(check: &Check) -> Option<String> {
    let opinion = check.second_opinion.as_ref().filter(|opinion| opinion.agrees == Some(false))?;
    opinion.note.as_ref().map(|note| format!("**disagreement:** {}", cell(note)))
}

/// What the execution role grants beyond the needs of the task definition, and the policies without it.
pub fn surplus(roles: &[RolePermissions], detail: &Detail) -> Vec<String> {
    roles.iter().filter(|role| role.role.kind == "execution").flat_map(|role| surplus_of(role, detail)).collect()
}

fn surplus_of(role: &RolePermissions, detail: &Detail) -> Vec<String> {
    let mut blocks = vec!["## Surplus of the execution role".to_owned()];
    match &role.surplus_unknown {
        Some(why) => blocks.push(format!("Not known: {}", super::paragraph(why))),
        None if role.surplus.is_empty() => blocks.push("None is known.".to_owned()),
        None => blocks.push("What it grants beyond the needs of this task definition:".to_owned()),
    }
    if !role.surplus.is_empty() {
        let rows: Vec<Vec<String>> = role.surplus.iter().map(grant_row).collect();
        blocks.extend(table(&["action", "resource", "statement", "policy"], &rows, detail.rows));
    }
    blocks.extend(role.least.iter().flat_map(|least| fix_blocks("Least", least, detail)));
    blocks
}

fn grant_row(grant: &Surplus) -> Vec<String> {
    [&grant.action, &grant.resource, &grant.statement, &grant.policy].map(|name| cell_code(name)).to_vec()
}
