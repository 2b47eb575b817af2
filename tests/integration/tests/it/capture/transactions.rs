//! Which audit transaction a change belongs to.

use serde_json::{Value, json};

use crate::fixture::{Fixture, plain, run, values};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";
const BELONGS: &str =
    "SELECT jsonb_build_array(c.row_pk -> 'id', dense_rank() OVER (ORDER BY t.id), a.name)
    FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id
    LEFT JOIN threadline.audit_actions a ON a.id = c.action_id ORDER BY c.id";
const OPEN: &str = "SELECT to_jsonb(count(*)) FROM threadline.open_transactions";

fn begin(action: &str) -> String {
    format!(
        r#"SELECT threadline.begin_action('{{"actor": {{"type": "user", "id": "7"}}}}', '{{"name": "{action}"}}')"#
    )
}

async fn fixture() -> Fixture {
    Fixture::audited(T, [plain("t")]).await
}

#[tokio::test]
async fn all_changes_of_a_database_transaction_share_one_audit_transaction() {
    let f = fixture().await;
    f.run("BEGIN; INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 1); COMMIT").await;
    f.run("INSERT INTO t VALUES (3, 1)").await;
    assert_eq!(
        f.values(BELONGS).await,
        [json!([1, 1, null]), json!([2, 1, null]), json!([3, 2, null])]
    );
    assert_eq!(f.value(OPEN).await, json!(0), "nothing stays open after a commit");
}

#[tokio::test]
async fn a_savepoint_that_is_rolled_back_takes_its_audit_transaction_along() {
    let f = fixture().await;
    f.run(
        "BEGIN; SAVEPOINT a; INSERT INTO t VALUES (1, 1); ROLLBACK TO a;
        INSERT INTO t VALUES (2, 1); SAVEPOINT b; INSERT INTO t VALUES (3, 1); ROLLBACK TO b;
        INSERT INTO t VALUES (4, 1); COMMIT",
    )
    .await;
    assert_eq!(f.values(BELONGS).await, [json!([2, 1, null]), json!([4, 1, null])]);
    let count = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(count).await, json!(1));
}

#[tokio::test]
async fn a_rollback_leaves_nothing() {
    let f = fixture().await;
    f.run(&format!("BEGIN; {}; INSERT INTO t VALUES (1, 1); ROLLBACK", begin("x"))).await;
    for table in ["audit_transactions", "audit_changes", "audit_actions", "open_transactions"] {
        let count = format!("SELECT to_jsonb(count(*)) FROM threadline.{table}");
        assert_eq!(f.value(&count).await, json!(0), "{table}");
    }
}

#[tokio::test]
async fn nested_actions_are_told_apart_and_a_rollback_restores_the_outer_one() {
    let f = fixture().await;
    f.run(&format!(
        "BEGIN; {}; INSERT INTO t VALUES (1, 1);
         SAVEPOINT a; {}; INSERT INTO t VALUES (2, 1);
         SELECT threadline.end_action((SELECT min(id) FROM threadline.audit_actions)); RELEASE a;
         INSERT INTO t VALUES (3, 1);
         SAVEPOINT b; {}; INSERT INTO t VALUES (4, 1); ROLLBACK TO b;
         INSERT INTO t VALUES (5, 1); COMMIT",
        begin("outer"),
        begin("inner"),
        begin("failed")
    ))
    .await;
    assert_eq!(
        f.values(BELONGS).await,
        [
            json!([1, 1, "outer"]),
            json!([2, 1, "inner"]),
            json!([3, 1, "outer"]),
            json!([5, 1, "outer"])
        ]
    );
    let parents = "SELECT jsonb_build_array(name, (SELECT p.name FROM threadline.audit_actions p WHERE p.id = a.parent_id))
        FROM threadline.audit_actions a ORDER BY id";
    assert_eq!(f.values(parents).await, [json!(["outer", null]), json!(["inner", "outer"])]);
}

