//! Audited transactions: who and why, nested ones, and what a commit tells.

mod interrupted;
mod note;
mod refused;

use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    IsolationLevel, TransactionTrait,
};
use serde_json::{Value, json};
use threadline::{Action, ActorRef, AuditContext, AuditExt, Error, JobContext, record_action};

use crate::fixture::{Fixture, plain, run, values, written};

/// One audited table.
async fn fixture() -> Fixture {
    Fixture::audited("CREATE TABLE note (id int PRIMARY KEY, text text)", [plain("note")]).await
}

fn user() -> AuditContext {
    AuditContext::new(ActorRef::user(7))
}

async fn insert<C: ConnectionTrait>(db: &C, id: i32) -> Result<(), DbErr> {
    note::ActiveModel { id: Set(id), text: Set(None) }.insert(db).await?;
    Ok(())
}

/// Every change as `[id, action, parent of the action, actor of the transaction]`.
async fn attribution(fixture: &Fixture) -> Vec<Value> {
    fixture
        .values(
            "SELECT jsonb_build_array(c.row_pk -> 'id', a.name, p.name, t.actor_id) \
             FROM threadline.audit_changes c \
             JOIN threadline.audit_transactions t ON t.id = c.transaction_id \
             LEFT JOIN threadline.audit_actions a ON a.id = c.action_id \
             LEFT JOIN threadline.audit_actions p ON p.id = a.parent_id ORDER BY c.id",
        )
        .await
}

/// How many transactions, actions, changes and notes there are.
async fn counts(db: &impl ConnectionTrait) -> Value {
    let sql = "SELECT jsonb_build_array((SELECT count(*) FROM threadline.audit_transactions), \
               (SELECT count(*) FROM threadline.audit_actions), \
               (SELECT count(*) FROM threadline.audit_changes), (SELECT count(*) FROM note))";
    values(db, sql).await.remove(0)
}

#[tokio::test]
async fn a_commit_tells_where_it_is_in_the_trail() {
    let f = fixture().await;
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    let made = note::ActiveModel { id: Set(1), text: Set(Some("hello".into())) };
    let made = made.insert(&txn).await.unwrap();
    let done = txn.commit_with(made).await.unwrap();
    assert_eq!(done.text.as_deref(), Some("hello"));
    let stored = f
        .value("SELECT jsonb_build_array(t.id, t.action_id, a.transaction_id) FROM \
                threadline.audit_transactions t JOIN threadline.audit_actions a ON a.id = t.action_id")
        .await;
    assert_eq!(stored, json!([done.transaction_id, done.action_id, done.transaction_id]));
    assert_eq!(attribution(&f).await, [json!([1, "note.create", null, "7"])]);
}

#[tokio::test]
async fn everything_that_is_said_is_stored() {
    let f = fixture().await;
    let ctx = AuditContext::new(ActorRef::service_account("billing"))
        .request_id("r")
        .correlation_id("c")
        .job_id("j")
        .trace_id("t")
        .remote_ip([10, 0, 0, 1])
        .source(json!("importer"))
        .meta(json!({"tenant": 3}));
    let action = Action::new("note.create")
        .verb("create")
        .category("notes")
        .reason("it's \"due\"")
        .comment("a remark")
        .meta(json!({"n": 1}));
    f.db.audited(&ctx, action, async |txn| insert(txn, 1).await).await.unwrap();
    let transaction = f
        .value(
            "SELECT jsonb_build_array(actor_type, actor_id, request_id, correlation_id, job_id, \
                trace_id, host(remote_ip), source, meta) FROM threadline.audit_transactions",
        )
        .await;
    assert_eq!(
        transaction,
        json!(["service_account", "billing", "r", "c", "j", "t", "10.0.0.1", "importer", {"tenant": 3}])
    );
    let action = f
        .value(
            "SELECT jsonb_build_array(name, actor_type, actor_id, status, verb, category, reason, \
                comment, request_id, correlation_id, job_id, meta, parent_id) \
                FROM threadline.audit_actions",
        )
        .await;
    assert_eq!(
        action,
        json!(["note.create", "service_account", "billing", "ok", "create", "notes", "it's \"due\"",
               "a remark", "r", "c", "j", {"n": 1}, null])
    );
}

