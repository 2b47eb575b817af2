//! Attaching tables inside a host's migration, by SQL that was frozen when it was written.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::SchemaManager;

use crate::error::Error;
use crate::install::{LOCK, require_schema};
use crate::search_path;

/// Runs the frozen SQL of a generated migration, that puts tables under audit.
///
/// A migration must give the same result for ever, so it never reads the current registry: what
/// [`generate`](crate::generate()) wrote is all that is run.
///
/// # Errors
///
/// `DbErr::Migration` with the line to add if Threadline's schema is not installed; any error of the
/// database otherwise. Nothing is attached then.
pub async fn attach(manager: &SchemaManager<'_>, frozen_sql: &str) -> Result<(), DbErr> {
    run(manager.get_connection(), frozen_sql).await.map_err(DbErr::from)
}

/// Runs the frozen SQL of a generated migration, that takes tables out of the audit. What was
/// recorded stays.
///
/// # Errors
///
/// As [`attach`].
pub async fn detach(manager: &SchemaManager<'_>, frozen_sql: &str) -> Result<(), DbErr> {
    run(manager.get_connection(), frozen_sql).await.map_err(DbErr::from)
}

async fn run<C: ConnectionTrait>(db: &C, sql: &str) -> Result<(), Error> {
    db.execute_unprepared(LOCK).await?;
    let path = search_path::built_in_only(db).await?;
    require_schema(db).await?;
    db.execute_unprepared(sql).await?;
    path.give_back(db).await
}
