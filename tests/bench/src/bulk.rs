//! One statement over many rows, with its commit.

use std::fmt::Write;
use std::time::Instant;

use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::capture::{Bench, OPERATIONS};
use crate::design::{self, Design};
use crate::report::Report;

pub(crate) async fn run(
    bench: &Bench<'_>,
    report: &mut Report,
) -> Result<(), Box<dyn std::error::Error>> {
    let rows = bench.rows;
    for operation in OPERATIONS {
        let mut best = vec![f64::INFINITY; bench.designs.len()];
        for _ in 0..bench.rounds {
            design::refill(bench.db, bench.designs, rows).await?;
            for (design, best) in bench.designs.iter().zip(&mut best) {
                *best = best.min(statement(bench, *design, operation).await?);
            }
        }
        report.line(&format!("{operation}, {rows} rows"), "ms", best);
    }
    let mut best = vec![f64::INFINITY; bench.designs.len()];
    let text = copied(rows)?;
    for _ in 0..bench.rounds {
        design::refill(bench.db, bench.designs, rows).await?;
        for (design, best) in bench.designs.iter().zip(&mut best) {
            *best = best.min(copy(bench, *design, &text).await?);
        }
    }
    report.line(&format!("copy, {rows} rows"), "ms", best);
    Ok(())
}

async fn statement(bench: &Bench<'_>, design: Design, operation: &str) -> Result<f64, DbErr> {
    let (table, rows) = (design.table(), bench.rows);
    let sql = match operation {
        "update" => format!("UPDATE {table} SET status = status || 'x'"),
        "insert" => format!(
            "INSERT INTO {table} SELECT i + {rows}, 'title ' || i, repeat('body ', 10), 'open', i, \
             now() FROM generate_series(1, {rows}) i"
        ),
        _ => format!("DELETE FROM {table}"),
    };
    let txn = bench.db.begin().await?;
    if let Some(context) = design.context() {
        txn.execute_unprepared(context).await?;
    }
    let start = Instant::now();
    txn.execute_unprepared(&sql).await?;
    txn.commit().await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// COPY has no transaction of the client's around it, and so no context.
async fn copy(
    bench: &Bench<'_>,
    design: Design,
    text: &str,
) -> Result<f64, Box<dyn std::error::Error>> {
    let pool = bench.db.get_postgres_connection_pool();
    let start = Instant::now();
    let mut copy = pool.copy_in_raw(&format!("COPY {} FROM STDIN", design.table())).await?;
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn copied(rows: u32) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for id in rows + 1..=2 * rows {
        let body = "body ".repeat(10);
        writeln!(text, "{id}\ttitle {id}\t{body}\topen\t1.00\t2026-01-02 03:04:05+00")?;
    }
    Ok(text)
}