#[tokio::test]
async fn a_job_writes_as_whoever_asked_for_it() {
    let f = fixture().await;
    let args = JobContext::new(&user().correlation_id("c")).unwrap().into_args();
    let job = JobContext::from_args(&args.into()).unwrap();
    let ctx = job.into_context().job_id("1042");
    f.db.audited(&ctx, "note.import", async |txn| insert(txn, 1).await).await.unwrap();
    let stored = f
        .value(
            "SELECT jsonb_build_array(actor_type, actor_id, correlation_id, job_id) \
                FROM threadline.audit_transactions",
        )
        .await;
    assert_eq!(stored, json!(["user", "7", "c", "1042"]));
}

#[tokio::test]
async fn without_an_action_the_context_alone_is_recorded() {
    let f = fixture().await;
    let done =
        f.db.audited(&user(), Action::capture_only(), async |txn| insert(txn, 1).await)
            .await
            .unwrap();
    assert_eq!(done.action_id, None);
    let nobody = AuditContext::default();
    let action = Action::capture_only().allow_missing_actor();
    f.db.audited(&nobody, action, async |txn| insert(txn, 2).await).await.unwrap();
    assert_eq!(attribution(&f).await, [json!([1, null, null, "7"]), json!([2, null, null, null])]);
}

#[tokio::test]
async fn the_guard_is_a_connection_and_a_stream() {
    let f = fixture().await;
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    for id in 1..=3 {
        insert(&txn, id).await.unwrap();
    }
    let streamed: Vec<_> =
        note::Entity::find().stream(&txn).await.unwrap().try_collect().await.unwrap();
    assert_eq!(streamed.len(), 3);
    // A savepoint of SeaORM's own: the trail knows nothing of it.
    txn.transaction::<_, (), DbErr>(|savepoint| {
        Box::pin(async move { insert(savepoint, 4).await })
    })
    .await
    .unwrap();
    txn.commit().await.unwrap();
    assert_eq!(attribution(&f).await[3], json!([4, "note.create", null, "7"]));
}

#[tokio::test]
async fn nested_actions_are_told_apart() {
    let f = fixture().await;
    let job = AuditContext::job("notifier");
    f.db.audited(&user(), "outer", async |txn| {
        insert(txn, 1).await?;
        txn.audited(&job, "inner.ok", async |t| insert(t, 2).await).await?;
        insert(txn, 3).await?;
        let failed = txn
            .audited(&job, "inner.failed", async |t| {
                insert(t, 4).await?;
                Err::<(), _>(DbErr::Custom("changed my mind".into()))
            })
            .await;
        assert!(failed.is_err());
        insert(txn, 5).await?;
        // One that the database refuses: the outer one goes on.
        let twice = txn.audited(&job, "inner.twice", async |t| insert(t, 5).await).await;
        assert!(twice.is_err());
        insert(txn, 6).await
    })
    .await
    .unwrap();
    assert_eq!(
        attribution(&f).await,
        [
            json!([1, "outer", null, "7"]),
            json!([2, "inner.ok", "outer", "7"]),
            json!([3, "outer", null, "7"]),
            json!([5, "outer", null, "7"]),
            json!([6, "outer", null, "7"]),
        ]
    );
    let actions = "SELECT to_jsonb(concat_ws(' ', name, actor_type, actor_id)) \
                   FROM threadline.audit_actions ORDER BY id";
    assert_eq!(f.values(actions).await, [json!("outer user 7"), json!("inner.ok job notifier")]);
    assert_eq!(counts(&f.db).await, json!([1, 2, 5, 5]));
}

#[tokio::test]
async fn nesting_goes_as_deep_as_savepoints_do() {
    let f = fixture().await;
    let one = f.db.audit_begin(&user(), "one").await.unwrap();
    let two = one.audit_begin(&user(), "two").await.unwrap();
    let quiet = two.audit_begin(&user(), Action::capture_only()).await.unwrap();
    let three = quiet.audit_begin(&user(), "three").await.unwrap();
    insert(&three, 1).await.unwrap();
    let deepest = three.commit().await.unwrap();
    insert(&quiet, 2).await.unwrap();
    quiet.commit().await.unwrap();
    insert(&two, 3).await.unwrap();
    two.rollback().await.unwrap();
    insert(&one, 4).await.unwrap();
    let done = one.commit().await.unwrap();
    assert_eq!(deepest.transaction_id, done.transaction_id);
    assert_eq!(attribution(&f).await, [json!([4, "one", null, "7"])]);
}

