//! What newer versions of PostgreSQL brought. On an older one a test proves that it is not there.

use sea_orm::ConnectionTrait;
use serde_json::json;
use threadline::{CaptureMode, Placeholder};
use threadline_migration::Error;
use threadline_testkit::Server;

use crate::fixture::{Fixture, column, plain, registry};

const STOCK: &str = "CREATE TABLE stock (id int PRIMARY KEY, n int);
    INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30)";
const PRICES: &str = "CREATE TABLE prices (
        id int PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) VIRTUAL, note text);
    INSERT INTO prices (id, net) VALUES (1, 10), (2, 20)";

impl Fixture {
    /// Runs a script that only this version and newer ones understand, and says whether they do. On an
    /// older one it must fail, so that no test passes by running nothing.
    async fn runs_from(&self, version: u32, sql: &str) -> bool {
        let here = Server::shared().await.expect("the fixture has a server").version();
        if here >= version {
            self.run(sql).await;
            return true;
        }
        let refused = self.db.execute_unprepared(sql).await;
        assert!(refused.is_err(), "PostgreSQL {here} runs what came with {version}: {sql}");
        false
    }

    /// The changes from a place on, sorted: one statement gives its rows no order.
    async fn sorted_operations(&self) -> Vec<String> {
        let mut operations = self.operations().await;
        operations.sort();
        operations
    }
}

async fn stock() -> Fixture {
    Fixture::audited(STOCK, [plain("stock")]).await
}

#[tokio::test]
async fn merge_is_recorded_as_what_it_did_to_each_row() {
    let f = stock().await;
    let merge =
        "MERGE INTO stock s USING (VALUES (1, 5), (2, 0), (4, 7)) AS d(id, n) ON s.id = d.id
        WHEN MATCHED AND d.n = 0 THEN DELETE
        WHEN MATCHED THEN UPDATE SET n = s.n + d.n
        WHEN NOT MATCHED THEN INSERT VALUES (d.id, d.n)";
    if f.runs_from(15, merge).await {
        let mut changes = f.changes().await;
        changes.sort_by_key(|change| change[0].to_string());
        assert_eq!(
            changes,
            [
                json!(["delete", {"id": 2}, null, null, {"id": 2, "n": 20}]),
                json!(["insert", {"id": 4}, {"id": 4, "n": 7}, null, null]),
                json!(["update", {"id": 1}, {"id": 1, "n": 15}, ["n"], {"n": 10}]),
            ]
        );
        f.run("MERGE INTO stock s USING (VALUES (1)) AS d(id) ON s.id = d.id WHEN MATCHED THEN DO NOTHING")
            .await;
        assert_eq!(f.operations().await.len(), 3, "what did nothing is nothing");
    }
}

#[tokio::test]
async fn merge_that_returns_and_deletes_what_its_source_lacks_is_recorded() {
    let f = stock().await;
    let merge = "WITH done AS (
            MERGE INTO stock s USING (VALUES (1, 11)) AS d(id, n) ON s.id = d.id
            WHEN MATCHED THEN UPDATE SET n = d.n
            WHEN NOT MATCHED BY SOURCE AND s.id = 2 THEN UPDATE SET n = 0
            WHEN NOT MATCHED BY SOURCE THEN DELETE
            RETURNING merge_action(), s.id)
        SELECT count(*) FROM done";
    if f.runs_from(17, merge).await {
        let expected = ["delete {\"id\": 3}", "update {\"id\": 1}", "update {\"id\": 2}"];
        assert_eq!(f.sorted_operations().await, expected);
    }
}

#[tokio::test]
async fn merge_into_a_view_is_recorded_at_the_table_beneath() {
    let f = stock().await;
    f.run("CREATE VIEW few AS SELECT * FROM stock WHERE n < 25").await;
    let merge = "MERGE INTO few s USING (VALUES (1), (9)) AS d(id) ON s.id = d.id
        WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (d.id, 1)";
    if f.runs_from(17, merge).await {
        assert_eq!(f.sorted_operations().await, ["delete {\"id\": 1}", "insert {\"id\": 9}"]);
    }
}

