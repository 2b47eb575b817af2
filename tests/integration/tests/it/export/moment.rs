//! A document is of one moment, whatever happens while it is written and however the session is set.

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, TransactionTrait};
use threadline::{Export, Filter};

use super::documents::{assert_is_the_trail, empty, trail, with_null, written};
use super::formats::FORMATS;
use crate::fixture::run;

#[tokio::test]
async fn what_is_written_or_purged_meanwhile_is_not_seen() {
    let f = empty().await;
    f.run("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 4000) i").await;
    let other = f.test_db.connect().await;
    let filter = Filter::new();
    for tried in FORMATS {
        let wanted = with_null(&trail(&f.db).await, tried.null);
        let export = Export::new(&filter).unlimited();
        let mut stream = export.stream(&f.db, (tried.make)()).await.expect("begins");
        let mut document = stream.try_next().await.expect("reads").expect("something");
        run(&other, "UPDATE t SET v = v || 'y' WHERE id <= 10").await;
        run(&other, "INSERT INTO t SELECT max(id) + 1 FROM t").await;
        run(
            &other,
            "DELETE FROM threadline.audit_changes WHERE id IN
            (SELECT min(id) FROM threadline.audit_changes)",
        )
        .await;
        while let Some(bytes) = stream.try_next().await.expect("reads") {
            document.extend(bytes);
        }
        assert!(document.len() > 100_000 || tried.name == "parquet", "several batches");
        assert!(tried.read(&document).rows == wanted, "{}", tried.name);
    }
}

#[tokio::test]
async fn the_settings_of_the_session_change_nothing() {
    let f = written().await;
    f.run("SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard';
        SET bytea_output = 'escape'; SET extra_float_digits = -5; SET search_path = pg_temp;
        SET standard_conforming_strings = off; SET lc_time = 'C'; SET xmloption = 'document'")
        .await;
    for tried in FORMATS {
        assert_is_the_trail(&f, tried).await;
    }
}

#[tokio::test]
async fn within_a_transaction_it_sees_what_the_transaction_sees_and_leaves_it_usable() {
    let f = empty().await;
    let txn = f.db.begin().await.expect("begins");
    run(&txn, "INSERT INTO t VALUES (1)").await;
    for tried in FORMATS {
        let mut document = Vec::new();
        let filter = Filter::new();
        let export = Export::new(&filter);
        let said = export.write(&txn, (tried.make)(), &mut document).await.expect("exports");
        assert_eq!((said.returned_count, tried.read(&document).rows.len()), (1, 1));
    }
    run(&txn, "INSERT INTO t VALUES (2)").await;
    txn.commit().await.expect("commits");
    assert_eq!(trail(&f.db).await.len(), 2);
    f.db.execute_unprepared("SELECT 1").await.expect("usable");
}
