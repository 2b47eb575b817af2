//! Exports of two tenants.

use serde_json::Value;
use threadline::{Error, Export, Filter, Predicate, Reader};

use super::documents::{empty, exported};
use super::formats::FORMATS;

#[tokio::test]
async fn an_export_in_a_scope_has_no_foreign_byte() {
    let f = empty().await;
    f.run(
        "INSERT INTO p SELECT i, i % 2 + 1, NULL, NULL, NULL, 'tenant-' || i % 2 + 1, NULL
            FROM generate_series(1, 3000) i;
        UPDATE p SET doc = '{}';
        UPDATE p SET tenant = 2 WHERE id = 2;
        DELETE FROM p; TRUNCATE p; INSERT INTO t VALUES (1, 'tenant-2')",
    )
    .await;
    let filter = Filter::new();
    for tried in FORMATS {
        let reader = Reader::new(&f.db).scoped(1, |tenant| Predicate::column("tenant", *tenant));
        let (read, _) = exported(tried, &reader, &Export::new(&filter).unlimited()).await;
        assert_eq!(read.rows.len(), 1500 + 1500 + 1499, "{}", tried.name);
        for row in &read.rows {
            let text = row[8].as_deref().filter(|text| !text.is_empty());
            let told = text.or(row[10].as_deref()).expect("a row");
            let told: Value = serde_json::from_str(told).expect("JSON");
            assert_eq!(told["tenant"], Value::from(1), "{}: {row:?}", tried.name);
        }
        assert!(!format!("{:?}", read.rows).contains("tenant-2"), "{}", tried.name);
    }
}

#[tokio::test]
async fn a_scope_that_says_nothing_exports_nothing() {
    let f = empty().await;
    f.run("INSERT INTO t VALUES (1)").await;
    let filter = Filter::new();
    for tried in FORMATS {
        let reader = Reader::new(&f.db).scoped((), |_| Predicate::all([]));
        let mut document = Vec::new();
        let result = Export::new(&filter).write(&reader, (tried.make)(), &mut document).await;
        assert!(matches!(result, Err(Error::InvalidScope(_))), "{}: {result:?}", tried.name);
        assert!(document.is_empty(), "{}", tried.name);
        let reader = Reader::new(&f.db).scoped((), |_| Predicate::nothing());
        let (read, said) = exported(tried, &reader, &Export::new(&filter)).await;
        assert_eq!((read.rows.len(), said.truncated), (0, false), "{}", tried.name);
    }
}
