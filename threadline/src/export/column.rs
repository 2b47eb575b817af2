//! Which columns an export has.

/// What the values of a [`Column`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A whole number of 64 bits.
    Integer,
    /// A moment, as `2026-11-21T05:30:00.000001Z`: RFC 3339 in UTC, always with microseconds.
    Time,
    /// A text.
    Text,
    /// A JSON document, with every number in all its digits.
    Json,
}

impl Kind {
    /// `integer`, `time`, `text` or `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Time => "time",
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// A column of an export: the same name, in the same place, in every [`Format`](super::Format).
///
/// Columns are only ever added, and at the end. If one came to mean something else,
/// [`FORMAT_VERSION`](super::FORMAT_VERSION) would move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name: a header in CSV, a key in JSON.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it can be null.
    pub nullable: bool,
    /// What it says.
    pub about: &'static str,
    /// The value, of the change `c`, its transaction `t` and its action `a`: of a change as it is sent, of
    /// the context as it becomes JSON.
    pub(super) sql: &'static str,
}

/// How much an export tells of each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnSet {
    /// The change itself: what the table `audit_changes` has.
    Changes,
    /// The change, and who made it, when, from where, and why.
    #[default]
    WithContext,
}

impl ColumnSet {
    /// The columns, in order.
    ///
    /// ```
    /// use threadline::export::ColumnSet;
    ///
    /// let names: Vec<&str> = ColumnSet::Changes.columns().iter().map(|column| column.name).collect();
    /// assert_eq!(names[..3], ["id", "transaction_id", "action_id"]);
    /// assert!(ColumnSet::WithContext.columns().iter().any(|column| column.name == "reason"));
    /// ```
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Changes => &COLUMNS[..OF_CHANGES],
            Self::WithContext => COLUMNS,
        }
    }
}

/// How many of the columns tell the change itself; the others tell its context.
pub(super) const OF_CHANGES: usize = 11;

const fn column(
    name: &'static str,
    kind: Kind,
    nullable: bool,
    sql: &'static str,
    about: &'static str,
) -> Column {
    Column { name, kind, nullable, about, sql }
}

/// A moment as text, whatever the session's time zone and date style are.
macro_rules! utc {
    ($column:literal) => {
        concat!("to_char(", $column, r#" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#)
    };
}

use Kind::{Integer, Json, Text, Time};

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    column("id", Integer, false, "c.id", "the change's number: of two changes of one row, the later has the higher"),
    column("transaction_id", Integer, false, "c.transaction_id", "the audit transaction it belongs to"),
    column("action_id", Integer, true, "c.action_id", "the innermost action it belongs to"),
    column("table_schema", Text, false, "c.table_schema", "the table's schema"),
    column("table_name", Text, false, "c.table_name", "the table's name; of a partition, that of its root"),
    column("op", Text, false, "c.op::text", "`insert`, `update`, `delete`, `truncate` or `baseline`"),
    column("captured_at", Time, false, "c.captured_at", "when it was captured"),
    column("row_pk", Json, true, "c.row_pk::text", "the row's key by column; null for a truncate"),
    column("data_after", Json, true, "c.data_after::text", "the whole row afterwards; null for a delete and a truncate"),
    column("changed_fields", Json, true, "to_json(c.changed_fields)::text", "the columns an update changed, as an array; otherwise null"),
    column("changed_from", Json, true, "c.changed_from::text", "an update's old values of the changed columns; a delete's whole last row"),
    column("occurred_at", Time, true, utc!("t.occurred_at"), "the first audited write of the transaction; null if only the change is left after a purge"),
    column("committed_at", Time, true, utc!("t.committed_at"), "when the transaction was committed"),
    column("actor_type", Text, true, "coalesce(a.actor_type, t.actor_type)", "who did it: the kind of actor of the action, else of the transaction"),
    column("actor_id", Text, true, "CASE WHEN a.actor_type IS NULL THEN t.actor_id ELSE a.actor_id END", "who did it: the actor's id"),
    column("action", Text, true, "a.name", "what was meant, such as `order.refund`"),
    column("reason", Text, true, "a.reason", "why, as the application said"),
    column("comment", Text, true, "a.comment", "a remark for people"),
    column("correlation_id", Text, true, "coalesce(a.correlation_id, t.correlation_id)", "what ties requests and jobs of one undertaking together"),
    column("request_id", Text, true, "coalesce(a.request_id, t.request_id)", "the request it came from"),
    column("job_id", Text, true, "coalesce(a.job_id, t.job_id)", "the job it came from"),
    column("trace_id", Text, true, "t.trace_id", "the trace it came from"),
    column("remote_ip", Text, true, "host(t.remote_ip)", "the address of the client, as the application said"),
    column("session_user_name", Text, true, "t.session_user_name", "the database role that logged in; the application cannot forge it"),
    column("application_name", Text, true, "t.application_name", "what the connection called itself"),
    column("client_addr", Text, true, "host(t.client_addr)", "the address that was connected to the database"),
    column("source", Json, true, "t.source", "from where the application says it came"),
    column("meta", Json, true, "t.meta", "what else the application recorded of the transaction"),
];
