//! The files under `knowledge/`, as part of the binary: pairs of a path and a text, sorted by path. Each text is the file's
//! data as JSON; a file of a user is TOML.

use serde::de::{DeserializeOwned, Error as _};

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));

/// Reads a text of the table, or a file of a user; no TOML begins with a brace.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    if text.starts_with('{') {
        serde_json::from_str(text).map_err(toml::de::Error::custom)
    } else {
        toml::from_str(text)
    }
}
