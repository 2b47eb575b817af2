//! Every way into the trail is by an index, and a page costs the same wherever it lies: on a year of
//! changes, where a wrong plan shows.

use std::sync::Mutex;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, ExecResult, QueryFilter, QueryResult, Statement, TransactionTrait,
};
use serde_json::Value;
use threadline::prelude::*;
use threadline::{
    Filter, Position, Registry, RowKey, TableName, actor_history, actor_summary, audit_change,
    audit_transaction, audited_tables, correlation, count, facets, histogram, incident_bundle,
    nearest, neighbours, request, row_rail, timeline_page, transaction_context, transactions,
};
use threadline_testkit::{Template, TestDb};

use crate::fixture;

/// 40 000 transactions of 5 changes each, over the last year, in monthly partitions.
///
/// Half of them are the system's. `user:rare` did three, ten months ago. The table `rare` has 5 changes,
/// all of them old, and the row `hot.1` 10 000.
static YEAR: Template = Template::new("year", |db| {
    Box::pin(async move {
        threadline_migration::install(&db).await?;
        fixture::run(&db, include_str!("year.sql")).await;
        Ok(())
    })
});

mod hot {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "hot")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub v: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A connection that explains every query it is asked, and remembers the plans.
struct Explaining {
    db: DatabaseConnection,
    plans: Mutex<Vec<Value>>,
}

#[async_trait::async_trait]
impl ConnectionTrait for Explaining {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut explain = statement.clone();
        explain.sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql);
        let row = self.db.query_one_raw(explain).await?.expect("a plan");
        let plan: Value = row.try_get_by_index(0)?;
        self.plans.lock().expect("no panic").push(plan[0].clone());
        self.db.query_all_raw(statement).await
    }
}

impl Explaining {
    async fn year() -> (Self, TestDb) {
        let test_db = TestDb::from(&YEAR).await;
        let db = test_db.pool_of(1).await;
        fixture::run(&db, "SET jit = off").await;
        (Self { db, plans: Mutex::default() }, test_db)
    }

    /// The plan of the one query that was asked since the last time.
    fn plan(&self) -> Value {
        let mut plans = std::mem::take(&mut *self.plans.lock().expect("no panic"));
        assert_eq!(plans.len(), 1, "what belongs together is read in one statement");
        plans.remove(0)
    }
}

/// The nodes of a plan that ran.
fn nodes(plan: &Value) -> Vec<&Value> {
    let mut found = vec![plan];
    for child in plan["Plans"].as_array().into_iter().flatten() {
        found.extend(nodes(child));
    }
    found.retain(|node| node["Actual Loops"] != 0);
    found
}

/// Blocks that were touched.
fn blocks(plan: &Value) -> u64 {
    let of = |key: &str| plan["Plan"][key].as_u64().unwrap_or_default();
    of("Shared Hit Blocks") + of("Shared Read Blocks")
}

/// The rows that come out of a node, over all its loops.
fn rows(node: &Value) -> f64 {
    let of = |key: &str| node[key].as_f64().unwrap_or_default();
    of("Actual Rows") * of("Actual Loops")
}

/// Refuses scans of a whole table of the trail, and sorts of more rows than `most`.
fn expect_indexed(what: &str, plan: &Value, most: f64, most_blocks: u64) {
    let told = serde_json::to_string_pretty(plan).unwrap_or_default();
    for node in nodes(&plan["Plan"]) {
        let kind = node["Node Type"].as_str().unwrap_or_default();
        let relation = node["Relation Name"].as_str().unwrap_or_default();
        // A sort for a page gives few rows, however many it is given.
        let sorted: f64 = node["Plans"].as_array().into_iter().flatten().map(rows).sum();
        let rows = node["Actual Rows"].as_f64().unwrap_or_default();
        let removed = node["Rows Removed by Filter"].as_f64().unwrap_or_default();
        // The list of tables is short, and the months to come are empty.
        let is_small = relation == "audited_tables" || rows + removed == 0.0;
        assert!(!kind.contains("Seq Scan") || is_small, "{what} scans {relation}\n{told}");
        assert!(!kind.contains("Sort") || sorted <= most, "{what} sorts {sorted} rows\n{told}");
        assert!(removed <= 2_000.0, "{what} reads {removed} rows of {relation} in vain\n{told}");
    }
    let blocks = blocks(plan);
    let planning = plan["Planning Time"].as_f64().unwrap_or_default();
    let running = plan["Execution Time"].as_f64().unwrap_or_default();
    println!("{what}: {blocks} blocks, planned in {planning} ms, run in {running} ms");
    assert!(blocks <= most_blocks, "{what} touches {blocks} blocks\n{told}");
}

