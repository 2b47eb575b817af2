//! Each form that a writing statement can take, beyond the plain ones of `writes.rs`.

use futures_util::TryStreamExt;
use sea_orm::ConnectionTrait;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use serde_json::json;

use crate::fixture::{Fixture, difference, plain};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, n int)";

async fn table() -> Fixture {
    Fixture::audited(T, [plain("t")]).await
}

/// Three rows, whose insertion is forgotten.
async fn three() -> Fixture {
    let f = table().await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)").await;
    f.run("TRUNCATE threadline.audit_changes").await;
    f
}

/// The operations, sorted, where one statement does several things whose order says nothing.
pub(super) async fn sorted(f: &Fixture) -> Vec<String> {
    let mut operations = f.operations().await;
    operations.sort();
    operations
}

#[tokio::test]
async fn an_insert_of_many_rows_records_each() {
    let f = table().await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, NULL, 2), (3, 'c', NULL)").await;
    assert_eq!(
        f.changes().await,
        [
            json!(["insert", {"id": 1}, {"id": 1, "v": "a", "n": 1}, null, null]),
            json!(["insert", {"id": 2}, {"id": 2, "v": null, "n": 2}, null, null]),
            json!(["insert", {"id": 3}, {"id": 3, "v": "c", "n": null}, null, null]),
        ]
    );
}

#[tokio::test]
async fn a_copy_from_the_client_records_each_row() {
    let f = table().await;
    let pool = f.db.get_postgres_connection_pool();
    let mut copy = pool.copy_in_raw("COPY t (id, v) FROM STDIN").await.expect("a copy begins");
    copy.send(&b"1\tone\n2\t\\N\n3\ttab\\there\n"[..]).await.expect("rows are sent");
    assert_eq!(copy.finish().await.expect("the copy ends"), 3);
    let stored =
        "SELECT data_after -> 'v' FROM threadline.audit_changes WHERE op = 'insert' ORDER BY id";
    assert_eq!(f.values(stored).await, [json!("one"), json!(null), json!("tab\there")]);
}

#[tokio::test]
async fn an_aborted_copy_records_nothing() {
    let f = table().await;
    let pool = f.db.get_postgres_connection_pool();
    let mut copy = pool.copy_in_raw("COPY t FROM STDIN (FORMAT csv)").await.expect("begins");
    copy.send(&b"1,one,1\n2,two,nonsense\n"[..]).await.expect("rows are sent");
    copy.finish().await.expect_err("the second row has no number");
    assert_eq!(f.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn each_branch_of_a_merge_is_recorded_as_what_it_did() {
    let f = three().await;
    let version = "SELECT to_jsonb(current_setting('server_version_num')::int)";
    if f.value(version).await.as_i64() < Some(150_000) {
        return;
    }
    f.run(
        "MERGE INTO t USING (VALUES (1, 'A'), (2, NULL), (3, 'same'), (4, 'new'), (5, NULL)) s (id, v)
            ON t.id = s.id
        WHEN MATCHED AND s.v IS NULL THEN DELETE
        WHEN MATCHED AND s.v = 'same' THEN DO NOTHING
        WHEN MATCHED THEN UPDATE SET v = s.v
        WHEN NOT MATCHED AND s.v IS NULL THEN DO NOTHING
        WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)",
    )
    .await;
    assert_eq!(
        sorted(&f).await,
        ["delete {\"id\": 2}", "insert {\"id\": 4}", "update {\"id\": 1}"]
    );
    let update = "SELECT changed_from FROM threadline.audit_changes WHERE op = 'update'";
    assert_eq!(f.value(update).await, json!({"v": "a"}));
}

#[tokio::test]
async fn both_branches_of_an_upsert_are_recorded() {
    let f = three().await;
    f.run(
        "INSERT INTO t VALUES (1, 'x', 9), (4, 'y', 9), (2, 'z', 9)
        ON CONFLICT (id) DO UPDATE SET v = excluded.v WHERE t.id <> 2",
    )
    .await;
    assert_eq!(sorted(&f).await, ["insert {\"id\": 4}", "update {\"id\": 1}"]);
    let update = "SELECT jsonb_build_array(data_after, changed_from)
        FROM threadline.audit_changes WHERE op = 'update'";
    assert_eq!(f.value(update).await, json!([{"id": 1, "v": "x", "n": 1}, {"v": "a"}]));
}

#[tokio::test]
async fn an_upsert_that_does_nothing_records_only_what_it_inserted() {
    let f = three().await;
    f.run("INSERT INTO t VALUES (1, 'x', 9) ON CONFLICT DO NOTHING").await;
    f.run("INSERT INTO t VALUES (1, 'x', 9), (4, 'y', 9) ON CONFLICT (id) DO NOTHING").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 4}"]);
}

#[tokio::test]
async fn a_statement_that_writes_one_table_several_times_records_all_of_it() {
    let f = three().await;
    f.run(
        "WITH first AS (UPDATE t SET v = 'x' WHERE id = 1 RETURNING id),
            second AS (UPDATE t SET n = 0 WHERE id = 2 RETURNING id),
            fresh AS (INSERT INTO t VALUES (4, 'd', 4) RETURNING id)
        DELETE FROM t WHERE id = 3",
    )
    .await;
    assert_eq!(
        sorted(&f).await,
        ["delete {\"id\": 3}", "insert {\"id\": 4}", "update {\"id\": 1}", "update {\"id\": 2}"]
    );
    let before = "SELECT changed_from FROM threadline.audit_changes WHERE op = 'update'
        ORDER BY row_pk ->> 'id'";
    assert_eq!(f.values(before).await, [json!({"v": "a"}), json!({"n": 2})]);
}

