//! The error of this crate.

mod outage;

use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr};

use crate::filter::FilterProblems;
use crate::spec::{SchemaName, SpecProblem, TableName};
use crate::trail;

/// What can go wrong. Each text says what is wrong, where, and what to do about it.
///
/// It turns into a [`DbErr`], so a handler whose own error is `From<DbErr>` can use `?` on
/// everything of this crate:
///
/// ```
/// use threadline::{Error, sea_orm::DbErr};
///
/// fn table() -> Result<threadline::TableName, DbErr> {
///     Ok(threadline::TableName::parse("billing.invoices")?)
/// }
///
/// assert!(table().is_ok());
/// assert!(matches!(DbErr::from(Error::EmptyRegistry), DbErr::Custom(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text cannot be the name of a schema, a table or a column.
    #[error("`{name}` cannot be the name of a {what}: {reason}")]
    InvalidName {
        /// What it was to name: `schema`, `table` or `column`.
        what: &'static str,
        /// The text.
        name: String,
        /// Why not, and what would do.
        reason: &'static str,
    },
    /// A text cannot stand in the trail where a masked value was.
    #[error(
        "{0:?} cannot be a placeholder: it must have 1 to 200 characters, and no control characters"
    )]
    InvalidPlaceholder(String),
    /// A text is no place in a JSON document.
    #[error(
        "{path:?} is no path into a JSON document: {reason}; a path is keys separated by dots, with \
         `*` for every element of an array, as in `contacts.*.phone`"
    )]
    InvalidJsonPath {
        /// The text.
        path: String,
        /// Why not.
        reason: &'static str,
    },
    /// A limit that leaves nothing.
    #[error("`max_bytes = 0` keeps no value at all: exclude the column instead, or name a limit")]
    InvalidLimit,
    /// What is declared about a table contradicts itself.
    #[error("{table} cannot be audited as declared: {}", listed(problems))]
    Spec {
        /// The table.
        table: TableName,
        /// Every contradiction that was found.
        problems: Vec<SpecProblem>,
    },
    /// No audited table is registered.
    #[error(
        "no audited table is registered; a crate that nothing names is not linked, so if the \
         entities are in a crate of their own, write `use entity as _;` (with that crate's name) in \
         the binary, or list them with `Registry::builder().register::<entity::post::Entity>()`"
    )]
    EmptyRegistry,
    /// No audited table is registered below a module.
    #[error("no audited entity is registered in `{prefix}`; {}", linked(modules))]
    NothingBelow {
        /// The module that was asked for.
        prefix: String,
        /// The modules that do register an audited entity.
        modules: Vec<&'static str>,
    },
    /// Two declarations of one table differ.
    #[error(
        "{table} is declared twice, and differently, by {first} and by {second}; a table has one \
         policy, so make them the same, or write `#[audited(register = false)]` on one of them"
    )]
    ConflictingEntities {
        /// The table.
        table: TableName,
        /// Where it is declared first.
        first: String,
        /// Where it is declared again.
        second: String,
    },
    /// An action has nobody who does it.
    #[error(
        "the action `{action}` has no actor; give the context one, or say that it is a job, the \
         system or anonymous; a capture-only transaction may also `allow_missing_actor()`; in a web \
         handler, authentication must come before the audit layer"
    )]
    MissingActor {
        /// The action's name.
        action: String,
    },
    /// An action that has to change something changed nothing.
    #[error(
        "the action `{action}` requires a captured change and none was captured, so it was rolled \
         back; check that it writes, and that the tables it writes to are audited"
    )]
    NothingCaptured {
        /// The action's name.
        action: String,
    },
    /// A reference to an actor is not usable.
    #[error("the actor is not usable: {0}")]
    InvalidActor(String),
    /// A context is not usable.
    #[error("the audit context is not usable: {0}")]
    InvalidContext(String),
    /// An action is not usable.
    #[error("the action is not usable: {0}")]
    InvalidAction(String),
    /// A transaction was to be used or committed that was rolled back already.
    #[error(
        "the transaction is rolled back: a statement in it failed, or a nested transaction could not \
         be begun; return that error, or try what may fail in a nested transaction"
    )]
    RolledBack,
    /// The schema of the trail was to be chosen when it was in use already.
    #[error(
        "the trail's schema cannot be `{wanted}`: this process uses `{in_force}` already, by an \
         earlier `use_schema`, by the environment variable THREADLINE_SCHEMA, or by default; call \
         `use_schema` once, and first in `main`"
    )]
    SchemaInUse {
        /// The schema that this process uses.
        in_force: SchemaName,
        /// The schema that was to be chosen.
        wanted: SchemaName,
    },
    /// The environment names a schema for the trail that cannot be one.
    #[error("the environment variable THREADLINE_SCHEMA does not name the trail's schema: {0}")]
    SchemaVariable(String),
    /// The database has no trail, or an older one.
    #[error(
        "this database has no audit trail of this version in the schema `{schema}` ({detail}); add \
         `pub use threadline_migration::v1::Migration;` to the migrations and run them, or call \
         `threadline_migration::sync` in development; and check that it is the right database, and \
         the right schema: `threadline::use_schema` or the environment variable THREADLINE_SCHEMA \
         names another one"
    )]
    NotInstalled {
        /// The schema in which it was looked for.
        schema: SchemaName,
        /// What is missing.
        detail: String,
    },
    /// The database role may not read the trail, or the audited table.
    #[error(
        "this database role may not read the trail, or the audited table itself ({detail}); the \
         trail's owner permits it with `GRANT SELECT ON ALL TABLES IN SCHEMA {} TO …`",
        trail::TRAIL
    )]
    NoRight {
        /// What the database says.
        detail: String,
    },
    /// The table is not audited.
    #[error(
        "{table} is not audited; put it under audit with `threadline_migration::sync`, or with a \
         migration that `audit generate` writes"
    )]
    NotAudited {
        /// The table.
        table: TableName,
    },
    /// The past was to be changed or locked.
    #[error("the past can only be read: {what}; do it on the connection itself")]
    ReadOnly {
        /// What was wrong.
        what: String,
    },
    /// A statement cannot be read as one about the past.
    #[error(
        "this statement cannot be asked of the past: {why}; nothing was sent; ask it in another way, \
         or of the connection itself"
    )]
    UnreadableStatement {
        /// Why not.
        why: String,
    },
    /// The registry knows nothing of a table whose past was to be read.
    #[error(
        "{table} is not in the registry, so its past is unknown; audit it, or name it with \
         `Registry::builder().live(…)` to read it as it is now"
    )]
    PastUnknown {
        /// The table.
        table: TableName,
    },
    /// A read of the past calls a function that may read the present.
    #[error(
        "the function `{name}` may read rows as they are now, or write, so it cannot be called in a \
         read of the past; call it on the connection itself"
    )]
    UnknownFunction {
        /// The function.
        name: String,
    },
    /// A row of the past does not fit the table of today.
    #[error("{0}")]
    Drift(Box<Drift>),
    /// Not every row of a table is known at a moment.
    #[error("{0}")]
    BeforeHorizon(String),
    /// A filter asks for something that cannot be.
    #[error("the filter is not usable: {0}")]
    InvalidFilter(FilterProblems),
    /// A text is no key of a row.
    #[error(
        "the row's key is not usable: {0}; write `42`, or `order_id=7;line_no=3` for several columns"
    )]
    InvalidKey(String),
    /// A text is no moment.
    #[error("`{text}` is no moment: {why}")]
    InvalidMoment {
        /// The text.
        text: String,
        /// What would do.
        why: String,
    },
    /// A text is no address and no network.
    #[error(
        "`{0}` is no address and no network; write `10.1.2.3`, `10.0.0.0/8` or `2001:db8::/32`"
    )]
    InvalidNetwork(String),
    /// A cursor does not say where to go on.
    #[error("the cursor is not usable: {0}")]
    InvalidCursor(&'static str),
    /// A scope that says nothing was to be applied.
    #[error(
        "the scope of this reader is not usable: {0}; nothing is read, because without a scope it would \
         be everything"
    )]
    InvalidScope(String),
    /// What was asked for is not in the trail.
    #[error("there is no {what} in the trail: it never was, or it was purged")]
    NotFound {
        /// What was asked for, as `audit transaction 7`.
        what: String,
    },
    /// Two changes that are not of one row were to be compared.
    #[error(
        "changes {one} and {other} are of different rows, so there is nothing to compare; take two \
         versions of one row"
    )]
    DifferentRows {
        /// The number of one change.
        one: i64,
        /// The number of the other.
        other: i64,
    },
    /// What was cannot be brought back.
    #[error("this cannot be restored: {0}")]
    NotRestorable(String),
    /// What is stored in the trail cannot be read.
    #[error("the trail cannot be read: {0}")]
    Unreadable(String),
    /// The database stopped a read before its end, because it took longer than `statement_timeout` allows.
    ///
    /// A read that somebody cancelled, as with `pg_cancel_backend`, is the same error: PostgreSQL tells the
    /// two apart by the words of its message alone, and those are in the language of the server.
    #[error(
        "the read was stopped{}: it took longer than its time limit (`statement_timeout`), or somebody \
         cancelled it; ask for less, as by a later `from`, or allow it more time",
        outage::after(after.as_ref())
    )]
    TimedOut {
        /// How long it had run, if that is known.
        after: Option<Duration>,
        /// What the database says.
        source: DbErr,
    },
    /// An export is not possible.
    #[error("the export is not possible: {0}")]
    Export(String),
    /// What an export was written to failed.
    #[error("the export could not be written, and what was written of it is not whole: {0}")]
    Output(#[source] std::io::Error),
    /// An error of the database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A row of the past that does not fit the table of today.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "the row {row_pk} of {table}, as it was captured at {captured_at}, does not fit the column \
     `{column}` of today: {why}; give a newer column `#[audited(stand_in = …)]`, or read with losses: \
     `db.as_of(…).lossy()`"
)]
pub struct Drift {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: String,
    /// The key of the row, as JSON.
    pub row_pk: String,
    /// When the row was captured: a time in UTC.
    pub captured_at: String,
    /// What does not fit.
    pub why: String,
}

