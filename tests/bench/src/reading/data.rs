//! A trail of millions of changes, written straight into its tables as capture would have written it.

use std::time::Instant;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement,
    TransactionTrait, Value,
};
use threadline::trail::{OwnSql, TRAIL};
use threadline::{Registry, TableName, TableSpec};

use super::entity::{counter, document};

/// How many months the trail covers, up to the current one.
pub(crate) const MONTHS: i32 = 24;

/// What was generated.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    /// Changes in small transactions; the large one has a hundredth of them more.
    pub(crate) changes: i64,
    pub(crate) first_at: DateTime<Utc>,
    pub(crate) last_at: DateTime<Utc>,
    /// How long it took to generate.
    pub(crate) seconds: f64,
}

impl Trail {
    /// The id of the transaction with a hundredth of all changes.
    pub(crate) fn large_transaction(&self) -> i64 {
        self.changes / 3 + 1
    }

    /// The live rows of `documents`, each with ten versions.
    pub(crate) fn documents(&self) -> i64 {
        self.changes / 100
    }

    pub(crate) fn middle(&self) -> DateTime<Utc> {
        self.first_at + (self.last_at - self.first_at) / 2
    }
}

/// The trail that is there already, or a new one.
pub(crate) async fn prepare(
    db: &DatabaseConnection,
    changes: u32,
) -> Result<Trail, Box<dyn std::error::Error>> {
    let found = one(db, "SELECT to_regclass('bench.trail') IS NOT NULL AS found", []).await?;
    if !found.try_get::<bool>("", "found")? {
        // Fifteen changes are five transactions, and of a hundred ten are of `documents`.
        generate(db, i64::from(changes.next_multiple_of(300))).await?;
    }
    // An older trail gets the functions of today.
    threadline_migration::sync(db, &registry()?).await?;
    let sql = "SELECT changes, first_at, last_at, seconds FROM bench.trail";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let row = row.ok_or("generating the trail was interrupted: drop the schemas `bench` and `threadline`, or name another database")?;
    Ok(Trail {
        changes: row.try_get("", "changes")?,
        first_at: row.try_get("", "first_at")?,
        last_at: row.try_get("", "last_at")?,
        seconds: row.try_get("", "seconds")?,
    })
}

async fn generate(db: &DatabaseConnection, changes: i64) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    db.execute_unprepared(include_str!("../../sql/reading/tables.sql")).await?;
    fill_live_tables(db, changes).await?;
    threadline_migration::sync(db, &registry()?).await?;
    db.execute_unprepared(&OwnSql(include_str!("../../sql/reading/trail.sql")).text()).await?;
    let sql = format!(
        "SELECT date_trunc('month', now()) - interval '{MONTHS} months' AS first_at, \
         date_trunc('month', now()) AS last_at"
    );
    let row = one(db, &sql, []).await?;
    let (first_at, last_at): (DateTime<Utc>, DateTime<Utc>) =
        (row.try_get("", "first_at")?, row.try_get("", "last_at")?);
    for month in 0..MONTHS {
        fill_month(db, changes, first_at, last_at, month).await?;
        eprintln!("month {} of {MONTHS}: {:.0} s", month + 1, start.elapsed().as_secs_f64());
    }
    finish(db, changes, first_at, last_at).await?;
    let sql = "INSERT INTO bench.trail VALUES ($1, $2, $3, $4)";
    let seconds = start.elapsed().as_secs_f64();
    run(db, sql, [changes.into(), first_at.into(), last_at.into(), seconds.into()]).await?;
    Ok(())
}

/// Every table, so that each is known to be audited; only two of them have an entity.
pub(crate) fn registry() -> Result<Registry, threadline::Error> {
    let mut registry =
        Registry::builder().register::<document::Entity>().register::<counter::Entity>();
    for number in 3..=20 {
        let table = TableName::parse(&format!("bench.other_{number:02}"))?;
        registry = registry.table(TableSpec::new(table));
    }
    registry.build()
}

/// Before there are triggers, because the trail has these rows' history already.
async fn fill_live_tables(db: &DatabaseConnection, changes: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO bench.documents \
               SELECT i, 'title ' || i, bench.body(i), bench.status(9), bench.price(i, 9), \
               bench.updated_at(i, 9) FROM generate_series(1, $1) i";
    run(db, sql, [(changes / 100).into()]).await?;
    db.execute_unprepared("VACUUM ANALYZE bench.documents").await?;
    Ok(())
}

