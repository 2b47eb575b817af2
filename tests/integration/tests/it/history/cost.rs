//! What reading a row costs, in pages: as much with many versions as with few.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use threadline::prelude::*;
use threadline::{Position, Registry, RowHistory, TableName, row_as_of, row_rail, row_rail_around};

use super::entities::ticket;
use super::now;
use crate::fixture::{Fixture, value};

const HOT: i32 = 1;
const COLD: i32 = 2;

/// The ticket 1 with 20 000 versions, the ticket 2 with 10, both over the same ten days, among 20 000
/// changes of others and 2 000 truncates of another table.
async fn crowded() -> (Fixture, DateTime<Utc>) {
    let f = Fixture::installed().await;
    f.run(ticket::DDL).await;
    f.run("CREATE TABLE drafts (id int PRIMARY KEY)").await;
    let registry = Registry::builder()
        .register::<ticket::Entity>()
        .table(crate::fixture::plain("drafts"))
        .build()
        .expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO tickets SELECT n, 1, 's' FROM generate_series(1, 2000) n; TRUNCATE drafts")
        .await;
    f.run(
        "UPDATE threadline.audited_tables SET since = since - interval '20 days',
            complete_since = since - interval '20 days';
        UPDATE threadline.audit_changes SET captured_at = captured_at - interval '15 days';
        INSERT INTO threadline.audit_changes (transaction_id, table_schema, table_name, row_hash, row_pk,
            op, data_after, changed_fields, changed_from, captured_at)
        SELECT t.id, c.table_schema, c.table_name, c.row_hash, c.row_pk, 'update', c.data_after,
            '{subject}', '{\"subject\": \"old\"}', clock_timestamp() - interval '10 days' + s.n * s.step
        FROM (SELECT max(id) AS id FROM threadline.audit_transactions) t, threadline.audit_changes c
        JOIN (SELECT 1 AS id, n, interval '40 seconds' AS step FROM generate_series(1, 20000) n
            UNION ALL SELECT 2, n, interval '80000 seconds' FROM generate_series(1, 10) n
            UNION ALL SELECT 3 + n % 1990, n, interval '40 seconds' FROM generate_series(1, 20000) n) s
            ON s.id = (c.row_pk ->> 'id')::int
        WHERE c.table_name = 'tickets' ORDER BY s.n * s.step;
        INSERT INTO threadline.audit_changes (transaction_id, table_schema, table_name, op, captured_at)
        SELECT c.transaction_id, c.table_schema, c.table_name, c.op,
            clock_timestamp() - interval '10 days' + n * interval '400 seconds'
        FROM threadline.audit_changes c, generate_series(1, 2000) n WHERE c.op = 'truncate'",
    )
    .await;
    f.run(
        "DO $$ DECLARE leaf regclass; BEGIN FOR leaf IN SELECT relid FROM
            pg_partition_tree('threadline.audit_changes') WHERE isleaf LOOP
            EXECUTE format('ANALYZE %s', leaf); END LOOP; END $$",
    )
    .await;
    let at = now(&f).await - TimeDelta::days(5);
    (f, at)
}

/// The pages of the trail that this transaction has looked at so far.
async fn pages(txn: &DatabaseTransaction) -> i64 {
    let sql = "SELECT to_jsonb(sum(pg_stat_get_xact_blocks_fetched(c.oid))) FROM pg_class c
        WHERE c.relnamespace = 'threadline'::regnamespace";
    value(txn, sql).await.as_i64().expect("a number")
}

/// The pages of one read, the second time, so that catalogs are known.
macro_rules! cost {
    ($f:expr, $read:expr) => {{
        let mut pages_of_one = 0;
        for _ in 0..2 {
            let txn = $f.db.begin().await.expect("begins");
            let before = pages(&txn).await;
            ($read)(&txn).await.map(|_| ()).expect("reads");
            pages_of_one = pages(&txn).await - before;
        }
        pages_of_one
    }};
}

