//! Rows of the past as they are stored, for who has no entity.

use serde_json::json;
use threadline::{
    Absence, ActorRef, AuditContext, Error, Operation, Predicate, Reader, RowHistory, RowKey,
    RowStanding, TableName, row_as_of,
};

use super::now;
use crate::fixture::{Fixture, column, plain};

fn table(name: &str) -> TableName {
    TableName::parse(name).expect("a table's name")
}

fn key(text: &str) -> RowKey {
    text.parse().expect("a key")
}

async fn lines() -> Fixture {
    let ddl =
        "CREATE TABLE order_lines (order_id int, line_no numeric(4, 1), text text, secret text,
            PRIMARY KEY (order_id, line_no));
        CREATE TABLE big (id numeric PRIMARY KEY, text text)";
    let redacted = plain("order_lines").exclude(column("secret"));
    Fixture::audited(ddl, [redacted, plain("big")]).await
}

async fn ops(f: &Fixture, table_name: &str, text: &str) -> Vec<String> {
    let versions = RowHistory::new(table(table_name), key(text)).all(&f.db).await.expect("reads");
    versions.entries.iter().map(|entry| entry.change.op.to_string()).collect()
}

#[tokio::test]
async fn a_row_is_found_by_a_key_as_people_write_it() {
    let f = lines().await;
    f.run(
        "INSERT INTO order_lines VALUES (7, 3, 'a', 's'), (7, 4, 'b', 's');
        UPDATE order_lines SET text = 'c' WHERE line_no = 3; TRUNCATE order_lines",
    )
    .await;
    for text in ["order_id=7;line_no=3", "line_no=3.0;order_id=7", "line_no=03.0;order_id=07"] {
        assert_eq!(ops(&f, "order_lines", text).await, ["truncate", "update", "insert"], "{text}");
    }
    assert!(ops(&f, "order_lines", "order_id=8;line_no=3").await.is_empty());
    let history = RowHistory::new(table("order_lines"), key("order_id=7;line_no=3"));
    let newest = history.clone().limit(2).all(&f.db).await.expect("reads");
    assert_eq!((newest.entries.len(), newest.truncated), (2, true));
    assert_eq!(serde_json::Value::Object(newest.key), json!({"order_id": 7, "line_no": 3.0}));
    let updates = history.changed(column("text")).operation(Operation::Update);
    assert_eq!(updates.all(&f.db).await.expect("reads").entries.len(), 1);
}

#[tokio::test]
async fn a_key_beyond_any_float_is_the_key_it_is() {
    let f = lines().await;
    f.run(
        "INSERT INTO big VALUES (123456789012345678901234567890.1, 'a'),
            (123456789012345678901234567890.2, 'b')",
    )
    .await;
    let at = now(&f).await;
    for (text, expected) in [(".1", "a"), (".2", "b"), (".20", "b")] {
        let text = format!("123456789012345678901234567890{text}");
        assert_eq!(ops(&f, "big", &text).await.len(), 1, "{text}");
        let stood = row_as_of(&f.db, &table("big"), &key(&text), at).await.expect("reads");
        let RowStanding::There { data, .. } = stood else { panic!("{stood:?}") };
        assert_eq!(data["text"], json!(expected));
    }
}

