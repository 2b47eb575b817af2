//! Whatever is written, and however, a redacted value appears nowhere in the trail.

use serde_json::json;
use std::num::NonZeroU32;
use threadline::{JsonPath, Placeholder, TableSpec};

use crate::fixture::{Fixture, column, plain};

const CANARY: &str = "CANARY-7f3a";

fn policy() -> TableSpec {
    plain("vault")
        .exclude(column("hidden"))
        .exclude(column("document"))
        .mask(column("masked"), Placeholder::default())
        .mask(column("numbers"), Placeholder::default())
}

#[tokio::test]
async fn a_redacted_value_appears_nowhere_in_the_audit_tables() {
    let f = Fixture::audited(
        "CREATE TABLE vault (id int PRIMARY KEY, hidden text, document jsonb, masked text,
            numbers text[], open text)",
        [policy()],
    )
    .await;
    let c = CANARY;
    for statement in [
        format!("INSERT INTO vault VALUES (1, '{c}', '{{\"k\": \"{c}\"}}', '{c}', '{{{c}}}', 'a')"),
        format!(
            "INSERT INTO vault SELECT i, '{c}', to_jsonb('{c}'::text), '{c}', ARRAY['{c}'], 'a'
            FROM generate_series(2, 9) i"
        ),
        format!("UPDATE vault SET hidden = '{c} 1', masked = '{c} 1' WHERE id = 1"),
        format!("UPDATE vault SET hidden = hidden || '{c}', masked = '{c} 2', open = 'b'"),
        format!("UPDATE vault SET document = '[\"{c}\"]', numbers = '{{{c},{c}}}' WHERE id < 4"),
        "UPDATE vault SET id = id + 100 WHERE id = 1".to_owned(),
        "UPDATE vault SET id = id + 1000".to_owned(),
        format!(
            "INSERT INTO vault VALUES (1002, '{c}') ON CONFLICT (id) DO UPDATE SET masked = '{c} 3'"
        ),
        "ALTER TABLE vault RENAME hidden TO now_called".to_owned(),
        format!("UPDATE vault SET now_called = '{c} 4' WHERE id = 1002"),
        format!("UPDATE vault SET now_called = '{c} 5'"),
        format!("ALTER TABLE vault ADD later text; UPDATE vault SET later = '{c}'"),
        format!("UPDATE vault SET later = '{c} 6' WHERE id = 1002"),
        format!("INSERT INTO vault (id, now_called, later) VALUES (5, '{c}', '{c}')"),
        "ALTER TABLE vault RENAME masked TO hidden".to_owned(),
        format!("UPDATE vault SET hidden = '{c} 7'; DELETE FROM vault WHERE id < 1004"),
        format!(
            "ALTER TABLE vault ALTER numbers TYPE text USING numbers::text; UPDATE vault SET numbers = '{c}'"
        ),
        "TRUNCATE vault".to_owned(),
    ] {
        f.run(&statement).await;
    }
    expect_no_leak(&f, 60).await;
    let open =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE data_after ->> 'open' = 'b'";
    assert_ne!(f.value(open).await, json!(0), "the test would pass if nothing were stored at all");
}

/// The table was written to more than `least` times, and the canary is in no audit table.
async fn expect_no_leak(f: &Fixture, least: i64) {
    let recorded = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes";
    assert!(f.value(recorded).await.as_i64() > Some(least), "the statements are recorded");
    for table in ["audit_changes", "audit_transactions", "audit_actions", "audited_tables"] {
        let leaks = format!(
            "SELECT to_jsonb(t) FROM threadline.{table} t WHERE t::text ILIKE '%{CANARY}%' LIMIT 1"
        );
        assert_eq!(f.values(&leaks).await, Vec::<serde_json::Value>::new(), "{table}");
    }
}

/// Columns of which a hash, a part or the size is stored.
fn finer_policy() -> TableSpec {
    let limit = NonZeroU32::new(30).expect("some bytes");
    let paths = JsonPath::parse_list("a.secret, list.*.secret").expect("valid");
    plain("safe")
        .hash(column("hashed"), Placeholder::default())
        .hash(column("hashed_list"), Placeholder::default())
        .mask_json(column("doc"), paths.clone(), Placeholder::default())
        .mask_json(column("raw"), paths, Placeholder::default())
        .max_bytes(column("doc"), limit)
        .max_bytes(column("large"), limit)
        .max_bytes(column("file"), limit)
}

