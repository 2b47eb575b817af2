//! Each kind of statement, and what it leaves in the trail.

use serde_json::json;
use threadline::CaptureMode;

use crate::fixture::{Fixture, difference, plain};

const POSTS: &str = "CREATE TABLE posts (id int PRIMARY KEY, title text, body text, likes int)";

async fn posts() -> Fixture {
    Fixture::audited(POSTS, [plain("posts")]).await
}

#[tokio::test]
async fn an_insert_keeps_the_whole_row() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', NULL, 3)").await;
    assert_eq!(
        f.changes().await,
        [
            json!(["insert", {"id": 1}, {"id": 1, "title": "a", "body": null, "likes": 3}, null, null])
        ]
    );
}

#[tokio::test]
async fn an_update_of_one_row_keeps_the_row_and_what_the_changed_columns_held() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', NULL, 3)").await;
    f.run("UPDATE posts SET title = 'b', body = 'text' WHERE id = 1").await;
    assert_eq!(
        f.changes().await[1],
        json!([
            "update", {"id": 1}, {"id": 1, "title": "b", "body": "text", "likes": 3},
            ["title", "body"], {"title": "a", "body": null}
        ])
    );
}

#[tokio::test]
async fn an_update_of_many_rows_pairs_each_with_itself() {
    let f = posts().await;
    f.run("INSERT INTO posts SELECT i, 't' || i, NULL, i FROM generate_series(1, 50) i").await;
    f.run("UPDATE posts SET likes = likes + 1, title = upper(title) WHERE id > 10").await;
    let wrong = "SELECT to_jsonb(c) FROM threadline.audit_changes c WHERE op = 'update' AND (
        changed_fields <> '{title,likes}'
        OR changed_from <> jsonb_build_object('title', 't' || (row_pk ->> 'id'), 'likes', (row_pk ->> 'id')::int)
        OR data_after <> jsonb_build_object('id', row_pk -> 'id', 'title', 'T' || (row_pk ->> 'id'),
            'body', NULL, 'likes', (row_pk ->> 'id')::int + 1))";
    assert_eq!(f.values(wrong).await, Vec::<serde_json::Value>::new());
    let count = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE op = 'update'";
    assert_eq!(f.value(count).await, json!(40));
}

#[tokio::test]
async fn a_delete_keeps_the_whole_last_row() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', 'b', 3), (2, 'c', NULL, 4); DELETE FROM posts").await;
    assert_eq!(
        f.changes().await[2..],
        [
            json!(["delete", {"id": 1}, null, null, {"id": 1, "title": "a", "body": "b", "likes": 3}]),
            json!(["delete", {"id": 2}, null, null, {"id": 2, "title": "c", "body": null, "likes": 4}]),
        ]
    );
}

#[tokio::test]
async fn a_truncate_is_one_change_without_a_key() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', 'b', 3); TRUNCATE posts").await;
    assert_eq!(f.changes().await[1], json!(["truncate", null, null, null, null]));
}

#[tokio::test]
async fn a_statement_that_touches_no_row_writes_nothing() {
    let f = posts().await;
    f.run(
        "UPDATE posts SET title = 'x'; DELETE FROM posts; INSERT INTO posts SELECT 1 WHERE false",
    )
    .await;
    assert_eq!(f.changes().await, Vec::<serde_json::Value>::new());
    let transactions = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(transactions).await, json!(0));
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing_unless_wanted() {
    let f = posts().await;
    f.run("INSERT INTO posts SELECT i, 't', NULL, i FROM generate_series(1, 5) i").await;
    f.run("TRUNCATE threadline.audit_transactions").await;
    f.run("UPDATE posts SET title = title WHERE id = 1; UPDATE posts SET likes = likes").await;
    assert_eq!(f.operations().await.len(), 5);
    let transactions = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(transactions).await, json!(0), "a transaction without a change");
    f.sync([plain("posts").capture_noop()]).await;
    f.run("UPDATE posts SET title = title WHERE id = 1; UPDATE posts SET likes = likes").await;
    assert_eq!(f.operations().await.len(), 11);
    assert_eq!(difference(&f.changes().await[5]), [json!([]), json!({})]);
}

#[tokio::test]
async fn a_mixed_update_records_only_the_rows_that_changed() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', NULL, 1), (2, 'b', NULL, 2), (3, 'c', NULL, 3)").await;
    f.run("UPDATE posts SET title = 'b' ").await;
    assert_eq!(f.operations().await[3..], ["update {\"id\": 1}", "update {\"id\": 3}"]);
}

