//! A PostgreSQL for tests and examples.

mod address;
mod apart;
mod cluster;
mod connection;
mod database;
mod download;
mod error;
mod housekeeping;
mod mark;
mod scratch;
mod search;
mod server;
mod template;

pub use database::TestDb;
pub use error::TestkitError;
pub use scratch::{ScratchDatabase, scratch_database};
pub use server::{Origin, Server};
pub use template::{Build, BuildResult, Template};
