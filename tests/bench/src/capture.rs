//! What capture adds to a write.
//!
//! Designs are interleaved: by statement for single rows, by round for bulk. A low percentile or the
//! best round counts, because a shared machine can only be slower than it is, never faster.

use std::path::PathBuf;

use clap::Args;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::design::{self, Design};
use crate::report::Report;
use crate::{bulk, single, size, transaction, wire};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Rows of a bulk statement.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) rows: u32,
    /// Single-row statements a round, and transactions of one insert.
    #[arg(long, default_value_t = 2_000)]
    pub(crate) statements: u32,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u32,
    /// Writes the figures to this file, as JSON.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
}

/// Everything a workload needs.
pub(crate) struct Bench<'a> {
    pub(crate) db: &'a DatabaseConnection,
    pub(crate) designs: &'a [Design],
    pub(crate) rows: u32,
    pub(crate) statements: u32,
    pub(crate) rounds: u32,
}

pub(crate) const OPERATIONS: [&str; 3] = ["update", "insert", "delete"];

pub(crate) async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let scratch = threadline_testkit::scratch_database("threadline_bench").await?;
    let mut connect = ConnectOptions::new(scratch.url());
    connect.max_connections(1).sqlx_logging(false);
    let db = Database::connect(connect).await?;
    db.execute_unprepared("SET synchronous_commit = off").await?;
    let designs = design::create(&db, scratch.url()).await?;
    let bench = Bench {
        db: &db,
        designs: &designs,
        rows: options.rows,
        statements: options.statements.min(options.rows),
        rounds: options.rounds,
    };
    let mut report = Report::new(&designs);
    single::run(&bench, &mut report).await?;
    bulk::run(&bench, &mut report).await?;
    transaction::run(&bench, &mut report).await?;
    size::run(&bench, &mut report).await?;
    wire::run(scratch.url(), &mut report).await?;
    report.print();
    if let Some(file) = &options.json {
        std::fs::write(file, report.as_json().to_string())?;
    }
    Ok(())
}
