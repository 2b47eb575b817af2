//! Statements of one row, inside one transaction, as the client sees them.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait};

use crate::capture::{Bench, OPERATIONS};
use crate::design::{self, Design};
use crate::report::{Report, low};

pub(crate) async fn run(bench: &Bench<'_>, report: &mut Report) -> Result<(), DbErr> {
    for operation in OPERATIONS {
        let mut micros = vec![Vec::new(); bench.designs.len()];
        for _ in 0..bench.rounds {
            design::refill(bench.db, bench.designs, bench.rows).await?;
            round(bench, operation, &mut micros).await?;
        }
        let figures = micros.iter_mut().map(|times| low(times)).collect();
        report.line(&format!("{operation}, one row"), "µs", figures);
    }
    Ok(())
}

/// One statement of each design in turn, so that what slows the machine down slows down all.
async fn round(bench: &Bench<'_>, operation: &str, micros: &mut [Vec<f64>]) -> Result<(), DbErr> {
    let txn = bench.db.begin().await?;
    for design in bench.designs {
        if let Some(context) = design.context() {
            txn.execute_unprepared(context).await?;
        }
    }
    let statements: Vec<String> =
        bench.designs.iter().map(|design| sql(*design, operation, bench.rows)).collect();
    for id in 1..=i32::try_from(bench.statements).unwrap_or(i32::MAX) {
        for (sql, micros) in statements.iter().zip(micros.iter_mut()) {
            let values = [id.into()];
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
            let start = Instant::now();
            txn.execute_raw(statement).await?;
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    txn.commit().await
}

fn sql(design: Design, operation: &str, rows: u32) -> String {
    let table = design.table();
    match operation {
        "update" => format!("UPDATE {table} SET status = 'closed ' || $1::int WHERE id = $1"),
        "insert" => format!(
            "INSERT INTO {table} SELECT $1 + {rows}, 'title', repeat('body ', 10), 'open', 1, now()"
        ),
        _ => format!("DELETE FROM {table} WHERE id = $1"),
    }
}
