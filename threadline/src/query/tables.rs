use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde::Serialize;

use super::relation;
use super::sql::{self, Binds};
use crate::spec::Redaction;
use crate::trail::TRAIL;
use crate::{ColumnName, Error, TableName, TrailSource};

/// A table whose changes the trail has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditedTable {
    /// The table.
    pub table: TableName,
    /// The columns of its key, in order, as the trail names them.
    pub key: Vec<String>,
    /// Since when it is audited, in UTC: before, nothing is known of it.
    pub since: DateTime<Utc>,
    /// Since when every row of it is in the trail; `None` while some may be missing that were there before
    /// `since`.
    pub complete_since: Option<DateTime<Utc>>,
    /// When it was detached, if it is not audited any more. Its past remains readable.
    pub detached_at: Option<DateTime<Utc>>,
    /// Whether there is such a table now.
    pub exists: bool,
    /// Its columns in the order of the table as it is now, or as it was when it was attached last if it is
    /// gone.
    pub columns: Vec<TableColumn>,
}

/// A column of an [`AuditedTable`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type as SQL has it, as `numeric(12,2)` or `public.mood`; `None` if the table is gone.
    pub data_type: Option<String>,
    /// What the trail keeps of its values, if not the values.
    pub redaction: Option<Redaction>,
}

impl AuditedTable {
    /// The place of a column in the table; those that it does not have, as dropped ones, come last.
    pub fn place_of(&self, column: &str) -> usize {
        let place = self.columns.iter().position(|known| known.name == column);
        place.unwrap_or(self.columns.len())
    }
}

/// The tables of the trail, by schema and name: those that are audited, and those that were. It tells of the
/// schema and not of rows, so it is the same in every scope. It is one statement, which reads no change.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// for audited in threadline::audited_tables(&db).await? {
///     println!("{} by {:?}, since {}", audited.table, audited.key, audited.since);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], [`Error::TimedOut`],
/// [`Error::InvalidScope`], [`Error::Unreadable`] if a policy is of a newer version, or [`Error::Db`].
pub async fn audited_tables(db: &impl TrailSource) -> Result<Vec<AuditedTable>, Error> {
    // A scope that says nothing is an error of every reader, also of one that has nothing to hide.
    relation::changes(db, &mut Binds::default())?;
    let rows = sql::all(db.connection(), select(), Binds::default()).await?;
    rows.iter().map(table).collect()
}

/// A type is told with its schema unless it is one of PostgreSQL's own, whatever the search path is.
fn select() -> String {
    format!(
        "SELECT h.table_schema, h.table_name, h.key_columns, h.since, h.complete_since, h.detached_at,
            r.relation IS NOT NULL AS is_there, h.policy -> 'redactions' AS redactions,
            coalesce(n.names, ARRAY(SELECT substr(p, strpos(p, ':') + 1)
                FROM unnest(h.positions) p ORDER BY split_part(p, ':', 1)::int)) AS names, n.types
        FROM {TRAIL}.audited_tables h
        CROSS JOIN LATERAL (
            SELECT to_regclass(format('%I.%I', h.table_schema, h.table_name)) AS relation) r
        LEFT JOIN LATERAL (
            SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names,
                array_agg(CASE WHEN s.nspname = 'pg_catalog'
                    THEN format_type(a.atttypid, a.atttypmod)
                    ELSE format('%I.%I%s', s.nspname, b.typname, CASE WHEN b.oid <> y.oid THEN '[]' END)
                    END ORDER BY a.attnum) AS types
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
            JOIN pg_catalog.pg_type b
                ON b.oid = CASE WHEN y.typcategory = 'A' AND y.typelem <> 0 THEN y.typelem ELSE y.oid END
            JOIN pg_catalog.pg_namespace s ON s.oid = b.typnamespace
            WHERE a.attrelid = r.relation AND a.attnum > 0 AND NOT a.attisdropped) n ON true
        ORDER BY h.table_schema COLLATE \"C\", h.table_name COLLATE \"C\""
    )
}

fn table(row: &QueryResult) -> Result<AuditedTable, Error> {
    let name = TableName::new(
        row.try_get::<String>("", "table_schema")?,
        row.try_get::<String>("", "table_name")?,
    )?;
    let names: Vec<String> = row.try_get("", "names")?;
    let types: Option<Vec<String>> = row.try_get("", "types")?;
    let mut types = types.unwrap_or_default().into_iter();
    let redactions = redactions(row.try_get("", "redactions")?)?;
    let redaction = |name: &str| redactions.get(&ColumnName::new(name).ok()?).cloned();
    let columns = names.into_iter().map(|name| TableColumn {
        data_type: types.next(),
        redaction: redaction(&name),
        name,
    });
    Ok(AuditedTable {
        table: name,
        key: row.try_get("", "key_columns")?,
        since: row.try_get("", "since")?,
        complete_since: row.try_get("", "complete_since")?,
        detached_at: row.try_get("", "detached_at")?,
        exists: row.try_get("", "is_there")?,
        columns: columns.collect(),
    })
}

/// The redactions of a policy as the trail has it.
pub(crate) fn redactions(
    policy: Option<serde_json::Value>,
) -> Result<BTreeMap<ColumnName, Redaction>, Error> {
    let Some(policy) = policy else { return Ok(BTreeMap::new()) };
    serde_json::from_value(policy)
        .map_err(|error| Error::Unreadable(format!("the policy in audited_tables: {error}")))
}
