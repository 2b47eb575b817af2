//! Whether what was generated is what a trigger would have recorded: one row is written in all its
//! versions, for real, and taken back.

use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use threadline::trail::TRAIL;

use super::data::{Trail, one, run};

/// A row of `counters` that is deleted in its tenth version.
const ROW: i64 = 8;

/// The values of a row in one version.
const VALUES: &str = "$1, 'title ' || $1::text, bench.body($1), bench.status($2), \
                      bench.price($1, $2), bench.updated_at($1, $2)";

/// Fails if a captured change has no equal among those that were generated.
pub(crate) async fn check(
    db: &DatabaseConnection,
    trail: &Trail,
) -> Result<(), Box<dyn std::error::Error>> {
    let txn = db.begin().await?;
    let insert = format!("INSERT INTO bench.counters SELECT {VALUES}");
    run(&txn, &insert, [ROW.into(), 0_i64.into()]).await?;
    for version in 1..=8_i64 {
        let update = format!(
            "UPDATE bench.counters SET (id, title, body, status, price, updated_at) \
             = (SELECT {VALUES}) WHERE id = $1"
        );
        run(&txn, &update, [ROW.into(), version.into()]).await?;
    }
    run(&txn, "DELETE FROM bench.counters WHERE id = $1", [ROW.into()]).await?;
    let (captured, known) = compare(&txn, trail).await?;
    txn.rollback().await?;
    if (captured, known) != (10, 10) {
        let why = format!(
            "of {captured} captured changes (of 10) {known} have their equal in the generated trail: \
             bring sql/reading/trail.sql in line with what the triggers record"
        );
        return Err(why.into());
    }
    Ok(())
}

async fn compare(txn: &sea_orm::DatabaseTransaction, trail: &Trail) -> Result<(i64, i64), DbErr> {
    let stored = "c.table_schema, c.table_name, c.row_hash, c.row_pk, c.op, c.data_after, \
                  c.changed_fields, c.changed_from";
    // The row's history is found by the hash that a trigger has made.
    let sql = format!(
        "WITH captured AS ( \
             SELECT {stored} FROM {TRAIL}.audit_changes c \
             WHERE c.captured_at >= $1 AND c.table_name = 'counters'), \
         known AS ( \
             SELECT {stored} FROM {TRAIL}.audit_changes c WHERE c.captured_at < $1 \
             AND c.row_hash IN (SELECT row_hash FROM captured) \
             INTERSECT SELECT * FROM captured) \
         SELECT (SELECT count(*) FROM captured) AS captured, (SELECT count(*) FROM known) AS known"
    );
    let row = one(txn, &sql, [trail.last_at.into()]).await?;
    Ok((row.try_get("", "captured")?, row.try_get("", "known")?))
}
