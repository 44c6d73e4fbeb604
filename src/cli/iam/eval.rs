//! `iam eval`: one case a line on standard input, one decision a line on standard output, in order.
//!
//! A line that is no case is answered by `error`, with the reason on standard error, and the rest go on.

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    cli::{
        args::ListFormat,
        error::{CliError, note},
        lines::{LONGEST_LINE, is_too_long, next_line, unread, without_mark},
        output::closed,
    },
    iam::{Decision, EvalCase, EvalError, Outcome},
};

/// Answers every line; 1 if one of them was no case.
pub fn run(format: ListFormat) -> Result<u8, CliError> {
    let mut input = io::BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let (mut read, mut number, mut failed) = (Vec::new(), 0, false);
    while next_line(&mut input, &mut read).map_err(unread)? {
        number += 1;
        let answer = answer(&read);
        if let Err(error) = &answer {
            failed = true;
            output.flush().map_err(closed)?;
            note(&format!("error: line {number}: {error}"));
        }
        write(&mut output, format, &answer)?;
        // Whoever waits for an answer before the next question gets it.
        if input.buffer().is_empty() {
            output.flush().map_err(closed)?;
        }
    }
    output.flush().map_err(closed)?;
    Ok(u8::from(failed))
}

fn answer(read: &[u8]) -> Result<Decision, String> {
    if is_too_long(read) {
        return Err(format!("it is longer than {LONGEST_LINE} bytes"));
    }
    let text = std::str::from_utf8(without_mark(read)).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let case = EvalCase::parse(text)
        .map_err(|error: EvalError| format!("{error}; expected a case as in 'ecs-why iam eval --help'"))?;
    Ok(case.decide())
}

/// An answer as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'d> {
    decision: &'static str,
    layer: Option<&'static str>,
    policy: Option<&'d str>,
    statement: Option<&'d str>,
    missing_keys: Vec<&'d str>,
    /// Why it is an error.
    error: Option<&'d str>,
}

fn write(output: &mut impl Write, format: ListFormat, answer: &Result<Decision, String>) -> Result<(), CliError> {
    match format {
        ListFormat::Text => writeln!(output, "{}", word(answer)).map_err(closed),
        ListFormat::Json => {
            serde_json::to_writer(&mut *output, &view(answer)).map_err(|error| match error.io_error_kind() {
                Some(kind) => closed(kind.into()),
                None => CliError::Json(error),
            })?;
            output.write_all(b"\n").map_err(closed)
        }
    }
}

fn view(answer: &Result<Decision, String>) -> Answer<'_> {
    let decision = answer.as_ref().ok();
    let by = decision.and_then(|decision| decision.by.as_ref());
    Answer {
        decision: word(answer),
        layer: decision.and_then(|decision| decision.layer).map(crate::iam::Layer::name),
        policy: by.map(|by| by.policy.as_str()),
        statement: by.map(|by| by.statement.as_str()),
        missing_keys: decision.iter().flat_map(|decision| &decision.unknown).map(String::as_str).collect(),
        error: answer.as_ref().err().map(String::as_str),
    }
}

fn word(answer: &Result<Decision, String>) -> &'static str {
    match answer.as_ref().map(|decision| decision.outcome) {
        Ok(Outcome::Allowed) => "allowed",
        Ok(Outcome::ImplicitlyDenied) => "implicitly_denied",
        Ok(Outcome::ExplicitlyDenied) => "explicitly_denied",
        Ok(Outcome::Unknown) => "unknown",
        Err(_) => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_why() {
        let case = r#"{"identity_policies":[{"Statement":{"Sid":"S","Effect":"Deny","Action":"a:*","Resource":"*"}}],"request":{"principal":"arn:aws:iam::123456789012:user/u","action":"a:b","resource":"*"}}"#;
        let json = |read: &[u8]| serde_json::to_string(&view(&answer(read))).unwrap();
        assert_eq!(
            json(case.as_bytes()),
            r#"{"decision":"explicitly_denied","layer":"identity","policy":"identity_policies[0]","statement":"S","missingKeys":[],"error":null}"#
        );
        assert!(json(b"{}").starts_with(r#"{"decision":"error","layer":null"#));
    }
}