fn as_cheap(what: &str, hot: i64, cold: i64) {
    assert!(cold > 0, "{what}: nothing was counted");
    assert!(hot * 2 <= cold * 3, "{what}: {hot} pages with many versions, {cold} with few");
}

#[tokio::test]
async fn a_row_with_many_versions_costs_as_much_as_one_with_few() {
    let (f, at) = crowded().await;
    let as_of = async |id: i32| cost!(f, async |txn| ticket::Entity::as_of(id, at, txn).await);
    as_cheap("as_of", as_of(HOT).await, as_of(COLD).await);
    let newest =
        async |id: i32| cost!(f, async |txn| ticket::Entity::history(id).limit(10).all(txn).await);
    as_cheap("history", newest(HOT).await, newest(COLD).await);
    let page = async |id: i32| {
        cost!(f, async |txn| ticket::Entity::history(id).page(txn, 9, Position::Start).await)
    };
    as_cheap("a page", page(HOT).await, page(COLD).await);
    let table = TableName::parse("tickets").expect("a name");
    let key = |id: i32| id.to_string().parse().expect("a key");
    let stored = async |id: i32| {
        cost!(f, async |txn| RowHistory::new(table.clone(), key(id)).limit(10).all(txn).await)
    };
    as_cheap("the history of a stored row", stored(HOT).await, stored(COLD).await);
    let stood = async |id: i32| cost!(f, async |txn| row_as_of(txn, &table, &key(id), at).await);
    as_cheap("a stored row of a moment", stood(HOT).await, stood(COLD).await);
}

#[tokio::test]
async fn a_page_deep_in_a_history_costs_as_much_as_the_first() {
    let (f, _) = crowded().await;
    let page = async |position| {
        cost!(f, async |txn| ticket::Entity::history(HOT).page(txn, 50, position).await)
    };
    let first = page(Position::Start).await;
    let newest = ticket::Entity::history(HOT).page(&f.db, 10_000, Position::Start).await;
    let deep = newest.expect("reads").cursor.expect("more");
    as_cheap("page 201", page(Position::After(deep)).await, first);
}

#[tokio::test]
async fn a_blame_looks_at_so_many_versions_and_says_so() {
    let (f, _) = crowded().await;
    let hot = ticket::Entity::blame(HOT, &f.db).await.expect("reads");
    assert!(hot.truncated);
    let last = |column| hot.of(column).expect("a column").last.clone();
    assert!(last(ticket::Column::Subject).is_some(), "changed among the newest");
    assert_eq!(last(ticket::Column::OrganizationId), None, "and this before");
    let cold = ticket::Entity::blame(COLD, &f.db).await.expect("reads");
    assert!(!cold.truncated);
    assert!(cold.columns.iter().all(|column| column.last.is_some()), "{cold:?}");
    let many = cost!(f, async |txn| ticket::Entity::blame(HOT, txn).await);
    assert!(many < 11_000, "{many} pages");
}

#[tokio::test]
async fn a_rail_is_counted_no_further_than_it_says() {
    let (f, at) = crowded().await;
    let table = TableName::parse("tickets").expect("a name");
    let key = |id: i32| id.to_string().parse().expect("a key");
    let early = at - TimeDelta::days(4);
    let hot = row_rail_around(&f.db, &table, &key(HOT), early).await.expect("reads");
    assert_eq!((hot.versions.len(), hot.older.is_capped, hot.newer.is_capped), (200, false, true));
    assert!(hot.older.counted > 1_000, "{:?}", hot.older);
    assert_eq!(hot.number(hot.versions[199].change_id), Some(hot.older.counted + 1));
    let newest = row_rail(&f.db, &table, &key(HOT)).await.expect("reads");
    assert_eq!((newest.versions.len(), newest.older.is_capped), (200, true));
    assert_eq!(newest.number(newest.versions[0].change_id), None, "too many to be counted");
    let many = cost!(f, async |txn| row_rail(txn, &table, &key(HOT)).await);
    assert!(many < 12_000, "{many} pages");
}
