//! Makes the database audit what the registry says: for development and tests.

use std::fmt;

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use threadline::{ColumnName, Registry, TableName, TableSpec};

use crate::catalog::{self, all};
use crate::error::Error;
use crate::install::{LOCK, up_v1};
use crate::render::table;
use crate::shape::TableShape;

/// What [`sync`] did to one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It was not audited before.
    Created,
    /// Its function, triggers or policy differed and were replaced, without a gap in capture.
    Updated,
    /// It was as it should be.
    Unchanged,
    /// It is audited, but the registry does not know it. It is left alone: the crate of its entity
    /// may just not be linked in.
    Orphan,
}

/// What [`sync`] did, a line a table, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The tables and what became of each.
    pub tables: Vec<(TableName, Outcome)>,
}

impl Report {
    /// Whether nothing had to be done.
    pub fn is_unchanged(&self) -> bool {
        self.tables.iter().all(|(_, outcome)| *outcome == Outcome::Unchanged)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, outcome) in &self.tables {
            let word = match outcome {
                Outcome::Created => "created",
                Outcome::Updated => "updated",
                Outcome::Unchanged => "unchanged",
                Outcome::Orphan => "orphan",
            };
            writeln!(f, "{word:<9} {table}")?;
        }
        Ok(())
    }
}

/// Installs the schema if need be, and puts every table of the registry under audit.
///
/// It converges: a second run changes nothing, and it may run in several processes at once. It never
/// weakens redaction (see [`Sync::allow_weaker_redaction`]) and never stops auditing a table. Use it
/// in development and tests; in production let a migration carry the SQL, written by
/// [`generate`](crate::generate()).
///
/// # Errors
///
/// [`Error::MissingTable`], [`Error::Refused`], [`Error::UnknownColumn`], [`Error::WeakerRedaction`]
/// or [`Error::Db`]; nothing is changed then, not even a table that came before.
pub async fn sync<C: TransactionTrait>(db: &C, registry: &Registry) -> Result<Report, Error> {
    Sync::new(registry).run(db).await
}

/// [`sync`] with choices.
#[derive(Debug)]
#[must_use = "a sync does nothing until it is run"]
pub struct Sync<'a> {
    registry: &'a Registry,
    weaker_redaction: bool,
}

impl<'a> Sync<'a> {
    /// A sync to what `registry` says.
    pub fn new(registry: &'a Registry) -> Self {
        Self { registry, weaker_redaction: false }
    }

    /// Permits that columns which the installed policy excludes or masks are stored from now on.
    pub fn allow_weaker_redaction(mut self) -> Self {
        self.weaker_redaction = true;
        self
    }

    /// Runs it, in one transaction.
    ///
    /// # Errors
    ///
    /// As [`sync`].
    pub async fn run<C: TransactionTrait>(self, db: &C) -> Result<Report, Error> {
        let txn = db.begin().await?;
        up_v1(&txn).await?;
        txn.execute_unprepared(LOCK).await?;
        let mut tables = Vec::new();
        for spec in self.registry.tables() {
            tables.push((spec.table().clone(), self.one(&txn, spec).await?));
        }
        for table in attached(&txn).await? {
            if self.registry.get(&table).is_none() {
                tables.push((table, Outcome::Orphan));
            }
        }
        tables.sort_by(|a, b| a.0.cmp(&b.0));
        txn.commit().await?;
        Ok(Report { tables })
    }

    async fn one<C: ConnectionTrait>(&self, db: &C, spec: &TableSpec) -> Result<Outcome, Error> {
        let shape = catalog::shape(db, spec).await?;
        let installed = installed_policy(db, spec.table()).await?;
        if let Some(installed) = &installed {
            let weaker = weaker_columns(installed, spec, &shape);
            if !weaker.is_empty() && !self.weaker_redaction {
                let table = spec.table().clone();
                return Err(Error::WeakerRedaction { table, columns: weaker });
            }
        }
        let sql = table::attach(&shape, spec)?;
        if installed.as_ref() == Some(spec) && is_installed(db, spec.table(), &sql).await? {
            return Ok(Outcome::Unchanged);
        }
        db.execute_unprepared(&sql).await?;
        Ok(if installed.is_some() { Outcome::Updated } else { Outcome::Created })
    }
}

/// Columns that the installed policy redacts, the new one does not, and the table still has.
pub(crate) fn weaker_columns(
    installed: &TableSpec,
    new: &TableSpec,
    shape: &TableShape,
) -> Vec<ColumnName> {
    let still_there = |name: &&ColumnName| shape.columns.iter().any(|c| c.name == **name);
    let unprotected = |name: &&ColumnName| !new.redactions().contains_key(*name);
    installed.redactions().keys().filter(still_there).filter(unprotected).cloned().collect()
}

pub(crate) async fn attached<C: ConnectionTrait>(db: &C) -> Result<Vec<TableName>, Error> {
    let sql = "SELECT table_schema, table_name FROM threadline.audited_tables \
               WHERE detached_at IS NULL";
    let mut tables = Vec::new();
    for row in all(db, sql, []).await? {
        let schema: String = row.try_get("", "table_schema")?;
        tables.push(TableName::new(schema, row.try_get::<String>("", "table_name")?)?);
    }
    Ok(tables)
}

pub(crate) async fn installed_policy<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
) -> Result<Option<TableSpec>, Error> {
    let sql = "SELECT policy FROM threadline.audited_tables \
               WHERE table_schema = $1 AND table_name = $2 AND detached_at IS NULL";
    let rows = all(db, sql, [table.schema().into(), table.name().into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let policy: serde_json::Value = row.try_get("", "policy")?;
    serde_json::from_value(policy).map(Some).map_err(|error| Error::Refused {
        table: table.clone(),
        reason: format!(
            "its policy in threadline.audited_tables cannot be read ({error}); detach the table \
             and attach it again"
        ),
    })
}

/// Whether the catalog holds exactly the function of `sql`, and all triggers, enabled always.
pub(crate) async fn is_installed<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    sql: &str,
) -> Result<bool, Error> {
    let query = "
        SELECT p.prosrc AS body, p.prosecdef AS definer,
            (SELECT count(*) FROM pg_trigger t
             WHERE t.tgrelid = c.oid AND t.tgfoid = p.oid AND t.tgenabled = 'A') AS triggers,
            EXISTS (SELECT FROM threadline.audited_tables a
                WHERE a.table_schema = $2 AND a.table_name = $3
                  AND a.positions = threadline.column_positions(c.oid)) AS in_place
        FROM pg_proc p, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE p.pronamespace = 'threadline'::regnamespace AND p.proname = $1
          AND n.nspname = $2 AND c.relname = $3";
    let name = table::bare_function_name(table);
    let values = [name.into(), table.schema().into(), table.name().into()];
    let rows = all(db, query, values).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let body: String = row.try_get("", "body")?;
    let definer: bool = row.try_get("", "definer")?;
    let triggers: i64 = row.try_get("", "triggers")?;
    let in_place: bool = row.try_get("", "in_place")?;
    Ok(definer && in_place && triggers == 4 && sql.contains(&body))
}
