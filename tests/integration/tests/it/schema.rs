//! A trail under another name, and two trails in one database. The whole of these tests passes under
//! any name as well: `THREADLINE_SCHEMA=audit_log cargo test -p threadline-tests --test it`.

use std::process::{Command, Output};

use sea_orm::ConnectionTrait;
use serde_json::json;
use threadline::{Error, Placeholder, SchemaName, TableName, TableSpec};
use threadline_testkit::TestDb;

use crate::fixture::{Fixture, column, plain, registry, run, value, values};

const TWO: &str = "CREATE TABLE t (id int PRIMARY KEY, v int);
    CREATE TABLE u (id int PRIMARY KEY, v int)";

/// Runs a command on the trail `schema` in a process of its own.
fn other_trail(test_db: &TestDb, schema: &str, command: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_other_trail"))
        .env("THREADLINE_SCHEMA", schema)
        .arg(test_db.url())
        .args(command)
        .output()
        .expect("the program starts")
}

fn done(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn failed(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A trail of these tests with the table `t`, and the trail `other` with the table `u`.
async fn two_trails() -> Fixture {
    let f = Fixture::audited(TWO, [plain("t")]).await;
    done(&other_trail(&f.test_db, "other", &["sync", "u"]));
    f
}

const OF_BOTH: &str = "SELECT jsonb_build_array(
    (SELECT count(*) FROM threadline.audit_transactions),
    (SELECT count(DISTINCT transaction_id) FROM threadline.audit_changes),
    (SELECT count(*) FROM threadline.audit_changes),
    (SELECT count(*) FROM other.audit_transactions),
    (SELECT count(DISTINCT transaction_id) FROM other.audit_changes),
    (SELECT count(*) FROM other.audit_changes),
    (SELECT count(*) FROM threadline.open_transactions) + (SELECT count(*) FROM other.open_transactions))";

#[tokio::test]
async fn two_trails_in_one_database_do_not_disturb_each_other() {
    for script in [
        "INSERT INTO t VALUES (1, 1); INSERT INTO u VALUES (1, 1); UPDATE t SET v = 2; UPDATE u SET v = 2",
        "INSERT INTO u VALUES (1, 1); SAVEPOINT s; INSERT INTO t VALUES (2, 1); INSERT INTO u VALUES (2, 1);
         ROLLBACK TO s; INSERT INTO t VALUES (1, 1); UPDATE u SET v = 2; UPDATE t SET v = 3",
        "INSERT INTO t VALUES (1, 1); INSERT INTO u VALUES (1, 1); SET CONSTRAINTS ALL IMMEDIATE;
         SET CONSTRAINTS ALL DEFERRED; UPDATE t SET v = 2; UPDATE u SET v = 2",
    ] {
        let f = two_trails().await;
        f.run(&format!("BEGIN; {script}; COMMIT")).await;
        // The trails need not have the same owner.
        let reader = f.test_db.pool_of(1).await;
        assert_eq!(value(&reader, OF_BOTH).await, json!([1, 1, 2, 1, 1, 2, 0]), "{script}");
    }
}

#[tokio::test]
async fn the_context_reaches_every_trail_and_an_action_its_own() {
    let f = two_trails().await;
    f.run(r#"BEGIN; SELECT set_config('threadline.context', '{"actor": {"type": "user", "id": "7"}}', true);
        INSERT INTO t VALUES (1, 1); INSERT INTO u VALUES (1, 1); COMMIT"#).await;
    let actors = "SELECT to_jsonb(t.actor_id) FROM threadline.audit_transactions t
        UNION ALL SELECT to_jsonb(o.actor_id) FROM other.audit_transactions o";
    let reader = f.test_db.pool_of(1).await;
    assert_eq!(values(&reader, actors).await, [json!("7"), json!("7")]);
    f.run(r#"BEGIN; SELECT threadline.begin_action('{"actor": {"type": "user", "id": "8"}}', '{"name": "a"}');
        INSERT INTO u VALUES (2, 1); INSERT INTO t VALUES (2, 1); COMMIT"#).await;
    let told = done(&other_trail(&f.test_db, "other", &["transactions"]));
    assert_eq!(told.lines().next(), Some("None"), "{told}");
}

#[tokio::test]
async fn a_table_belongs_to_one_trail() {
    let f = two_trails().await;
    let text = failed(&other_trail(&f.test_db, "other", &["sync", "t"]));
    let own = threadline::schema().expect("a name");
    assert!(text.contains(&format!("the trail in schema {own} captures it already")), "{text}");
    f.run("INSERT INTO t VALUES (1, 1)").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
}

#[tokio::test]
async fn one_trail_goes_and_the_other_stays() {
    let f = two_trails().await;
    f.run("INSERT INTO t VALUES (1, 1)").await;
    done(&other_trail(&f.test_db, "other", &["down"]));
    f.run("INSERT INTO t VALUES (2, 1); INSERT INTO u VALUES (2, 1)").await;
    assert_eq!(f.operations().await.len(), 2);
    assert_eq!(f.value("SELECT to_jsonb(to_regnamespace('other'))").await, json!(null));
}

#[tokio::test]
async fn a_word_of_sql_can_be_the_name() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(1).await;
    run(&db, TWO).await;
    for (name, table) in [("user", "t"), ("select", "u")] {
        assert!(done(&other_trail(&test_db, name, &["sync", table])).starts_with("created"));
        assert!(done(&other_trail(&test_db, name, &["sync", table])).starts_with("unchanged"));
        run(&db, &format!("INSERT INTO {table} VALUES (1, 1)")).await;
        assert_eq!(done(&other_trail(&test_db, name, &["transactions"])), "None\n");
        let months = format!("SELECT to_jsonb(\"{name}\".create_partitions(14))");
        assert_eq!(values(&db, &months).await, [json!(4)]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_name_is_said() {
    let f = two_trails().await;
    let text = failed(&other_trail(&f.test_db, "Audit log", &["sync", "u"]));
    assert!(text.contains("THREADLINE_SCHEMA") && text.contains("`Audit log`"), "{text}");
    let text = failed(&other_trail(&f.test_db, "pg_audit", &["transactions"]));
    assert!(text.contains("THREADLINE_SCHEMA") && text.contains("pg_"), "{text}");
    let text = failed(&other_trail(&f.test_db, "elsewhere", &["transactions"]));
    assert!(text.contains("in the schema `elsewhere`"), "{text}");
    assert!(text.contains("THREADLINE_SCHEMA"), "{text}");
}

#[tokio::test]
async fn a_name_is_chosen_before_it_is_used_and_once() {
    let in_force = threadline::schema().expect("a name");
    threadline::use_schema(in_force.as_str()).expect("the same again");
    let error = threadline::use_schema("elsewhere").expect_err("too late");
    assert!(matches!(&error, Error::SchemaInUse { in_force: name, .. } if name == in_force));
    assert!(error.to_string().contains("cannot be `elsewhere`"), "{error}");
    assert!(matches!(threadline::use_schema("no name"), Err(Error::InvalidName { .. })));
}

#[tokio::test]
async fn names_and_values_of_the_host_that_look_like_the_schema_are_left_alone() {
    let f = Fixture::installed().await;
    let table = r#""threadline."."threadline.audit_changes""#;
    let script = format!(
        "CREATE SCHEMA \"threadline.\";
         CREATE TABLE {table} (\"threadline.context\" int PRIMARY KEY, \"'threadline'\" text, masked text)"
    );
    f.db.execute_unprepared(&script).await.expect("a table");
    let name = TableName::new("threadline.", "threadline.audit_changes").expect("a name");
    let placeholder = Placeholder::new("threadline.audit_changes of 'threadline'");
    let placeholder = placeholder.expect("a placeholder");
    f.sync([TableSpec::new(name).mask(column("masked"), placeholder)]).await;
    let insert = format!("INSERT INTO {table} VALUES (1, 'threadline.closed', 'x')");
    f.db.execute_unprepared(&insert).await.expect("a row");
    let recorded = f
        .values("SELECT jsonb_build_array(table_schema, table_name, row_pk, data_after) FROM threadline.audit_changes")
        .await;
    let expected = json!([
        "threadline.",
        "threadline.audit_changes",
        {"threadline.context": 1},
        {
            "threadline.context": 1,
            "'threadline'": "threadline.closed",
            "masked": "threadline.audit_changes of 'threadline'"
        }
    ]);
    assert_eq!(recorded, [expected]);
}

#[tokio::test]
async fn frozen_sql_carries_the_name() {
    let f = Fixture::installed().await;
    f.run(TWO).await;
    let folder = std::env::temp_dir().join(format!("frozen_{}", f.test_db.name()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let generated =
        threadline_migration::generate(&f.db, &registry([plain("t")]), &folder, "audit").await;
    let name = generated.expect("it can be generated").name;
    let up = std::fs::read_to_string(folder.join(format!("{name}.up.sql"))).expect("a file");
    let in_force = threadline::schema().expect("a name");
    assert!(up.contains(&format!("INSERT INTO {}.audit_changes", in_force.to_sql())), "{up}");
    if *in_force != SchemaName::default() {
        assert!(!up.contains("threadline.audit_"), "{up}");
    }
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}
