//! How a database gets there: by a sync, a plan, a generated migration, or a call.

use serde_json::{Value, json};
use threadline::TableName;
use threadline_migration::{
    Desired, Error, Outcome, State, Sync, Verb, baseline, plan, status, sync,
};

use super::{T, attached, completeness};
use crate::fixture::{Fixture, column, plain, registry};

fn filled() -> String {
    format!("{T}; INSERT INTO t SELECT i, 'CANARY' FROM generate_series(1, 120) i")
}

#[tokio::test]
async fn a_sync_records_what_is_there_unless_told_otherwise() {
    let f = Fixture::installed().await;
    f.run(&filled()).await;
    let registry = registry([plain("t").exclude(column("v"))]);
    let report = Sync::new(&registry).without_baseline().run(&f.db).await.expect("syncs");
    assert_eq!(report.tables[0].1, Outcome::Created);
    assert_eq!((f.changes().await, completeness(&f).await), (Vec::new(), json!(null)));
    let report = sync(&f.db, &registry).await.expect("syncs");
    assert_eq!((report.tables[0].1, report.is_unchanged()), (Outcome::Recorded, false));
    assert_eq!(f.changes().await.len(), 120);
    assert_eq!(completeness(&f).await, json!("from later on"));
    assert!(sync(&f.db, &registry).await.expect("syncs").is_unchanged());
    f.run("CREATE TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (1)").await;
    let both = crate::fixture::registry([plain("t").exclude(column("v")), plain("u")]);
    let report = sync(&f.db, &both).await.expect("syncs");
    let outcomes: Vec<Outcome> = report.tables.iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, [Outcome::Unchanged, Outcome::Created]);
    assert_eq!(f.changes().await.len(), 121);
}

#[tokio::test]
async fn a_plan_has_a_step_of_its_own_for_it() {
    let f = Fixture::installed().await;
    f.run(&format!("{}; ANALYZE t; CREATE TABLE bare (id int PRIMARY KEY)", filled())).await;
    let registry = registry([plain("t"), plain("bare")]);
    let planned = plan(&f.db, &registry).await.expect("a plan");
    let steps: Vec<(&str, Verb)> =
        planned.steps().map(|step| (step.table.name(), step.verb)).collect();
    let expected = [("bare", Verb::Attach), ("t", Verb::Attach), ("t", Verb::Baseline)];
    assert_eq!(steps, expected, "a table without rows needs none");
    let line = "baseline public.t     record about 120 rows that are there already\n";
    assert!(planned.to_string().ends_with(line), "{planned}");
    assert!(planned.sql().contains(&crate::fixture::written("SELECT threadline.baseline(")));
    let without = planned.clone().without_baseline();
    assert_eq!(without.steps().count(), 2);
    without.apply(&f.db).await.expect("applies");
    assert_eq!(f.changes().await, Vec::<Value>::new());
    let again = plan(&f.db, Desired::Installed).await.expect("a plan");
    assert_eq!(again.steps().map(|step| step.verb).collect::<Vec<_>>(), [Verb::Baseline]);
    // How many rows there are by now is no change of the plan.
    f.run("DELETE FROM t WHERE id > 100; INSERT INTO t VALUES (500, 'new')").await;
    again.apply(&f.db).await.expect("applies");
    let recorded = f.operations().await;
    assert_eq!(recorded.iter().filter(|op| op.starts_with("baseline")).count(), 100);
    assert!(plan(&f.db, Desired::Installed).await.expect("a plan").is_empty());
}

#[tokio::test]
async fn status_remarks_on_it_and_finds_nothing_bad() {
    let f = attached(&filled(), plain("t")).await;
    let found = status(&f.db, Desired::Installed).await.expect("it can be read");
    let table = &found.tables[0];
    assert!(found.is_good() && table.state == State::Installed, "{found}");
    assert_eq!((table.findings.len(), table.complete_since), (1, None), "{found}");
    assert!(table.findings[0].reason.contains("may not be in the trail"), "{found}");
    let mend = table.findings[0].mend.clone().expect("SQL").to_string();
    f.run(&mend).await;
    let found = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(found.tables[0].findings.is_empty(), "{found}");
    assert!(found.tables[0].complete_since > found.tables[0].since, "{found}");
}

#[tokio::test]
async fn a_recorder_that_was_edited_or_dropped_is_found_and_put_back() {
    for damage in [
        "DROP FUNCTION threadline.\"record public.t\"",
        "ALTER FUNCTION threadline.\"record public.t\" SECURITY DEFINER",
    ] {
        let f = Fixture::audited(T, [plain("t")]).await;
        f.run(damage).await;
        let found = status(&f.db, Desired::Installed).await.expect("it can be read");
        assert_eq!(found.tables[0].state, State::Outdated, "{damage}: {found}");
        f.sync([plain("t")]).await;
        let found = status(&f.db, Desired::Installed).await.expect("it can be read");
        assert!(found.is_good(), "{damage}: {found}");
    }
}

#[tokio::test]
async fn a_call_records_one_table_and_refuses_what_is_not_attached() {
    let f =
        attached(&format!("{}; CREATE TABLE u (id int PRIMARY KEY)", filled()), plain("t")).await;
    let table = |name: &str| TableName::parse(name).expect("a name");
    assert_eq!(baseline(&f.db, &table("t")).await.expect("records"), 120);
    assert_eq!(baseline(&f.db, &table("t")).await.expect("records"), 0);
    let error = baseline(&f.db, &table("u")).await.expect_err("not attached");
    assert!(matches!(error, Error::NotAttached { .. }), "{error}");
}

#[tokio::test]
async fn a_generated_migration_carries_a_statement_that_can_be_taken_out() {
    let f = Fixture::installed().await;
    f.run(&filled()).await;
    let folder = std::env::temp_dir().join(format!("baseline_{}", f.test_db.name()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let registry = registry([plain("t")]);
    let generated = threadline_migration::generate(&f.db, &registry, &folder, "audit").await;
    let name = generated.expect("it can be generated").name;
    let up = std::fs::read_to_string(folder.join(format!("{name}.up.sql"))).expect("it is there");
    std::fs::remove_dir_all(&folder).expect("it can be removed");
    f.run(&up).await;
    assert_eq!((f.changes().await.len(), completeness(&f).await), (120, json!("from later on")));
    f.run(&up).await;
    assert_eq!(f.changes().await.len(), 120, "what is complete is not looked at again");
}
