//! Instants as AWS writes them: RFC 3339 in events and by the CLI's second version, seconds since 1970 by its first.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error};

/// For `#[serde(deserialize_with)]` on an `Option<Timestamp>`.
pub fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) => text.parse().map(Some).map_err(D::Error::custom),
        serde_json::Value::Number(number) => {
            let seconds = number.as_f64().unwrap_or(f64::NAN);
            let span = jiff::SignedDuration::try_from_secs_f64(seconds).map_err(D::Error::custom)?;
            Timestamp::from_duration(span).map(Some).map_err(D::Error::custom)
        }
        other => Err(D::Error::custom(format!("'{other}' is no instant"))),
    }
}
