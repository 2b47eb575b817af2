//! What capture adds to a write.
//!
//! Designs are interleaved within each round and the best round counts, because a shared machine can
//! only be slower than it is, never faster.

use std::time::Instant;

use clap::Args;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait,
};

use crate::design::{self, Design};
use crate::report::{self, Line};
use crate::wrapper;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Rows of a bulk statement.
    #[arg(long, default_value_t = 50_000)]
    rows: u32,
    /// Single-row statements a round.
    #[arg(long, default_value_t = 2_000)]
    statements: u32,
    /// Rounds; the best one counts.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

const OPERATIONS: [&str; 3] = ["update", "insert", "delete"];

pub(crate) async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let scratch = threadline_testkit::scratch_database("threadline_bench").await?;
    let mut connect = ConnectOptions::new(scratch.url());
    connect.max_connections(1).sqlx_logging(false);
    let db = Database::connect(connect).await?;
    db.execute_unprepared("SET synchronous_commit = off").await?;
    design::create(&db).await?;
    let statements = options.statements.min(options.rows);
    let mut lines = Vec::new();
    for operation in OPERATIONS {
        let mut single = [f64::INFINITY; 3];
        let mut bulk = [f64::INFINITY; 3];
        for _ in 0..options.rounds {
            design::refill(&db, options.rows).await?;
            for (place, design) in Design::ALL.into_iter().enumerate() {
                let micros = singles(&db, design, operation, statements, options.rows).await?;
                single[place] = single[place].min(micros);
            }
            design::refill(&db, options.rows).await?;
            for (place, design) in Design::ALL.into_iter().enumerate() {
                bulk[place] = bulk[place].min(in_bulk(&db, design, operation, options.rows).await?);
            }
        }
        lines.push(Line { workload: format!("{operation}, one row"), unit: "µs", best: single });
        lines.push(Line {
            workload: format!("{operation}, {} rows", options.rows),
            unit: "ms",
            best: bulk,
        });
    }
    report::print(&lines);
    wrapper::run(&db, statements).await
}

/// Microseconds a single-row statement inside a transaction, as the client sees it.
async fn singles(
    db: &DatabaseConnection,
    design: Design,
    operation: &str,
    statements: u32,
    rows: u32,
) -> Result<f64, DbErr> {
    let table = design.table();
    let sql = match operation {
        "update" => format!("UPDATE {table} SET status = 'closed ' || $1 WHERE id = $1"),
        "insert" => format!(
            "INSERT INTO {table} SELECT $1 + {rows}, 'title', repeat('body ', 10), 'open', 1, now()"
        ),
        _ => format!("DELETE FROM {table} WHERE id = $1"),
    };
    let txn = db.begin().await?;
    let start = Instant::now();
    for id in 1..=i32::try_from(statements).unwrap_or(i32::MAX) {
        let sql = sql.replace("|| $1", "|| $1::int");
        txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [id.into()]))
            .await?;
    }
    let elapsed = start.elapsed();
    txn.commit().await?;
    Ok(elapsed.as_secs_f64() * 1e6 / f64::from(statements))
}

/// Milliseconds of one statement over all rows, with its commit.
async fn in_bulk(
    db: &DatabaseConnection,
    design: Design,
    operation: &str,
    rows: u32,
) -> Result<f64, DbErr> {
    let table = design.table();
    let sql = match operation {
        "update" => format!("UPDATE {table} SET status = status || 'x'"),
        "insert" => format!(
            "INSERT INTO {table} SELECT i + {rows}, 'title ' || i, repeat('body ', 10), 'open', i, \
             now() FROM generate_series(1, {rows}) i"
        ),
        _ => format!("DELETE FROM {table}"),
    };
    let start = Instant::now();
    db.execute_unprepared(&sql).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
