//! Pieces of SELECT that more than one reader uses.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_util::{Stream, StreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, StreamTrait, Value};

use crate::{Error, trail};

/// A transaction's columns, for rows that [`transaction`](super::transaction) reads.
pub(crate) const TRANSACTION: &str = r#"
    t.id AS "t:id", t.occurred_at AS "t:occurred_at", t.committed_at AS "t:committed_at",
    t.actor_type AS "t:actor_type", t.actor_id AS "t:actor_id", t.action_id AS "t:action_id",
    t.request_id AS "t:request_id", t.correlation_id AS "t:correlation_id", t.job_id AS "t:job_id",
    t.trace_id AS "t:trace_id", host(t.remote_ip) AS "t:remote_ip", t.source::text AS "t:source",
    t.meta::text AS "t:meta", t.session_user_name AS "t:session_user_name",
    t.application_name AS "t:application_name", host(t.client_addr) AS "t:client_addr",
    t.backend_pid AS "t:backend_pid""#;

/// An action's columns, for rows that [`optional_action`](super::optional_action) reads.
pub(crate) const ACTION: &str = r#"
    a.id AS "a:id", a.transaction_id AS "a:transaction_id", a.parent_id AS "a:parent_id",
    a.name AS "a:name", a.actor_type AS "a:actor_type", a.actor_id AS "a:actor_id",
    a.status AS "a:status", a.verb AS "a:verb", a.category AS "a:category", a.reason AS "a:reason",
    a.comment AS "a:comment", a.correlation_id AS "a:correlation_id", a.request_id AS "a:request_id",
    a.job_id AS "a:job_id", a.meta::text AS "a:meta",
    a.session_user_name AS "a:session_user_name", a.recorded_at AS "a:recorded_at""#;

/// A change's columns, for rows that [`change`](super::change) reads.
pub(crate) const CHANGE: &str = r#"
    c.id AS "c:id", c.transaction_id AS "c:transaction_id", c.action_id AS "c:action_id",
    c.table_schema AS "c:table_schema", c.table_name AS "c:table_name", c.row_pk::text AS "c:row_pk",
    c.op::text AS "c:op", c.data_after::text AS "c:data_after", c.changed_fields AS "c:changed_fields",
    c.changed_from::text AS "c:changed_from", c.captured_at AS "c:captured_at""#;

/// Values to bind, and the numbers they are bound under.
#[derive(Default)]
pub(crate) struct Binds(Vec<Value>);

impl Binds {
    /// Binds a value and gives its place in the text: `$1`.
    pub(crate) fn push(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The statement of a text that names these places.
    pub(crate) fn statement(&self, sql: &str) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, self.0.clone())
    }
}

/// Runs a query.
pub(crate) async fn all<C: ConnectionTrait>(
    db: &C,
    sql: String,
    binds: Binds,
) -> Result<Vec<QueryResult>, Error> {
    // Before anything is asked for in a schema that nobody named.
    trail::schema()?;
    let begun = Instant::now();
    let rows = match db.query_all_raw(binds.statement(&sql)).await {
        Err(error) if is_stale(&error) => db.query_all_raw(binds.statement(&again(&sql))).await,
        rows => rows,
    };
    rows.map_err(|error| Error::from_read(error).since(begun))
}

/// Runs a query, and gives its rows as they come.
pub(crate) async fn stream<C: StreamTrait>(
    db: &C,
    sql: String,
    binds: Binds,
) -> Result<impl Stream<Item = Result<QueryResult, Error>> + Send + use<'_, C>, Error> {
    trail::schema()?;
    let begun = db.stream_raw(binds.statement(&sql)).await.map_err(Error::from_read)?;
    let mut rows = Box::pin(begun);
    let mut first = rows.next().await;
    if let Some(Err(error)) = &first
        && is_stale(error)
    {
        // The old stream holds the connection of a transaction.
        drop(rows);
        let anew = db.stream_raw(binds.statement(&again(&sql))).await;
        rows = Box::pin(anew.map_err(Error::from_read)?);
        first = rows.next().await;
    }
    // What fails at once fails here, and not in a stream that somebody may take for an empty one.
    let first = first.transpose().map_err(Error::from_read)?;
    Ok(stream::iter(first.map(Ok)).chain(rows.map(|row| row.map_err(Error::from_read))))
}

/// The driver keeps prepared statements by their text, so another text is prepared anew.
fn again(sql: &str) -> String {
    static REPLANNED: AtomicU64 = AtomicU64::new(0);
    format!("{sql} -- {}", REPLANNED.fetch_add(1, Ordering::Relaxed))
}

/// Whether a column's type was changed since the statement was prepared.
fn is_stale(error: &DbErr) -> bool {
    error.to_string().contains("cached plan must not change result type")
}
