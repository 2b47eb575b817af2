//! Whether a table holds rows, and how many: asked of the catalog, which takes no right on the table.

use sea_orm::{ConnectionTrait, DbErr};
use threadline::TableName;

use crate::catalog::all;

/// It may be asked before the schema is installed, so it does without `threadline.members_of`. A table
/// that was never analyzed says -1.
const POPULATION: &str = "
WITH RECURSIVE member (member) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION
    SELECT i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.member)
SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::int8 AS bytes,
    CASE WHEN bool_and(c.reltuples >= 0) THEN sum(c.reltuples)::int8 END AS rows
FROM member m JOIN pg_class c ON c.oid = m.member WHERE c.relkind = 'r'";

/// What is known of a table's rows without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Population {
    /// Whether there is anything at all; perhaps only rows that were deleted.
    pub(crate) is_empty: bool,
    /// About how many there are, if the table was ever analyzed.
    pub(crate) estimate: Option<i64>,
}

impl Population {
    /// Of a table with its partitions and child tables.
    pub(crate) async fn of<C: ConnectionTrait>(db: &C, table: &TableName) -> Result<Self, DbErr> {
        let rows = all(db, POPULATION, [table.schema().into(), table.name().into()]).await?;
        let Some(row) = rows.first() else { return Ok(Self::default()) };
        let bytes: i64 = row.try_get("", "bytes")?;
        let estimate: Option<i64> = row.try_get("", "rows")?;
        Ok(Self { is_empty: bytes == 0, estimate: estimate.filter(|rows| *rows > 0) })
    }
}