#[tokio::test]
async fn every_way_into_the_trail_is_by_an_index() {
    let (db, _test_db) = Explaining::year().await;
    for (text, most_blocks) in [
        ("", 800),
        ("to=-200d", 800),
        ("table=rare", 800),
        ("table=t3", 800),
        ("table=t3&table=rare", 900),
        ("table=hot&row=1", 800),
        ("table=rare&row=3", 800),
        ("actor=user:7", 3_000),
        ("actor=user:rare", 800),
        ("actor=user:rare&table=t3", 800),
        ("actor=system:sync", 12_000),
        ("actor=system:sync&table=t3", 12_000),
        ("corr=corr-17", 900),
        ("corr=corr-17&capture_only=true", 900),
        ("request=req-17", 800),
        ("action=act.rare", 900),
        ("transaction=17", 800),
        ("op=delete&from=-1d", 1_500),
        ("table=t3&changed=v", 800),
    ] {
        let filter: Filter = text.parse().expect("a filter");
        let page = timeline_page(&db, &filter.limit(50), Position::Start).await.expect("reads");
        assert!(!page.entries.is_empty(), "{text} finds nothing");
        expect_indexed(text, &db.plan(), 5_100.0, most_blocks);
    }
}

/// Its transactions lie together, so a walk from the newest change would pass by all that came later.
#[tokio::test]
async fn a_large_correlation_is_collected() {
    let (db, _test_db) = Explaining::year().await;
    let filter: Filter = "corr=import".parse().expect("a filter");
    let page = timeline_page(&db, &filter.limit(50), Position::Start).await.expect("reads");
    assert_eq!(page.entries.len(), 50);
    expect_indexed("a large correlation", &db.plan(), 30_000.0, 200_000);
}

#[tokio::test]
async fn every_other_reader_is_led_by_an_index_as_well() {
    let (db, _test_db) = Explaining::year().await;
    let window = Filter::new().limit(50);
    for actor in [ActorRef::user("rare"), ActorRef::system("sync")] {
        let page = actor_history(&db, &actor, &window, Position::Start).await.expect("reads");
        assert!(!page.entries.is_empty());
        expect_indexed("actor_history", &db.plan(), 60.0, 800);
    }
    correlation(&db, "corr-17", &window).await.expect("reads");
    expect_indexed("correlation", &db.plan(), 60.0, 1_200);
    request(&db, "req-17", &window).await.expect("reads");
    expect_indexed("request", &db.plan(), 60.0, 1_200);
    audit_transaction(&db, 20_000).await.expect("reads");
    expect_indexed("transaction", &db.plan(), 60.0, 100);
    transaction_context(&db, 20_000).await.expect("reads");
    expect_indexed("transaction_context", &db.plan(), 60.0, 400);
    incident_bundle(&db, 20_000).await.expect("reads");
    expect_indexed("incident_bundle", &db.plan(), 60.0, 400);
    transactions(&db, 50).await.expect("reads");
    expect_indexed("transactions", &db.plan(), 60.0, 800);
    audit_change(&db, 100_000).await.expect("reads");
    expect_indexed("audit_change", &db.plan(), 60.0, 4_000);
    count(&db, &Filter::new(), 100).await.expect("counts");
    expect_indexed("count", &db.plan(), 60.0, 400);
    facets(&db, &"from=-1d".parse().expect("a filter")).await.expect("reads");
    expect_indexed("facets", &db.plan(), 10_100.0, 8_000);
}