#[tokio::test]
async fn the_parent_of_a_nested_action_is_the_one_around_it() {
    let f = fixture().await;
    let one = f.db.audit_begin(&user(), "one").await.unwrap();
    let two = one.audit_begin(&user(), "two").await.unwrap();
    let three = two.audit_begin(&user(), "three").await.unwrap();
    insert(&three, 1).await.unwrap();
    three.commit().await.unwrap();
    insert(&two, 2).await.unwrap();
    two.commit().await.unwrap();
    insert(&one, 3).await.unwrap();
    one.commit().await.unwrap();
    assert_eq!(
        attribution(&f).await,
        [
            json!([1, "three", "two", "7"]),
            json!([2, "two", "one", "7"]),
            json!([3, "one", null, "7"]),
        ]
    );
}

#[tokio::test]
async fn in_a_plain_transaction_only_the_audited_part_has_the_action() {
    let f = fixture().await;
    let plain = f.db.begin().await.unwrap();
    insert(&plain, 1).await.unwrap();
    plain.audited(&user(), "note.create", async |txn| insert(txn, 2).await).await.unwrap();
    insert(&plain, 3).await.unwrap();
    plain.commit().await.unwrap();
    assert_eq!(
        attribution(&f).await,
        [
            json!([1, null, null, null]),
            json!([2, "note.create", null, null]),
            json!([3, null, null, null]),
        ]
    );
}

#[tokio::test]
async fn the_isolation_level_is_as_asked_for() {
    let f = fixture().await;
    let level = Some(IsolationLevel::Serializable);
    let txn = f.db.audit_begin_with(&user(), "note.create", level, None).await.unwrap();
    let shown = values(&txn, "SELECT to_jsonb(current_setting('transaction_isolation'))").await;
    assert_eq!(shown, [json!("serializable")]);
    insert(&txn, 1).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(attribution(&f).await, [json!([1, "note.create", null, "7"])]);
}

#[tokio::test]
async fn an_action_without_rows_is_recorded_by_itself() {
    let f = fixture().await;
    record_action(&f.db, &user(), "login").await.unwrap();
    // An attempt that failed, after its rollback.
    let refused =
        f.db.audited(&user(), "note.create", async |txn| {
            insert(txn, 1).await?;
            insert(txn, 1).await
        })
        .await;
    assert!(refused.is_err());
    let id = record_action(&f.db, &user(), Action::new("note.create").failed().reason("duplicate"))
        .await
        .unwrap();
    let stored = f
        .values(
            "SELECT jsonb_build_array(name, status, reason, transaction_id) \
             FROM threadline.audit_actions ORDER BY id",
        )
        .await;
    assert_eq!(
        stored,
        [json!(["login", "ok", null, null]), json!(["note.create", "error", "duplicate", null])]
    );
    let newest = f.value("SELECT to_jsonb(max(id)) FROM threadline.audit_actions").await;
    assert_eq!(newest, json!(id));
    assert_eq!(counts(&f.db).await, json!([0, 2, 0, 0]));
}

#[tokio::test]
async fn an_action_recorded_in_a_transaction_shares_its_fate() {
    let f = fixture().await;
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    record_action(&txn, &user(), "note.announce").await.unwrap();
    insert(&txn, 1).await.unwrap();
    let done = txn.commit().await.unwrap();
    let stored = "SELECT jsonb_build_array(transaction_id, parent_id) \
                  FROM threadline.audit_actions WHERE name = 'note.announce'";
    assert_eq!(f.value(stored).await, json!([done.transaction_id, done.action_id]));
    assert_eq!(attribution(&f).await, [json!([1, "note.create", null, "7"])]);

    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    record_action(&txn, &user(), "note.announce").await.unwrap();
    txn.rollback().await.unwrap();
    assert_eq!(counts(&f.db).await, json!([1, 2, 1, 1]));
}

