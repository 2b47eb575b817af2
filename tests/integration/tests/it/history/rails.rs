//! The versions of a row without what they wrote, and who had written what by one of them.

use chrono::{DateTime, TimeDelta, Utc};
use threadline::{
    Operation, Predicate, Reader, RowKey, RowRail, TableName, row_blame_until, row_rail,
    row_rail_around,
};

use super::now;
use crate::fixture::{Fixture, plain};

const DDL: &str = "CREATE TABLE tasks (id int PRIMARY KEY, org int, name text, state text)";

fn tasks() -> (TableName, RowKey) {
    (TableName::parse("tasks").expect("a name"), RowKey::scalar(1))
}

/// Task 1 with an insert and so many updates: every third of the state, the others of the name.
async fn written(updates: u32) -> Fixture {
    let f = Fixture::audited(DDL, [plain("tasks")]).await;
    f.run("INSERT INTO tasks VALUES (1, 1, 'v1', 'new'), (2, 2, 'other', 'new')").await;
    f.run(&format!(
        "DO $$ BEGIN FOR number IN 2..{} LOOP
            IF number % 3 = 0 THEN UPDATE tasks SET state = 'v' || number WHERE id = 1;
            ELSE UPDATE tasks SET name = 'v' || number WHERE id = 1; END IF;
        END LOOP; END $$",
        updates + 1
    ))
    .await;
    f
}

async fn newest(f: &Fixture) -> RowRail {
    let (table, key) = tasks();
    row_rail(&f.db, &table, &key).await.expect("reads")
}

async fn around(f: &Fixture, at: DateTime<Utc>) -> RowRail {
    let (table, key) = tasks();
    row_rail_around(&f.db, &table, &key, at).await.expect("reads")
}

/// The numbers of the oldest and the newest version on the rail, and how many lie beyond either end.
fn span(rail: &RowRail) -> (Option<u32>, Option<u32>, u32, u32) {
    let number = |version: Option<&threadline::RailVersion>| rail.number(version?.change_id);
    let ids: Vec<i64> = rail.versions.iter().map(|version| version.change_id).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "the newest first, none twice");
    let (oldest, newest) = (number(rail.versions.last()), number(rail.versions.first()));
    (oldest, newest, rail.older.counted, rail.newer.counted)
}

#[tokio::test]
async fn a_rail_has_the_newest_versions_or_those_around_a_moment() {
    let f = written(449).await;
    let last = newest(&f).await;
    assert_eq!(span(&last), (Some(251), Some(450), 250, 0));
    let early = around(&f, now(&f).await - TimeDelta::days(1)).await;
    assert_eq!(span(&early), (Some(1), Some(200), 0, 250), "filled up from the other side");
    assert_eq!(early.versions[199].op, Operation::Insert);
    let middle = &early.versions[0];
    let middle = around(&f, middle.captured_at).await;
    assert_eq!(
        span(&middle),
        (Some(101), Some(300), 100, 150),
        "the version of the moment is there"
    );
    let near_the_end = around(&f, last.versions[4].captured_at).await;
    assert_eq!(span(&near_the_end), (Some(251), Some(450), 250, 0));
    for rail in [&last, &early, &middle] {
        assert_eq!((rail.total.counted, rail.total.is_capped), (450, false));
        assert_eq!(rail.truncated, rail.older.counted > 0);
    }
    let known = last.versions.iter().find(|version| rail_number(&last, version) == Some(300));
    assert_eq!(known.map(|version| version.changed_fields.clone()), Some(vec!["state".to_owned()]));
}

fn rail_number(rail: &RowRail, version: &threadline::RailVersion) -> Option<u32> {
    rail.number(version.change_id)
}

#[tokio::test]
async fn a_short_history_is_the_same_around_any_moment() {
    let f = written(2).await;
    f.run("TRUNCATE tasks").await;
    f.run("TRUNCATE tasks; INSERT INTO tasks VALUES (1, 1, 'again', 'new')").await;
    let whole = newest(&f).await;
    let ops: Vec<Operation> = whole.versions.iter().rev().map(|version| version.op).collect();
    let [insert, update, truncate] = [Operation::Insert, Operation::Update, Operation::Truncate];
    assert_eq!(ops, [insert, update, update, truncate, insert]);
    for version in &whole.versions {
        assert_eq!(around(&f, version.captured_at).await, whole);
    }
    let (table, _) = tasks();
    let nothing = row_rail_around(&f.db, &table, &RowKey::scalar(9), now(&f).await).await;
    let nothing = nothing.expect("reads");
    assert_eq!((nothing.versions.len(), nothing.total.counted), (0, 0));
    assert_eq!(nothing.number(1), None);
}

#[tokio::test]
async fn who_had_written_what_by_a_version_is_not_who_did_so_later() {
    let f = written(9).await;
    let rail = newest(&f).await;
    let version = |number: usize| &rail.versions[rail.versions.len() - number];
    let change = |number: usize| Some(version(number).change_id);
    let (table, key) = tasks();
    let blamed = async |until: DateTime<Utc>| -> Vec<Option<i64>> {
        let blame = row_blame_until(&f.db, &table, &key, until).await.expect("reads");
        blame.columns.iter().map(|c| c.last.as_ref().map(|deed| deed.change_id)).collect()
    };
    let by = async |number: usize| blamed(version(number).captured_at).await;
    assert_eq!(by(10).await, [change(1), change(1), change(10), change(9)]);
    assert_eq!(by(4).await, [change(1), change(1), change(4), change(3)]);
    assert_eq!(by(3).await, [change(1), change(1), change(2), change(3)]);
    assert_eq!(by(1).await, [change(1); 4]);
    let before = blamed(version(1).captured_at - TimeDelta::seconds(1)).await;
    assert_eq!(before, [None; 4], "nothing was written yet");
    f.run("TRUNCATE tasks").await;
    let removed = async |until| {
        let blame = row_blame_until(&f.db, &table, &key, until).await.expect("reads");
        blame.removed.map(|deed| deed.op)
    };
    assert_eq!(removed(version(10).captured_at).await, None, "it was not removed yet");
    assert_eq!(removed(now(&f).await).await, Some(Operation::Truncate));
}

#[tokio::test]
async fn a_rail_in_a_scope_neither_has_nor_counts_what_lies_beyond_it() {
    let f = written(9).await;
    for sql in ["org = 2", "name = 'theirs'", "org = 1", "name = 'ours'"] {
        f.run(&format!("UPDATE tasks SET {sql} WHERE id = 1")).await;
    }
    let everything = newest(&f).await;
    let reader = Reader::new(&f.db).scoped((), |()| Predicate::column("org", 1));
    let (table, key) = tasks();
    let rail = row_rail(&reader, &table, &key).await.expect("reads");
    assert_eq!(
        span(&rail),
        (Some(1), Some(11), 0, 0),
        "neither the moves nor what is between them"
    );
    let theirs = everything.versions[2].captured_at;
    let same = row_rail_around(&reader, &table, &key, theirs).await.expect("reads");
    assert_eq!(same, rail);
    let blame = row_blame_until(&reader, &table, &key, theirs).await.expect("reads");
    assert!(blame.columns.iter().all(|column| column.last.is_none()), "an older one tells nothing");
}
