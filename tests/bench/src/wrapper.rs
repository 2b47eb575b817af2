//! What the wrapper adds to a transaction.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use threadline::prelude::*;

/// Prints what an audited transaction of one insert costs against a plain one, both captured.
pub(crate) async fn run(
    db: &DatabaseConnection,
    transactions: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    db.execute_unprepared("TRUNCATE bench.threadline").await?;
    let context = AuditContext::new(ActorRef::user(7));
    let (mut plain, mut audited) = (f64::INFINITY, f64::INFINITY);
    for round in 0..3 {
        let first = round * 2 * transactions;
        let start = Instant::now();
        for id in first..first + transactions {
            let txn = db.begin().await?;
            txn.execute_unprepared(&insert(id)).await?;
            txn.commit().await?;
        }
        plain = plain.min(per_transaction(start, transactions));
        let start = Instant::now();
        for id in first + transactions..first + 2 * transactions {
            let txn = db.audit_begin(&context, "bench.insert").await?;
            txn.execute_unprepared(&insert(id)).await?;
            txn.commit().await?;
        }
        audited = audited.min(per_transaction(start, transactions));
    }
    println!(
        "a captured transaction of one insert: plain {plain:.0} µs, audited {audited:.0} µs, \
         ratio {:.2}",
        audited / plain
    );
    Ok(())
}

fn insert(id: u32) -> String {
    format!("INSERT INTO bench.threadline VALUES ({id}, 't', 'b', 'open', 1, now())")
}

fn per_transaction(start: Instant, transactions: u32) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / f64::from(transactions)
}
