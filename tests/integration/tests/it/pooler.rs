//! Behind a PgBouncer in transaction mode, where the next transaction of a client may run on any
//! connection and the next of a connection belongs to any client.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectOptions, ConnectionTrait, Database,
    DatabaseConnection, DbErr, EntityTrait, TransactionTrait,
};
use serde_json::{Value, json};
use threadline::{ActorRef, AuditContext, AuditExt, BoundedRead, Filter, timeline};
use threadline_testkit::PgBouncer;

use crate::fixture::{Fixture, plain, registry, run, value};

mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) who: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const NOTE: &str = "CREATE TABLE note (id int PRIMARY KEY, who int)";
const BELONGS: &str =
    "SELECT jsonb_build_array(c.row_pk -> 'id', t.actor_id, t.action_id IS NOT NULL)
    FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id
    ORDER BY c.id";
/// Changes whose row says that somebody else wrote it.
const WRONG: &str = "SELECT to_jsonb(c) FROM threadline.audit_changes c
    JOIN threadline.audit_transactions t ON t.id = c.transaction_id
    WHERE t.actor_id IS DISTINCT FROM c.data_after ->> 'who'";

/// A context as a client writes it that does not use the wrapper.
const SEVEN: &str = r#"{"actor": {"type": "user", "id": "7"}}"#;

/// Whether PgBouncer knows the prepared statements of its clients.
fn keeps_statements() -> bool {
    PgBouncer::version().unwrap_or_else(|error| panic!("{error}")) >= (1, 21)
}

/// An audited table, and what stands between it and its clients.
struct Pooled {
    fixture: Fixture,
    pooler: PgBouncer,
}

