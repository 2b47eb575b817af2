//! The corners where capture, redaction or reading could go wrong: each test says what holds.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::{Value, json};
use threadline::prelude::*;
use threadline::{Absence, Action, CaptureMode, Operation, Placeholder, Registry, Reified};

use crate::fixture::{Fixture, column, plain, registry, run, value, values};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

mod coin {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "coins")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) code: String,
        pub(super) v: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

async fn coins(key_type: &str) -> Fixture {
    let f = Fixture::installed().await;
    f.run(&format!("CREATE TABLE coins (code {key_type} PRIMARY KEY, v int NOT NULL)")).await;
    let registry = Registry::builder().register::<coin::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f
}

async fn now(f: &Fixture) -> DateTime<Utc> {
    let now = f.value("SELECT to_jsonb(clock_timestamp())").await;
    run(&f.db, "SELECT pg_sleep(0.002)").await;
    serde_json::from_value(now).expect("a time")
}

async fn leaks(f: &Fixture) -> Value {
    f.value(
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%canary%'",
    )
    .await
}

#[tokio::test]
async fn serializable_transactions_on_tables_of_their_own_do_not_conflict() {
    for audited in [false, true] {
        let f = Fixture::installed().await;
        f.run(
            "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);
            CREATE TABLE c (id int PRIMARY KEY)",
        )
        .await;
        if audited {
            f.sync([plain("a"), plain("b"), plain("c")]).await;
        }
        let mut sessions = Vec::new();
        for table in ["a", "b", "c"] {
            sessions.push((f.test_db.pool_of(1).await, table));
        }
        let mut done: Vec<Result<_, DbErr>> = Vec::new();
        for (db, table) in &sessions {
            run(db, "BEGIN ISOLATION LEVEL SERIALIZABLE").await;
            done.push(db.execute_unprepared(&format!("INSERT INTO {table} VALUES (1)")).await);
        }
        for (db, _) in sessions.iter().rev() {
            done.push(db.execute_unprepared("COMMIT").await);
        }
        let errors: Vec<String> =
            done.into_iter().filter_map(Result::err).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "audited: {audited}");
    }
}

#[tokio::test]
async fn no_error_tells_an_excluded_value_of_json() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, secret json)";
    let f = Fixture::audited(ddl, [plain("t").exclude(column("secret"))]).await;
    f.run(
        r#"CREATE TABLE seen (what text); DO $$ DECLARE d text; c text; BEGIN
            INSERT INTO t VALUES (1, '{"password": "canary \u0000"}');
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, c = PG_EXCEPTION_CONTEXT;
            INSERT INTO seen VALUES (d || c);
        END $$"#,
    )
    .await;
    let seen = f.values("SELECT to_jsonb(what) FROM seen WHERE what LIKE '%canary%'").await;
    assert_eq!(seen, Vec::<Value>::new());
}

#[tokio::test]
async fn a_json_that_jsonb_cannot_hold_fails_no_write() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, j json, secret json)";
    let f = Fixture::audited(ddl, [plain("t").exclude(column("secret"))]).await;
    let mut errors = Vec::new();
    for document in [r#""\u0000""#, r#""\ud800""#, "1e400000"] {
        for column in ["j", "secret"] {
            let sql = format!("INSERT INTO t (id, {column}) VALUES (1, '{document}')");
            if let Err(error) = f.db.execute_unprepared(&sql).await {
                errors.push(format!("{column} {document}: {error}"));
            }
            f.run("DELETE FROM t").await;
        }
    }
    assert_eq!(errors, Vec::<String>::new());
}

#[tokio::test]
async fn a_large_value_in_an_excluded_column_fails_no_write() {
    let spec = plain("t").exclude(column("b")).in_mode(CaptureMode::Statement);
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, b bytea)", [spec]).await;
    f.run("INSERT INTO t SELECT 1, decode(repeat('00', 140000000), 'hex')").await;
}

#[tokio::test]
async fn a_row_that_two_foreign_keys_change_in_one_statement_is_recorded_twice() {
    let f = Fixture::audited(
        "CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE c (id int PRIMARY KEY, a int REFERENCES p ON DELETE SET NULL,
            b int REFERENCES p ON DELETE SET NULL)",
        [plain("c")],
    )
    .await;
    f.run("INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 1); DELETE FROM p").await;
    let updates = f.changes().await.split_off(1);
    assert_eq!(
        updates,
        [
            json!(["update", {"id": 1}, {"id": 1, "a": null, "b": 1}, ["a"], {"a": 1}]),
            json!(["update", {"id": 1}, {"id": 1, "a": null, "b": null}, ["b"], {"b": 1}]),
        ]
    );
}

