//! What would be done, looked at before it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sea_orm::ConnectionTrait;
use serde_json::json;
use threadline::{TableName, TableSpec};
use threadline_migration::{Desired, Error, Plan, State, Verb, plan, status, sync};
use threadline_testkit::TestDb;

use crate::fixture::{Fixture, column, plain, registry, run, value, values};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

async fn planned(f: &Fixture, specs: impl IntoIterator<Item = TableSpec>) -> Plan {
    plan(&f.db, &registry(specs)).await.expect("it can be planned")
}

fn steps(plan: &Plan) -> Vec<(Verb, String)> {
    plan.steps().map(|step| (step.verb, step.table.name().to_owned())).collect()
}

fn name(table: &str) -> TableName {
    TableName::parse(table).expect("a table's name")
}

#[tokio::test]
async fn a_plan_from_nothing_says_everything_and_does_it() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(1).await;
    run(&db, &format!("{T}; CREATE TABLE u (id int PRIMARY KEY)")).await;
    let both = registry([plain("t"), plain("u")]);
    let planned = plan(&db, &both).await.expect("it can be planned");
    assert_eq!(
        planned.to_string(),
        "install  schema threadline, version 1\n\
         attach   public.t  by statement: it is not attached\n\
         attach   public.u  by statement: it is not attached\n"
    );
    let there = "SELECT to_jsonb(to_regnamespace('threadline') IS NOT NULL)";
    assert_eq!(value(&db, there).await, json!(false), "planning changes nothing");
    planned.apply(&db).await.expect("it is applied");
    run(&db, "INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1)").await;
    let changes = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes";
    assert_eq!(value(&db, changes).await, json!(2));
    let again = plan(&db, &both).await.expect("it can be planned");
    assert!(again.is_empty());
    assert_eq!(again.to_string(), "2 tables are as they should be\n");
    again.apply(&db).await.expect("nothing to do is no error");
    let error = planned.apply(&db).await.expect_err("it is done already");
    assert!(matches!(error, Error::PlanOutdated { .. }), "{error}");
}

#[tokio::test]
async fn its_sql_does_what_it_does_and_its_json_says_it() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(1).await;
    run(&db, T).await;
    let one = registry([plain("t").exclude(column("v"))]);
    let planned = plan(&db, &one).await.expect("it can be planned");
    let json = serde_json::to_value(&planned).expect("it is JSON");
    let step = planned.steps().next().expect("a step");
    let expected = json!({"schema_version": 0, "installs_schema": true, "steps": [{
        "table": {"schema": "public", "name": "t"}, "verb": "attach", "mode": "statement",
        "mode_reason": "no trigger of its own writes in between",
        "reasons": ["it is not attached"], "sql": step.sql}],
        "refusals": [], "orphans": [], "unchanged": 0});
    assert_eq!(json, expected);
    run(&db, &planned.sql()).await;
    assert!(plan(&db, &one).await.expect("it can be planned").is_empty());
    let status = status(&db, &one).await.expect("it can be read");
    assert!(status.is_good(), "{status}");
}

#[tokio::test]
async fn a_plan_that_the_database_has_left_behind_is_not_applied() {
    for (change, specs) in [
        ("ALTER TABLE t ADD w int", [plain("t")]),
        ("DROP TABLE t", [plain("t")]),
        ("ALTER TABLE t DROP CONSTRAINT t_pkey", [plain("t")]),
    ] {
        let f = Fixture::installed().await;
        f.run(T).await;
        let planned = planned(&f, specs).await;
        f.run(change).await;
        match planned.apply(&f.db).await {
            Err(Error::PlanOutdated { tables }) => assert_eq!(tables, [name("t")], "{change}"),
            other => panic!("{change}: {other:?}"),
        }
        let attached = "SELECT to_jsonb(count(*)) FROM threadline.audited_tables";
        assert_eq!(f.value(attached).await, json!(0), "{change}: nothing is done");
    }
}

