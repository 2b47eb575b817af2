//! Keys of every shape, and rows whose key changes.

use serde_json::json;
use threadline::CaptureMode;
use threadline_migration::Error;

use crate::fixture::{Fixture, column, plain, registry};

#[tokio::test]
async fn a_composite_key_is_an_object_of_typed_values() {
    let f = Fixture::audited(
        "CREATE TABLE lines (doc uuid, no bigint, at date, text text, PRIMARY KEY (no, doc, at))",
        [plain("lines")],
    )
    .await;
    f.run(
        "INSERT INTO lines VALUES
        ('00000000-0000-0000-0000-00000000000a', 9007199254740993, '2026-01-02', 'x')",
    )
    .await;
    f.run("UPDATE lines SET text = 'y'; DELETE FROM lines").await;
    let key = json!({
        "doc": "00000000-0000-0000-0000-00000000000a", "no": 9_007_199_254_740_993_i64, "at": "2026-01-02"
    });
    for change in f.changes().await {
        assert_eq!(change[1], key);
    }
}

#[tokio::test]
async fn a_changed_key_is_a_delete_of_the_old_and_an_insert_of_the_new() {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, v text)", [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')").await;
    f.run("UPDATE t SET id = 9 WHERE id = 1").await;
    let changes = f.changes().await;
    let mut moved = changes[3..].to_vec();
    moved.sort_by_key(|change| change[0].to_string());
    assert_eq!(
        moved,
        [
            json!(["delete", {"id": 1}, null, null, {"id": 1, "v": "a"}]),
            json!(["insert", {"id": 9}, {"id": 9, "v": "a"}, null, null]),
        ]
    );
}

#[tokio::test]
async fn keys_that_move_along_leave_the_true_state_of_each_key() {
    // Row by row, a key that is taken before it is given up cannot be told from one that is lost.
    let spec = plain("t").in_mode(CaptureMode::Statement);
    let ddl = "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text)";
    let f = Fixture::audited(ddl, [spec]).await;
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')").await;
    f.run("UPDATE t SET id = id + 1").await;
    let state =
        "SELECT DISTINCT ON (row_pk) jsonb_build_array(row_pk -> 'id', op, data_after -> 'v')
        FROM threadline.audit_changes ORDER BY row_pk, id DESC";
    assert_eq!(
        f.values(state).await,
        [
            json!([1, "delete", null]),
            json!([2, "update", "a"]),
            json!([3, "update", "b"]),
            json!([4, "insert", "c"])
        ]
    );
}

#[tokio::test]
async fn a_long_key_never_makes_the_business_write_fail() {
    let f = Fixture::audited("CREATE TABLE t (k text PRIMARY KEY, v int)", [plain("t")]).await;
    f.run("INSERT INTO t SELECT string_agg(md5(i::text), ''), 1 FROM generate_series(1, 80) i")
        .await;
    f.run("UPDATE t SET v = 2; DELETE FROM t").await;
    let lengths = "SELECT to_jsonb(length(row_pk ->> 'k')) FROM threadline.audit_changes";
    assert_eq!(f.values(lengths).await, [json!(2560), json!(2560), json!(2560)]);
}

async fn refusal(ddl: &str, spec: threadline::TableSpec) -> String {
    let f = Fixture::installed().await;
    f.run(ddl).await;
    let error = threadline_migration::sync(&f.db, &registry([spec])).await.expect_err("refused");
    assert!(!matches!(error, Error::Db(_)), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_table_without_a_key_is_refused_with_the_line_to_paste() {
    let text =
        refusal("CREATE TABLE t (a int NOT NULL, b int NOT NULL, UNIQUE (a, b))", plain("t")).await;
    assert!(text.contains("`#[audited(key = [a, b])]`"), "{text}");
    let text = refusal("CREATE TABLE t (a int)", plain("t")).await;
    assert!(text.contains("no primary key and no unique index"), "{text}");
}

#[tokio::test]
async fn a_declared_key_needs_an_index_that_qualifies() {
    let ab = || plain("t").keyed_by(vec![column("a"), column("b")]);
    let good = "CREATE TABLE t (a int NOT NULL, b int NOT NULL, v int, UNIQUE (b, a))";
    let f = Fixture::audited(good, [ab()]).await;
    f.run("INSERT INTO t VALUES (1, 2, 3)").await;
    assert_eq!(f.operations().await, ["insert {\"a\": 1, \"b\": 2}"]);
    for bad in [
        "CREATE TABLE t (a int NOT NULL, b int, UNIQUE (a, b))",
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, UNIQUE (a, b) DEFERRABLE)",
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX ON t (a, b) WHERE a > 0",
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX ON t (a, (b + 1))",
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, UNIQUE (a))",
    ] {
        let text = refusal(bad, ab()).await;
        assert!(
            text.contains("no unique index holds exactly its declared key (a, b)"),
            "{bad}: {text}"
        );
    }
    let text = refusal(
        "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int NOT NULL, UNIQUE (a, b))",
        ab(),
    )
    .await;
    assert!(text.contains("it has the primary key (id)"), "{text}");
}

#[tokio::test]
async fn what_is_no_table_of_the_host_is_refused_with_the_reason() {
    let own = format!("{}.audit_actions", threadline::schema().expect("a name"));
    for (ddl, name, reason) in [
        ("CREATE VIEW v AS SELECT 1 AS id", "v", "it is a view"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS id", "v", "it is a materialized view"),
        (
            "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p DEFAULT",
            "p1",
            "it is a part of public.p; audit that",
        ),
        ("SELECT 1", own.as_str(), "it belongs to Threadline itself"),
        ("SELECT 1", "missing", "does not exist"),
    ] {
        let text = refusal(ddl, plain(name)).await;
        assert!(text.contains(reason), "{name}: {text}");
    }
}