/// A partition of each table, filled before it has an index: building one is faster than adding to it.
async fn fill_month(
    db: &DatabaseConnection,
    changes: i64,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    month: i32,
) -> Result<(), DbErr> {
    // The first transaction of this month and of the next.
    let sql = "SELECT b.month::text AS month, b.next::text AS next, \
                 to_char(b.month, '_YYYY_MM') AS name, ARRAY(SELECT ( \
                   SELECT min(t) FROM generate_series( \
                     greatest(b.guess - 2, 1), b.guess + 3) t \
                   WHERE bench.begun_at(t, $1, $2, $3) >= b.at) \
                 FROM (SELECT at, floor(extract(epoch FROM at - $2) / extract(epoch FROM $3 - $2) \
                   * ($1 + 3) / 3)::bigint AS guess FROM unnest(ARRAY[b.month, b.next]) at) b) AS bounds \
               FROM (SELECT $2 + make_interval(months => $4) AS month, \
                 $2 + make_interval(months => $4 + 1) AS next) b";
    let values = [changes.into(), first_at.into(), last_at.into(), month.into()];
    let row = one(db, sql, values).await?;
    let bounds: Vec<i64> = row.try_get("", "bounds")?;
    let (first, after_last) = (bounds[0], bounds[1].min(changes / 3 + 1));
    let text = |column: &str| row.try_get::<String>("", column);
    let (from, to, name) = (text("month")?, text("next")?, text("name")?);
    let txn = db.begin().await?;
    for (root, source, first, after_last) in [
        ("audit_transactions", "transactions", first, after_last),
        ("audit_changes", "changes", first_change(first), first_change(after_last)),
    ] {
        txn.execute_unprepared(&format!(
            "CREATE TABLE {TRAIL}.{root}{name} \
             (LIKE {TRAIL}.{root} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        ))
        .await?;
        let sql = format!(
            "INSERT INTO {TRAIL}.{root}{name} SELECT * FROM bench.{source}($1, $2, $3, $4, $5)"
        );
        let values: [Value; 5] =
            [first.into(), after_last.into(), changes.into(), first_at.into(), last_at.into()];
        run(&txn, &sql, values).await?;
        txn.execute_unprepared(&format!(
            "ALTER TABLE {TRAIL}.{root} ATTACH PARTITION {TRAIL}.{root}{name} \
             FOR VALUES FROM ('{from}') TO ('{to}')"
        ))
        .await?;
    }
    txn.commit().await
}

/// The number, from zero, of the first change of a transaction.
fn first_change(transaction: i64) -> i64 {
    let (block, place) = ((transaction - 1) / 5, (transaction - 1) % 5);
    block * 15 + place * (place + 1) / 2
}

/// The actions, the large transaction, the sequences, and what the planner knows.
async fn finish(
    db: &DatabaseConnection,
    changes: i64,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let large = changes / 3 + 1;
    let middle = first_at + (last_at - first_at) / 2;
    let sql = format!(
        "INSERT INTO {TRAIL}.audit_transactions (id, xid, occurred_at, committed_at, actor_type, \
         actor_id, action_id, request_id, correlation_id, session_user_name, backend_pid) \
         SELECT $1, (1000 + $1)::text::xid8, $2, $2 + interval '1 s', 'job', 'reprice', $1, \
         'request-' || $1::text, 'reprice', 'application', 1"
    );
    run(db, &sql, [large.into(), middle.into()]).await?;
    let sql =
        format!("INSERT INTO {TRAIL}.audit_changes SELECT * FROM bench.bulk_changes($1, $2, $3)");
    run(db, &sql, [changes.into(), middle.into(), large.into()]).await?;
    let sql = format!(
        "INSERT INTO {TRAIL}.audit_actions (id, transaction_id, name, actor_type, actor_id, \
         correlation_id, request_id, recorded_at) \
         SELECT t.action_id, t.id, bench.action_name(t.id, $1), t.actor_type, t.actor_id, \
         t.correlation_id, t.request_id, t.occurred_at \
         FROM {TRAIL}.audit_transactions t WHERE t.action_id IS NOT NULL ORDER BY t.occurred_at"
    );
    run(db, &sql, [changes.into()]).await?;
    db.execute_unprepared(&format!(
        "SELECT setval('{TRAIL}.audit_changes_id_seq', {changes} * 2); \
         SELECT setval('{TRAIL}.audit_transactions_id_seq', {large} + 1000); \
         SELECT setval('{TRAIL}.audit_actions_id_seq', {large} + 1000)"
    ))
    .await?;
    let sql = format!("UPDATE {TRAIL}.audited_tables SET since = $1, complete_since = $1");
    run(db, &sql, [first_at.into()]).await?;
    analyze(db).await
}

/// As autovacuum does it: each partition, and never their root.
async fn analyze(db: &DatabaseConnection) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT relid::regclass::text AS name FROM pg_partition_tree('{TRAIL}.audit_changes') WHERE isleaf \
         UNION ALL SELECT relid::regclass::text FROM pg_partition_tree('{TRAIL}.audit_transactions') \
         WHERE isleaf UNION ALL SELECT '{TRAIL}.audit_actions'"
    );
    let leaves = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    for leaf in leaves {
        let name: String = leaf.try_get("", "name")?;
        db.execute_unprepared(&format!("VACUUM ANALYZE {name}")).await?;
    }
    Ok(())
}

pub(crate) async fn run<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// The one row of a query.
pub(crate) async fn one<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<QueryResult, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(format!("no row: {sql}")))
}
