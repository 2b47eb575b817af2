//! Documents that are masked in parts.

use serde_json::{Value, json};
use threadline::{JsonPath, Placeholder, TableSpec};

use crate::fixture::{Fixture, column, difference, plain, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, doc jsonb, raw json, open text)";

fn paths(text: &str) -> Vec<JsonPath> {
    JsonPath::parse_list(text).expect("valid paths")
}

fn policy() -> TableSpec {
    let stars = Placeholder::new("***").expect("valid");
    plain("t").mask_json(column("doc"), paths("address.street, contacts.*.phone"), stars).mask_json(
        column("raw"),
        paths("\"a.b\".c"),
        Placeholder::default(),
    )
}

/// What was stored of every insert so far: of the typed statements and of those that know no column.
async fn stored(f: &Fixture, what: &str) -> Vec<Value> {
    f.values(&format!("SELECT data_after -> '{what}' FROM threadline.audit_changes ORDER BY id"))
        .await
}

#[tokio::test]
async fn what_is_at_a_path_is_masked_and_everything_else_is_kept() {
    let f = Fixture::audited(T, [policy()]).await;
    let insert = |id: i32| {
        format!(
            r#"INSERT INTO t VALUES ({id}, '{{"address": {{"street": {{"name": "S"}}, "city": "C"}}, "n": 1.50,
                "contacts": [{{"phone": "P", "kind": "home"}}, {{"kind": "none"}}, {{"phone": null}}]}}',
            '{{"a.b": {{"c": "S", "d": 2}}, "a": {{"b": {{"c": 3}}}}}}')"#
        )
    };
    f.run(&insert(1)).await;
    // What a transaction that is serializable may not know is recorded without naming a column.
    f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}; COMMIT", insert(2))).await;
    let document = json!({"address": {"street": "***", "city": "C"}, "n": 1.50,
        "contacts": [{"phone": "***", "kind": "home"}, {"kind": "none"}, {"phone": "***"}]});
    assert_eq!(stored(&f, "doc").await, [document.clone(), document]);
    let raw = json!({"a.b": {"c": "[REDACTED]", "d": 2}, "a": {"b": {"c": 3}}});
    assert_eq!(stored(&f, "raw").await, [raw.clone(), raw]);
}

