//! Which tables a page may offer.

use serde_json::json;
use threadline::{Redaction, audited_tables};

use crate::fixture::{Fixture, column, plain};

#[tokio::test]
async fn the_tables_are_told_with_key_columns_types_and_redaction() {
    let ddl = "CREATE SCHEMA \"Odd.one\"; CREATE TYPE \"Odd.one\".mood AS ENUM ('ok');
        CREATE TABLE lines (note text, order_id int, line_no smallint, price numeric(12,2),
            gone int, mood \"Odd.one\".mood, moods \"Odd.one\".mood[], tags varchar(7)[],
            PRIMARY KEY (line_no, order_id));
        CREATE TABLE \"Odd.one\".\"T\" (id int PRIMARY KEY);
        CREATE TABLE late (id int PRIMARY KEY)";
    let odd = threadline::TableName::new("Odd.one", "T").expect("a name");
    let specs =
        [plain("lines").exclude(column("note")), threadline::TableSpec::new(odd), plain("late")];
    let f = Fixture::audited(ddl, specs).await;
    f.run("ALTER TABLE lines DROP COLUMN gone; ALTER TABLE lines ADD COLUMN new bool; DROP TABLE late").await;
    let mut seen = Vec::new();
    for path in ["public", "\"Odd.one\", public", "pg_catalog"] {
        f.run(&format!("SET search_path = {path}")).await;
        seen.push(audited_tables(&f.db).await.expect("reads"));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "whatever the search path: {seen:#?}");
    let tables = seen.remove(0);
    let names: Vec<String> = tables.iter().map(|told| told.table.to_string()).collect();
    assert_eq!(names, ["Odd.one.T", "public.late", "public.lines"]);
    let lines = &tables[2];
    assert_eq!(lines.key, ["line_no", "order_id"]);
    let columns: Vec<_> = lines
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.data_type.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        columns,
        [
            ("note", "text"),
            ("order_id", "integer"),
            ("line_no", "smallint"),
            ("price", "numeric(12,2)"),
            ("mood", "\"Odd.one\".mood"),
            ("moods", "\"Odd.one\".mood[]"),
            ("tags", "character varying(7)[]"),
            ("new", "boolean"),
        ]
    );
    assert_eq!(lines.columns[0].redaction, Some(Redaction::Exclude));
    assert_eq!(lines.columns[1].redaction, None);
    assert_eq!((lines.place_of("line_no"), lines.place_of("gone")), (2, 8));
    assert!(lines.exists && lines.detached_at.is_none());
    let late = &tables[1];
    assert!(!late.exists);
    assert_eq!(json!(late.columns), json!([{"name": "id", "data_type": null, "redaction": null}]));
}
