//! The program `threadline`: puts tables of any PostgreSQL database under audit.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    threadline_migration::cli::run_program().await
}