#[tokio::test]
async fn a_path_that_is_missing_stays_missing() {
    let f = Fixture::audited(T, [policy()]).await;
    for (id, document) in [
        ("1", "NULL"),
        ("2", "'null'"),
        ("3", "'{}'"),
        ("4", r#"'{"address": null, "contacts": []}'"#),
    ] {
        f.run(&format!("INSERT INTO t VALUES ({id}, {document})")).await;
    }
    let kept = [Value::Null, Value::Null, json!({}), json!({"address": null, "contacts": []})];
    assert_eq!(stored(&f, "doc").await, kept);
}

#[tokio::test]
async fn a_document_of_another_form_is_masked_wholly() {
    let f = Fixture::audited(T, [policy()]).await;
    let documents = [
        r#""S""#,
        "7",
        "true",
        r#"["S"]"#,
        r#"{"address": "S"}"#,
        r#"{"address": ["S"]}"#,
        r#"{"address": [{"street": "S"}]}"#,
        r#"{"contacts": {"phone": "S"}}"#,
        r#"{"contacts": [{"phone": "P"}, "S"]}"#,
        r#"{"contacts": [[{"phone": "S"}]]}"#,
        r#"{"unstorable_json": "S"}"#,
    ];
    for (id, document) in documents.iter().enumerate() {
        f.run(&format!("INSERT INTO t (id, doc) VALUES ({id}, '{document}')")).await;
        let again = format!("INSERT INTO t (id, doc) VALUES ({}, '{document}')", id + 100);
        f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {again}; COMMIT")).await;
    }
    assert_eq!(stored(&f, "doc").await, vec![json!("***"); documents.len() * 2]);
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_is_masked_wholly_and_fails_no_write() {
    let f = Fixture::audited(T, [policy()]).await;
    let insert = |id: i32| {
        format!(
            r#"INSERT INTO t (id, raw) VALUES ({id}, '{{"a.b": {{"c": "S", "z": "\u0000"}}}}')"#
        )
    };
    f.run(&insert(1)).await;
    f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}; COMMIT", insert(2))).await;
    for stored in stored(&f, "raw").await {
        let part = json!({"a.b": {"c": "[REDACTED]", "z": "\u{fffd}"}});
        assert!(stored == json!("[REDACTED]") || stored == part, "{stored}");
    }
}

#[tokio::test]
async fn an_update_below_a_masked_path_alone_is_recorded_with_its_column() {
    let f = Fixture::audited(T, [policy()]).await;
    f.run(
        r#"INSERT INTO t (id, doc) SELECT i, '{"address": {"street": "S"}}' FROM generate_series(1, 3) i"#,
    )
    .await;
    let masked = json!({"address": {"street": "***"}});
    for update in [
        r#"UPDATE t SET doc = '{"address": {"street": "T"}}' WHERE id = 1"#,
        r#"UPDATE t SET doc = jsonb_set(doc, '{address,street}', '"U"')"#,
        r#"BEGIN ISOLATION LEVEL SERIALIZABLE;
            UPDATE t SET doc = jsonb_set(doc, '{address,street}', '"V"'); COMMIT"#,
    ] {
        f.run("TRUNCATE threadline.audit_changes").await;
        f.run(update).await;
        let changes = f.changes().await;
        assert!(!changes.is_empty(), "{update}");
        for change in changes {
            assert_eq!(difference(&change), [json!(["doc"]), json!({"doc": masked})], "{update}");
            assert_eq!(change[2]["doc"], masked, "{update}");
        }
    }
}

#[tokio::test]
async fn a_column_that_is_not_the_declared_one_any_more_is_masked_wholly() {
    let f = Fixture::audited(T, [policy()]).await;
    f.run("ALTER TABLE t RENAME doc TO was_doc; ALTER TABLE t RENAME raw TO doc").await;
    f.run(r#"INSERT INTO t VALUES (1, '{"S": 1}', '{"address": {"city": "C"}}')"#).await;
    let image = f.value("SELECT data_after FROM threadline.audit_changes").await;
    assert_eq!(image, json!({"id": 1, "was_doc": "[REDACTED]", "doc": "***", "open": null}));
}

#[tokio::test]
async fn only_json_can_be_masked_in_parts() {
    let f = Fixture::installed().await;
    f.run(T).await;
    let wrong =
        registry([plain("t").mask_json(column("open"), paths("a"), Placeholder::default())]);
    let error = threadline_migration::sync(&f.db, &wrong).await.expect_err("refused").to_string();
    assert!(error.contains("`open`") && error.contains("neither json nor jsonb"), "{error}");
}

#[tokio::test]
async fn a_sync_tells_which_change_of_a_redaction_weakens_it() {
    let f = Fixture::installed().await;
    f.run(T).await;
    let in_parts = |text| plain("t").mask_json(column("doc"), paths(text), Placeholder::default());
    let hashed = || plain("t").hash(column("doc"), Placeholder::default());
    let masked = || plain("t").mask(column("doc"), Placeholder::default());
    let excluded = || plain("t").exclude(column("doc"));
    let steps = [plain("t"), in_parts("a.b"), in_parts("a, c"), hashed(), masked(), excluded()];
    for pair in steps.windows(2) {
        f.sync([pair[0].clone()]).await;
        f.sync([pair[1].clone()]).await;
        let weaker = registry([pair[0].clone()]);
        let error =
            threadline_migration::sync(&f.db, &weaker).await.expect_err("weaker").to_string();
        assert!(error.contains("public.t") && error.contains("`doc`"), "{error}");
        f.run("DELETE FROM threadline.audited_tables").await;
    }
}