#[tokio::test]
async fn a_statement_that_moves_rows_between_tables_records_both_sides() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE old (LIKE t INCLUDING ALL)"),
        [plain("t"), plain("old")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)").await;
    f.run("WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO old SELECT * FROM gone").await;
    let moved = "SELECT jsonb_build_array(table_name, op, row_pk -> 'id')
        FROM threadline.audit_changes ORDER BY table_name DESC, op DESC, row_pk ->> 'id'";
    assert_eq!(
        f.values(moved).await[2..],
        [
            json!(["t", "insert", 1]),
            json!(["t", "insert", 2]),
            json!(["old", "insert", 1]),
            json!(["old", "insert", 2])
        ]
    );
    let transactions = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(transactions).await, json!(2));
}

#[tokio::test]
async fn an_update_from_and_a_delete_using_other_tables_are_recorded() {
    let f = three().await;
    f.run("CREATE TABLE other (id int, v text); INSERT INTO other VALUES (1, 'x'), (1, 'y'), (2, 'z')")
        .await;
    f.run("UPDATE t SET v = 'joined' FROM other WHERE other.id = t.id").await;
    f.run("DELETE FROM t USING other WHERE other.id = t.id").await;
    assert_eq!(
        sorted(&f).await,
        ["delete {\"id\": 1}", "delete {\"id\": 2}", "update {\"id\": 1}", "update {\"id\": 2}"]
    );
}

#[tokio::test]
async fn writes_at_the_row_of_a_cursor_are_recorded() {
    let f = three().await;
    f.run(
        "BEGIN; DECLARE c CURSOR FOR SELECT * FROM t ORDER BY id FOR UPDATE;
        MOVE NEXT FROM c; UPDATE t SET v = 'at 1' WHERE CURRENT OF c;
        MOVE NEXT FROM c; DELETE FROM t WHERE CURRENT OF c; CLOSE c; COMMIT",
    )
    .await;
    assert_eq!(f.operations().await, ["update {\"id\": 1}", "delete {\"id\": 2}"]);
}

#[tokio::test]
async fn functions_and_blocks_that_write_in_loops_are_recorded_row_by_row() {
    let f = three().await;
    f.run(
        "CREATE FUNCTION age(who int) RETURNS int LANGUAGE sql AS
            'UPDATE t SET n = n + 1 WHERE id = who RETURNING n';
        SELECT age(id) FROM generate_series(1, 2) AS id;
        DO $$ BEGIN
            FOR i IN 1..3 LOOP
                UPDATE t SET n = n + 10 WHERE id = i;
                BEGIN
                    DELETE FROM t WHERE id = i;
                    RAISE division_by_zero;
                EXCEPTION WHEN division_by_zero THEN NULL;
                END;
            END LOOP;
        END $$",
    )
    .await;
    let updates = ["update {\"id\": 1}", "update {\"id\": 2}"];
    let blocks = ["update {\"id\": 1}", "update {\"id\": 2}", "update {\"id\": 3}"];
    assert_eq!(f.operations().await, [&updates[..], &blocks[..]].concat());
    let likes = "SELECT changed_from -> 'n' FROM threadline.audit_changes ORDER BY id";
    assert_eq!(f.values(likes).await, [json!(1), json!(2), json!(2), json!(3), json!(3)]);
}

#[tokio::test]
async fn a_procedure_that_commits_within_makes_an_audit_transaction_each() {
    let f = table().await;
    f.run(
        "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN
            FOR i IN 1..3 LOOP INSERT INTO t VALUES (i); COMMIT; END LOOP;
            INSERT INTO t VALUES (4); ROLLBACK;
        END $$",
    )
    .await;
    f.run("CALL fill()").await;
    let apart = "SELECT to_jsonb(count(DISTINCT transaction_id)) FROM threadline.audit_changes";
    assert_eq!(f.value(apart).await, json!(3));
    let committed = "SELECT DISTINCT to_jsonb(committed_at IS NOT NULL)
        FROM threadline.audit_transactions";
    assert_eq!(f.values(committed).await, [json!(true)]);
}

#[tokio::test]
async fn reading_and_locking_rows_records_nothing() {
    let f = three().await;
    f.run(
        "BEGIN; LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE; SELECT * FROM t FOR UPDATE;
        SELECT * FROM t FOR KEY SHARE; COMMIT; CREATE TABLE copied AS SELECT * FROM t;
        SELECT * INTO copied_too FROM t",
    )
    .await;
    let pool = f.db.get_postgres_connection_pool();
    let copy = pool.copy_out_raw("COPY t TO STDOUT").await.expect("a copy begins");
    assert_eq!(copy.try_collect::<Vec<_>>().await.expect("rows").len(), 3);
    assert_eq!(f.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_statement_that_fails_after_writing_records_nothing() {
    let f = three().await;
    let done = f.db.execute_unprepared("UPDATE t SET n = 1 / (3 - id)").await;
    assert!(done.is_err(), "the third row divides by zero");
    assert_eq!(f.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_row_that_is_written_and_left_as_it_was_differs_in_nothing() {
    let f = three().await;
    f.run("UPDATE t SET v = 'x' WHERE id = 1; UPDATE t SET v = 'a' WHERE id = 1").await;
    let changes = f.changes().await;
    assert_eq!(difference(&changes[0]), [json!(["v"]), json!({"v": "a"})]);
    assert_eq!(difference(&changes[1]), [json!(["v"]), json!({"v": "x"})]);
}
