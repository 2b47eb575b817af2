//! Row mode: for tables that something writes again before a statement is at its end.

use serde_json::json;
use threadline::{CaptureMode, Placeholder};
use threadline_migration::Error;

use crate::fixture::{Fixture, column, plain, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, n int)";

/// A trigger of the host that writes the row of each update again.
const REWRITE: &str = "
    CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE t SET n = coalesce(n, 0) + 1 WHERE id = NEW.id;
        RETURN NULL; END $$;
    CREATE TRIGGER a_rewrite AFTER UPDATE OF v ON t FOR EACH ROW EXECUTE FUNCTION rewrite()";

async fn mode(f: &Fixture) -> (String, String) {
    let sql = "SELECT jsonb_build_array(capture_mode, reason) FROM threadline.audited_tables";
    let row = f.value(sql).await;
    let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
    (text(0), text(1))
}

#[tokio::test]
async fn a_row_that_a_trigger_writes_again_ends_as_the_trigger_left_it() {
    let f = Fixture::audited(&format!("{T}; {REWRITE}"), [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 0), (2, 'b', 0); UPDATE t SET v = v || '!'").await;
    assert_eq!(
        f.changes().await[2..],
        [
            json!(["update", {"id": 1}, {"id": 1, "v": "a!", "n": 0}, ["v"], {"v": "a"}]),
            json!(["update", {"id": 1}, {"id": 1, "v": "a!", "n": 1}, ["n"], {"n": 0}]),
            json!(["update", {"id": 2}, {"id": 2, "v": "b!", "n": 0}, ["v"], {"v": "b"}]),
            json!(["update", {"id": 2}, {"id": 2, "v": "b!", "n": 1}, ["n"], {"n": 0}]),
        ]
    );
}

#[tokio::test]
async fn a_row_that_comes_back_while_it_is_deleted_is_there_in_the_end() {
    let again = "
        CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO t VALUES (OLD.id, 'again', 0);
            RETURN NULL; END $$;
        CREATE TRIGGER a_again AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION again()";
    let f = Fixture::audited(&format!("{T}; {again}"), [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 0); DELETE FROM t").await;
    let expected = ["insert {\"id\": 1}", "delete {\"id\": 1}", "insert {\"id\": 1}"];
    assert_eq!(f.operations().await, expected);
}

#[tokio::test]
async fn the_catalog_chooses_the_mode_and_says_why() {
    let f = Fixture::audited(T, [plain("t").in_mode(CaptureMode::Auto)]).await;
    if std::env::var("THREADLINE_TEST_MODE").is_err() {
        let (chosen, reason) = mode(&f).await;
        assert_eq!(
            (chosen.as_str(), reason.as_str()),
            ("statement", "no trigger of its own writes in between")
        );
    }
    f.run(REWRITE).await;
    f.sync([plain("t")]).await;
    let (chosen, reason) = mode(&f).await;
    assert_eq!(chosen, "row");
    if std::env::var("THREADLINE_TEST_MODE").is_err() {
        assert_eq!(reason, "its trigger a_rewrite may write the same rows again");
    }
    f.run("INSERT INTO t VALUES (1, 'a', 0); UPDATE t SET v = 'b'").await;
    assert_eq!(f.operations().await.len(), 3, "and nothing twice");
    f.sync([plain("t").in_mode(CaptureMode::Statement)]).await;
    assert_eq!(mode(&f).await, ("statement".to_owned(), "declared".to_owned()));
    f.run("DELETE FROM t").await;
    assert_eq!(f.operations().await.len(), 4);
    let triggers = "SELECT to_jsonb(count(*)) FROM pg_trigger WHERE tgname LIKE '00\\_%'";
    assert_eq!(f.value(triggers).await, json!(4));
}

#[tokio::test]
async fn a_statement_trigger_that_fires_earlier_asks_for_row_mode() {
    let early = "
        CREATE FUNCTION early() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF pg_trigger_depth() = 1 THEN UPDATE t SET n = n + 1; END IF;
            RETURN NULL; END $$;
        CREATE TRIGGER \"0\" AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION early()";
    let f = Fixture::audited(&format!("{T}; {early}"), [plain("t")]).await;
    assert_eq!(mode(&f).await.0, "row");
    f.run("INSERT INTO t VALUES (1, 'a', 0); UPDATE t SET v = 'b'").await;
    let changes = f.changes().await;
    assert_eq!(changes[1][3], json!(["v"]));
    assert_eq!(changes[2][2], json!({"id": 1, "v": "b", "n": 1}));
}

#[tokio::test]
async fn keys_that_change_nothing_that_changes_and_everything_that_goes() {
    let f = Fixture::audited(T, [plain("t").in_mode(CaptureMode::Row)]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 0), (2, NULL, 0)").await;
    f.run("UPDATE t SET v = v; UPDATE t SET id = 9 - id; UPDATE t SET v = 'x' WHERE v IS NULL")
        .await;
    f.run("TRUNCATE t").await;
    assert_eq!(
        f.operations().await[2..],
        [
            "delete {\"id\": 1}",
            "insert {\"id\": 8}",
            "delete {\"id\": 2}",
            "insert {\"id\": 7}",
            "update {\"id\": 7}",
            "truncate"
        ]
    );
    let last = &f.changes().await[6];
    assert_eq!((last[3].clone(), last[4].clone()), (json!(["v"]), json!({"v": null})));
}

#[tokio::test]
async fn a_session_that_knows_the_old_columns_records_the_new_ones() {
    let policy = || plain("t").mask(column("v"), Placeholder::default()).in_mode(CaptureMode::Row);
    let f = Fixture::audited(T, [policy()]).await;
    // One connection: every plan of the first writes is kept.
    for id in 1..8 {
        f.run(&format!(
            "INSERT INTO t VALUES ({id}, 'canary', 1); UPDATE t SET n = 2 WHERE id = {id}"
        ))
        .await;
    }
    f.run("ALTER TABLE t ALTER n TYPE text USING n::text; UPDATE t SET n = n || 'x'").await;
    for change in [
        "ALTER TABLE t RENAME n TO v2; ALTER TABLE t RENAME v TO n; ALTER TABLE t RENAME v2 TO v",
        "ALTER TABLE t ADD w text DEFAULT 'canary'",
        "ALTER TABLE t RENAME id TO ident",
        "ALTER TABLE t DROP COLUMN v",
    ] {
        f.run(change).await;
        f.run("UPDATE t SET n = 'canary ' || n; ").await;
    }
    f.run("DELETE FROM t").await;
    let keys =
        "SELECT to_jsonb(count(DISTINCT row_pk)) FROM threadline.audit_changes WHERE op = 'delete'";
    assert_eq!(f.value(keys).await, json!(7), "the key is known under its new name");
    let leaks =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%canary%'";
    assert_eq!(f.value(leaks).await, json!(0));
    assert_eq!(f.operations().await.len(), 14 + 7 * 6);
}

#[tokio::test]
async fn what_row_mode_cannot_do_is_refused() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; CREATE TABLE child (w int) INHERITS (t)")).await;
    let statement = registry([plain("t").in_mode(CaptureMode::Statement)]);
    let error = threadline_migration::sync(&f.db, &statement).await.expect_err("refused");
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason.contains("say `row`")),
        "{error}"
    );
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_fails_no_write_in_row_mode_either() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, j json)";
    let f = Fixture::audited(ddl, [plain("t").in_mode(CaptureMode::Row)]).await;
    f.run(r#"INSERT INTO t VALUES (1, '{"k": "\u0000"}'), (2, '{"fine": true}')"#).await;
    let changes = f.changes().await;
    assert_eq!(changes[0][2]["j"], json!({"unstorable_json": r#"{"k": "\u0000"}"#}));
    assert_eq!(changes[1][2]["j"], json!({"fine": true}));
}

#[tokio::test]
async fn a_row_that_one_statement_deletes_and_inserts_is_there_in_the_end() {
    let f = Fixture::audited(T, [plain("t").in_mode(CaptureMode::Row)]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 0)").await;
    f.run("WITH d AS (DELETE FROM t RETURNING *) INSERT INTO t SELECT id, 'b', n FROM d").await;
    let expected = ["insert {\"id\": 1}", "delete {\"id\": 1}", "insert {\"id\": 1}"];
    assert_eq!(f.operations().await, expected);
}
