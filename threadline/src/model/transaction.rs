use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ActorRef;

/// One database transaction that touched an audited table: who, from where, and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Transaction {
    /// The audit transaction's number.
    pub id: i64,
    /// When its first change was written, or its action begun, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// When it was committed, in UTC; `None` while it runs.
    pub committed_at: Option<DateTime<Utc>>,
    /// Who did it; `None` for a writer that did not say.
    pub actor: Option<ActorRef>,
    /// The outermost action.
    pub action_id: Option<i64>,
    /// The request it came from.
    pub request_id: Option<String>,
    /// What ties requests and jobs of one undertaking together.
    pub correlation_id: Option<String>,
    /// The job it came from.
    pub job_id: Option<String>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// The address the request came from.
    pub remote_ip: Option<String>,
    /// What the context says of the program that wrote.
    pub source: Option<serde_json::Value>,
    /// Anything else in the context, and whatever in it could not be read.
    pub meta: Option<serde_json::Value>,
    /// The database role that logged in; the application cannot forge it.
    pub session_user_name: String,
    /// The connection's application name.
    pub application_name: Option<String>,
    /// The address of the database client.
    pub client_addr: Option<String>,
    /// The process id of the database backend.
    pub backend_pid: i32,
}
