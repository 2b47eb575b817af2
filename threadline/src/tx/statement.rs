//! The statements of this module: prepared, with every value bound.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, Value};
use serde_json::Value as Json;

use crate::trail::{OwnSql, schema};
use crate::{AuditContext, Error};

/// What the database says about a transaction that it opened.
pub(crate) struct Opened {
    pub(crate) transaction_id: i64,
    pub(crate) action_id: Option<i64>,
    pub(crate) outer_action_id: Option<i64>,
}

/// Tells the database who writes and why. Everything in one statement.
pub(crate) async fn begin_action<C: ConnectionTrait>(
    db: &C,
    context: &AuditContext,
    action: Option<Json>,
) -> Result<Opened, Error> {
    schema()?;
    let statement = postgres(
        "SELECT transaction_id, action_id, outer_action_id \
         FROM threadline.begin_action($1::jsonb, $2::jsonb)",
        [json(Some(document(context)?)), json(action)],
    );
    let row = db.query_one_raw(statement).await.map_err(not_installed)?.ok_or_else(no_row)?;
    Ok(Opened {
        transaction_id: row.try_get("", "transaction_id")?,
        action_id: row.try_get("", "action_id")?,
        outer_action_id: row.try_get("", "outer_action_id")?,
    })
}

/// Makes the outer action current again: its changes would be put down to the nested one otherwise.
pub(crate) async fn end_action<C: ConnectionTrait>(
    db: &C,
    outer_action_id: Option<i64>,
) -> Result<(), Error> {
    let statement = postgres("SELECT threadline.end_action($1)", [outer_action_id.into()]);
    db.execute_raw(statement).await?;
    Ok(())
}

/// Records an action without rows, and gives its number.
pub(crate) async fn record_action<C: ConnectionTrait>(
    db: &C,
    context: &AuditContext,
    action: Json,
) -> Result<i64, Error> {
    schema()?;
    let statement = postgres(
        "SELECT threadline.record_action($1::jsonb, $2::jsonb) AS action_id",
        [json(Some(document(context)?)), json(Some(action))],
    );
    let row = db.query_one_raw(statement).await.map_err(not_installed)?.ok_or_else(no_row)?;
    Ok(row.try_get("", "action_id")?)
}

/// Whether this database transaction has captured a change.
pub(crate) async fn captured<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let statement = postgres("SELECT threadline.captured() AS captured", []);
    let row = db.query_one_raw(statement).await?.ok_or_else(no_row)?;
    Ok(row.try_get("", "captured")?)
}

/// Whether an audited transaction is still there to be committed. PostgreSQL answers a COMMIT of a
/// transaction in which a statement failed with a rollback, and does not call that an error.
pub(crate) async fn is_alive<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let statement = postgres("SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS alive", []);
    match db.query_one_raw(statement).await {
        Ok(Some(row)) => Ok(row.try_get("", "alive")?),
        Ok(None) => Err(no_row().into()),
        Err(error) if sqlstate(&error).as_deref() == Some("25P02") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn postgres<const N: usize>(sql: &'static str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, OwnSql(sql).text(), values)
}

fn json(document: Option<Json>) -> Value {
    Value::Json(document.map(Box::new))
}

fn document(context: &AuditContext) -> Result<Json, Error> {
    serde_json::to_value(context).map_err(|error| Error::InvalidContext(error.to_string()))
}

fn no_row() -> DbErr {
    DbErr::RecordNotFound("Threadline's function gave no row".to_owned())
}

/// Without the schema or the function PostgreSQL only says that something does not exist.
fn not_installed(error: DbErr) -> Error {
    match sqlstate(&error).as_deref() {
        Some("3F000" | "42883") => Error::not_installed(error.to_string()),
        _ => Error::Db(error),
    }
}

fn sqlstate(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()?.code().map(|code| code.into_owned())
        }
        _ => None,
    }
}
