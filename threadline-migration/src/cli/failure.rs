//! Why a command could not run: for people a sentence, for programs a kind beside it.

use std::fmt;
use threadline::trail::TRAIL;

use sea_orm::{DbErr, RuntimeErr, sqlx};
use serde::Serialize;
use threadline::TableName;

use super::resolve;
use crate::error::Error;

/// Why a command could not run.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// One of the documented words.
    kind: &'static str,
    message: String,
    /// The table it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    /// What may have been meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<String>,
    /// One for each table, if more than one is refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Failure>,
}

/// The document of a command that could not run.
#[derive(Debug, Serialize)]
pub(crate) struct FailureDocument<'a> {
    error: &'a Failure,
}

impl Failure {
    /// The command line does not hold together.
    pub(crate) fn usage(message: String) -> Self {
        Self::new("usage", message)
    }

    /// The database could not be reached.
    pub(crate) fn connection(message: String) -> Self {
        Self::new("connection", message)
    }

    pub(crate) fn new(kind: &'static str, message: String) -> Self {
        Self { kind, message, table: None, candidates: Vec::new(), errors: Vec::new() }
    }

    /// Says which table it is about.
    pub(crate) fn about(mut self, table: &TableName) -> Self {
        self.table = Some(table.to_string());
        self
    }

    /// Says what may have been meant.
    pub(crate) fn candidates(mut self, candidates: Vec<String>) -> Self {
        self.candidates = candidates;
        self
    }

    /// The same, with the advice for a program that has no migrations.
    pub(crate) fn for_the_program(mut self) -> Self {
        if self.kind == NOT_INSTALLED {
            self.message = format!(
                "Threadline's schema ({TRAIL}) is not installed in this database: run `threadline \
                 install` (or `threadline attach --install`), and check that it is the right \
                 database; if the trail lies in another schema, name that with --schema"
            );
        }
        if let (NOT_AUDITED, Some(table)) = (self.kind, &self.table) {
            self.message = format!(
                "{table} is not under audit: check the name (case counts; `threadline status` lists \
                 the tables), or run `threadline attach --tables {table}`"
            );
        }
        self
    }

    pub(crate) fn document(&self) -> FailureDocument<'_> {
        FailureDocument { error: self }
    }

    /// Takes every one of `secrets` out of the text.
    pub(crate) fn without(mut self, secrets: &super::secrets::Secrets) -> Self {
        self.message = secrets.hide(&self.message);
        self.table = self.table.map(|table| secrets.hide(&table));
        self.candidates = self.candidates.iter().map(|name| secrets.hide(name)).collect();
        self.errors = self.errors.into_iter().map(|error| error.without(secrets)).collect();
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

const NOT_INSTALLED: &str = "not_installed";
const NOT_AUDITED: &str = "not_audited";

/// What has no kind of its own.
const OTHER: &str = "other";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Several(errors) => {
                let errors: Vec<Self> = errors.into_iter().map(Self::from).collect();
                let lines = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                Self { errors, ..Self::new("several", lines) }
            }
            Error::NotAttached { tables, attached } => match tables.first() {
                Some(first) => resolve::not_attached(first, &attached),
                None => Self::new(OTHER, Error::NotAttached { tables, attached }.to_string()),
            },
            error => Self::of_one(&error),
        }
    }
}

impl Failure {
    fn of_one(error: &Error) -> Self {
        let (kind, table) = match error {
            Error::MissingTable { table } => ("missing_table", Some(table)),
            Error::Refused { table, .. } => ("refused", Some(table)),
            Error::UnknownColumn { table, .. } => ("unknown_column", Some(table)),
            Error::WeakerRedaction { table, .. } => ("weaker_redaction", Some(table)),
            Error::SchemaMissing { .. } => (NOT_INSTALLED, None),
            Error::SchemaNewer { .. } => ("newer_schema", None),
            Error::PlanOutdated { .. } => ("plan_outdated", None),
            Error::Write { .. } => ("write", None),
            Error::MigrationName(_) | Error::CoveragePolicy { .. } => ("usage", None),
            Error::UnknownSchema { .. } => ("unknown_schema", None),
            Error::Audit(audit) => of_a_read(audit),
            Error::Db(_) => ("database", None),
            _ => (OTHER, None),
        };
        let message = match error {
            Error::Db(error) => told(error),
            error => error.to_string(),
        };
        let failure = Self::new(kind, message);
        match table {
            Some(table) => failure.about(table),
            None => failure,
        }
    }
}

/// The word for an error of a reader, and the table it is about.
fn of_a_read(error: &threadline::Error) -> (&'static str, Option<&TableName>) {
    use threadline::Error as E;
    match error {
        E::NotInstalled { .. } => (NOT_INSTALLED, None),
        E::NotAudited { table } => (NOT_AUDITED, Some(table)),
        E::NotFound { .. } => ("not_found", None),
        E::NoRight { .. } | E::TimedOut { .. } | E::Db(_) => ("database", None),
        E::Output(_) => ("write", None),
        _ => ("usage", None),
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Error::Db(error).into()
    }
}

impl From<threadline::Error> for Failure {
    fn from(error: threadline::Error) -> Self {
        Error::Audit(error).into()
    }
}

/// What the server said, and what to do where that is known.
fn told(error: &DbErr) -> String {
    let (DbErr::Conn(RuntimeErr::SqlxError(source))
    | DbErr::Exec(RuntimeErr::SqlxError(source))
    | DbErr::Query(RuntimeErr::SqlxError(source))) = error
    else {
        return error.to_string();
    };
    let sqlx::Error::Database(source) = source.as_ref() else { return source.to_string() };
    let mut text = source.message().to_owned();
    if let Some(source) = source.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        for more in [source.detail(), source.hint()].into_iter().flatten() {
            text = format!("{text}; {more}");
        }
    }
    let remedy = match source.code().as_deref() {
        Some("42501") => {
            "connect as the role that owns the tables and Threadline's schema (to install: a role \
             with CREATE on the database)"
        }
        Some("55P03") => {
            "another session uses the table and did not let go in time; nothing was changed: try \
             again when it is calmer, or wait longer with --lock-timeout"
        }
        Some("25006") => "this server only reads, as a standby does: connect to the primary",
        _ => return text,
    };
    format!("{text}; {remedy}")
}
