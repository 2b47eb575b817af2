//! Random rows of many types: what a proposal brings back is what was.

use std::env;

use fastrand::Rng;
use sea_orm::{ActiveModelTrait, EntityTrait};
use threadline::prelude::*;
use threadline::{ProposedAction, Registry, Reified, Version};

use super::entities::thing;
use crate::fixture::Fixture;

/// A random value of each column that can be written, as SQL.
fn random(rng: &mut Rng, column: &str) -> String {
    let choices: &[&str] = match column {
        "kind" => &["'red'", "'green'", "'deep blue'"],
        "kinds" => &["NULL", "'{}'", "'{red,\"deep blue\"}'", "'{green,green}'"],
        "numbers" => &["NULL", "'{}'", "'{1,2,3}'", "'{-7}'"],
        "texts" => &["NULL", "'{}'", "ARRAY['a', 'b''s \"q\" {x}', 'NULL', '']"],
        "exact" => &["NULL", "0", "1.0", "1.00", "12345678901.123456789012345678", "-0.5"],
        "scaled" => &["0", "1.5", "123456789.125"],
        "doc" => {
            &["NULL", "'{\"a\": [1, null, {\"b\": 1.50}]}'", "'[]'", "'\"text\"'", "'7'", "'null'"]
        }
        "must_doc" => &["'{}'", "'null'", "'[null]'"],
        "at" => &["NULL", "'2026-01-02 03:04:05.678901+05:45'", "'1969-12-31 23:59:59.999999+00'"],
        "day" => &["'2026-02-29'::text::date + 0", "'0001-01-01'", "'9999-12-31'"],
        "bytes" => &["NULL", "''", "'\\x00ff'", "'hmac:'"],
        "float" => &["0.1::float8 + 0.2::float8", "1e300", "-0.0", "5e-324"],
        "flag" => &["NULL", "true", "false"],
        "uuid" => &["NULL", "'00000000-0000-0000-0000-00000000000a'"],
        _ => &["''", "'x'", "'it''s \u{e9}\u{1f600}'", "'line\nline'", "'[REDACTED'"],
    };
    let chosen = choices[rng.usize(..choices.len())];
    if chosen.contains("02-29") { "'2024-02-29'".to_owned() } else { chosen.to_owned() }
}

const COLUMNS: [&str; 15] = [
    "kind", "kinds", "numbers", "texts", "exact", "scaled", "doc", "must_doc", "at", "day",
    "bytes", "float", "flag", "uuid", "name",
];

fn insert(rng: &mut Rng) -> String {
    let values: Vec<String> = COLUMNS.iter().map(|column| random(rng, column)).collect();
    format!(
        "INSERT INTO things (a, b, secret, {}) VALUES (7, 'k''1', 'first', {})",
        COLUMNS.join(", "),
        values.join(", ")
    )
}

fn update(rng: &mut Rng) -> String {
    let some = (0..rng.usize(1..5)).map(|_| COLUMNS[rng.usize(..COLUMNS.len())]);
    let mut some: Vec<&str> = some.collect();
    some.sort_unstable();
    some.dedup();
    let sets: Vec<String> =
        some.iter().map(|column| format!("{column} = {}", random(rng, column))).collect();
    format!("UPDATE things SET {}", sets.join(", "))
}

/// The row without what the trail does not have, or the database makes.
fn told(mut model: thing::Model) -> thing::Model {
    model.secret = String::new();
    model.serial = 0;
    model.doc = model.doc.filter(|doc| !doc.is_null());
    model
}

async fn live(f: &Fixture) -> Option<thing::Model> {
    thing::Entity::find().one(&f.db).await.expect("reads").map(told)
}

async fn versions(f: &Fixture) -> Vec<Version<thing::Entity>> {
    thing::Entity::history((7, "k'1".to_owned()))
        .unlimited()
        .all(&f.db)
        .await
        .expect("reads")
        .into_vec()
}

fn exact(version: &Version<thing::Entity>) -> Option<thing::Model> {
    match &version.row {
        Reified::Exact(model) => Some(told(model.clone())),
        Reified::Absent(_) => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_proposed_brings_back_what_was() {
    let seed = env::var("THREADLINE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("THREADLINE_TEST_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let f = Fixture::installed().await;
    f.run(thing::DDL).await;
    let registry = Registry::builder().register::<thing::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    for round in 0..60 {
        if live(&f).await.is_none() {
            f.run(&insert(&mut rng)).await;
        }
        for _ in 0..rng.usize(..4) {
            f.run(&update(&mut rng)).await;
        }
        if rng.u8(..4) == 0 {
            f.run("DELETE FROM things").await;
        }
        let all = versions(&f).await;
        if rng.bool() {
            restored(&f, &all, &mut rng, round).await;
        } else {
            undone(&f, &all, round).await;
        }
    }
}

/// Any version comes back, whatever there is now.
async fn restored(f: &Fixture, all: &[Version<thing::Entity>], rng: &mut Rng, round: u32) {
    let there: Vec<&Version<thing::Entity>> = all.iter().filter(|v| exact(v).is_some()).collect();
    let wanted = there[rng.usize(..there.len())];
    let proposal = wanted.restore(&f.db).await.expect("proposes");
    let was_there = live(f).await.is_some();
    let (action, model) = (proposal.action, proposal.model);
    match action {
        ProposedAction::Insert => drop(model.insert(&f.db).await.expect("writes")),
        ProposedAction::Update => drop(model.update(&f.db).await.expect("writes")),
        other => assert_eq!(other, ProposedAction::Nothing),
    }
    assert_eq!(action == ProposedAction::Insert, !was_there);
    assert_eq!(live(f).await, exact(wanted), "round {round}, change {}", wanted.change.id);
}

/// The newest change is undone without a conflict, and then the row is the version before.
async fn undone(f: &Fixture, all: &[Version<thing::Entity>], round: u32) {
    let [.., before, newest] = all else { return };
    let proposal = newest.undo(&f.db).await.expect("proposes");
    assert!(proposal.conflicts.is_empty(), "round {round}: {:?}", proposal.conflicts);
    let (action, model) = (proposal.action, proposal.model);
    match action {
        ProposedAction::Insert => drop(model.insert(&f.db).await.expect("writes")),
        ProposedAction::Update => drop(model.update(&f.db).await.expect("writes")),
        ProposedAction::Delete => drop(model.delete(&f.db).await.expect("writes")),
        // As from 1.0 to 1.00, or from SQL's null to the document `null`: the row says the same.
        other => assert_eq!(other, ProposedAction::Nothing),
    }
    assert_eq!(live(f).await, exact(before), "round {round}, change {}", newest.change.id);
}