#[tokio::test]
async fn nor_does_one_of_which_a_hash_a_part_or_the_size_is_stored() {
    let f = Fixture::audited(
        "CREATE TABLE safe (id int PRIMARY KEY, hashed text, hashed_list text[], doc jsonb, raw json,
            large text, file bytea, open text)",
        [finer_policy()],
    )
    .await;
    let c = CANARY;
    let document = format!(
        r#"'{{"a": {{"secret": ["{c}"], "b": 1}}, "list": [{{"secret": {{"{c}": 1}}}}, {{"n": 2}}]}}'"#
    );
    let row = format!(
        "'{c}', ARRAY['{c}'], {document}, {document}, repeat('{c}', 9), repeat('{c}', 9)::bytea, 'a'"
    );
    for statement in [
        format!("INSERT INTO safe VALUES (1, {row})"),
        format!("INSERT INTO safe SELECT i, {row} FROM generate_series(2, 9) i"),
        format!("UPDATE safe SET hashed = '{c} 1', large = large || '{c} 1' WHERE id = 1"),
        format!("UPDATE safe SET hashed = hashed || '{c}', file = file || '{c} 2', open = 'b'"),
        format!("UPDATE safe SET doc = jsonb_set(doc, '{{a,secret}}', '\"{c} 1\"') WHERE id = 1"),
        format!("UPDATE safe SET doc = jsonb_set(doc, '{{list,0,secret}}', '\"{c} 2\"')"),
        // Of another form than the paths expect.
        format!("UPDATE safe SET doc = to_jsonb('{c}'::text), raw = '[\"{c}\"]' WHERE id = 2"),
        format!(r#"UPDATE safe SET raw = '{{"a": "{c}", "z": "\u0000"}}' WHERE id > 6"#),
        format!(
            "UPDATE safe SET doc = jsonb_build_object('list', jsonb_build_object('secret', '{c}'))"
        ),
        "UPDATE safe SET id = id + 100 WHERE id = 1".to_owned(),
        "UPDATE safe SET id = id + 1000".to_owned(),
        format!(
            "INSERT INTO safe VALUES (1002, '{c}') ON CONFLICT (id) DO UPDATE SET hashed = '{c} 3',
                large = repeat('{c} 3', 9)"
        ),
        "DELETE FROM threadline.hash_keys".to_owned(),
        format!(
            "UPDATE safe SET hashed = '{c} 4' WHERE id < 1004; UPDATE safe SET hashed = '{c} 5'"
        ),
        "SELECT threadline.make_hash_key()".to_owned(),
        format!(
            "BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE safe SET hashed = '{c} 6', doc = {document}; COMMIT"
        ),
        "ALTER TABLE safe RENAME hashed TO now_called".to_owned(),
        format!(
            "UPDATE safe SET now_called = '{c} 7' WHERE id = 1002; UPDATE safe SET now_called = '{c} 8'"
        ),
        "ALTER TABLE safe RENAME doc TO hashed".to_owned(),
        format!(
            "UPDATE safe SET hashed = {document}; UPDATE safe SET raw = {document} WHERE id = 1003"
        ),
        "ALTER TABLE safe ALTER raw TYPE text USING raw::text".to_owned(),
        format!("UPDATE safe SET raw = '{c}'; UPDATE safe SET large = repeat('{c} 9', 9)"),
        format!("ALTER TABLE safe ADD later text; UPDATE safe SET later = '{c}'"),
        format!("INSERT INTO safe VALUES (5, '{c}')"),
        "DELETE FROM safe WHERE id < 1004; TRUNCATE safe".to_owned(),
    ] {
        f.run(&statement).await;
    }
    expect_no_leak(&f, 100).await;
    for kept in ["data_after #>> '{raw,a,b}' = '1'", "data_after ->> 'open' = 'b'"] {
        let count = format!("SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE {kept}");
        assert_ne!(f.value(&count).await, json!(0), "{kept}");
    }
}
