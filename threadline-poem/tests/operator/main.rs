//! The operator pages as requests, on a real database.

mod actor;
mod coverage;
mod export;
mod fixture;
mod home;
#[path = "../it/log.rs"]
mod log;
mod mount;
mod preferences;
mod redaction;
mod refused;
mod rows;
mod security;
mod timeline;
mod transaction;
