//! What a line of a log leaves open: a log driver sends each line as an event, and a refusal may take several. A sentence may
//! be broken before the action; of an exception without a sentence, the frames below it name the operation.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::{Denial, operation};

/// Lines that one sentence is broken into at most.
const MOST_PARTS: usize = 4;
/// Frames below an exception that are read: the SDK's own come first.
const MOST_FRAMES: usize = 40;

/// Where a sentence may break: before what every sentence goes on with.
static BROKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?:\) when calling the \w+ operation:|User: arn:\S+|is not authorized(?: to perform:?)?|to perform: [\w-]+:\w+|on resource:)\s*$";
    RegexBuilder::new(pattern).unicode(false).build().ok()
});

/// The line at a place with what the lines after it add to a refusal that it begins.
pub fn continued(lines: &[&str], at: usize) -> String {
    let rest = lines.get(at + 1..).unwrap_or_default();
    let line = lines.get(at).copied().unwrap_or_default();
    let whole = mended(line, rest);
    match Denial::of_application(&whole) {
        None if operation::is_refusal(&whole) => with_frames(whole, rest),
        _ => whole,
    }
}

fn mended(line: &str, rest: &[&str]) -> String {
    let mut whole = line.to_owned();
    for next in rest.iter().take(MOST_PARTS) {
        if !BROKEN.as_ref().is_some_and(|broken| broken.is_match(whole.as_bytes())) {
            break;
        }
        whole = format!("{} {}", whole.trim_end(), next.trim_start());
    }
    whole
}

fn with_frames(line: String, rest: &[&str]) -> String {
    let frames = rest.iter().map(|line| line.trim_start()).take_while(|line| line.starts_with("at ")).take(MOST_FRAMES);
    frames.fold(line, |whole, frame| whole + " " + frame.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_sentence_is_mended() {
        let lines = [
            "An error occurred (AccessDeniedException) when calling the Scan operation: ",
            "User: arn:aws:sts::111122223333:assumed-role/shop-task/0123 is not authorized to perform: ",
            "dynamodb:Scan on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders ",
            "because no identity-based policy allows the dynamodb:Scan action",
            "goodbye",
        ];
        let denial = Denial::of_application(&continued(&lines, 0)).unwrap();
        assert_eq!(denial.resource.as_deref(), Some("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"));
        assert_eq!(denial.role_session(), Some(("shop-task", "0123")));
        assert_eq!(continued(&lines, 4), "goodbye");
    }

    #[test]
    fn frames_below_an_exception_name_the_operation() {
        let lines = [
            "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 1)",
            "\tat software.amazon.awssdk.core.internal.http.CombinedResponseHandler.handleErrorResponse(CombinedResponseHandler.java:125)",
            "\tat software.amazon.awssdk.services.s3.DefaultS3Client.putObject(DefaultS3Client.java:10610)",
            "ERROR DefaultS3Client.getObject(x) is another line",
        ];
        assert_eq!(Denial::of_application(&continued(&lines, 0)).unwrap().action, "s3:PutObject");
        assert_eq!(continued(&lines[..1], 0), lines[0]);
    }

    #[test]
    fn other_lines_stay_alone() {
        let lines = ["Error: boom", "    at main (/app/index.js:1:1)"];
        assert_eq!(continued(&lines, 0), "Error: boom");
    }
}