#[tokio::test]
async fn whatever_stands_in_the_way_is_said_at_once() {
    let f = Fixture::audited(T, [plain("t").exclude(column("v"))]).await;
    f.run(
        "CREATE TABLE good (id int PRIMARY KEY);
        CREATE TABLE no_key (id int NOT NULL, code text NOT NULL UNIQUE);
        CREATE VIEW v AS SELECT 1 AS id; CREATE TABLE u (id int PRIMARY KEY)",
    )
    .await;
    let wanted = [
        plain("t"),
        plain("good"),
        plain("no_key"),
        plain("v"),
        plain("nowhere"),
        plain("u").exclude(column("gone")),
    ];
    let planned = planned(&f, wanted).await;
    let refusals: Vec<_> = planned.refusals().into_iter().map(|r| (r.table, r.reason)).collect();
    for (table, reason) in [
        ("t", "its installed policy redacts `v`"),
        ("no_key", "write `#[audited(key = [code])]`"),
        ("v", "it is a view"),
        ("nowhere", "it does not exist"),
        ("u", "names the column `gone`"),
    ] {
        let said = refusals.iter().any(|(t, r)| *t == name(table) && r.contains(reason));
        assert!(said, "{table}:\n{planned}");
    }
    assert_eq!(refusals.len(), 5, "{planned}");
    assert!(planned.to_string().contains("refused  public.no_key   it has no primary key"));
    let error = planned.apply(&f.db).await.expect_err("it is refused");
    assert!(matches!(&error, Error::Several(errors) if errors.len() == 5), "{error}");
    assert_eq!(error.to_string().lines().count(), 5, "{error}");
    let attached = "SELECT to_jsonb(table_name) FROM threadline.audited_tables";
    assert_eq!(f.values(attached).await, [json!("t")], "not even what would be possible is done");
}

#[tokio::test]
async fn redaction_is_weakened_only_on_request() {
    let f = Fixture::audited(T, [plain("t").exclude(column("v"))]).await;
    let strict = planned(&f, [plain("t")]).await;
    assert_eq!((steps(&strict).len(), strict.refusals().len()), (0, 1));
    assert!(!strict.is_empty());
    let error = strict.apply(&f.db).await.expect_err("it is refused");
    assert!(matches!(error, Error::WeakerRedaction { .. }), "{error}");
    let permitted = strict.allow_weaker_redaction();
    assert_eq!((steps(&permitted).len(), permitted.refusals().len()), (1, 0));
    permitted.apply(&f.db).await.expect("it is applied");
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    assert_eq!(f.changes().await[0][2], json!({"id": 1, "v": "a"}));
}

#[tokio::test]
async fn every_damage_is_mended_with_and_without_a_registry() {
    for damage in [
        "ALTER TABLE t DISABLE TRIGGER USER",
        "ALTER TABLE t ENABLE REPLICA TRIGGER \"00_threadline_update\"",
        "DROP TRIGGER \"00_threadline_truncate\" ON t",
        "DROP TRIGGER \"00_threadline_insert\" ON t; DROP TRIGGER \"00_threadline_update\" ON t;
            DROP TRIGGER \"00_threadline_delete\" ON t; DROP TRIGGER \"00_threadline_truncate\" ON t;
            DROP FUNCTION threadline.\"capture public.t\"()",
        "CREATE OR REPLACE TRIGGER \"00_threadline_delete\" AFTER DELETE ON t
            REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN (false)
            EXECUTE FUNCTION threadline.\"capture public.t\"()",
        "DROP TRIGGER \"00_threadline_update\" ON t; CREATE CONSTRAINT TRIGGER \"00_threadline_update\"
            AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            EXECUTE FUNCTION threadline.\"capture public.t\"()",
        "CREATE TRIGGER again AFTER INSERT ON t REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.t\"()",
        "ALTER FUNCTION threadline.\"capture public.t\"() SECURITY INVOKER RESET search_path",
        "CREATE OR REPLACE FUNCTION threadline.\"capture public.t\"() RETURNS trigger
            LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "ALTER TABLE t ADD w int, DROP v; ALTER TABLE t ADD v text",
        "DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, v text)",
    ] {
        for with_registry in [true, false] {
            let f = Fixture::audited(T, [plain("t")]).await;
            f.run(damage).await;
            let wanted = registry([plain("t")]);
            let desired =
                if with_registry { Desired::Registry(&wanted) } else { Desired::Installed };
            let planned = plan(&f.db, desired).await.expect("it can be planned");
            assert_eq!(steps(&planned), [(Verb::Replace, "t".to_owned())], "{damage}");
            planned.apply(&f.db).await.unwrap_or_else(|error| panic!("{damage}\n{error}"));
            let status = status(&f.db, desired).await.expect("it can be read");
            assert!(status.is_good(), "{damage}\n{status}");
            assert!(plan(&f.db, desired).await.expect("it can be planned").is_empty());
            f.run("INSERT INTO t (id) VALUES (1); UPDATE t SET v = 'x'; DELETE FROM t; TRUNCATE t")
                .await;
            assert_eq!(f.operations().await.len(), 4, "{damage}");
        }
    }
}

