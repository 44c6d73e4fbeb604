//! `explain`: causes of a pasted message, or of one a line.
//!
//! A line that is no message is told on standard error by its number, and the rest go on.

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write},
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    answer::deliver,
    args::ExplainArgs,
    delivery,
    error::{CliError, note, warn},
    knowledge::Knowledge,
    lines::{Ending, LONGEST_LINE, decoded, ending, is_too_long, next_line, unread, without_mark},
    output,
};
use crate::{
    case::clean,
    explain::{self, Paste},
    knowledge::Catalogue,
    report::Answer,
    symptom::{LaunchType, Source, Symptom},
};

pub fn run(args: &ExplainArgs) -> Result<u8, CliError> {
    delivery::check(&args.delivery, args.output, false)?;
    let knowledge = Knowledge::load(&args.rules)?;
    if args.text.as_deref().is_none_or(|text| text == "-") && io::stdin().is_terminal() {
        warn("reading from the terminal; end with Ctrl-D");
    }
    if args.ndjson {
        let mut input = io::BufReader::with_capacity(1 << 16, io::stdin().lock());
        let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        return lines(&knowledge, &mut input, &mut output).map(|status| knowledge.status(status));
    }
    let Ending { text, is_cut } = match args.text.as_deref() {
        Some(text) if text != "-" => Ending { text: text.to_owned(), is_cut: false },
        _ => ending(io::stdin().lock()).map_err(unread)?,
    };
    if text.trim().is_empty() {
        return Err(CliError::input(
            "the message is empty",
            "paste the stopped reason: ecs-why explain 'CannotPullContainerError: …'",
        ));
    }
    let paste = Paste::read(&text);
    if (is_cut || paste.is_cut) && !args.delivery.quiet {
        warn("the text is long: only its end was read, at most 2000 lines and 512 KiB");
    }
    let explanation = explain::explain_paste(&knowledge, &paste);
    deliver(&Answer::Explanation(&explanation), args.output, &args.delivery)?;
    Ok(knowledge.status(0))
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `id` and `text`")]
struct Asked<'l> {
    #[serde(borrow)]
    id: &'l RawValue,
    #[serde(borrow)]
    text: Cow<'l, str>,
    #[serde(borrow)]
    field: Option<Cow<'l, str>>,
    #[serde(borrow)]
    launch_type: Option<Cow<'l, str>>,
    exit_code: Option<i64>,
}

#[derive(Serialize)]
struct Answered<'a> {
    id: &'a RawValue,
    causes: Vec<&'a str>,
    rules: Vec<&'a str>,
}

/// Answers every line; 2 if one of them was no message.
fn lines(
    catalogue: &Catalogue,
    input: &mut io::BufReader<impl io::Read>,
    output: &mut impl Write,
) -> Result<u8, CliError> {
    let (mut read, mut number, mut status) = (Vec::new(), 0_usize, 0);
    while next_line(input, &mut read).map_err(unread)? {
        number += 1;
        if let Err(error) = answer_line(catalogue, &read, output)? {
            status = 2;
            output.flush().map_err(output::closed)?;
            note(&format!("error: line {number} {error}"));
        }
        // Whoever waits for an answer before the next question gets it.
        if input.buffer().is_empty() {
            output.flush().map_err(output::closed)?;
        }
    }
    output.flush().map_err(output::closed)?;
    Ok(status)
}

/// Writes the answer to a line, if it asks anything; gives what is wrong with it otherwise.
fn answer_line(catalogue: &Catalogue, read: &[u8], output: &mut impl Write) -> Result<Result<(), String>, CliError> {
    if is_too_long(read) {
        return Ok(Err(format!("is longer than {LONGEST_LINE} bytes")));
    }
    let text = decoded(without_mark(read));
    if text.trim().is_empty() {
        return Ok(Ok(()));
    }
    match serde_json::from_str(&text) {
        Ok(asked) => {
            let mut answer = serde_json::to_vec(&answer(catalogue, &asked))?;
            answer.push(b'\n');
            output.write_all(&answer).map_err(output::closed).map(Ok)
        }
        Err(error) => Ok(Err(format!("is not {{\"id\", \"text\", …}}: {}", of_line(&error)))),
    }
}