#[tokio::test]
async fn null_to_value_and_back_are_changes() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, NULL, NULL, NULL), (2, NULL, NULL, NULL)").await;
    f.run("UPDATE posts SET title = '' WHERE id = 1; UPDATE posts SET title = NULL WHERE id = 1")
        .await;
    f.run("UPDATE posts SET likes = 0; UPDATE posts SET likes = NULL").await;
    let changes = f.changes().await;
    assert_eq!(changes[2][4], json!({"title": null}));
    assert_eq!(changes[3][4], json!({"title": ""}));
    assert_eq!(changes[4][4], json!({"likes": null}));
    assert_eq!(changes[6][4], json!({"likes": 0}));
}

#[tokio::test]
async fn upserts_copies_cascades_and_ctes_are_captured() {
    let f = Fixture::audited(
        &format!(
            "{POSTS}; CREATE TABLE likes (post int REFERENCES posts ON DELETE CASCADE, who int,
             PRIMARY KEY (post, who))"
        ),
        [plain("posts"), plain("likes")],
    )
    .await;
    f.run(
        "INSERT INTO posts VALUES (1, 'a', NULL, 0)
        ON CONFLICT (id) DO UPDATE SET title = 'b'",
    )
    .await;
    f.run(
        "INSERT INTO posts VALUES (1, 'a', NULL, 0), (2, 'n', NULL, 0)
        ON CONFLICT (id) DO UPDATE SET title = 'b'",
    )
    .await;
    f.run("INSERT INTO posts VALUES (1, 'z', NULL, 0) ON CONFLICT DO NOTHING").await;
    f.run("INSERT INTO likes VALUES (1, 7), (1, 8)").await;
    f.run(
        "WITH gone AS (DELETE FROM posts WHERE id = 1 RETURNING id)
        INSERT INTO posts SELECT 3, 'cte', NULL, id FROM gone",
    )
    .await;
    let mut operations = f.operations().await;
    operations.sort();
    assert_eq!(
        operations,
        [
            "delete {\"id\": 1}",
            "delete {\"who\": 7, \"post\": 1}",
            "delete {\"who\": 8, \"post\": 1}",
            "insert {\"id\": 1}",
            "insert {\"id\": 2}",
            "insert {\"id\": 3}",
            "insert {\"who\": 7, \"post\": 1}",
            "insert {\"who\": 8, \"post\": 1}",
            "update {\"id\": 1}",
        ]
    );
}

#[tokio::test]
async fn every_change_of_a_row_has_a_higher_number_than_the_one_before() {
    let f = posts().await;
    f.run("INSERT INTO posts VALUES (1, 'a', NULL, 0)").await;
    for _ in 0..20 {
        f.run("UPDATE posts SET likes = likes + 1").await;
    }
    let sql = "SELECT data_after -> 'likes' FROM threadline.audit_changes ORDER BY captured_at, id";
    let likes: Vec<_> = (0..=20).map(|n| json!(n)).collect();
    assert_eq!(f.values(sql).await, likes);
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_is_kept_as_text_and_fails_no_write() {
    let f = Fixture::audited(
        "CREATE TYPE pair AS (a int, j json); CREATE DOMAIN doc AS json;
         CREATE TABLE t (id int PRIMARY KEY, j json, l json[], p pair, d doc)",
        [plain("t").in_mode(CaptureMode::Statement)],
    )
    .await;
    for document in [r#""\u0000""#, r#"{"k": "\ud800"}"#, "1e400000", r#"{"fine": true}"#] {
        f.run(&format!(
            "INSERT INTO t VALUES (1, '{document}', ARRAY['{document}'::json], (1, '{document}'), '{document}');
             UPDATE t SET j = '1' WHERE id = 1; UPDATE t SET j = '{document}'; DELETE FROM t"
        ))
        .await;
    }
    let stored =
        "SELECT data_after -> 'j' FROM threadline.audit_changes WHERE op = 'insert' ORDER BY id";
    assert_eq!(
        f.values(stored).await,
        [
            json!({"unstorable_json": r#""\u0000""#}),
            json!({"unstorable_json": r#"{"k": "\ud800"}"#}),
            json!({"unstorable_json": "1e400000"}),
            json!({"fine": true}),
        ]
    );
}
