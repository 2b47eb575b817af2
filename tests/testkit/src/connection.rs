//! Connections of the test kit, and the few statements that need an answer.

use std::time::Duration;

use sea_orm::sqlx::{self, Connection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, RuntimeErr, Statement, TryGetable,
};

use crate::error::with_causes;

/// How long to wait for a connection. A test that holds all of its own waits for itself, and ought
/// to learn that soon.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(0)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false);
    options
}

/// Connects once and at once, where a pool would try again until its patience ends and then say
/// nothing but that.
pub(crate) async fn reach(url: &str) -> Result<(), String> {
    let connecting = sqlx::PgConnection::connect(url);
    match tokio::time::timeout(PATIENCE, connecting).await {
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        Ok(Err(error)) => Err(with_causes(&error)),
        // An error while saying goodbye changes nothing: the server is there.
        Ok(Ok(connection)) => {
            let _ = connection.close().await;
            Ok(())
        }
    }
}

/// Ends every connection of a pool before going on, so that its database can be copied or dropped.
pub(crate) async fn close(db: DatabaseConnection) {
    // A connection that cannot be closed is broken, and then the server has given it up already.
    let _ = db.close().await;
}

/// The first column of the first row.
pub(crate) async fn ask<T: TryGetable>(
    db: &DatabaseConnection,
    sql: &str,
) -> Result<Option<T>, DbErr> {
    Ok(ask_all(db, sql).await?.into_iter().next())
}

/// The first column of every row.
pub(crate) async fn ask_all<T: TryGetable>(
    db: &DatabaseConnection,
    sql: &str,
) -> Result<Vec<T>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// PostgreSQL's code of an error: `42501` when a right is missing.
pub(crate) fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let sqlx::Error::Database(error) = error.as_ref() else { return None };
    error.code().map(Into::into)
}

/// A name as SQL writes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