#[tokio::test]
async fn constraints_made_immediate_close_early_and_what_follows_still_belongs() {
    let f = fixture().await;
    f.run(&format!(
        "BEGIN; {}; INSERT INTO t VALUES (1, 1); SET CONSTRAINTS ALL IMMEDIATE;
         INSERT INTO t VALUES (2, 1); INSERT INTO t VALUES (3, 1); SELECT pg_sleep(0.01);
         INSERT INTO t VALUES (4, 1); COMMIT",
        begin("x")
    ))
    .await;
    let belongs: Vec<Value> = (1..=4).map(|id| json!([id, 1, "x"])).collect();
    assert_eq!(f.values(BELONGS).await, belongs);
    let late =
        "SELECT to_jsonb(t.committed_at >= max(c.captured_at)) FROM threadline.audit_transactions t
        JOIN threadline.audit_changes c ON c.transaction_id = t.id GROUP BY t.id, t.committed_at";
    assert_eq!(f.value(late).await, json!(true), "the last close counts");
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn constraints_made_immediate_before_the_first_write_do_not_close_at_once() {
    let f = fixture().await;
    f.run(&format!(
        "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; {}; INSERT INTO t VALUES (1, 1);
         SELECT set_config('test.before_commit', clock_timestamp()::text, false); COMMIT",
        begin("x")
    ))
    .await;
    f.run(
        "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO t VALUES (2, 1);
         SELECT set_config('test.before_commit', clock_timestamp()::text, false); COMMIT",
    )
    .await;
    f.run(&format!(
        "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO t VALUES (3, 1); {};
         INSERT INTO t VALUES (4, 1); COMMIT",
        begin("y")
    ))
    .await;
    assert_eq!(
        f.values(BELONGS).await,
        [json!([1, 1, "x"]), json!([2, 2, null]), json!([3, 3, null]), json!([4, 3, "y"])]
    );
    let late = "SELECT to_jsonb(committed_at > current_setting('test.before_commit')::timestamptz)
        FROM threadline.audit_transactions ORDER BY id DESC OFFSET 1 LIMIT 1";
    assert_eq!(f.value(late).await, json!(true), "closed at the commit and not at the write");
    let actions = "SELECT to_jsonb(count(action_id)) FROM threadline.audit_transactions";
    assert_eq!(f.value(actions).await, json!(2));
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn a_deferred_trigger_of_the_host_that_writes_at_commit_is_captured_with_the_rest() {
    let f = fixture().await;
    f.run(
        "CREATE TABLE log (id int PRIMARY KEY);
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO t VALUES (NEW.id + 100, 0); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER zz_late AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION late()",
    )
    .await;
    f.run("BEGIN; INSERT INTO t VALUES (1, 1); INSERT INTO log VALUES (1); COMMIT").await;
    f.run("INSERT INTO log VALUES (2)").await;
    assert_eq!(
        f.values(BELONGS).await,
        [json!([1, 1, null]), json!([101, 1, null]), json!([102, 2, null])]
    );
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn two_sessions_at_once_do_not_see_each_others_transaction() {
    let f = fixture().await;
    let other = f.test_db.pool_of(1).await;
    f.run(&format!("BEGIN; {}; INSERT INTO t VALUES (1, 1)", begin("first"))).await;
    run(&other, "INSERT INTO t VALUES (2, 1)").await;
    assert_eq!(
        values(&other, OPEN).await,
        [json!(0)],
        "an open transaction is nobody else's business"
    );
    f.run("COMMIT").await;
    let mut belongs = f.values(BELONGS).await;
    belongs.sort_by_key(|row| row[0].as_i64());
    assert_eq!(belongs[0][2], json!("first"));
    assert_eq!(belongs[1][2], Value::Null);
    assert_ne!(belongs[0][1], belongs[1][1]);
}

#[tokio::test]
async fn a_prepared_transaction_is_recorded_as_one() {
    let f = fixture().await;
    f.run(
        "BEGIN; INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 2); PREPARE TRANSACTION 'p'",
    )
    .await;
    f.run("INSERT INTO t VALUES (3, 3)").await;
    f.run("COMMIT PREPARED 'p'").await;
    let mut belongs = f.values(BELONGS).await;
    belongs.sort_by_key(|row| row[0].as_i64());
    assert_eq!(belongs[0][1], belongs[1][1]);
    assert_ne!(belongs[1][1], belongs[2][1]);
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn serializable_transactions_do_not_conflict_in_the_trail() {
    let f = Fixture::audited(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)",
        [plain("a"), plain("b")],
    )
    .await;
    let other = f.test_db.pool_of(1).await;
    for round in 1..20 {
        for with_action in [false, true] {
            let id = round * 2 + i32::from(with_action);
            let begin = if with_action { begin("x") } else { "SELECT 1".to_owned() };
            f.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {begin}")).await;
            run(&other, &format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {begin}")).await;
            f.run(&format!("INSERT INTO a VALUES ({id}); UPDATE a SET id = -id WHERE id = {id}"))
                .await;
            run(&other, &format!("INSERT INTO b VALUES ({id})")).await;
            f.run("COMMIT").await;
            run(&other, "COMMIT").await;
        }
    }
}

#[tokio::test]
async fn an_action_that_has_ended_stays_ended_when_constraints_are_made_immediate() {
    let f = fixture().await;
    f.run(&format!(
        "BEGIN; INSERT INTO t VALUES (1, 1); {}; INSERT INTO t VALUES (2, 1);
         SELECT threadline.end_action(NULL); SET CONSTRAINTS ALL IMMEDIATE;
         INSERT INTO t VALUES (3, 1); INSERT INTO t VALUES (4, 1); COMMIT",
        begin("x")
    ))
    .await;
    assert_eq!(
        f.values(BELONGS).await,
        [json!([1, 1, null]), json!([2, 1, "x"]), json!([3, 1, null]), json!([4, 1, null])]
    );
}
