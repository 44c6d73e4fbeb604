//! `iam`: permissions apart from any failure.

pub mod require;
