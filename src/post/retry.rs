//! When to try once more, and when not.
//!
//! Given what came of an attempt and how much time is left, says how long to wait. The waits are the same in every run:
//! one caller sends one message, and has no crowd to keep step with. 429 and its `Retry-After` as Slack, Power Automate
//! and PagerDuty document them.

use std::time::Duration;

/// Attempts in all.
pub const ATTEMPTS: u32 = 3;

const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What came of an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The receiver asks for less, and may say how long to wait.
    Busy { retry_after: Option<Duration> },
    /// The receiver is in trouble, or was not reached.
    Passing,
    /// The receiver will say the same of the same message.
    Lasting,
}

impl Failure {
    pub fn of_status(status: u16, retry_after: Option<&str>) -> Self {
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        match status {
            429 => Self::Busy { retry_after },
            503 if retry_after.is_some() => Self::Busy { retry_after },
            500..=599 => Self::Passing,
            _ => Self::Lasting,
        }
    }
}

/// How long to wait before the next attempt, if there is one; `made` attempts were made.
pub fn wait(made: u32, failure: Failure, left: Duration) -> Option<Duration> {
    let growing = FIRST_WAIT * 2_u32.saturating_pow(made.saturating_sub(1));
    let wait = match failure {
        Failure::Lasting => return None,
        Failure::Passing => growing,
        Failure::Busy { retry_after } => retry_after.unwrap_or(growing),
    };
    (made < ATTEMPTS && wait < left).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn seconds(wait: Option<Duration>) -> Option<u64> {
        wait.map(|wait| wait.as_secs())
    }

    #[test]
    fn passing_failures_are_tried_three_times_at_most() {
        let waits = [1, 2, 3, 4].map(|made| seconds(wait(made, Failure::Passing, LONG)));
        assert_eq!(waits, [Some(1), Some(2), None, None]);
    }

    #[test]
    fn a_receiver_that_names_a_time_is_heard() {
        for (status, header, expected) in [
            (429, Some("3"), Some(3)),
            (429, Some(" 0 "), Some(0)),
            (429, None, Some(1)),
            (429, Some("Fri, 01 Jan 2027 00:00:00 GMT"), Some(1)),
            (429, Some("-1"), Some(1)),
            (429, Some("30"), None),
            (429, Some("99999999999999999999"), Some(1)),
            (503, Some("3"), Some(3)),
            (503, None, Some(1)),
            (500, Some("3"), Some(1)),
        ] {
            let failure = Failure::of_status(status, header);
            assert_eq!(seconds(wait(1, failure, LONG)), expected, "{status} {header:?}");
        }
    }

    #[test]
    fn what_will_not_change_is_not_tried_again() {
        for status in [200, 204, 301, 302, 307, 400, 401, 403, 404, 405, 408, 410, 413, 600] {
            assert_eq!(wait(1, Failure::of_status(status, Some("1")), LONG), None, "{status}");
        }
    }

    #[test]
    fn no_wait_goes_beyond_the_deadline() {
        assert_eq!(wait(1, Failure::Passing, Duration::from_secs(1)), None);
        assert_eq!(seconds(wait(1, Failure::Passing, Duration::from_millis(1001))), Some(1));
        assert_eq!(wait(2, Failure::Passing, Duration::ZERO), None);
    }
}
