//! The tables of the host that could be under audit, and when each was last written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;
use threadline::TableName;
use threadline::trail::{OwnSql, TRAIL};

use crate::catalog::all;
use crate::error::Error;

/// Every table that stands for itself: partitions and child tables are counted under their root. A
/// schema that holds another trail is left out like this one.
const TABLES: OwnSql = OwnSql(include_str!("../../sql/read/inventory.sql"));

/// What the server knows of the host's tables.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Inventory {
    /// The time of the server.
    pub(super) now: DateTime<Utc>,
    /// Since when the server counts writes; `None` if since it was made.
    pub(super) counted_since: Option<DateTime<Utc>>,
    /// The schemas that may hold tables of the host.
    pub(super) schemas: Vec<String>,
    pub(super) tables: Vec<HostTable>,
    /// When the newest change of each table was captured.
    #[serde(skip)]
    pub(super) last_changes: BTreeMap<TableName, DateTime<Utc>>,
}

/// A table that is no part of another one.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HostTable {
    schema: String,
    name: String,
    /// How many partitions or child tables it has, at any distance.
    pub(super) members: u32,
    /// How many rows were written since the server counts.
    writes: i64,
    writes_since_analyze: i64,
    analyzed_at: Option<DateTime<Utc>>,
    /// The extension that made it.
    pub(super) extension: Option<String>,
}

impl HostTable {
    pub(super) fn table(&self) -> Result<TableName, Error> {
        Ok(TableName::new(&self.schema, &self.name)?)
    }

    /// Whether rows were written after `moment`, as far as the counters can tell: they know no times, only
    /// since when they count.
    pub(super) fn was_written_after(
        &self,
        moment: DateTime<Utc>,
        counted_since: Option<DateTime<Utc>>,
    ) -> bool {
        let later = |since: Option<DateTime<Utc>>| since.is_some_and(|since| since > moment);
        (later(counted_since) && self.writes > 0)
            || (later(self.analyzed_at) && self.writes_since_analyze > 0)
    }
}

/// What the catalog and, if `has_trail`, the trail know of the host's tables.
pub(super) async fn inventory<C: ConnectionTrait>(
    db: &C,
    has_trail: bool,
) -> Result<Inventory, Error> {
    let rows = all(db, &TABLES.text(), []).await?;
    let row = rows.first().ok_or_else(|| DbErr::RecordNotFound("the inventory".to_owned()))?;
    let found: serde_json::Value = row.try_get("", "inventory")?;
    let mut found: Inventory =
        serde_json::from_value(found).map_err(|error| DbErr::Type(error.to_string()))?;
    if has_trail {
        found.last_changes = last_changes(db).await?;
    }
    Ok(found)
}

/// One descent of an index for each table and partition of the trail.
async fn last_changes<C: ConnectionTrait>(
    db: &C,
) -> Result<BTreeMap<TableName, DateTime<Utc>>, Error> {
    let sql = format!(
        "SELECT a.table_schema, a.table_name, c.captured_at FROM {TRAIL}.audited_tables a
        CROSS JOIN LATERAL (
            SELECT c.captured_at FROM {TRAIL}.audit_changes c
            WHERE c.table_schema = a.table_schema AND c.table_name = a.table_name
            ORDER BY c.captured_at DESC LIMIT 1) c
        WHERE a.detached_at IS NULL"
    );
    let mut found = BTreeMap::new();
    for row in all(db, &sql, []).await? {
        let schema: String = row.try_get("", "table_schema")?;
        let name: String = row.try_get("", "table_name")?;
        found.insert(TableName::new(schema, name)?, row.try_get("", "captured_at")?);
    }
    Ok(found)
}
