//! `explain`: causes of a pasted message, or of one a line.

use serde::{Deserialize, Serialize};

use super::{
    args::{ExplainArgs, Format},
    error::CliError,
    knowledge::Knowledge,
    output,
};
use crate::{
    case::clean,
    explain,
    knowledge::Catalogue,
    report::explanation_text,
    symptom::{LaunchType, Source, Symptom},
};

pub fn run(args: &ExplainArgs) -> Result<u8, CliError> {
    let knowledge = Knowledge::load(&args.rules)?;
    if args.ndjson {
        return lines(&knowledge, &output::read("-")?).map(|status| knowledge.status(status));
    }
    let text = match args.text.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => output::read("-")?,
    };
    if text.trim().is_empty() {
        return Err(CliError::input(
            "the message is empty",
            "paste the stopped reason: ecs-why explain 'CannotPullContainerError: …'",
        ));
    }
    let explanation = explain::explain(&knowledge, &text);
    match args.output {
        Format::Text => output::print(&explanation_text(&explanation))?,
        Format::Json => output::print(&output::json(&explanation)?)?,
    }
    Ok(knowledge.status(0))
}

#[derive(Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
    field: Option<String>,
    launch_type: Option<String>,
    exit_code: Option<i64>,
}

#[derive(Serialize)]
struct Answered<'a> {
    id: serde_json::Value,
    causes: Vec<&'a str>,
    rules: Vec<&'a str>,
}

fn lines(catalogue: &Catalogue, input: &str) -> Result<u8, CliError> {
    for (at, line) in input.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let asked: Asked = serde_json::from_str(line).map_err(|e| {
            CliError::input(
                format!("line {} is not {{\"id\", \"text\", …}}: {e}", at + 1),
                "give one JSON object a line",
            )
        })?;
        let answer = serde_json::to_string(&answer(catalogue, asked))?;
        output::print(&(answer + "\n"))?;
    }
    Ok(0)
}

fn answer(catalogue: &Catalogue, asked: Asked) -> Answered<'_> {
    let source = asked.field.as_deref().map_or(Source::Text, Source::named);
    let symptom = Symptom {
        exit_code: asked.exit_code,
        launch_type: asked.launch_type.as_deref().map_or(LaunchType::Unknown, LaunchType::named),
        ..Symptom::new(source, &clean(&asked.text))
    };
    let candidates = explain::candidates(catalogue, &[symptom]);
    let mut rules: Vec<&str> = Vec::new();
    for candidate in &candidates {
        if !rules.contains(&candidate.matched.rule.id.as_str()) {
            rules.push(&candidate.matched.rule.id);
        }
    }
    let mut causes: Vec<&str> = candidates.iter().map(|c| c.cause).collect();
    if causes.is_empty() {
        causes.push("unknown");
    }
    Answered { id: asked.id, causes, rules }
}