#[tokio::test]
async fn returning_the_old_and_the_new_row_changes_nothing_of_what_is_recorded() {
    let f = stock().await;
    let upsert = "INSERT INTO stock VALUES (1, 99), (5, 50)
        ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING old.n, new.n";
    if f.runs_from(18, upsert).await {
        f.run("DELETE FROM stock WHERE id = 1 RETURNING old.n, new.n").await;
        let mut changes = f.changes().await;
        changes.sort_by_key(|change| change[0].to_string());
        assert_eq!(
            changes,
            [
                json!(["delete", {"id": 1}, null, null, {"id": 1, "n": 99}]),
                json!(["insert", {"id": 5}, {"id": 5, "n": 50}, null, null]),
                json!(["update", {"id": 1}, {"id": 1, "n": 99}, ["n"], {"n": 10}]),
            ]
        );
    }
}

#[tokio::test]
async fn a_unique_index_in_which_nulls_are_equal_is_no_key_and_the_reason_is_told() {
    let f = Fixture::installed().await;
    let table = "CREATE TABLE t (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b))";
    if f.runs_from(15, table).await {
        let specs = [plain("t"), plain("t").keyed_by(vec![column("a"), column("b")])];
        for spec in specs {
            let refused = threadline_migration::sync(&f.db, &registry([spec])).await;
            let Err(Error::Refused { reason, .. }) = refused else { panic!("{refused:?}") };
            assert!(reason.contains("NOT NULL columns"), "{reason}");
        }
        f.run("ALTER TABLE t ALTER a SET NOT NULL, ALTER b SET NOT NULL").await;
        f.sync([plain("t").keyed_by(vec![column("a"), column("b")])]).await;
        f.run("INSERT INTO t VALUES (1, 2)").await;
        assert_eq!(f.operations().await, ["insert {\"a\": 1, \"b\": 2}"]);
    }
}

#[tokio::test]
async fn a_key_without_overlaps_tells_rows_apart_in_every_session() {
    let f = Fixture::installed().await;
    let table = "CREATE TABLE rooms (
        room int4range, during tstzrange, guest text, PRIMARY KEY (room, during WITHOUT OVERLAPS))";
    if !f.runs_from(18, table).await {
        return;
    }
    f.sync([plain("rooms")]).await;
    f.run(
        "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German';
        INSERT INTO rooms VALUES
            ('[1,2)', '[2026-01-01 00:00+00,2026-01-02 00:00+00)', 'a'),
            ('[1,2)', '[2026-01-02 00:00+00,2026-01-03 00:00+00)', 'b');
        UPDATE rooms SET guest = guest || '!' WHERE guest = 'a';
        RESET TimeZone; RESET DateStyle;
        UPDATE rooms SET guest = guest || '?'",
    )
    .await;
    let first =
        r#"{"room": "[1,2)", "during": "[\"2026-01-01 00:00:00+00\",\"2026-01-02 00:00:00+00\")"}"#;
    let second =
        r#"{"room": "[1,2)", "during": "[\"2026-01-02 00:00:00+00\",\"2026-01-03 00:00:00+00\")"}"#;
    assert_eq!(
        f.sorted_operations().await,
        [
            format!("insert {first}"),
            format!("insert {second}"),
            format!("update {first}"),
            format!("update {first}"),
            format!("update {second}"),
        ]
    );
    f.run(
        "UPDATE rooms SET during = '[2026-02-01 00:00+00,2026-02-02 00:00+00)' WHERE guest = 'b?'",
    )
    .await;
    assert_eq!(f.operations().await.len(), 7, "a moved key is a delete and an insert");
}

/// Every kind of statement, of one row and of many, on [`PRICES`].
const EVERYTHING: &str = "
    UPDATE prices SET net = 11 WHERE id = 1;
    UPDATE prices SET net = net + 1;
    UPDATE prices SET net = net;
    INSERT INTO prices (id, net) VALUES (3, 30);
    INSERT INTO prices (id, net) SELECT i, i FROM generate_series(4, 5) i;
    UPDATE prices SET id = 6 WHERE id = 5;
    DELETE FROM prices WHERE id = 6;
    DELETE FROM prices;";
/// How many changes that is: an update of nothing is none, and one of a key is two.
const ALL_OF_IT: usize = 13;