/// What is wrong and at which column: the line that the parser counts is always the first.
fn of_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

fn answer<'a>(catalogue: &'a Catalogue, asked: &Asked<'a>) -> Answered<'a> {
    let source = asked.field.as_deref().map_or(Source::Text, Source::named);
    if asked.text.len() > LONGEST_MESSAGE {
        return of_log(catalogue, asked);
    }
    let symptom = Symptom {
        exit_code: asked.exit_code,
        launch_type: asked.launch_type.as_deref().map_or(LaunchType::Unknown, LaunchType::named),
        ..Symptom::new(source, &clean(&asked.text))
    };
    let matches = catalogue.matches(&symptom);
    answered(asked.id, matches.iter().flat_map(|m| m.rule.causes().map(|cause| (m.rule.id.as_str(), cause.as_str()))))
}

/// No message of ECS is longer; a longer text is a log, of which the end counts.
const LONGEST_MESSAGE: usize = 16 * 1024;

fn of_log<'a>(catalogue: &'a Catalogue, asked: &Asked<'a>) -> Answered<'a> {
    let symptoms = explain::symptoms(&Paste::read(&asked.text).lines);
    let found = explain::candidates(catalogue, &symptoms);
    answered(asked.id, found.iter().map(|candidate| (candidate.matched.rule.id.as_str(), candidate.cause)))
}

/// Each cause once, and the rules that name one first; pairs are of a rule and a cause.
fn answered<'a>(id: &'a RawValue, found: impl Iterator<Item = (&'a str, &'a str)>) -> Answered<'a> {
    let (mut causes, mut rules): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for (rule, cause) in found {
        if causes.contains(&cause) {
            continue;
        }
        causes.push(cause);
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    if causes.is_empty() {
        causes.push("unknown");
    }
    Answered { id, causes, rules }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn answers(input: impl io::Read) -> (u8, Vec<String>) {
        let mut output = Vec::new();
        let status = lines(Catalogue::embedded().unwrap(), &mut io::BufReader::new(input), &mut output).unwrap();
        (status, String::from_utf8(output).unwrap().lines().map(str::to_owned).collect())
    }

    const FULL: &str = "OutOfMemoryError: Container killed due to memory usage";

    #[test]
    fn every_message_is_answered_in_order_as_it_was_named() {
        let input = format!(
            "\u{feff}{{\"id\": 1.50, \"text\": \"{FULL}\"}}\r\n\n \n{{\"text\": \"\u{1b}[31m{FULL}\\u0000\u{1b}[0m\", \"id\": {{\"a\": [\"é\"]}}}}"
        );
        let (status, lines) = answers(input.replace('\u{1b}', "\\u001b").as_bytes());
        assert_eq!((status, lines.len()), (0, 2));
        assert!(lines[0].starts_with(r#"{"id":1.50,"causes":["oom-container""#), "{}", lines[0]);
        assert!(lines[1].starts_with(r#"{"id":{"a": ["é"]},"causes":["oom-container""#), "{}", lines[1]);
    }

    #[test]
    fn a_line_that_is_no_message_does_not_stop_the_others() {
        let message = |id: &str| format!("{{\"id\": \"{id}\", \"text\": \"{FULL}\"}}\n").into_bytes();
        let bad = b"no JSON\n\0\xff\n{\"id\": \"b\", \"text\": \"\xff\xfe\"}\n".to_vec();
        let long = io::repeat(b'x').take(LONGEST_LINE * 4).chain(&b"\n"[..]);
        let (first, last) = (message("a"), message("c"));
        let (status, lines) = answers((&first[..]).chain(&bad[..]).chain(long).chain(&last[..]));
        assert_eq!(status, 2);
        let ids: Vec<&str> = lines.iter().map(|line| line.get(..9).unwrap()).collect();
        assert_eq!(ids, [r#"{"id":"a""#, r#"{"id":"b""#, r#"{"id":"c""#]);
        assert!(lines[1].contains(r#"["unknown"]"#), "{}", lines[1]);
    }
}
