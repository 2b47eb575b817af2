//! The operator pages as requests, on a real database.

mod fixture;
mod home;
mod mount;
mod timeline;
