//! The operator pages as requests, on a real database.

mod coverage;
mod fixture;
mod mount;
mod preferences;
mod redaction;
mod refused;
