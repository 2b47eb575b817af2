//! What every format must hold.

use serde_json::Value;
use threadline::export::ColumnSet;
use threadline::prelude::*;
use threadline::{Export, Filter, Operation, TableName};

use super::documents::{assert_is_the_trail, empty, exported, names, trail, with_null, written};
use super::formats::FORMATS;
use crate::fixture::{Fixture, plain, run};

#[tokio::test]
async fn an_empty_export_is_a_whole_document() {
    let f = empty().await;
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        assert!(read.rows.is_empty(), "{}", tried.name);
        if !tried.name.contains("json") {
            assert_eq!(read.columns, names(ColumnSet::WithContext), "{}", tried.name);
        }
    }
}

#[tokio::test]
async fn one_change_has_every_column() {
    let f = empty().await;
    let ann = AuditContext::new(ActorRef::user(1));
    let txn = f.db.audit_begin(&ann, "ticket.open").await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (1, 'a', 1.50, '{\"k\": [1e2, null]}')").await;
    txn.commit().await.expect("commits");
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        assert_eq!(read.rows.len(), 1, "{}", tried.name);
        assert_eq!(read.columns, names(ColumnSet::WithContext), "{}", tried.name);
        let cell =
            |name| &read.rows[0][read.columns.iter().position(|c| c == name).expect("there")];
        assert_eq!(cell("action").as_deref(), Some("ticket.open"), "{}", tried.name);
        assert_eq!(cell("actor_id").as_deref(), Some("1"), "{}", tried.name);
        let after = r#"{"j": {"k": [100, null]}, "n": 1.50, "v": "a", "id": 1}"#;
        assert_eq!(cell("data_after").as_deref(), Some(after), "{}", tried.name);
        assert_eq!(cell("changed_from").as_deref(), tried.null, "{}", tried.name);
    }
}

#[tokio::test]
async fn every_operation_is_told_as_the_trail_has_it() {
    let f = written().await;
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        let ops: Vec<&str> = read.rows.iter().map(|row| row[5].as_deref().unwrap_or("")).collect();
        assert_eq!(ops, ["truncate", "delete", "update", "insert", "insert"], "{}", tried.name);
    }
}

#[tokio::test]
async fn without_its_context_a_change_has_the_columns_of_changes() {
    let f = written().await;
    let filter = Filter::new();
    let wanted = trail(&f.db).await;
    let columns = names(ColumnSet::Changes);
    for tried in FORMATS {
        let export = Export::new(&filter).columns(ColumnSet::Changes);
        let (read, _) = exported(tried, &f.db, &export).await;
        assert_eq!(read.columns, columns, "{}", tried.name);
        let wanted: Vec<_> = wanted.iter().map(|row| row[..columns.len()].to_vec()).collect();
        assert_eq!(read.rows, with_null(&wanted, tried.null), "{}", tried.name);
    }
}

#[tokio::test]
async fn masked_stays_masked_and_what_stands_for_a_value_stays() {
    let f = empty().await;
    f.run(
        "INSERT INTO p VALUES (1, 1, 'TAX-canary', 'PHONE-canary', 'PIN-canary',
            'BODY-canary-longer-than-the-limit', '{\"secret\": \"DOC-canary\", \"open\": 1}');
        UPDATE p SET tax = 'TAX2-canary', phone = 'PHONE2-canary', pin = 'PIN2-canary',
            body = 'BODY2-canary-longer-than-the-limit', doc = '{\"secret\": \"DOC2-canary\"}';
        DELETE FROM p",
    )
    .await;
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        let all = format!("{:?}", read.rows);
        assert!(!all.contains("canary"), "{}: {all}", tried.name);
        assert!(all.contains("hmac:") && all.contains("$truncated"), "{}: {all}", tried.name);
        let mut document = Vec::new();
        let filter = Filter::new();
        let export = Export::new(&filter);
        export.write(&f.db, (tried.make)(), &mut document).await.expect("exports");
        assert!(!String::from_utf8_lossy(&document).contains("canary"), "{}", tried.name);
    }
}

