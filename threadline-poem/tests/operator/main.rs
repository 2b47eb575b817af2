//! The operator pages as requests, on a real database.

mod actor;
mod coverage;
mod export;
mod fixture;
mod home;
mod mount;
mod preferences;
mod redaction;
mod refused;
mod rows;
mod timeline;
mod transaction;