#[tokio::test]
async fn the_newest_version_of_a_row_that_many_foreign_keys_changed_is_the_live_row() {
    let keys: Vec<String> =
        (1..=6).map(|i| format!("k{i} int REFERENCES p ON DELETE SET NULL")).collect();
    let f = Fixture::audited(
        &format!(
            "CREATE TABLE p (id int PRIMARY KEY);
            CREATE TABLE c (id int PRIMARY KEY, {})",
            keys.join(", ")
        ),
        [plain("c")],
    )
    .await;
    f.run(
        "INSERT INTO p VALUES (1); INSERT INTO c SELECT i, 1, 1, 1, 1, 1, 1
            FROM generate_series(1, 20) i; DELETE FROM p",
    )
    .await;
    let wrong = "SELECT n.data_after FROM c JOIN (SELECT DISTINCT ON (row_pk) *
            FROM threadline.audit_changes ORDER BY row_pk, captured_at DESC, id DESC) n
        ON n.row_pk -> 'id' = to_jsonb(c.id) WHERE n.data_after IS DISTINCT FROM to_jsonb(c)";
    assert_eq!(f.values(wrong).await, Vec::<Value>::new());
    let updates = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE op = 'update'";
    assert_eq!(f.value(updates).await, json!(120));
}

#[tokio::test]
async fn a_table_that_took_its_triggers_along_keeps_another_from_taking_its_name() {
    let spec = plain("t").exclude(column("v")).in_mode(CaptureMode::Statement);
    let f = Fixture::audited(T, [spec]).await;
    f.run(&format!("ALTER TABLE t RENAME TO t_old; {T}")).await;
    let open = registry([plain("t")]);
    let sync = threadline_migration::Sync::new(&open).allow_weaker_redaction();
    let error = sync.run(&f.db).await.expect_err("refused").to_string();
    assert!(error.contains("DROP TRIGGER \"00_threadline_insert\" ON public.t_old;"), "{error}");
    f.run("INSERT INTO t_old VALUES (1, 'canary')").await;
    assert_eq!(leaks(&f).await, json!(0));
}

#[tokio::test]
async fn after_constraints_made_immediate_require_capture_still_sees_the_change() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let context = AuditContext::new(ActorRef::user(7));
    let action = Action::new("x").require_capture();
    let txn = f.db.audit_begin(&context, action).await.expect("begins");
    run(&txn, "INSERT INTO t VALUES (1, 'a')").await;
    run(&txn, "SET CONSTRAINTS ALL IMMEDIATE").await;
    txn.commit().await.expect("a change was captured");
}

#[tokio::test]
async fn after_constraints_made_immediate_the_outer_action_goes_on() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let context = AuditContext::new(ActorRef::user(7));
    let outer = f.db.audit_begin(&context, "outer").await.expect("begins");
    let inner = outer.audit_begin(&context, "inner").await.expect("nests");
    run(&inner, "INSERT INTO t VALUES (1, 'a')").await;
    run(&inner, "SET CONSTRAINTS ALL IMMEDIATE").await;
    inner.commit().await.expect("commits");
    run(&outer, "INSERT INTO t VALUES (2, 'a')").await;
    outer.commit().await.expect("commits");
    let names = "SELECT to_jsonb(a.name) FROM threadline.audit_changes c
        JOIN threadline.audit_actions a ON a.id = c.action_id ORDER BY c.id";
    assert_eq!(f.values(names).await, [json!("inner"), json!("outer")]);
}

#[tokio::test]
async fn without_conforming_strings_everything_means_the_same() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("SET standard_conforming_strings = off").await;
    f.run(
        "BEGIN; INSERT INTO t VALUES (1, 'a'); SET CONSTRAINTS ALL IMMEDIATE;
        INSERT INTO t VALUES (2, 'a'); COMMIT",
    )
    .await;
    let count = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(count).await, json!(1));
}

#[tokio::test]
async fn an_action_begun_after_a_write_is_the_action_of_its_transaction() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(
        r#"BEGIN; INSERT INTO t VALUES (1, 'a');
        SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "late"}');
        INSERT INTO t VALUES (2, 'a'); COMMIT"#,
    )
    .await;
    let action = "SELECT to_jsonb(action_id) FROM threadline.audit_transactions";
    assert_ne!(f.value(action).await, Value::Null, "an incident shows the outermost action");
}

#[tokio::test]
async fn an_address_that_is_none_does_not_cost_the_actor() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(r#"SET threadline.context = '{"actor": {"type": "user", "id": "7"}, "remote_ip": "10.0.0.1:80"}';
        INSERT INTO t VALUES (1, 'a')"#).await;
    let actor = "SELECT to_jsonb(actor_id) FROM threadline.audit_transactions";
    assert_eq!(f.value(actor).await, json!("7"));
}

#[tokio::test]
async fn a_secret_renamed_to_a_dropped_columns_name_does_not_leak() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, note text, secret text)";
    for masked in [false, true] {
        let spec = plain("t");
        let spec = if masked {
            spec.mask(column("secret"), Placeholder::default())
        } else {
            spec.exclude(column("secret"))
        };
        let f = Fixture::audited(ddl, [spec]).await;
        f.run("ALTER TABLE t DROP note; ALTER TABLE t RENAME secret TO note").await;
        f.run("INSERT INTO t VALUES (1, 'canary'), (2, 'canary')").await;
        f.run("UPDATE t SET note = 'canary 2' WHERE id = 1; UPDATE t SET note = 'canary 3'").await;
        assert_eq!(leaks(&f).await, json!(0), "masked: {masked}");
    }
}

