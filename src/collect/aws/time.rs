//! Instants of the SDK and milliseconds since 1970 (CloudWatch Logs), as the timestamps of `case`.
//!
//! An instant out of range is treated as absent: AWS writes none.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

pub fn instant(at: DateTime) -> Option<Timestamp> {
    at.to_millis().ok().and_then(milliseconds)
}

pub fn milliseconds(at: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_survive() {
        let at = instant(DateTime::from_secs_f64(1_700_000_000.125));
        assert_eq!(at.map(|t| t.to_string()).as_deref(), Some("2023-11-14T22:13:20.125Z"));
        assert_eq!(instant(DateTime::from_secs(i64::MAX)), None);
        assert_eq!(milliseconds(i64::MAX), None);
    }
}
