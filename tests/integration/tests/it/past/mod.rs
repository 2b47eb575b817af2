//! The past as a connection.

mod drift;
pub(crate) mod entities;
mod functions;
mod queries;
mod refused;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, JsonValue, Statement};
use serde_json::Value;
use threadline::{Registry, TableName};

use crate::fixture::{Fixture, run};
use entities::{invoice, post, post_tag, tag, user};

/// Tables under audit, in which nothing is yet.
pub(crate) async fn world() -> (Fixture, Registry) {
    let f = Fixture::installed().await;
    f.run(entities::DDL).await;
    let registry = Registry::builder()
        .register::<user::Entity>()
        .register::<post::Entity>()
        .register::<tag::Entity>()
        .register::<post_tag::Entity>()
        .register::<invoice::Entity>()
        .live(TableName::parse("countries").expect("a name"))
        .build()
        .expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    (f, registry)
}

/// A moment after everything so far and before everything that comes.
pub(crate) async fn now(f: &Fixture) -> DateTime<Utc> {
    run(&f.db, "SELECT pg_sleep(0.002)").await;
    let now = f.value("SELECT to_jsonb(clock_timestamp())").await;
    run(&f.db, "SELECT pg_sleep(0.002)").await;
    serde_json::from_value(now).expect("a time")
}

/// The rows of a raw query as JSON.
pub(crate) async fn raw(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<Value>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    JsonValue::find_by_statement(statement).all(db).await
}
