//! Two command lines: the program `threadline`, which works on any database, and [`run_cli`] for a
//! host's migration crate, which knows the registry and takes every command of `sea-orm-cli migrate`.
//!
//! ```ignore
//! // migration/src/main.rs
//! use entity as _; // linked, so that its entities are registered
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     threadline_migration::cli::run_cli(migration::Migrator, threadline::Registry::collect()).await
//! }
//! ```

mod attaching;
mod carrying_out;
mod connection;
mod detaching;
mod exit;
mod failure;
mod generating;
mod health;
mod host;
mod installing;
mod locking;
mod names;
mod output;
mod policy;
mod program;
mod reading;
mod recording;
mod resolve;
mod script;
mod secrets;
mod showing;
mod syncing;

pub use host::run_cli;
pub use program::run_program;
