//! CSV in a spreadsheet.

use threadline::export::Csv;
use threadline::prelude::*;
use threadline::{Export, Filter};

use super::documents::{empty, trail};
use crate::fixture::{Fixture, run};

async fn csv(f: &Fixture, format: Csv) -> Vec<u8> {
    let mut document = Vec::new();
    let filter = Filter::new();
    Export::new(&filter).write(&f.db, format, &mut document).await.expect("exports");
    document
}

fn cells(document: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(document);
    let records = reader.records().map(|record| record.expect("CSV"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

async fn hostile() -> Fixture {
    let f = empty().await;
    let said = AuditContext::new(ActorRef::system("-5")).correlation_id("=cmd|' /C calc'!A0");
    let action = Action::new("@SUM(A1)").reason(" +1").comment("a;=1\r\n-1");
    let txn = f.db.audit_begin(&said, action).await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (-1, '=1', -5.5, '{\"=a\": \"x;=1; ＠b\", \"n\": -1}')").await;
    txn.commit().await.expect("commits");
    f
}

#[tokio::test]
async fn no_cell_is_a_formula_unless_it_is_asked_for() {
    let f = hostile().await;
    let rows = cells(&csv(&f, Csv::new()).await);
    let cell = |name: &str| {
        let place = rows[0].iter().position(|header| header == name).expect("a column");
        rows[1][place].as_str()
    };
    assert_eq!(cell("actor_id"), "-5", "a number is none");
    assert_eq!(cell("correlation_id"), "'=cmd|' /C calc'!A0");
    assert_eq!(cell("action"), "'@SUM(A1)");
    assert_eq!(cell("reason"), "' +1");
    assert_eq!(cell("comment"), "a;'=1\r\n-1");
    let after = r#"{"j": {"n": -1, "=a": "x;\u003d1; \uff20b"}, "n": -5.5, "v": "=1", "id": -1}"#;
    assert_eq!(cell("data_after"), after);

    let raw = cells(&csv(&f, Csv::new().raw()).await);
    let place = rows[0].iter().position(|header| header == "reason").expect("a column");
    assert_eq!(raw[1][place], " +1");
}

#[tokio::test]
async fn a_guarded_document_is_the_same_document() {
    let f = hostile().await;
    let rows = cells(&csv(&f, Csv::new()).await);
    let place = rows[0].iter().position(|header| header == "data_after").expect("a column");
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let stored = trail(&f.db).await.remove(0)[place].clone().expect("a row");
    assert_eq!(read(&rows[1][place]), read(&stored));
}

#[tokio::test]
async fn it_is_csv_to_the_letter() {
    let f = empty().await;
    f.run("INSERT INTO t VALUES (1, 'a\"b')").await;
    let document = String::from_utf8(csv(&f, Csv::new()).await).expect("UTF-8");
    assert_eq!(document.matches('\n').count(), 2);
    assert_eq!(document.matches("\r\n").count(), 2);
    assert!(document.starts_with("id,transaction_id,action_id,table_schema,"), "{document}");
    assert!(document.contains(r#","{""id"": 1}","{""j"": null, ""n"": null, ""v"": ""a\""b"","#));
    let marked = csv(&f, Csv::new().byte_order_mark()).await;
    assert_eq!(marked, format!("\u{feff}{document}").into_bytes());
}
