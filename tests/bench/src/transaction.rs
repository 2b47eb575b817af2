//! Transactions of one insert, from BEGIN to COMMIT: what a request pays.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::capture::Bench;
use crate::design::{self, Design};
use crate::report::{Report, low};

pub(crate) async fn run(bench: &Bench<'_>, report: &mut Report) -> Result<(), DbErr> {
    for (workload, with_context) in
        [("transaction of one insert", false), ("the same, told who acts", true)]
    {
        design::refill(bench.db, bench.designs, 1).await?;
        let mut micros = vec![Vec::new(); bench.designs.len()];
        for id in 2..=bench.statements * bench.rounds + 1 {
            for (design, micros) in bench.designs.iter().zip(&mut micros) {
                micros.push(one(bench, *design, id, with_context).await?);
            }
        }
        let figures = micros.iter_mut().map(|times| low(times)).collect();
        report.line(workload, "µs", figures);
    }
    Ok(())
}

async fn one(bench: &Bench<'_>, design: Design, id: u32, with_context: bool) -> Result<f64, DbErr> {
    let sql = format!("INSERT INTO {} VALUES ({id}, 't', 'b', 'open', 1, now())", design.table());
    let start = Instant::now();
    let txn = bench.db.begin().await?;
    if let Some(context) = design.context().filter(|_| with_context) {
        txn.execute_unprepared(context).await?;
    }
    txn.execute_unprepared(&sql).await?;
    txn.commit().await?;
    Ok(start.elapsed().as_secs_f64() * 1e6)
}
