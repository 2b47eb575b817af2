//! Names that clash with what the generated text uses itself, or that want quoting.

use serde_json::json;
use threadline::{TableName, TableSpec};

use crate::fixture::{Fixture, column, difference, registry};

#[tokio::test]
async fn columns_called_like_the_texts_own_words_are_captured() {
    let columns = [
        "n",
        "o",
        "x",
        "e",
        "d",
        "c",
        "r",
        "s",
        "j",
        "jn",
        "jo",
        "k",
        "capture",
        "touched",
        "recorded",
        "transaction_id",
        "action_id",
        "captured_at",
        "new_rows",
        "old_rows",
        "tg_op",
        "settings",
        "key",
        "value",
        "actual",
        "declared",
        "select",
        "it's",
        "say \"hi\"",
        "back\\slash",
        "$capture$",
        "Ünïcödé",
        "/*:table:*/",
    ];
    let list: Vec<String> =
        columns.iter().map(|name| format!("\"{}\" int", name.replace('"', "\"\""))).collect();
    let ddl = format!("CREATE TABLE t (id int PRIMARY KEY, secret text, {})", list.join(", "));
    for redacting in [false, true] {
        let spec = TableSpec::new(TableName::parse("t").expect("a name"));
        let spec = if redacting { spec.exclude(column("secret")) } else { spec };
        let f = Fixture::audited(&ddl, [spec]).await;
        f.run("INSERT INTO t (id, secret) SELECT i, 'x' FROM generate_series(1, 3) i").await;
        for name in columns {
            let quoted = name.replace('"', "\"\"");
            f.run(&format!("UPDATE t SET \"{quoted}\" = 1 WHERE id = 1")).await;
            f.run(&format!("UPDATE t SET \"{quoted}\" = 2")).await;
        }
        f.run("DELETE FROM t").await;
        let changes = f.changes().await;
        assert_eq!(changes.len(), 3 + columns.len() * 4 + 3);
        let of_one: Vec<_> =
            changes.iter().filter(|change| change[1] == json!({"id": 1})).collect();
        for (place, name) in columns.iter().enumerate() {
            assert_eq!(difference(of_one[1 + place * 2]), [json!([name]), json!({*name: null})]);
            assert_eq!(difference(of_one[2 + place * 2]), [json!([name]), json!({*name: 1})]);
        }
    }
}

#[tokio::test]
async fn tables_of_any_name_in_any_schema_do_not_share_a_function() {
    let long = "t".repeat(60);
    let tables = [
        ("public", "Order"),
        ("a.b", "c"),
        ("a", "b.c"),
        ("it's", "say \"hi\""),
        ("public", long.as_str()),
        ("a", long.as_str()),
    ];
    let f = Fixture::installed().await;
    let mut specs = Vec::new();
    for (place, (schema, table)) in tables.iter().enumerate() {
        let (quoted_schema, quoted_table) =
            (schema.replace('"', "\"\""), table.replace('"', "\"\""));
        f.run(&format!(
            "CREATE SCHEMA IF NOT EXISTS \"{quoted_schema}\";
             CREATE TABLE \"{quoted_schema}\".\"{quoted_table}\" (id int PRIMARY KEY, secret{place} text)"
        ))
        .await;
        let name = TableName::new(*schema, *table).expect("a name");
        specs.push(TableSpec::new(name).exclude(column(&format!("secret{place}"))));
    }
    f.sync(specs.clone()).await;
    let registry = registry(specs);
    let planned = threadline_migration::plan(&f.db, &registry).await.expect("it can be planned");
    assert!(planned.is_empty(), "{planned}");
    for (schema, table) in tables {
        let (schema, table) = (schema.replace('"', "\"\""), table.replace('"', "\"\""));
        f.run(&format!("INSERT INTO \"{schema}\".\"{table}\" VALUES (1, 'canary')")).await;
    }
    let recorded = f
        .values(
            "SELECT jsonb_build_array(table_schema, table_name, data_after)
            FROM threadline.audit_changes ORDER BY id",
        )
        .await;
    let expected: Vec<_> =
        tables.iter().map(|(schema, table)| json!([schema, table, {"id": 1}])).collect();
    assert_eq!(recorded, expected);
    f.run("ALTER TABLE \"a.b\".c DISABLE TRIGGER threadline_insert").await;
    let found = threadline_migration::status(&f.db, &registry).await.expect("it can be read");
    let damaged = found.tables.iter().filter(|status| !status.state.is_good());
    let damaged: Vec<_> = damaged.map(|status| status.table.schema()).collect();
    assert_eq!(damaged, ["a.b"], "{found}");
}