impl Pooled {
    async fn over(connections: u32) -> Self {
        let fixture = Fixture::audited(NOTE, [plain("note")]).await;
        // An old one must forget after each transaction what the next client would stumble over.
        let settings = if keeps_statements() {
            "max_prepared_statements = 100"
        } else {
            "server_reset_query = DEALLOCATE ALL\nserver_reset_query_always = 1"
        };
        let pooler = PgBouncer::before(&fixture.test_db, connections, settings);
        Self { fixture, pooler: pooler.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// A client with one connection to PgBouncer.
    async fn client(&self) -> DatabaseConnection {
        let cache = if keeps_statements() { "" } else { "&statement-cache-capacity=0" };
        let mut options = ConnectOptions::new(format!("{}{cache}", self.pooler.url()));
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("PgBouncer lets the role in")
    }

    async fn belongs(&self) -> Vec<Value> {
        self.fixture.values(BELONGS).await
    }

    async fn count(&self, what: &str) -> Value {
        let sql = format!("SELECT to_jsonb(count({what})) FROM threadline.audit_transactions");
        self.fixture.value(&sql).await
    }
}

fn user(who: i32) -> AuditContext {
    AuditContext::new(ActorRef::user(who))
}

async fn insert<C: ConnectionTrait>(db: &C, id: i32, who: i32) -> Result<(), DbErr> {
    note::ActiveModel { id: Set(id), who: Set(who) }.insert(db).await?;
    Ok(())
}

/// A request of that user, which writes one row.
async fn request(db: &DatabaseConnection, id: i32, who: i32) {
    let txn = db.audit_begin(&user(who), "note.write").await.expect("a transaction");
    insert(&txn, id, who).await.expect("a row");
    txn.commit().await.expect("a commit");
}

#[tokio::test]
async fn requests_that_share_one_connection_keep_their_own_actors() {
    let pooled = Pooled::over(1).await;
    let (a, b) = (pooled.client().await, pooled.client().await);
    for round in 0..10 {
        request(&a, round * 4, 7).await;
        request(&b, round * 4 + 1, 8).await;
        run(&b, &format!("INSERT INTO note VALUES ({}, 0)", round * 4 + 2)).await;
        run(&a, &format!("INSERT INTO note VALUES ({}, 0)", round * 4 + 3)).await;
    }
    let expected = (0..40).map(|id| match id % 4 {
        0 => json!([id, "7", true]),
        1 => json!([id, "8", true]),
        _ => json!([id, null, false]),
    });
    assert_eq!(pooled.belongs().await, expected.collect::<Vec<_>>());
    assert_eq!(pooled.count("DISTINCT backend_pid").await, json!(1), "one connection for all");
}

#[tokio::test]
async fn requests_that_are_open_at_once_keep_their_own_actors() {
    let pooled = Pooled::over(2).await;
    let (a, b) = (pooled.client().await, pooled.client().await);
    for round in 0..5 {
        let id = round * 5;
        let first = a.audit_begin(&user(7), "first").await.unwrap();
        let second = b.audit_begin(&user(8), "second").await.unwrap();
        insert(&first, id, 7).await.unwrap();
        insert(&second, id + 1, 8).await.unwrap();
        insert(&first, id + 2, 7).await.unwrap();
        second.commit().await.unwrap();
        request(&b, id + 3, 9).await;
        insert(&first, id + 4, 7).await.unwrap();
        first.commit().await.unwrap();
    }
    assert_eq!(pooled.belongs().await.len(), 25);
    assert_eq!(pooled.fixture.values(WRONG).await, Vec::<Value>::new());
}

#[tokio::test]
async fn many_clients_on_few_connections_keep_their_own_actors() {
    let pooled = Pooled::over(3).await;
    let clients = join_all((0..12).map(|_| pooled.client())).await;
    join_all(clients.iter().zip(0..).map(|(db, who)| async move {
        for round in 0..10 {
            request(db, who * 10 + round, who).await;
        }
    }))
    .await;
    assert_eq!(pooled.count("*").await, json!(120));
    assert_eq!(pooled.fixture.values(WRONG).await, Vec::<Value>::new());
    let connections = pooled.count("DISTINCT backend_pid").await.as_i64().unwrap_or_default();
    assert!((1..=3).contains(&connections), "{connections} connections");
}

#[tokio::test]
async fn a_context_that_is_set_for_a_transaction_ends_with_it() {
    let pooled = Pooled::over(1).await;
    let (a, b) = (pooled.client().await, pooled.client().await);
    run(&a, &format!("BEGIN; SET LOCAL threadline.context = '{SEVEN}'; INSERT INTO note VALUES (1, 7); COMMIT")).await;
    run(&b, "INSERT INTO note VALUES (2, 0)").await;
    run(&a, &format!("BEGIN; SELECT set_config('threadline.context', '{SEVEN}', true); INSERT INTO note VALUES (3, 7); ROLLBACK")).await;
    run(&b, "BEGIN; INSERT INTO note VALUES (4, 0); COMMIT").await;
    assert_eq!(
        pooled.belongs().await,
        [json!([1, "7", false]), json!([2, null, false]), json!([4, null, false])]
    );
}

#[tokio::test]
async fn a_request_that_breaks_off_leaves_nothing_to_the_next() {
    let pooled = Pooled::over(1).await;
    let (a, b) = (pooled.client().await, pooled.client().await);
    let txn = a.audit_begin(&user(7), "dropped").await.unwrap();
    insert(&txn, 1, 7).await.unwrap();
    drop(txn);
    run(&a, "INSERT INTO note VALUES (2, 0)").await;
    run(
        &a,
        &format!("BEGIN; SET LOCAL threadline.context = '{SEVEN}'; INSERT INTO note VALUES (3, 7)"),
    )
    .await;
    a.close().await.expect("the client goes away in the middle of its transaction");
    run(&b, "INSERT INTO note VALUES (4, 0)").await;
    request(&b, 5, 8).await;
    assert_eq!(
        pooled.belongs().await,
        [json!([2, null, false]), json!([4, null, false]), json!([5, "8", true])]
    );
}

#[tokio::test]
async fn tables_are_attached_through_it() {
    let pooled = Pooled::over(1).await;
    let db = pooled.client().await;
    let report = threadline_migration::sync(&db, &registry([plain("note").capture_noop()])).await;
    report.expect("the registry is put through");
    run(&db, "INSERT INTO note VALUES (1, 0); UPDATE note SET who = 0").await;
    assert_eq!(pooled.fixture.operations().await.len(), 2, "the new policy holds");
}

#[tokio::test]
async fn a_bounded_read_leaves_its_limits_to_nobody() {
    const LIMITS: &str = "SELECT jsonb_build_array(current_setting('statement_timeout'),
        current_setting('search_path'), current_setting('jit'))";
    let pooled = Pooled::over(1).await;
    let (a, b) = (pooled.client().await, pooled.client().await);
    let of_others = async || {
        let txn = b.begin().await.expect("a transaction");
        let limits = value(&txn, LIMITS).await;
        txn.commit().await.expect("a commit");
        limits
    };
    let before = of_others().await;
    for _ in 0..3 {
        let read = BoundedRead::begin(&a, Duration::from_secs(7)).await.unwrap();
        assert_eq!(value(&*read, LIMITS).await, json!(["7s", "pg_catalog, pg_temp", "off"]));
        assert_eq!(timeline(&*read, &Filter::new()).await.unwrap(), []);
        read.end().await.unwrap();
        assert_eq!(of_others().await, before);
        drop(BoundedRead::begin(&a, Duration::from_secs(7)).await.unwrap());
        assert_eq!(of_others().await, before);
    }
}

/// Outside of a transaction, preparing a statement and running it are two transactions.
#[tokio::test]
async fn statements_without_a_transaction_need_a_pooler_that_keeps_what_was_prepared() {
    let pooled = Pooled::over(1).await;
    let db = pooled.client().await;
    request(&db, 1, 7).await;
    let (write, read) = (insert(&db, 2, 0).await, timeline(&db, &Filter::new()).await);
    if keeps_statements() {
        write.unwrap();
        assert_eq!(read.unwrap().len(), 2);
        assert_eq!(note::Entity::find().all(&db).await.unwrap().len(), 2);
    } else {
        for refused in [write.unwrap_err().to_string(), read.unwrap_err().to_string()] {
            assert!(refused.contains("prepared statement"), "{refused}");
        }
        assert_eq!(pooled.belongs().await.len(), 1, "and nothing went wrong in silence");
    }
}
