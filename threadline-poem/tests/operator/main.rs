//! The operator pages as requests, on a real database.

mod export;
mod fixture;
mod mount;