impl Error {
    /// The database lacks something of the trail, and says so with `detail`.
    pub(crate) fn not_installed(detail: String) -> Self {
        match trail::schema() {
            Ok(schema) => Self::NotInstalled { schema: schema.clone(), detail },
            Err(error) => error,
        }
    }

    /// What an error of the database means for whoever reads: that the trail is not there
    /// ([`NotInstalled`](Self::NotInstalled)), that the role lacks a right ([`NoRight`](Self::NoRight)), that
    /// it took too long ([`TimedOut`](Self::TimedOut)), or anything else ([`Db`](Self::Db)). The readers of
    /// this crate have done so; it is for statements of your own on a [`BoundedRead`](crate::BoundedRead).
    ///
    /// ```
    /// use threadline::{Error, sea_orm::{ConnAcquireErr, DbErr}};
    ///
    /// let exhausted = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
    /// assert!(Error::from_read(exhausted).is_unavailable());
    /// ```
    pub fn from_read(error: DbErr) -> Self {
        let text = error.to_string();
        let is_ours = trail::schema().is_ok_and(|name| {
            text.contains(&format!("{name}.")) || text.contains(&format!("\"{name}\""))
        });
        match sqlstate(&error).as_deref() {
            // A schema, a table, a column or a function that does not exist.
            Some("3F000" | "42P01" | "42703" | "42883") if is_ours => Self::not_installed(text),
            Some("42501") => Self::NoRight { detail: error.to_string() },
            Some("57014") => Self::TimedOut { after: None, source: error },
            _ => Self::Db(error),
        }
    }
}

fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    error.as_database_error()?.code().map(|code| code.into_owned())
}

impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) | Error::TimedOut { source: error, .. } => error,
            error => DbErr::Custom(error.to_string()),
        }
    }
}

/// For bodies of responses and other streams whose errors are those of reading.
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Output(error) => error,
            error => Self::other(error),
        }
    }
}

fn listed(problems: &[SpecProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn linked(modules: &[&'static str]) -> String {
    if modules.is_empty() {
        return "none is registered anywhere: a crate that nothing names is not linked, so write \
                `use entity as _;` (with that crate's name) in the binary"
            .to_owned();
    }
    format!("entities are registered in {}", modules.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_error_comes_out_as_it_went_in() {
        let lost = DbErr::RecordNotFound("post".to_owned());
        assert_eq!(DbErr::from(Error::from(lost.clone())), lost);
    }

    #[test]
    fn an_own_error_keeps_its_text() {
        let error = Error::MissingActor { action: "post.publish".to_owned() };
        let text = error.to_string();
        assert!(text.contains("`post.publish`"), "{text}");
        assert_eq!(DbErr::from(error), DbErr::Custom(text));
    }
}
