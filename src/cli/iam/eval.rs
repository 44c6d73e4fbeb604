//! `iam eval`: one case a line on standard input, one decision a line on standard output, in order.
//!
//! A line that is no case is answered by `error`, with the reason on standard error, and the rest go on.

use std::io::{self, BufRead, ErrorKind, Read as _, Write};

use serde::Serialize;

use crate::{
    cli::{
        args::EvalFormat,
        error::{CliError, line},
    },
    iam::{Decision, EvalCase, EvalError, Outcome},
};

/// Longest line that is read. A request may meet dozens of policies, none of which AWS lets be larger than 20 KiB.
const LONGEST_LINE: u64 = 8 << 20;

/// What some editors put before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Answers every line; 1 if one of them was no case.
pub fn run(format: EvalFormat) -> Result<u8, CliError> {
    let mut input = io::BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let (mut read, mut number, mut failed) = (Vec::new(), 0, false);
    while next_line(&mut input, &mut read)? {
        number += 1;
        let answer = answer(&read);
        if let Err(error) = &answer {
            failed = true;
            output.flush().map_err(closed)?;
            eprintln!("error: line {number}: {}", line(error));
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

/// Reads a line without its end; of one that is too long the rest is passed over, and one byte too many is kept.
fn next_line(input: &mut impl BufRead, read: &mut Vec<u8>) -> Result<bool, CliError> {
    read.clear();
    let failed = |source| CliError::Read { name: "standard input".to_owned(), source };
    if input.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', read).map_err(failed)? == 0 {
        return Ok(false);
    }
    if read.last() == Some(&b'\n') {
        read.pop();
    } else if read.len() as u64 > LONGEST_LINE {
        input.skip_until(b'\n').map_err(failed)?;
    }
    Ok(true)
}

fn answer(read: &[u8]) -> Result<Decision, String> {
    if read.len() as u64 > LONGEST_LINE {
        return Err(format!("it is longer than {LONGEST_LINE} bytes"));
    }
    let read = read.strip_prefix(BYTE_ORDER_MARK).unwrap_or(read);
    let text = std::str::from_utf8(read).map_err(|error| format!("it is not UTF-8: {error}"))?;
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

fn write(output: &mut impl Write, format: EvalFormat, answer: &Result<Decision, String>) -> Result<(), CliError> {
    match format {
        EvalFormat::Text => writeln!(output, "{}", word(answer)).map_err(closed),
        EvalFormat::Json => {
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

fn closed(source: io::Error) -> CliError {
    match source.kind() {
        ErrorKind::BrokenPipe => CliError::ClosedPipe,
        _ => CliError::Write { name: "standard output".to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_end() {
        let mut input = io::BufReader::new(&b"a\n\nb"[..]);
        let mut read = Vec::new();
        let mut lines = Vec::new();
        while next_line(&mut input, &mut read).unwrap() {
            lines.push(String::from_utf8(read.clone()).unwrap());
        }
        assert_eq!(lines, ["a", "", "b"]);
    }

    #[test]
    fn what_is_too_long_is_passed_over() {
        let long = vec![b'x'; LONGEST_LINE as usize + 10];
        let mut input = io::BufReader::new(io::Read::chain(&long[..], &b"\nnext\n"[..]));
        let mut read = Vec::new();
        assert!(next_line(&mut input, &mut read).unwrap());
        assert!(answer(&read).unwrap_err().contains("longer"));
        assert!(next_line(&mut input, &mut read).unwrap());
        assert_eq!(read, b"next");
    }

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