#[tokio::test]
async fn orphans_are_listed_and_left_alone() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"),
        [plain("t"), plain("u")],
    )
    .await;
    f.run("ALTER TABLE u RENAME TO u2").await;
    let wanted = registry([plain("t").quieten(column("v"))]);
    let planned = plan(&f.db, &wanted).await.expect("it can be planned");
    let orphans: Vec<_> = planned.orphans().into_iter().map(|o| o.table.to_string()).collect();
    assert_eq!(orphans, ["public.u", "public.u2"]);
    assert!(planned.to_string().contains("orphan   public.u2  of its triggers"), "{planned}");
    planned.apply(&f.db).await.expect("it is applied");
    f.run("INSERT INTO u2 VALUES (1)").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"], "an orphan is still captured");
    let planned = plan(&f.db, &wanted).await.expect("it can be planned");
    assert!(planned.is_empty() && planned.orphans().len() == 2, "{planned}");
}

#[tokio::test]
async fn a_renamed_table_is_attached_under_its_new_name() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("ALTER TABLE t RENAME TO t2").await;
    let planned = planned(&f, [plain("t2")]).await;
    assert_eq!(steps(&planned), [(Verb::Attach, "t2".to_owned())]);
    planned.apply(&f.db).await.expect("it is applied");
    f.run("INSERT INTO t2 VALUES (1, 'a')").await;
    let names = "SELECT to_jsonb(table_name) FROM threadline.audit_changes";
    assert_eq!(f.values(names).await, [json!("t2")], "once, and under the name it has");
    let old = Plan::detach(&f.db, [name("t")]).await.expect("it is attached");
    old.apply(&f.db).await.expect("it is applied");
    let status = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(status.is_good() && status.tables.len() == 1, "{status}");
}

#[tokio::test]
async fn a_detached_table_is_no_longer_captured_and_its_past_remains() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"),
        [plain("t"), plain("u")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    let planned = Plan::detach(&f.db, [name("t")]).await.expect("it is attached");
    assert_eq!(planned.to_string(), "detach   public.t  what was recorded stays\n");
    planned.apply(&f.db).await.expect("it is applied");
    f.run("INSERT INTO t VALUES (2, 'a'); INSERT INTO u VALUES (3)").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}", "insert {\"id\": 3}"]);
    let both = registry([plain("t"), plain("u")]);
    let found = status(&f.db, &both).await.expect("it can be read");
    assert_eq!(found.count(State::Missing), 1, "{found}");
    let error = Plan::detach(&f.db, [name("t"), name("nowhere")]).await.expect_err("not attached");
    assert_eq!(
        error.to_string(),
        "public.nowhere, public.t are not attached, so there is nothing to do; attached are: \
         public.u"
    );
    assert!(matches!(planned.apply(&f.db).await, Err(Error::NotAttached { .. })));
    plan(&f.db, &both).await.expect("plans").apply(&f.db).await.expect("it is attached again");
    f.run("INSERT INTO t VALUES (4, 'a')").await;
    let operations = f.operations().await;
    let anew = ["baseline {\"id\": 1}", "baseline {\"id\": 2}", "insert {\"id\": 4}"];
    assert_eq!(operations[2..], anew, "what it holds by now may have been written unseen");
}

