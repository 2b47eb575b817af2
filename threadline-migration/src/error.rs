//! What can go wrong with installing.

use std::path::PathBuf;

use sea_orm::DbErr;
use threadline::{ColumnName, SchemaName, TableName};

/// An error of installing, attaching or generating. Each text says what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table to audit does not exist.
    #[error("table {table} does not exist: create it first (run the migrations before the sync)")]
    MissingTable {
        /// The table that was asked for.
        table: TableName,
    },
    /// The relation cannot be audited.
    #[error("{table} cannot be audited: {reason}")]
    Refused {
        /// The relation that was asked for.
        table: TableName,
        /// Why not, and what to do instead.
        reason: String,
    },
    /// The policy names a column the table does not have: redaction must never miss silently.
    #[error(
        "the policy of {table} names the column `{column}`, which the table does not have; \
         correct the name, or remove it from the policy"
    )]
    UnknownColumn {
        /// The audited table.
        table: TableName,
        /// The name in the policy.
        column: ColumnName,
    },
    /// The new policy would store what the installed one keeps out.
    #[error(
        "{table}: of {} the installed policy keeps more out of the trail than the new one; if that may \
         be stored from now on, say so with `--allow-weaker-redaction` or \
         `Sync::allow_weaker_redaction`",
        listed(columns)
    )]
    WeakerRedaction {
        /// The audited table.
        table: TableName,
        /// The columns of which more would be stored than now.
        columns: Vec<ColumnName>,
    },
    /// More than one table is refused; each error is about one of them.
    #[error("{}", lines(.0))]
    Several(Vec<Error>),
    /// The database is no longer what a plan was made from.
    #[error(
        "the database has changed since the plan was made{}; nothing was done: make a new plan and \
         look at it",
        about(tables)
    )]
    PlanOutdated {
        /// The tables of which a new plan would say something else; none if only the schema changed.
        tables: Vec<TableName>,
    },
    /// A table that is to be detached is not attached.
    #[error(
        "{} not attached, so there is nothing to do; attached are: {}",
        are(tables),
        plain(attached)
    )]
    NotAttached {
        /// The tables that were asked for and are not attached.
        tables: Vec<TableName>,
        /// Those that are.
        attached: Vec<TableName>,
    },
    /// `down` would erase what was recorded.
    #[error(
        "the audit trail holds {transactions} transactions and is not erased by a `down`; to erase \
         it, set {ERASE_VARIABLE}={schema} and run the command again"
    )]
    TrailNotEmpty {
        /// How many transactions the trail holds.
        transactions: i64,
        /// The schema that would be erased.
        schema: String,
    },
    /// The schema of the trail is missing or too old.
    #[error(
        "the database does not have version {wanted} of Threadline's schema `{schema}`; add a \
         migration with the one line `pub use threadline_migration::v1::Migration;` before this one, \
         or call `threadline_migration::install`; if the trail has another schema here, name it with \
         `threadline::use_schema` or the environment variable THREADLINE_SCHEMA"
    )]
    SchemaMissing {
        /// The schema in which it was looked for.
        schema: SchemaName,
        /// The version that is needed.
        wanted: i32,
    },
    /// The schema `threadline` was installed by a newer version of this crate.
    #[error(
        "the database has Threadline's schema version {installed}, and this program knows versions up \
         to {known}: it would put back what a newer version has replaced; use a version that knows it"
    )]
    SchemaNewer {
        /// The version in the database.
        installed: i32,
        /// The newest version that is known here.
        known: i32,
    },
    /// What says which tables are expected to be uncovered does not hold together.
    #[error("the coverage policy does not hold together: {}", problems.join("; "))]
    CoveragePolicy {
        /// Each contradiction, with what to do.
        problems: Vec<String>,
    },
    /// A schema that was asked for does not exist, or is not the host's.
    #[error("Schema '{schema}' not found.{}", there_are(known))]
    UnknownSchema {
        /// The schema that was asked for.
        schema: String,
        /// The schemas that may hold tables of the host.
        known: Vec<String>,
    },
    /// A migration file could not be written.
    #[error("cannot write {path}: {source}; name the `src` folder of the migration crate")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The name for a generated migration is not usable.
    #[error("`{0}` is no name for a migration: use small letters, digits and underscores")]
    MigrationName(String),
    /// An error of the runtime crate: a registry or a policy that does not hold together.
    #[error(transparent)]
    Audit(#[from] threadline::Error),
    /// An error of the database.
    #[error(transparent)]
    Db(#[from] DbErr),
    /// A template of this crate does not hold together: a defect, please report it.
    #[error("{0}; this is a defect of threadline-migration")]
    Template(String),
}

/// The variable that permits `down` to erase a trail; its value must be the schema's name.
pub const ERASE_VARIABLE: &str = "THREADLINE_ERASE_TRAIL";

fn listed(names: &[ColumnName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn lines(errors: &[Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn about(tables: &[TableName]) -> String {
    if tables.is_empty() { String::new() } else { format!(" ({})", plain(tables)) }
}

fn are(tables: &[TableName]) -> String {
    let verb = if tables.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", plain(tables))
}

fn there_are(schemas: &[String]) -> String {
    if schemas.is_empty() { String::new() } else { format!(" There are: {}.", schemas.join(", ")) }
}

fn plain(tables: &[TableName]) -> String {
    if tables.is_empty() {
        return "no tables".to_owned();
    }
    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) => error,
            error => DbErr::Migration(error.to_string()),
        }
    }
}

impl From<crate::render::hole::HoleError> for Error {
    fn from(error: crate::render::hole::HoleError) -> Self {
        Error::Template(error.to_string())
    }
}