/// Texts that break careless writers and readers.
const HOSTILE: &[&str] = &[
    "a,b",
    "\"",
    "a\"\"b\"",
    "line\nbreak",
    "lone\rreturn",
    "both\r\n",
    "\r",
    "\u{feff}mark",
    "\u{2028}\u{2029}\u{85}",
    "\u{202e}txt.exe",
    "\\u0000 \\ud800 \\N \\.",
    "\u{1}\u{1f}\u{7f}",
    "\u{10ffff}𝔘é\u{301}",
    "null",
    "{}",
    "true",
    " padded ",
    "\t",
    "",
    "=1+1",
    "-1+1",
    "＝1",
    "x;=1",
    "'quoted'",
    "<script>alert(1)</script>",
    "]}",
    "{\"end\":true}",
];

#[tokio::test]
async fn hostile_values_come_back_as_they_are() {
    let f = empty().await;
    for text in HOSTILE {
        let said = AuditContext::new(ActorRef::system("s"));
        let action = Action::new("a").reason(*text).comment(*text);
        let txn = f.db.audit_begin(&said, action).await.expect("begins");
        let literal = threadline::spec::quote::Literal(text);
        let sql = format!(
            "INSERT INTO t SELECT coalesce(max(id), 0) + 1, {literal}, 1,
                jsonb_build_object({literal}, {literal}) FROM t"
        );
        run(&*txn, &sql).await;
        txn.commit().await.expect("commits");
    }
    for tried in FORMATS.iter().filter(|tried| tried.name != "csv with the guard") {
        let read = assert_is_the_trail(&f, tried).await;
        let reason = read.columns.iter().position(|name| name == "reason").expect("there");
        let texts: Vec<_> = read.rows.iter().rev().map(|row| row[reason].as_deref()).collect();
        let wanted: Vec<_> = HOSTILE.iter().map(|text| Some(*text)).collect();
        assert_eq!(texts, wanted, "{}", tried.name);
    }
}

#[tokio::test]
async fn names_of_tables_and_columns_may_be_anything() {
    let ddl = "CREATE TABLE \"T \"\"q\"\",;'\" (\"id \"\",;\n\" int PRIMARY KEY, \"=x\" text, \"\\u0000\" int)";
    let spec = TableName::new("public", "T \"q\",;'").expect("a name");
    let f = Fixture::audited(ddl, [threadline::TableSpec::new(spec)]).await;
    f.run("INSERT INTO \"T \"\"q\"\",;'\" VALUES (1, '=y', 0)").await;
    for tried in FORMATS.iter().filter(|tried| tried.name != "csv with the guard") {
        assert_is_the_trail(&f, tried).await;
    }
}

#[tokio::test]
async fn numbers_keep_every_digit_and_no_depth_is_too_deep() {
    let f = empty().await;
    let (digits, deep) = ("9".repeat(400), 600);
    let (open, close) = ("[".repeat(deep), "]".repeat(deep));
    f.run(&format!(
        "INSERT INTO t VALUES (1, NULL, {digits}.10, '{{\"big\": 9007199254740993.000, \"e\": -1e-30}}');
        INSERT INTO t VALUES (2, NULL, 'NaN', '{open}{digits}{close}')"
    ))
    .await;
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        let all = format!("{:?}", read.rows);
        assert!(all.contains(&format!("{digits}.10")), "{}", tried.name);
        assert!(all.contains("9007199254740993.000"), "{}", tried.name);
    }
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_is_exported_as_the_trail_has_it() {
    let ddl = "CREATE TABLE k (id int PRIMARY KEY, j json)";
    let f = Fixture::audited(ddl, [plain("k")]).await;
    f.run("INSERT INTO k VALUES (1, '\"\\u0000\"'), (2, '[\"\\ud800\", 1]'), (3, '1e400000')")
        .await;
    for tried in FORMATS {
        let read = assert_is_the_trail(&f, tried).await;
        assert_eq!(read.rows.len(), 3, "{}", tried.name);
    }
}