#[tokio::test]
async fn a_table_whose_triggers_went_to_another_name_is_not_detached_halfway() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("ALTER TABLE t RENAME TO t2").await;
    let planned = Plan::detach(&f.db, [name("t")]).await.expect("it is attached");
    let refusals = planned.refusals();
    assert!(
        refusals[0].reason.contains("DROP TRIGGER \"00_threadline_insert\" ON t2;"),
        "{planned}"
    );
    assert!(matches!(planned.apply(&f.db).await, Err(Error::Refused { .. })));
    let (_, drops) = refusals[0].reason.split_once("run: ").expect("says what to run");
    f.run(drops).await;
    let planned = Plan::detach(&f.db, [name("t")]).await.expect("it is attached");
    planned.apply(&f.db).await.expect("it is applied");
    let status = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(status.is_good(), "{status}");
}

#[tokio::test]
async fn twenty_syncs_at_once_do_what_one_does() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(20).await;
    run(&db, &format!("{T}; CREATE TABLE u (id int PRIMARY KEY, w text)")).await;
    let both = registry([plain("t"), plain("u").exclude(column("w"))]);
    let syncs = (0..20).map(|_| sync(&db, &both));
    let reports = futures_util::future::join_all(syncs).await;
    let reports: Vec<_> = reports.into_iter().map(|report| report.expect("syncs")).collect();
    let made = reports.iter().filter(|report| !report.is_unchanged()).count();
    assert_eq!(made, 1, "one of them did it, and the others saw that");
    let status = status(&db, &both).await.expect("it can be read");
    assert!(status.is_good(), "{status}");
    run(&db, "INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1, 'b')").await;
    let images = "SELECT data_after FROM threadline.audit_changes ORDER BY id";
    assert_eq!(values(&db, images).await, [json!({"id": 1, "v": "a"}), json!({"id": 1})]);
}

#[tokio::test]
async fn of_twenty_applications_of_one_plan_one_does_it() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(20).await;
    run(&db, T).await;
    let planned = plan(&db, &registry([plain("t")])).await.expect("it can be planned");
    let results = futures_util::future::join_all((0..20).map(|_| planned.apply(&db))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert!(matches!(error, Error::PlanOutdated { .. }), "{error}");
    }
}

#[tokio::test]
async fn attaching_again_and_again_leaves_no_write_uncaptured() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let pool = f.test_db.pool_of(6).await;
    let (stop, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (pool, stop, writes) = (pool.clone(), stop.clone(), writes.clone());
            tokio::spawn(async move {
                let mut id = writer;
                while !stop.load(Ordering::Relaxed) {
                    let sql = format!(
                        "BEGIN; INSERT INTO t VALUES ({id}, 'a');
                        UPDATE t SET v = 'b' WHERE id = {id}; COMMIT;
                        DELETE FROM t WHERE id = {id}"
                    );
                    pool.execute_unprepared(&sql).await.expect("no business write fails");
                    writes.fetch_add(1, Ordering::Relaxed);
                    id += 4;
                }
            })
        })
        .collect();
    let policies =
        [registry([plain("t").quieten(column("v"))]), registry([plain("t").capture_noop()])];
    for round in 0..20 {
        let report = sync(&pool, &policies[round % 2]).await.expect("syncs beside the writers");
        assert!(!report.is_unchanged());
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("it has not panicked");
    }
    let writes = writes.load(Ordering::Relaxed);
    assert!(writes > 20, "only {writes} writes: they did not run beside the syncs");
    let count = |op: &str| {
        format!(
            "SELECT to_jsonb(count(DISTINCT row_pk)) FROM threadline.audit_changes WHERE op = '{op}'"
        )
    };
    assert_eq!(f.value(&count("insert")).await, json!(writes));
    assert_eq!(f.value(&count("delete")).await, json!(writes));
}
