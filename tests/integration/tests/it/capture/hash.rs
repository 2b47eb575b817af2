//! Columns of which a keyed hash is stored.

use serde_json::{Value, json};
use threadline::{Placeholder, TableSpec};

use crate::fixture::{Fixture, column, difference, plain, run, values};

/// `printf 'name\0text' | openssl dgst -sha256 -hmac Jefe`
const BY_OPENSSL: &str = "hmac:6216f2d26cbd87cfcf895825846f82f95542c6dbcb0c70fc6548784ea05d00c4";

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, email text, alias text, born date,
    prefs jsonb, score numeric, raw json, open text)";

fn policy() -> TableSpec {
    let spec = plain("t").hash(column("email"), Placeholder::new("***").expect("valid"));
    ["alias", "born", "prefs", "score", "raw"]
        .into_iter()
        .fold(spec, |spec, name| spec.hash(column(name), Placeholder::default()))
}

async fn stored(f: &Fixture, what: &str) -> Vec<String> {
    let sql = format!("SELECT data_after -> '{what}' FROM threadline.audit_changes ORDER BY id");
    let texts = f.values(&sql).await.into_iter();
    texts.map(|value| value.as_str().expect("a text").to_owned()).collect()
}

fn is_hash(text: &str) -> bool {
    text.strip_prefix("hmac:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    })
}

#[tokio::test]
async fn equal_values_of_a_column_have_equal_hashes_and_those_of_two_columns_have_not() {
    let f = Fixture::audited(T, [policy()]).await;
    f.run("INSERT INTO t (id, email, alias) VALUES (1, 'a@x', 'a@x'), (2, 'a@x', 'b@x')").await;
    f.run("BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t (id, email, alias) VALUES (3, 'a@x', 'a@x');
        COMMIT")
    .await;
    let (emails, aliases) = (stored(&f, "email").await, stored(&f, "alias").await);
    assert!(emails.iter().chain(&aliases).all(|text| is_hash(text)), "{emails:?} {aliases:?}");
    assert!(emails[0] == emails[1] && emails[1] == emails[2], "{emails:?}");
    assert!(aliases[0] == aliases[2] && aliases[0] != aliases[1], "{aliases:?}");
    assert_ne!(emails[0], aliases[0], "who may write one column learns nothing of the other");
}

#[tokio::test]
async fn the_hash_is_hmac_sha_256_and_every_installation_has_a_key_of_its_own() {
    let f = Fixture::audited(T, [policy()]).await;
    let pad = |constant: i32| {
        format!(
            "(SELECT string_agg(set_byte('\\x00'::bytea, 0, get_byte('Jefe'::bytea || decode(
                repeat('00', 60), 'hex'), i) # {constant}), ''::bytea ORDER BY i) FROM generate_series(0, 63) i)"
        )
    };
    let ours = format!(
        "SELECT threadline.keyed_hash('\"text\"', 'name', ARRAY[{}, {}], '***')",
        pad(0x36),
        pad(0x5c)
    );
    assert_eq!(f.value(&ours).await, json!(BY_OPENSSL), "{ours}");
    let pads = "SELECT to_jsonb(k) FROM threadline.hash_keys k";
    let key = f.value(pads).await;
    assert_eq!(key["key"].as_str().map(str::len), Some(2 + 64));
    let combined = "SELECT to_jsonb(bool_and(
            get_byte(k.inner_pad, i) = CASE WHEN i < 32 THEN get_byte(k.key, i) # 54 ELSE 54 END
            AND get_byte(k.outer_pad, i) = CASE WHEN i < 32 THEN get_byte(k.key, i) # 92 ELSE 92 END))
        FROM threadline.hash_keys k, generate_series(0, 63) i";
    assert_eq!(f.value(combined).await, json!(true));
    f.run("DELETE FROM threadline.hash_keys; SELECT threadline.make_hash_key()").await;
    assert_ne!(f.value(pads).await["key"], key["key"]);
    let again = f.value("SELECT to_jsonb(threadline.make_hash_key())").await;
    assert_eq!(again, json!(false), "a key that is there is never replaced");
}