#[tokio::test]
async fn what_is_more_than_max_rows_is_left_out_and_said_to_be() {
    let f = empty().await;
    f.run("INSERT INTO t SELECT i FROM generate_series(1, 5) i").await;
    let filter = Filter::new();
    for tried in FORMATS {
        for (max, rows, truncated) in [(0, 0, true), (3, 3, true), (5, 5, false), (6, 5, false)] {
            let (read, said) = exported(tried, &f.db, &Export::new(&filter).max_rows(max)).await;
            assert_eq!(said.truncated, truncated, "{} {max}", tried.name);
            let pks: Vec<_> = read.rows.iter().map(|row| row[7].clone().expect("a key")).collect();
            let wanted: Vec<_> =
                (1..=5).rev().take(rows).map(|id| format!("{{\"id\": {id}}}")).collect();
            assert_eq!(pks, wanted, "{} {max}", tried.name);
        }
    }
}

#[tokio::test]
async fn an_export_has_ten_thousand_changes_unless_it_is_asked_for_all() {
    let f = empty().await;
    f.run("INSERT INTO t SELECT i FROM generate_series(1, 10001) i").await;
    let filter = Filter::new().limit(7);
    for tried in FORMATS {
        let (read, said) = exported(tried, &f.db, &Export::new(&filter)).await;
        assert_eq!((read.rows.len(), said.truncated, said.max_rows), (10_000, true, Some(10_000)));
        let (read, said) = exported(tried, &f.db, &Export::new(&filter).unlimited()).await;
        assert_eq!((read.rows.len(), said.truncated, said.max_rows), (10_001, false, None));
        let end = read.end.map(|end| end.3);
        assert_eq!(end, tried.has_end.then(String::new), "{}: no filter", tried.name);
    }
}

#[tokio::test]
async fn a_hundred_thousand_changes_come_in_order_and_none_twice() {
    let f = empty().await;
    f.run("INSERT INTO t SELECT i, repeat('x', i % 50), i / 8.0, to_jsonb(i) FROM generate_series(1, 100000) i")
        .await;
    let filter = Filter::new().oldest_first();
    for tried in FORMATS {
        let export = Export::new(&filter).unlimited().columns(ColumnSet::Changes);
        let (read, _) = exported(tried, &f.db, &export).await;
        assert_eq!(read.rows.len(), 100_000, "{}", tried.name);
        for (row, i) in read.rows.iter().zip(1..) {
            let after: Value =
                serde_json::from_str(row[8].as_deref().expect("a row")).expect("JSON");
            assert_eq!((&after["id"], &after["j"]), (&i.into(), &i.into()), "{}", tried.name);
        }
    }
}

#[tokio::test]
async fn the_filter_and_its_order_are_those_of_the_timeline() {
    let f = written().await;
    let t = TableName::parse("t").expect("a name");
    let filter = Filter::new().table(t).operation(Operation::Insert).actor(ActorRef::user(1));
    for tried in FORMATS {
        let (read, _) = exported(tried, &f.db, &Export::new(&filter)).await;
        let timeline = threadline::timeline(&f.db, &filter).await.expect("reads");
        let ids: Vec<_> = timeline.iter().map(|entry| entry.change.id.to_string()).collect();
        let read_ids: Vec<_> = read.rows.iter().map(|row| row[0].clone().expect("an id")).collect();
        assert_eq!(read_ids, ids, "{}", tried.name);
        if let Some(end) = read.end {
            assert_eq!(end.3.parse::<Filter>().expect("a filter"), filter, "{}", tried.name);
        }
        let oldest = Filter::new().oldest_first();
        let (read, _) = exported(tried, &f.db, &Export::new(&oldest)).await;
        let mut wanted = with_null(&trail(&f.db).await, tried.null);
        wanted.reverse();
        assert_eq!(read.rows, wanted, "{}", tried.name);
    }
}
