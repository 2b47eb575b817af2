//! Bytes on disk of a change, indexes and the transaction's own rows included.

use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::capture::Bench;
use crate::design::{self, Design};
use crate::report::Report;

pub(crate) async fn run(bench: &Bench<'_>, report: &mut Report) -> Result<(), DbErr> {
    let rows = bench.rows;
    for operation in ["insert", "update", "delete"] {
        design::refill(bench.db, bench.designs, if operation == "insert" { 1 } else { rows })
            .await?;
        let mut figures = Vec::new();
        for design in bench.designs {
            // Partitions and indexes have pages before anything is recorded.
            let empty = design::bytes(bench.db, *design).await?;
            bench.db.execute_unprepared(&bulk(*design, operation, rows)).await?;
            let bytes = design::bytes(bench.db, *design).await? - empty;
            figures.push(bytes / f64::from(rows));
        }
        report.line(
            &format!("bytes of an {operation}, in bulk").replace("an d", "a d"),
            "B",
            figures,
        );
    }
    design::refill(bench.db, bench.designs, rows).await?;
    let mut figures = Vec::new();
    for design in bench.designs {
        let empty = design::bytes(bench.db, *design).await?;
        for id in 1..=bench.statements {
            let txn = bench.db.begin().await?;
            if let Some(context) = design.context() {
                txn.execute_unprepared(context).await?;
            }
            let table = design.table();
            let sql = format!("UPDATE {table} SET status = status || 'x' WHERE id = {id}");
            txn.execute_unprepared(&sql).await?;
            txn.commit().await?;
        }
        let bytes = design::bytes(bench.db, *design).await? - empty;
        figures.push(bytes / f64::from(bench.statements));
    }
    report.line("bytes of an update, one a transaction", "B", figures);
    Ok(())
}

fn bulk(design: Design, operation: &str, rows: u32) -> String {
    let table = design.table();
    match operation {
        "insert" => format!(
            "INSERT INTO {table} SELECT i + 1, 'title ' || i, repeat('body ', 10), 'open', i, now() \
             FROM generate_series(1, {rows}) i"
        ),
        "update" => format!("UPDATE {table} SET status = status || 'x'"),
        _ => format!("DELETE FROM {table}"),
    }
}
