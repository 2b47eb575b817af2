//! Rows that were there before their table was audited are recorded, or it is known that they are not.

mod horizon;
mod images;
mod reaching;
mod reading;
mod rows;

use serde_json::Value;
use threadline::TableSpec;

use crate::fixture::{Fixture, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

/// Whether everything is known from the horizon on, from later on, or never.
async fn completeness(f: &Fixture) -> Value {
    let sql = "SELECT to_jsonb(CASE WHEN complete_since = since THEN 'from the horizon on'
            WHEN complete_since > since THEN 'from later on' END)
        FROM threadline.audited_tables WHERE table_name = 't'";
    f.value(sql).await
}

/// A database with the table `t` of `ddl`, which is attached and holds rows that nobody has recorded.
async fn attached(ddl: &str, spec: TableSpec) -> Fixture {
    let f = Fixture::installed().await;
    f.run(ddl).await;
    attach(&f, spec).await;
    f
}

/// Attaches a table as a frozen migration does that leaves its rows for later.
async fn attach(f: &Fixture, spec: TableSpec) {
    let plan = threadline_migration::plan(&f.db, &registry([spec])).await.expect("a plan");
    plan.without_baseline().apply(&f.db).await.expect("attaches");
}

async fn detach(f: &Fixture) {
    let table = threadline::TableName::parse("t").expect("a name");
    let plan = threadline_migration::Plan::detach(&f.db, [table]).await.expect("a plan");
    plan.apply(&f.db).await.expect("detaches");
}

/// How many rows were recorded.
async fn baseline(f: &Fixture) -> Value {
    f.value("SELECT to_jsonb(threadline.baseline('t'))").await
}