/// Of the many versions of the row, none but the newest is looked at, nor any change of another row, to
/// find out that the table was never emptied.
#[tokio::test]
async fn the_past_of_a_row_is_led_by_an_index() {
    let (db, _test_db) = Explaining::year().await;
    let registry = Registry::builder().register::<hot::Entity>().build().expect("holds together");
    let table = "CREATE TABLE hot (id bigint PRIMARY KEY, v bigint NOT NULL);
        DELETE FROM threadline.audited_tables WHERE table_name = 'hot'";
    fixture::run(&db.db, table).await;
    threadline_migration::sync(&db.db, &registry).await.expect("syncs");
    let earlier = "UPDATE threadline.audited_tables SET since = now() - interval '2 years',
        complete_since = now() - interval '2 years' WHERE table_name = 'hot'";
    fixture::run(&db.db, earlier).await;
    let at = chrono::Utc::now() - chrono::TimeDelta::days(100);
    let past = db.as_of(at, &registry);
    for (keys, most_blocks) in [(vec![1], 300), (vec![1, 2, 3], 500)] {
        let these = hot::Entity::find().filter(hot::Column::Id.is_in(keys.clone()));
        assert_eq!(these.clone().all(&past).await.expect("reads").len(), 1);
        expect_indexed(&format!("as_of {keys:?}"), &db.plan(), 20.0, most_blocks);
        // The plan that a connection keeps knows neither the key nor the moment.
        let txn = db.db.begin().await.expect("begins");
        fixture::run(&txn, "SET LOCAL plan_cache_mode = force_generic_plan").await;
        let before = blocks_so_far(&txn).await;
        these.all(&txn.as_of(at, &registry)).await.expect("reads");
        let blocks = blocks_so_far(&txn).await - before;
        assert!(blocks > 0 && blocks <= most_blocks, "as_of {keys:?} touches {blocks} blocks");
    }
}

/// The blocks of the trail that a transaction has touched so far.
async fn blocks_so_far(txn: &DatabaseTransaction) -> u64 {
    let sql = "SELECT to_jsonb(sum(pg_stat_get_xact_blocks_fetched(c.oid))) FROM pg_class c
        WHERE c.relnamespace = 'threadline'::regnamespace";
    fixture::value(txn, sql).await.as_u64().expect("a number")
}

#[tokio::test]
async fn every_panel_is_led_by_an_index_as_well() {
    let (db, _test_db) = Explaining::year().await;
    let filter = |text: &str| -> Filter { text.parse().expect("a filter") };
    for (text, most_blocks) in [
        ("from=-7d", 1_500),
        ("from=-365d&actor=user:rare", 800),
        ("from=-365d&table=rare", 800),
        ("from=-365d&table=hot&row=1", 6_000),
        ("from=-1d&op=delete", 1_000),
    ] {
        let told = histogram(&db, &filter(text), 60).await.expect("reads");
        assert!(told.counted > 0, "{text}");
        expect_indexed(text, &db.plan(), 15_100.0, most_blocks);
    }
    let rare = ActorRef::user("rare");
    let told = actor_summary(&db, &rare, &filter("from=-360d")).await.expect("reads");
    assert_eq!((told.changes.counted, told.transactions.counted), (15, 3));
    expect_indexed("actor_summary", &db.plan(), 200.0, 900);
    for text in ["from=-1d&table=rare", "from=-1d&actor=user:rare", "from=-1d&table=hot&row=1"] {
        assert!(nearest(&db, &filter(text)).await.expect("reads").before.is_some(), "{text}");
        expect_indexed(text, &db.plan(), 60.0, 800);
    }
    for id in [7_001, 20_000] {
        let transaction = audit_transaction(&db, id).await.expect("reads");
        db.plan();
        assert!(neighbours(&db, &transaction).await.expect("reads").next.is_some());
        expect_indexed("neighbours", &db.plan(), 60.0, 200);
    }
    audited_tables(&db).await.expect("reads");
    db.plan();
    let hot = TableName::parse("hot").expect("a name");
    let rail = row_rail(&db, &hot, &RowKey::scalar(1)).await.expect("reads");
    assert_eq!((rail.total.counted, rail.versions.len()), (10_000, 200));
    let plan = db.plans.lock().expect("no panic").pop().expect("that of the versions");
    expect_indexed("row_rail", &plan, 10_100.0, 14_000);
}

#[tokio::test]
async fn page_one_thousand_costs_what_page_one_costs() {
    let (db, _test_db) = Explaining::year().await;
    for text in ["", "sort=old", "table=t3", "table=hot&row=1", "actor=system:sync"] {
        let filter: Filter = text.parse::<Filter>().expect("a filter").limit(5);
        timeline_page(&db, &filter, Position::Start).await.expect("reads");
        let first = blocks(&db.plan());
        let far = filter.clone().limit(4_995);
        let page = timeline_page(&db, &far, Position::Start).await.expect("reads");
        db.plan();
        let deep = Position::After(page.cursor.expect("there is more"));
        let page = timeline_page(&db, &filter, deep).await.expect("reads");
        assert_eq!(page.entries.len(), 5);
        let plan = db.plan();
        println!("{text}: {first} and {} blocks", blocks(&plan));
        assert!(blocks(&plan) <= first * 6 / 5 + 20, "{text}: {first}\n{plan:#}");
    }
}
