//! The rows of a table that changed last.

use std::collections::HashMap;

use threadline::{ActorRef, AuditedTable, Filter, Position, RowKey, TimelineEntry};

use crate::pages::Visit;
use crate::pages::key::key_of;
use crate::pages::panel::{Failed, Panel};

/// So many changes are looked at, and so many rows are told.
const LOOKED_AT: u32 = 100;
const TOLD: usize = 25;

#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) rows: Vec<(RowKey, TimelineEntry)>,
    pub(super) names: HashMap<ActorRef, String>,
}

/// The changes among which the rows are looked for.
pub(super) fn filter(table: &AuditedTable) -> Filter {
    Filter::new().table(table.table.clone())
}

pub(super) async fn load(visit: &Visit, table: &AuditedTable) -> Panel<Recent> {
    let filter = filter(table).limit(LOOKED_AT);
    let page = visit.desk().changes(&filter, Position::Start).await.map_err(Failed::from)?;
    let mut rows: Vec<(RowKey, TimelineEntry)> = Vec::new();
    for entry in page.entries {
        let Some(key) = key_of(&entry.change) else { continue };
        if rows.len() < TOLD && rows.iter().all(|(known, _)| *known != key) {
            rows.push((key, entry));
        }
    }
    let actors = rows.iter().filter_map(|(_, entry)| who(entry)).cloned().collect();
    let names = visit.site.names(actors).await;
    Ok(Recent { rows, names })
}

pub(super) fn who(entry: &TimelineEntry) -> Option<&ActorRef> {
    let of_action = entry.action.as_ref().and_then(|action| action.actor.as_ref());
    of_action.or(entry.transaction.actor.as_ref())
}
