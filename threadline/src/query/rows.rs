//! From rows to the plain values of `model`.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, QueryResult};
use serde_json::{Map, Value};

use super::document::document;
use crate::model::{ActionRecord, Change, Operation, Transaction};
use crate::{ActorRef, ActorType, Error, TableName};

pub(crate) fn transaction(row: &QueryResult) -> Result<Transaction, Error> {
    Ok(Transaction {
        id: row.try_get("t:", "id")?,
        occurred_at: row.try_get::<DateTime<Utc>>("t:", "occurred_at")?,
        committed_at: row.try_get("t:", "committed_at")?,
        actor: actor(row, "t:")?,
        action_id: row.try_get("t:", "action_id")?,
        request_id: row.try_get("t:", "request_id")?,
        correlation_id: row.try_get("t:", "correlation_id")?,
        job_id: row.try_get("t:", "job_id")?,
        trace_id: row.try_get("t:", "trace_id")?,
        remote_ip: row.try_get("t:", "remote_ip")?,
        source: document(row, "t:", "source")?,
        meta: document(row, "t:", "meta")?,
        session_user_name: row.try_get("t:", "session_user_name")?,
        application_name: row.try_get("t:", "application_name")?,
        client_addr: row.try_get("t:", "client_addr")?,
        backend_pid: row.try_get("t:", "backend_pid")?,
    })
}

/// The action of a row that may have none.
pub(crate) fn optional_action(row: &QueryResult) -> Result<Option<ActionRecord>, Error> {
    let Some(id) = row.try_get::<Option<i64>>("a:", "id")? else { return Ok(None) };
    Ok(Some(ActionRecord {
        id,
        transaction_id: row.try_get("a:", "transaction_id")?,
        parent_id: row.try_get("a:", "parent_id")?,
        name: row.try_get("a:", "name")?,
        actor: actor(row, "a:")?,
        status: row.try_get("a:", "status")?,
        verb: row.try_get("a:", "verb")?,
        category: row.try_get("a:", "category")?,
        reason: row.try_get("a:", "reason")?,
        comment: row.try_get("a:", "comment")?,
        correlation_id: row.try_get("a:", "correlation_id")?,
        request_id: row.try_get("a:", "request_id")?,
        job_id: row.try_get("a:", "job_id")?,
        meta: document(row, "a:", "meta")?,
        session_user_name: row.try_get("a:", "session_user_name")?,
        recorded_at: row.try_get("a:", "recorded_at")?,
    }))
}

pub(crate) fn change(row: &QueryResult) -> Result<Change, Error> {
    let op = operation(row, "c:op")?;
    let mut changed_fields: Vec<String> =
        row.try_get::<Option<Vec<String>>>("c:", "changed_fields")?.unwrap_or_default();
    changed_fields.sort();
    Ok(Change {
        id: row.try_get("c:", "id")?,
        transaction_id: row.try_get("c:", "transaction_id")?,
        action_id: row.try_get("c:", "action_id")?,
        table: TableName::new(
            row.try_get::<String>("c:", "table_schema")?,
            row.try_get::<String>("c:", "table_name")?,
        )?,
        row_pk: object(row, "row_pk")?,
        op,
        data_after: object(row, "data_after")?,
        changed_fields,
        changed_from: object(row, "changed_from")?,
        captured_at: row.try_get("c:", "captured_at")?,
    })
}

pub(crate) fn operation(row: &QueryResult, column: &str) -> Result<Operation, Error> {
    let word: String = row.try_get("", column)?;
    Ok(Operation::parse(&word)
        .ok_or_else(|| DbErr::Type(format!("`{word}` is no operation known to this version")))?)
}

fn object(row: &QueryResult, column: &str) -> Result<Option<Map<String, Value>>, Error> {
    match document(row, "c:", column)? {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(DbErr::Type(format!("audit_changes.{column} holds no object")).into()),
    }
}

pub(crate) fn actor(row: &QueryResult, prefix: &str) -> Result<Option<ActorRef>, Error> {
    let Some(word) = row.try_get::<Option<String>>(prefix, "actor_type")? else { return Ok(None) };
    let id = row.try_get::<Option<String>>(prefix, "actor_id")?.unwrap_or_default();
    // Whatever was recorded is shown: only new actors are held to the rules.
    Ok(Some(match word.parse()? {
        ActorType::User => ActorRef::user(id),
        ActorType::Admin => ActorRef::admin(id),
        ActorType::ServiceAccount => ActorRef::service_account(id),
        ActorType::Job => ActorRef::job(id),
        ActorType::System => ActorRef::system(id),
        ActorType::Anonymous => ActorRef::anonymous(),
    }))
}