/// No image and no difference knows a column that a trigger cannot see, and no change is missed.
async fn expect_no_false_null(f: &Fixture, what: &str) {
    let changes = f.changes().await;
    assert_eq!(changes.len(), ALL_OF_IT, "{what}: {:#?}", f.operations().await);
    for change in changes {
        assert!(change[2].get("gross").is_none(), "{what}: a false null: {change}");
        assert!(change[4].get("gross").is_none(), "{what}: a false null: {change}");
        if change[0] == "update" {
            assert_eq!(change[3], json!(["net"]), "{what}");
            assert_eq!(
                change[4].as_object().map(serde_json::Map::len),
                Some(1),
                "{what}: {change}"
            );
        }
    }
}

#[tokio::test]
async fn a_virtual_column_is_left_out_and_no_change_is_missed() {
    let specs = [
        plain("prices"),
        plain("prices").exclude(column("note")),
        plain("prices").exclude(column("gross")),
        plain("prices").quieten(column("note")),
        plain("prices").in_mode(CaptureMode::Row),
        plain("prices").exclude(column("note")).in_mode(CaptureMode::Row),
    ];
    for isolation in ["READ COMMITTED", "SERIALIZABLE"] {
        for spec in specs.clone() {
            let f = Fixture::installed().await;
            if !f.runs_from(18, PRICES).await {
                return;
            }
            let what = format!("{isolation}, {spec:?}");
            f.sync([spec]).await;
            f.run(&format!("BEGIN ISOLATION LEVEL {isolation}; {EVERYTHING} COMMIT")).await;
            expect_no_false_null(&f, &what).await;
        }
    }
}

#[tokio::test]
async fn a_masked_virtual_column_is_left_out_like_any_other() {
    let f = Fixture::installed().await;
    let table = "CREATE TABLE prices (id int PRIMARY KEY, net int, note text,
            gross text GENERATED ALWAYS AS ('#' || note));
        INSERT INTO prices (id, net) VALUES (1, 10), (2, 20)";
    // Without the word STORED it is virtual from 18 on, and an error before.
    if f.runs_from(18, table).await {
        f.sync([plain("prices").mask(column("gross"), Placeholder::new("***").expect("valid"))])
            .await;
        f.run(EVERYTHING).await;
        expect_no_false_null(&f, "masked").await;
    }
}

#[tokio::test]
async fn a_virtual_column_that_came_after_the_triggers_is_never_a_false_null() {
    let added = [
        "ALTER TABLE prices ADD gross int GENERATED ALWAYS AS (net * 2) VIRTUAL",
        "ALTER TABLE prices ADD gross int; ALTER TABLE prices DROP gross;
         ALTER TABLE prices ADD gross int GENERATED ALWAYS AS (net * 2)",
    ];
    let before = "CREATE TABLE prices (id int PRIMARY KEY, net int, note text);
        INSERT INTO prices (id, net) VALUES (1, 10), (2, 20)";
    let by_row = plain("prices").in_mode(CaptureMode::Row);
    for spec in [plain("prices"), plain("prices").quieten(column("note")), by_row] {
        for ddl in added {
            let f = Fixture::audited(before, [spec.clone()]).await;
            if !f.runs_from(18, ddl).await {
                return;
            }
            f.run(EVERYTHING).await;
            expect_no_false_null(&f, ddl).await;
        }
    }
}

#[tokio::test]
async fn a_stored_column_that_became_virtual_is_never_a_false_null() {
    let before = "CREATE TABLE prices (id int PRIMARY KEY, net int,
            gross int GENERATED ALWAYS AS (net * 2) STORED, note text);
        INSERT INTO prices (id, net) VALUES (1, 10), (2, 20)";
    let ddl = "ALTER TABLE prices DROP gross;
        ALTER TABLE prices ADD gross int GENERATED ALWAYS AS (net * 2) VIRTUAL";
    for spec in [plain("prices"), plain("prices").in_mode(CaptureMode::Row)] {
        let f = Fixture::audited(before, [spec]).await;
        if !f.runs_from(18, ddl).await {
            return;
        }
        f.run(EVERYTHING).await;
        expect_no_false_null(&f, ddl).await;
    }
}
