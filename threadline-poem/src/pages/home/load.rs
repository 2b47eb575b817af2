//! What the first page shows, each part read for itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::join;
use threadline::{ActorRef, AuditedTable, TableName, TimelineEntry};

use super::params::Params;
use crate::access::Capability;
use crate::pages::Visit;
use crate::pages::desk::Desk;
use crate::pages::panel::Panel;
use crate::view::Pill;

/// So many of the newest changes are looked at for what has happened lately.
const LOOKED_AT: u32 = 100;
/// So many transactions are told.
const TOLD: usize = 8;

/// The page.
#[derive(Debug)]
pub(super) struct View {
    pub(super) params: Params,
    /// What was looked for and is nowhere.
    pub(super) missed: Option<String>,
    pub(super) now: DateTime<Utc>,
    pub(super) recent: Panel<Vec<Recent>>,
    pub(super) names: HashMap<ActorRef, String>,
    pub(super) tables: Panel<Vec<AuditedTable>>,
    /// None if this viewer may not know.
    pub(super) coverage: Option<Pill>,
}

/// A transaction, as its newest change tells it.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) newest: TimelineEntry,
    /// The tables of those of its changes that were looked at.
    pub(super) tables: Vec<TableName>,
    /// How many of its changes are among those that were looked at.
    pub(super) changes: u64,
    /// Whether it may have more.
    pub(super) is_cut: bool,
}

impl Recent {
    fn add(&mut self, table: TableName) {
        self.changes += 1;
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
    }
}

pub(super) async fn load(visit: &Visit, params: Params, missed: Option<String>) -> View {
    let desk = visit.desk();
    let may_know = visit.grant.may(Capability::Coverage);
    let coverage = async { if may_know { visit.site.pill().await } else { None } };
    let (recent, tables, coverage) = join!(recent(&desk), desk.known_tables(), coverage);
    let actors = recent.iter().flatten();
    let actors = actors.filter_map(|recent| recent.newest.transaction.actor.clone()).collect();
    let names = visit.site.names(actors).await;
    View {
        params,
        missed,
        now: visit.now,
        recent: recent.map_err(Into::into),
        names,
        tables: tables.map_err(Into::into),
        coverage,
    }
}

/// The newest transactions.
async fn recent(desk: &Desk<'_>) -> Result<Vec<Recent>, crate::pages::Refusal> {
    let page = desk.lately(LOOKED_AT).await?;
    let last = page.entries.last().map(|entry| entry.transaction.id);
    let mut recent: Vec<Recent> = Vec::new();
    for entry in page.entries {
        let id = entry.transaction.id;
        match recent.iter_mut().find(|recent| recent.newest.transaction.id == id) {
            Some(known) => known.add(entry.change.table),
            None => {
                let is_cut = page.has_more && Some(id) == last;
                let tables = vec![entry.change.table.clone()];
                recent.push(Recent { newest: entry, tables, changes: 1, is_cut });
            }
        }
    }
    recent.truncate(TOLD);
    Ok(recent)
}