#[tokio::test]
async fn a_role_without_rights_is_audited_and_cannot_forge() {
    let f = fixture().await;
    let app = f.test_db.connect_as("app").await;
    f.run(&format!("GRANT INSERT, SELECT ON note TO \"{}\"", f.test_db.role("app"))).await;
    let outer = app.audit_begin(&user(), "outer").await.unwrap();
    let action = Action::new("inner").require_capture();
    outer.audited(&user(), action, async |txn| insert(txn, 1).await).await.unwrap();
    outer.commit().await.unwrap();
    record_action(&app, &user(), "login").await.unwrap();
    assert_eq!(attribution(&f).await, [json!([1, "inner", "outer", "7"])]);
    for forged in [
        "INSERT INTO threadline.audit_actions (name) VALUES ('forged')",
        "DELETE FROM threadline.audit_changes",
        "UPDATE threadline.audit_transactions SET actor_id = '8'",
    ] {
        assert!(app.execute_unprepared(&written(forged)).await.is_err(), "{forged}");
    }
}

/// The SQL that SeaORM sends for `work`; it does not tell of BEGIN, SAVEPOINT and COMMIT.
async fn sent<F>(db: &DatabaseConnection, work: F) -> Vec<String>
where
    F: AsyncFnOnce(&DatabaseConnection),
{
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut db = db.clone();
    let log = Arc::clone(&seen);
    db.set_metric_callback(move |info| log.lock().unwrap().push(info.statement.sql.clone()));
    work(&db).await;
    let seen = seen.lock().unwrap();
    seen.iter().map(|sql| sql.split_inclusive('(').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn an_audited_transaction_sends_one_statement_more() {
    let f = fixture().await;
    let plain = sent(&f.db, async |db| {
        db.transaction::<_, (), DbErr>(|txn| Box::pin(async move { insert(txn, 1).await }))
            .await
            .unwrap();
    })
    .await;
    let audited = sent(&f.db, async |db| {
        db.audited(&user(), "note.create", async |txn| insert(txn, 2).await).await.unwrap();
    })
    .await;
    assert_eq!(plain.len(), 1, "{plain:?}");
    assert_eq!(audited.len(), 2, "{audited:?}");
    assert!(audited[0].ends_with(&written("FROM threadline.begin_action(")), "{audited:?}");
    assert_eq!(audited[1..], plain);

    let nested = sent(&f.db, async |db| {
        let outer = db.audit_begin(&user(), "outer").await.unwrap();
        outer.audit_begin(&user(), "inner").await.unwrap().commit().await.unwrap();
        outer.commit().await.unwrap();
    })
    .await;
    assert_eq!(nested.len(), 4, "{nested:?}");
    assert!(nested[2].ends_with(&written("threadline.end_action(")), "{nested:?}");
    assert!(nested[3].contains("pg_current_xact_id_if_assigned"), "{nested:?}");
}

#[tokio::test]
async fn a_pooled_connection_carries_nothing_over() {
    let f = fixture().await;
    f.db.audited(&user(), "note.create", async |txn| insert(txn, 1).await).await.unwrap();
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    insert(&txn, 2).await.unwrap();
    txn.rollback().await.unwrap();
    insert(&f.db, 3).await.unwrap();
    assert_eq!(
        attribution(&f).await,
        [json!([1, "note.create", null, "7"]), json!([3, null, null, null])]
    );
}

#[tokio::test]
async fn values_are_bound_and_never_interpolated() {
    let f = fixture().await;
    let evil = "'; DROP TABLE note; --\\ $1 \u{1f980}";
    let ctx = AuditContext::new(ActorRef::user(evil)).correlation_id(evil);
    f.db.audited(&ctx, Action::new(evil).reason(evil), async |txn| insert(txn, 1).await)
        .await
        .unwrap();
    let stored = "SELECT jsonb_build_array(name, actor_id, correlation_id, reason) \
                  FROM threadline.audit_actions";
    assert_eq!(f.value(stored).await, json!([evil, evil, evil, evil]));
}

#[tokio::test]
async fn a_commit_that_the_database_refuses_is_an_error() {
    let f = fixture().await;
    run(&f.db, "CREATE TABLE part (id int REFERENCES note DEFERRABLE INITIALLY DEFERRED)").await;
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    txn.execute_unprepared("INSERT INTO part VALUES (99)").await.unwrap();
    insert(&txn, 1).await.unwrap();
    assert!(matches!(txn.commit().await, Err(Error::Db(_))));
    assert_eq!(counts(&f.db).await, json!([0, 0, 0, 0]));
}
