//! Remembered moments: what all tables held, and which transactions that was the work of.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use threadline::spec::quote::Ident;

use crate::schema::text;

/// A row as it was, column by column, each value as the text of its JSON.
pub(crate) type LiveRow = BTreeMap<String, String>;

#[derive(Debug)]
pub(crate) struct Moment {
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) snapshot: Snapshot,
    /// Whether nobody was writing, so that the trail's own times must say the same.
    pub(crate) is_quiet: bool,
    /// By table, in the order of the tables.
    pub(crate) tables: Vec<Vec<LiveRow>>,
}

/// Which transactions had been committed, as `pg_current_snapshot` says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    first_running: u64,
    next: u64,
    running: Vec<u64>,
}

impl Snapshot {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let first_running = parts.next()?.parse().ok()?;
        let next = parts.next()?.parse().ok()?;
        let running = parts.next()?.split(',').filter(|xid| !xid.is_empty());
        let running = running.map(|xid| xid.parse().ok()).collect::<Option<_>>()?;
        Some(Self { first_running, next, running })
    }

    /// As `pg_visible_in_snapshot`.
    pub(crate) fn sees(&self, xid: u64) -> bool {
        xid < self.first_running || (xid < self.next && !self.running.contains(&xid))
    }
}

/// Takes all tables at one moment.
///
/// The locks come first. A table that is truncated or rewritten looks empty to a snapshot that is
/// older than that, which is a peculiarity of PostgreSQL and no state that ever was.
pub(crate) async fn remember(
    db: &DatabaseConnection,
    tables: &[String],
    is_quiet: bool,
) -> Result<Moment, DbErr> {
    let taken = take(db, tables, is_quiet).await;
    let end = db.execute_unprepared("ROLLBACK").await;
    let moment = taken?;
    end?;
    Ok(moment)
}

async fn take(db: &DatabaseConnection, tables: &[String], is_quiet: bool) -> Result<Moment, DbErr> {
    db.execute_unprepared("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let names: Vec<String> = tables.iter().map(|table| Ident(table).to_string()).collect();
    let lock = format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "));
    db.execute_unprepared(&lock).await?;
    let seen = text(db, "SELECT pg_current_snapshot()::text").await?;
    let snapshot = Snapshot::parse(&seen).ok_or_else(|| DbErr::Type(seen))?;
    let at = text(db, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text");
    let at = at.await?.parse().map_err(|_| DbErr::Type("a time".to_owned()))?;
    let mut rows = Vec::new();
    for name in names {
        let sql = format!(
            "SELECT coalesce(jsonb_agg((SELECT jsonb_object_agg(e.key, e.value::text) \
             FROM jsonb_each(to_jsonb(r)) e)), '[]')::text FROM {name} r"
        );
        let told = text(db, &sql).await?;
        rows.push(serde_json::from_str(&told).map_err(|error| DbErr::Json(error.to_string()))?);
    }
    Ok(Moment { at, snapshot, is_quiet, tables: rows })
}

#[test]
fn a_snapshot_sees_what_was_committed() {
    let snapshot = Snapshot::parse("10:20:10,14").expect("a snapshot");
    let seen: Vec<u64> = (8..22).filter(|xid| snapshot.sees(*xid)).collect();
    assert_eq!(seen, [8, 9, 11, 12, 13, 15, 16, 17, 18, 19]);
    assert_eq!(Snapshot::parse("7:7:").map(|snapshot| snapshot.sees(7)), Some(false));
}
