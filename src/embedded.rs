//! The files under `knowledge/`, as part of the binary: pairs of a path and a text, sorted by path.

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));
