use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ActorRef;

/// A named business event: what somebody meant to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActionRecord {
    /// The action's own number.
    pub id: i64,
    /// The transaction it was recorded in; `None` for an action without rows.
    pub transaction_id: Option<i64>,
    /// The action it was nested in.
    pub parent_id: Option<i64>,
    /// What was done, such as `post.publish`.
    pub name: String,
    /// Who did it.
    pub actor: Option<ActorRef>,
    /// `ok`, or `error` for an attempt that failed.
    pub status: String,
    /// A verb for grouping.
    pub verb: Option<String>,
    /// A category for grouping.
    pub category: Option<String>,
    /// Why, as the caller put it.
    pub reason: Option<String>,
    /// A remark for people.
    pub comment: Option<String>,
    /// What ties requests and jobs of one undertaking together.
    pub correlation_id: Option<String>,
    /// The request it came from.
    pub request_id: Option<String>,
    /// The job it came from.
    pub job_id: Option<String>,
    /// Anything else the caller recorded.
    pub meta: Option<serde_json::Value>,
    /// The database role that logged in; the application cannot forge it.
    pub session_user_name: String,
    /// When it was recorded, in UTC.
    pub recorded_at: DateTime<Utc>,
}
