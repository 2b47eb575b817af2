//! The program that `sea-orm-cli migrate` runs; it also takes `audit generate` and `audit sync`.

use std::process::ExitCode;

use helpdesk_entity as _; // linked, so that its entities are registered

#[tokio::main]
async fn main() -> ExitCode {
    let registry = threadline::Registry::collect();
    threadline_migration::cli::run_cli(helpdesk_migration::Migrator, registry).await
}
