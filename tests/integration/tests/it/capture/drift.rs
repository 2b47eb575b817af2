//! After a change of the schema, and before the triggers are generated anew.

use serde_json::json;
use threadline::{CaptureMode, Placeholder};

use crate::fixture::{Fixture, column, plain};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, b int, secret text);
    INSERT INTO t SELECT i, 'a', i, 's' FROM generate_series(1, 3) i";

/// Every kind of statement, of one row and of many; none may fail.
const EVERYTHING: &str = "
    UPDATE t SET a = a || 'x' WHERE id = 1;
    UPDATE t SET a = a || 'x';
    INSERT INTO t (id, a) VALUES (10, 'n');
    INSERT INTO t (id, a) SELECT i, 'm' FROM generate_series(11, 12) i;
    UPDATE t SET id = 20 WHERE id = 10;
    DELETE FROM t WHERE id = 20;
    DELETE FROM t WHERE id > 10;";

const CHANGES: [&str; 8] = [
    "ALTER TABLE t ADD c text DEFAULT 'new'",
    "ALTER TABLE t DROP b",
    "ALTER TABLE t RENAME b TO bee",
    "ALTER TABLE t ALTER b TYPE text USING b::text",
    "ALTER TABLE t ALTER b TYPE json USING to_json(b)",
    "ALTER TABLE t DROP b; ALTER TABLE t ADD b point DEFAULT '(1,2)'",
    "ALTER TABLE t ALTER id TYPE bigint",
    "ALTER TABLE t ADD n int; ALTER TABLE t ADD o int; ALTER TABLE t DROP secret",
];

#[tokio::test]
async fn no_business_write_fails_and_none_goes_unrecorded() {
    for redacting in [false, true] {
        for ddl in CHANGES {
            let redacted = plain("t").exclude(column("secret"));
            let spec = if redacting { redacted } else { plain("t") };
            let f = Fixture::audited(T, [spec]).await;
            f.run("UPDATE t SET b = b + 1 WHERE id = 1; UPDATE t SET b = b + 1").await;
            f.run(ddl).await;
            f.run(EVERYTHING).await;
            let mut operations = f.operations().await.split_off(4);
            operations.sort();
            let expected = [
                "delete {\"id\": 10}",
                "delete {\"id\": 11}",
                "delete {\"id\": 12}",
                "delete {\"id\": 20}",
                "insert {\"id\": 10}",
                "insert {\"id\": 11}",
                "insert {\"id\": 12}",
                "insert {\"id\": 20}",
                "update {\"id\": 1}",
                "update {\"id\": 1}",
                "update {\"id\": 2}",
                "update {\"id\": 3}",
            ];
            assert_eq!(operations, expected, "{ddl}, redacting: {redacting}");
            let after = "SELECT DISTINCT to_jsonb(changed_fields) FROM (
                SELECT * FROM threadline.audit_changes WHERE op = 'update' ORDER BY id OFFSET 4) u";
            assert_eq!(f.values(after).await, [json!(["a"])], "{ddl}, redacting: {redacting}");
        }
    }
}

#[tokio::test]
async fn a_renamed_key_still_tells_the_row_apart_under_its_declared_name() {
    for redacting in [false, true] {
        let redacted = plain("t").exclude(column("secret"));
        let spec = if redacting { redacted } else { plain("t") };
        let f = Fixture::audited(T, [spec]).await;
        f.run("ALTER TABLE t RENAME id TO number").await;
        f.run("UPDATE t SET a = 'x' WHERE number = 1; UPDATE t SET a = 'y' WHERE number > 1").await;
        f.run("INSERT INTO t (number) VALUES (7); DELETE FROM t WHERE number = 7").await;
        assert_eq!(
            f.operations().await,
            [
                "update {\"id\": 1}",
                "update {\"id\": 2}",
                "update {\"id\": 3}",
                "insert {\"id\": 7}",
                "delete {\"id\": 7}"
            ]
        );
    }
}

#[tokio::test]
async fn a_table_that_lost_its_key_is_recorded_all_the_same() {
    let f = Fixture::audited(T, [plain("t").in_mode(CaptureMode::Statement)]).await;
    f.run("ALTER TABLE t DROP id; UPDATE t SET a = 'x'; INSERT INTO t (a) VALUES ('y')").await;
    f.run("DELETE FROM t WHERE a = 'y'").await;
    let changes = f.changes().await;
    assert_eq!(changes.len(), 8, "three pairs of delete and insert, an insert, a delete");
    assert!(changes.iter().all(|change| change[1] == json!({"id": null})));
}

#[tokio::test]
async fn on_a_table_with_any_redaction_an_unknown_column_is_masked() {
    let spec = plain("t").mask(column("secret"), Placeholder::new("***").expect("valid"));
    let f = Fixture::audited(T, [spec]).await;
    f.run("ALTER TABLE t ADD token text; ALTER TABLE t RENAME a TO alpha").await;
    f.run("UPDATE t SET token = 'x', b = 0 WHERE id = 1").await;
    f.run("UPDATE t SET token = 'y', alpha = 'z'").await;
    let changes = f.changes().await;
    assert_eq!(
        changes[0][2],
        json!({"id": 1, "alpha": "[REDACTED]", "b": 0, "secret": "***", "token": "[REDACTED]"})
    );
    assert_eq!(changes[0][4], json!({"b": 1, "token": "[REDACTED]"}));
    assert_eq!(changes[1][4], json!({"alpha": "[REDACTED]", "token": "[REDACTED]"}));
}

#[tokio::test]
async fn a_renamed_table_goes_on_under_the_name_it_was_attached_with() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("ALTER TABLE t RENAME TO tee; UPDATE tee SET a = 'x' WHERE id = 1").await;
    let names = "SELECT to_jsonb(table_name) FROM threadline.audit_changes";
    assert_eq!(f.values(names).await, [json!("t")]);
}