#[tokio::test]
async fn a_secret_that_swapped_names_with_another_column_does_not_leak() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, note text, secret text)";
    let f = Fixture::audited(ddl, [plain("t").exclude(column("secret"))]).await;
    f.run("ALTER TABLE t RENAME note TO x; ALTER TABLE t RENAME secret TO note; ALTER TABLE t RENAME x TO secret").await;
    f.run("INSERT INTO t (id, note) VALUES (1, 'canary')").await;
    assert_eq!(leaks(&f).await, json!(0));
}

#[tokio::test]
async fn a_masked_column_that_became_the_key_does_not_leak() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, v text, tax text NOT NULL)";
    let f = Fixture::audited(ddl, [plain("t").mask(column("tax"), Placeholder::default())]).await;
    f.run("ALTER TABLE t DROP id; ALTER TABLE t ADD PRIMARY KEY (tax)").await;
    f.run("INSERT INTO t VALUES ('v', 'canary'); UPDATE t SET v = 'w'; DELETE FROM t").await;
    assert_eq!(leaks(&f).await, json!(0));
}

#[tokio::test]
async fn a_row_that_never_was_does_not_read_as_truncated() {
    let f = coins("text").await;
    f.run("INSERT INTO coins VALUES ('a', 1); DELETE FROM coins; TRUNCATE coins").await;
    let at = now(&f).await;
    let never = coin::Entity::as_of("never", at, &f.db).await.expect("reads");
    let deleted = coin::Entity::as_of("a", at, &f.db).await.expect("reads");
    assert!(matches!(deleted, Reified::Absent(Absence::Deleted { .. })), "{deleted:?}");
    assert!(!matches!(never, Reified::Absent(Absence::Truncated { .. })), "{never:?}");
}

#[tokio::test]
async fn idle_truncates_do_not_crowd_out_the_versions_of_a_bounded_history() {
    let f = coins("text").await;
    f.run("INSERT INTO coins VALUES ('a', 1); DELETE FROM coins").await;
    for _ in 0..5 {
        f.run("TRUNCATE coins").await;
    }
    let versions = coin::Entity::history("a").limit(3).all(&f.db).await.expect("reads");
    let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
    assert_eq!(ops, [Operation::Insert, Operation::Delete]);
}

#[tokio::test]
async fn a_padded_key_has_a_history() {
    let f = coins("char(5)").await;
    f.run("INSERT INTO coins VALUES ('eur', 1)").await;
    let versions = coin::Entity::history("eur").all(&f.db).await.expect("reads");
    assert_eq!(versions.len(), 1);
}

#[tokio::test]
async fn a_down_does_not_erase_what_is_committed_while_it_waits() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let other = f.test_db.pool_of(1).await;
    run(&other, "BEGIN; INSERT INTO t VALUES (1, 'a')").await;
    let db = f.db.clone();
    let down = tokio::spawn(async move {
        threadline_migration::v1::Migration.down(&SchemaManager::new(&db)).await
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!down.is_finished(), "it waits for the writer");
    run(&other, "COMMIT").await;
    let done = down.await.expect("no panic");
    assert!(done.is_err(), "the trail was not empty any more");
    let left = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes";
    assert_eq!(value(&other, left).await, json!(1));
    assert_eq!(values(&other, "SELECT to_jsonb(id) FROM t").await, [json!(1)]);
}

#[tokio::test]
async fn settings_reset_inside_a_transaction_do_not_split_it() {
    let mut wrong = Vec::new();
    for lost in [
        "RESET ALL",
        "SELECT set_config('threadline.transaction', '', true)",
        "SELECT set_config('threadline.transaction', '(0,1)', true)",
        "SELECT set_config('threadline.transaction', '(999999999,9999)', true)",
        "SET standard_conforming_strings = off",
    ] {
        let f = Fixture::audited(T, [plain("t")]).await;
        f.run("BEGIN").await;
        f.run(r#"SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "x"}')"#).await;
        f.run("INSERT INTO t VALUES (1, 'a')").await;
        f.run(lost).await;
        if let Err(error) =
            f.db.execute_unprepared("INSERT INTO t VALUES (2, 'a'); UPDATE t SET v = 'b'; COMMIT")
                .await
        {
            wrong.push((lost, vec![json!(error.to_string())]));
            continue;
        }
        let actors = "SELECT DISTINCT jsonb_build_array(c.transaction_id, c.action_id, t.actor_id, t.committed_at IS NOT NULL)
            FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id";
        let belongs = f.values(actors).await;
        if belongs != [json!([1, 1, "7", true])] {
            wrong.push((lost, belongs));
        }
    }
    assert_eq!(wrong, []);
}