#[tokio::test]
async fn a_key_that_is_none_of_the_table_says_which_would_be() {
    let f = lines().await;
    for (name, text, expected) in [
        ("order_lines", "7", "write `order_id=…;line_no=…`"),
        ("order_lines", "order_id=7", "`order_id`, `line_no`"),
        ("order_lines", "order_id=7;line=3", "`line`, `order_id`"),
        ("order_lines", "order_id=7;line_no=3;text=x", "write `order_id=…;line_no=…`"),
        ("order_lines", "order_id=seven;line_no=3", "order_id: invalid input syntax"),
        ("big", "number=7", "the column `id`"),
    ] {
        let history = RowHistory::new(table(name), key(text)).all(&f.db).await.map(|_| ());
        let as_of =
            row_as_of(&f.db, &table(name), &key(text), chrono::Utc::now()).await.map(|_| ());
        for read in [history, as_of] {
            let Err(error @ Error::InvalidKey(_)) = read else { panic!("{text}: {read:?}") };
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }
    let unknown = RowHistory::new(table("nothing"), key("1")).all(&f.db).await.map(|_| ());
    assert!(matches!(unknown, Err(Error::NotAudited { .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_stored_row_of_a_moment_is_there_or_absent_for_a_reason() {
    let f = lines().await;
    let context = AuditContext::new(ActorRef::user(7));
    let before = now(&f).await;
    f.run(&format!(
        "BEGIN; SELECT set_config('threadline.context', '{}', true);
        INSERT INTO order_lines VALUES (7, 3, 'a', 's3cret'); COMMIT",
        serde_json::to_string(&context).expect("serializes")
    ))
    .await;
    let there = now(&f).await;
    f.run("DELETE FROM order_lines").await;
    let gone = now(&f).await;
    let (lines, one) = (table("order_lines"), key("order_id=7;line_no=3"));
    let read = async |at| row_as_of(&f.db, &lines, &one, at).await.expect("reads");
    assert_eq!(read(before).await, RowStanding::Absent(Absence::NeverExisted));
    let RowStanding::There { key, data, .. } = read(there).await else { panic!("there") };
    assert_eq!(json!(key), json!({"order_id": 7, "line_no": 3.0}));
    assert_eq!(json!(data), json!({"order_id": 7, "line_no": 3.0, "text": "a"}));
    assert!(matches!(read(gone).await, RowStanding::Absent(Absence::Deleted { .. })));
    let by = RowHistory::new(lines.clone(), one.clone()).by(ActorRef::user(7));
    assert_eq!(by.all(&f.db).await.expect("reads").entries.len(), 1);
}

#[tokio::test]
async fn stored_rows_outlive_the_table_and_its_names() {
    let f = lines().await;
    f.run("INSERT INTO big VALUES (1, 'a'); ALTER TABLE big RENAME id TO number").await;
    f.run("UPDATE big SET text = 'b'").await;
    let at = now(&f).await;
    assert_eq!(ops(&f, "big", "1").await, ["update", "insert"]);
    let never = row_as_of(&f.db, &table("big"), &key("2"), at).await.expect("reads");
    assert_eq!(never, RowStanding::Absent(Absence::NeverExisted));
    f.run("DROP TABLE big").await;
    assert_eq!(ops(&f, "big", "1").await, ["update", "insert"], "typed as the newest key is");
    for other in ["2", "01", "1e0", "one"] {
        assert!(ops(&f, "big", other).await.is_empty(), "{other}");
    }
    let stood = row_as_of(&f.db, &table("big"), &key("1"), at).await.expect("reads");
    assert!(matches!(stood, RowStanding::There { .. }), "{stood:?}");
}

#[tokio::test]
async fn stored_rows_keep_to_the_scope() {
    let f = lines().await;
    f.run("INSERT INTO order_lines VALUES (7, 3, 'a', 's'); UPDATE order_lines SET text = 'b'")
        .await;
    let at = now(&f).await;
    let (lines, one) = (table("order_lines"), key("order_id=7;line_no=3"));
    for (text, versions) in [("a", 1), ("b", 0), ("c", 0)] {
        let reader = Reader::new(&f.db).scoped((), |()| Predicate::column("text", text));
        let history = RowHistory::new(lines.clone(), one.clone()).all(&reader).await;
        assert_eq!(history.expect("reads").entries.len(), versions, "{text}");
        let stood = row_as_of(&reader, &lines, &one, at).await.expect("reads");
        assert_eq!(stood, RowStanding::Absent(Absence::NeverExisted), "{text}");
    }
}
