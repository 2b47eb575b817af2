//! Writers that know neither SeaORM nor Threadline: the triggers see them all the same.

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use super::SeedResult;

pub(super) async fn run(db: &DatabaseConnection) -> SeedResult {
    somebody_in_psql(db).await?;
    script_that_says_who(db).await
}

/// Nobody says who it is: what is left is what the database knows by itself.
async fn somebody_in_psql(db: &DatabaseConnection) -> SeedResult {
    for sql in [
        "UPDATE tickets SET priority = 'low' WHERE status = 'closed' AND id % 4 = 1",
        "UPDATE organizations SET plan = 'enterprise' WHERE name = 'Larch & Sons'",
        "DELETE FROM posts WHERE slug = 'faq-20'",
    ] {
        let txn = db.begin().await?;
        txn.execute_unprepared("SET LOCAL application_name = 'psql'").await?;
        txn.execute_unprepared(sql).await?;
        txn.commit().await?;
    }
    Ok(())
}

/// A script in any language names itself by one setting of its transaction.
async fn script_that_says_who(db: &DatabaseConnection) -> SeedResult {
    let txn = db.begin().await?;
    txn.execute_unprepared(
        r#"SELECT set_config('threadline.context',
            '{"actor": {"type": "service_account", "id": "billing-sync"},
              "correlation_id": "billing-2026-01"}', true)"#,
    )
    .await?;
    txn.execute_unprepared("UPDATE organizations SET plan = 'team' WHERE plan = 'basic'").await?;
    txn.commit().await?;
    Ok(())
}