#[tokio::test]
async fn any_type_is_hashed_by_its_text_and_null_stays_null() {
    let f = Fixture::audited(T, [policy()]).await;
    let row = r#"'a', 'b', '2000-01-02', '{"b": 1, "a": [1]}', 1.50, '{"x" : "\u0000"}'"#;
    f.run(&format!("INSERT INTO t VALUES (1, {row}); INSERT INTO t (id) VALUES (2)")).await;
    let images = f.values("SELECT data_after FROM threadline.audit_changes ORDER BY id").await;
    for name in ["email", "alias", "born", "prefs", "score", "raw"] {
        assert!(images[0][name].as_str().is_some_and(is_hash), "{name}: {}", images[0]);
        assert_eq!(images[1][name], Value::Null, "{name}");
    }
    f.run("SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; UPDATE t SET open = 'x' WHERE id = 1")
        .await;
    let after = &f.changes().await[2];
    assert_eq!(after[2]["born"], images[0]["born"], "whatever the session's settings are");
    assert_eq!(difference(after), [json!(["open"]), json!({"open": null})]);
}

#[tokio::test]
async fn an_update_tells_the_old_hash_and_the_new_one() {
    let f = Fixture::audited(T, [policy()]).await;
    f.run("INSERT INTO t (id, email) SELECT i, 'a@x' FROM generate_series(1, 3) i").await;
    let old = stored(&f, "email").await.remove(0);
    f.run("TRUNCATE threadline.audit_changes").await;
    f.run("UPDATE t SET email = 'b@x' WHERE id = 1; UPDATE t SET email = 'b@x'").await;
    f.run("BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET email = 'a@x'; COMMIT").await;
    let changes = f.changes().await;
    assert_eq!(changes.len(), 6, "one, the two others, and all three");
    let new = changes[0][2]["email"].clone();
    assert!(new != json!(old) && new.as_str().is_some_and(is_hash));
    for change in &changes[..3] {
        assert_eq!(difference(change), [json!(["email"]), json!({"email": old})]);
        assert_eq!(change[2]["email"], new);
    }
    for change in &changes[3..] {
        assert_eq!(difference(change), [json!(["email"]), json!({"email": new})]);
        assert_eq!(change[2]["email"], json!(old));
    }
}

#[tokio::test]
async fn without_the_key_values_are_masked_and_no_write_fails() {
    let f = Fixture::audited(T, [policy()]).await;
    f.run("DELETE FROM threadline.hash_keys").await;
    f.run("INSERT INTO t (id, email, alias) VALUES (1, 'S', 'S'), (2, NULL, 'S')").await;
    f.run("UPDATE t SET email = 'S2' WHERE id = 1; UPDATE t SET email = 'S3'").await;
    f.run("BEGIN ISOLATION LEVEL SERIALIZABLE; DELETE FROM t; COMMIT").await;
    let changes = f.changes().await;
    assert_eq!(changes[0][2]["email"], json!("***"));
    assert_eq!(changes[0][2]["alias"], json!("[REDACTED]"));
    assert_eq!(changes[1][2]["email"], Value::Null);
    assert_eq!(difference(&changes[2]), [json!(["email"]), json!({"email": "***"})]);
    let leaks = "SELECT to_jsonb(c) FROM threadline.audit_changes c WHERE c::text LIKE '%\"S%'";
    assert_eq!(f.values(leaks).await, Vec::<Value>::new());
}

#[tokio::test]
async fn nobody_but_the_owner_reads_the_key_even_with_a_right_on_every_table() {
    let f = Fixture::audited(T, [policy()]).await;
    let role = format!("reader_{}", f.test_db.name());
    let other = f.test_db.pool_of(1).await;
    let grant =
        format!("CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA threadline TO {role}");
    run(&other, &grant).await;
    run(&other, &format!("SET ROLE {role}")).await;
    let keys = "SELECT to_jsonb(k) FROM threadline.hash_keys k";
    assert_eq!(values(&other, keys).await, Vec::<Value>::new());
    assert_eq!(f.values(keys).await.len(), 1);
    run(&other, "RESET ROLE").await;
    run(&other, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn names_that_the_generated_text_uses_itself_do_no_harm() {
    let ddl = "CREATE TABLE t (k text PRIMARY KEY, e text, n text, o text, inner_pad text, x text)";
    let spec = ["e", "n", "o", "inner_pad", "x"]
        .into_iter()
        .fold(plain("t"), |spec, name| spec.hash(column(name), Placeholder::default()));
    let f = Fixture::audited(ddl, [spec]).await;
    f.run("INSERT INTO t VALUES ('k', 'S', 'S', 'S', 'S', 'S'); UPDATE t SET x = 'S2'").await;
    f.run("BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET e = 'S3'; COMMIT; DELETE FROM t").await;
    let stored =
        "SELECT coalesce(data_after, changed_from) FROM threadline.audit_changes ORDER BY id";
    for image in f.values(stored).await {
        for name in ["e", "n", "o", "inner_pad", "x"] {
            assert!(image[name].as_str().is_some_and(is_hash), "{name}: {image}");
        }
    }
}
