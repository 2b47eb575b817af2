//! Values that are too large to be stored.

use serde_json::{Value, json};
use std::num::NonZeroU32;
use threadline::{JsonPath, Placeholder, TableSpec};

use crate::fixture::{Fixture, column, difference, plain, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, body text, file bytea, doc jsonb, raw json,
    code char(30), list text[], open text)";

fn limited(spec: TableSpec, bytes: u32) -> TableSpec {
    let bytes = NonZeroU32::new(bytes).expect("some bytes");
    ["body", "file", "doc", "raw", "code", "list"]
        .into_iter()
        .fold(spec, |spec, name| spec.max_bytes(column(name), bytes))
}

const ROW: &str = "'aaaaaaaaaäa', '\\x000102030405060708090a0b', '{\"a\": \"bbbb\"}',
    '{ \"a\" : \"bbbb\" }', 'c', ARRAY['d', 'eeeee']";

fn truncated(bytes: u64, sha256: &str) -> Value {
    json!({"$truncated": {"bytes": bytes, "sha256": sha256}})
}

/// What `sha256sum` says.
async fn digest(f: &Fixture, bytes: &str) -> String {
    let sql = format!("SELECT to_jsonb(encode(sha256({bytes}), 'hex'))");
    f.value(&sql).await.as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_value_that_is_too_large_is_stored_as_its_size_and_digest() {
    let f = Fixture::audited(T, [limited(plain("t"), 11)]).await;
    f.run(&format!("INSERT INTO t VALUES (1, {ROW})")).await;
    f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t VALUES (2, {ROW}); COMMIT"))
        .await;
    f.run("SET bytea_output = 'escape'").await;
    f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t VALUES (3, {ROW}); COMMIT"))
        .await;
    let image = json!({
        "id": 1, "open": null,
        "body": truncated(12, &digest(&f, "'aaaaaaaaa\\303\\244a'::bytea").await),
        "file": truncated(12, &digest(&f, "'\\x000102030405060708090a0b'::bytea").await),
        "doc": truncated(13, &digest(&f, "convert_to('{\"a\": \"bbbb\"}', 'UTF8')").await),
        "raw": truncated(13, &digest(&f, "convert_to('{\"a\": \"bbbb\"}', 'UTF8')").await),
        "code": truncated(30, &digest(&f, "convert_to(rpad('c', 30), 'UTF8')").await),
        "list": truncated(14, &digest(&f, "convert_to('[\"d\", \"eeeee\"]', 'UTF8')").await),
    });
    let images =
        f.values("SELECT data_after - 'id' || '{\"id\": 1}' FROM threadline.audit_changes");
    assert_eq!(images.await, [image.clone(), image.clone(), image]);
}

#[tokio::test]
async fn a_value_of_just_the_limit_is_stored_as_it_is() {
    let f = Fixture::audited(T, [limited(plain("t"), 30)]).await;
    f.run(&format!("INSERT INTO t VALUES (1, {ROW}); INSERT INTO t (id) VALUES (2)")).await;
    f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t VALUES (3, {ROW}); COMMIT"))
        .await;
    let image = |id: i32| {
        json!({"id": id, "body": "aaaaaaaaaäa", "file": "\\x000102030405060708090a0b",
            "doc": {"a": "bbbb"}, "raw": {"a": "bbbb"}, "code": "c                             ",
            "list": ["d", "eeeee"], "open": null})
    };
    let nothing = json!({"id": 2, "body": null, "file": null, "doc": null, "raw": null,
        "code": null, "list": null, "open": null});
    let images = f.values("SELECT data_after FROM threadline.audit_changes ORDER BY id").await;
    assert_eq!(images, [image(1), nothing, image(3)]);
}

#[tokio::test]
async fn from_one_large_value_to_another_is_a_change() {
    let f = Fixture::audited(T, [limited(plain("t"), 10)]).await;
    f.run("INSERT INTO t (id, body) SELECT i, repeat('a', 100) FROM generate_series(1, 3) i").await;
    let old = f.changes().await[0][2]["body"].clone();
    for update in [
        "UPDATE t SET body = repeat('b', 100) WHERE id = 1",
        "UPDATE t SET body = repeat('b', 100) WHERE id > 1",
        "BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET body = repeat('a', 100); COMMIT",
    ] {
        f.run(update).await;
    }
    let changes = f.changes().await.split_off(3);
    let new = changes[0][2]["body"].clone();
    assert_eq!((&new["$truncated"]["bytes"], new != old), (&json!(100), true));
    assert_eq!(changes.len(), 6);
    for (change, (before, after)) in changes.iter().zip([
        (&old, &new),
        (&old, &new),
        (&old, &new),
        (&new, &old),
        (&new, &old),
        (&new, &old),
    ]) {
        assert_eq!(difference(change), [json!(["body"]), json!({"body": before})]);
        assert_eq!(change[2]["body"], *after);
    }
    f.run("UPDATE t SET open = 'x' WHERE id = 1; UPDATE t SET body = 'short' WHERE id = 1").await;
    let changes = f.changes().await.split_off(9);
    assert_eq!(difference(&changes[0]), [json!(["open"]), json!({"open": null})]);
    assert_eq!(difference(&changes[1]), [json!(["body"]), json!({"body": old})]);
    assert_eq!(changes[1][2]["body"], json!("short"));
}

#[tokio::test]
async fn a_document_is_masked_before_it_is_measured() {
    let path = JsonPath::parse("secret").expect("valid");
    let spec = limited(plain("t").mask_json(column("doc"), [path], Placeholder::default()), 40);
    let f = Fixture::audited(T, [spec]).await;
    f.run(
        "INSERT INTO t (id, doc) SELECT i, jsonb_build_object('secret', repeat('S', i * 100))
        FROM generate_series(1, 2) i",
    )
    .await;
    f.run(
        "INSERT INTO t (id, doc) SELECT i, jsonb_build_object('secret', i, 'more', repeat('m', 90))
        FROM generate_series(3, 4) i",
    )
    .await;
    let stored =
        f.values("SELECT data_after -> 'doc' FROM threadline.audit_changes ORDER BY id").await;
    assert_eq!(stored[..2], [json!({"secret": "[REDACTED]"}), json!({"secret": "[REDACTED]"})]);
    assert!(stored[2]["$truncated"]["bytes"].as_u64() > Some(90), "{stored:?}");
    assert_eq!(stored[2], stored[3], "nobody can try out secrets by the digest");
}

#[tokio::test]
async fn a_limit_outlives_a_change_of_the_schema_and_fails_no_write() {
    let f = Fixture::audited(T, [limited(plain("t"), 20)]).await;
    f.run("ALTER TABLE t ADD later int, ALTER file TYPE text USING file::text").await;
    f.run(
        "INSERT INTO t (id, body, file) VALUES (1, repeat('a', 100), '\\xno hex, but long enough')",
    )
    .await;
    f.run("UPDATE t SET file = '\\x' || repeat('ab', 30); DELETE FROM t").await;
    let changes = f.changes().await;
    assert_eq!(changes[0][2]["body"]["$truncated"]["bytes"], json!(100));
    assert_eq!(changes[0][2]["file"]["$truncated"]["bytes"], json!(25));
    assert_eq!(changes[1][2]["file"]["$truncated"]["bytes"], json!(30));
    assert_eq!(changes.len(), 3);
}

#[tokio::test]
async fn a_key_is_stored_whole() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE t (id text PRIMARY KEY)").await;
    let limit = NonZeroU32::new(9).expect("some bytes");
    let wrong = registry([plain("t").max_bytes(column("id"), limit)]);
    let error = threadline_migration::sync(&f.db, &wrong).await.expect_err("refused").to_string();
    assert!(error.contains("`id`") && error.contains("max_bytes"), "{error}");
}
