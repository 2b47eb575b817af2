//! What the page shows, read: the row first, and then what stands beside it, each part for itself.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures_util::join;
use threadline::{
    ActorRef, AuditedTable, Blame, Cursor, Page, Position, RowKey, TimelineEntry,
    row_as_of_command, row_history_command, row_history_sql,
};

use super::params::Params;
use crate::pages::desk::{Desk, RowFound, State, Wish};
use crate::pages::panel::{Failed, Panel};
use crate::pages::shapes::{facts, order};
use crate::pages::{Refusal, Visit};
use crate::view::{FieldDiff, fields_between, fields_of};

pub(super) type Names = HashMap<ActorRef, String>;

/// The page.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) table: AuditedTable,
    pub(super) key: RowKey,
    pub(super) params: Params,
    pub(super) now: DateTime<Utc>,
    pub(super) row: RowFound,
    /// What made the row what it is shown as, or the comparison that was asked for.
    pub(super) difference: Panel<Difference>,
    /// Who had written what it is shown with; nothing where there is no row.
    pub(super) blame: Option<Panel<Blame>>,
    pub(super) first: Panel<Option<TimelineEntry>>,
    pub(super) versions: Panel<Versions>,
    /// What the host calls the actors.
    pub(super) names: Names,
    /// Where the host shows the row.
    pub(super) host: Option<String>,
    pub(super) hides_values: bool,
    pub(super) command: String,
    pub(super) sql: Option<String>,
}

/// A page of the list of versions.
#[derive(Clone, Debug)]
pub(super) struct Versions {
    pub(super) lines: Vec<Line>,
    pub(super) older: Option<Cursor>,
}

/// A version in the list.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) entry: TimelineEntry,
    pub(super) fields: Vec<FieldDiff>,
}

/// What differs between two versions.
#[derive(Clone, Debug)]
pub(super) enum Difference {
    /// Nothing is known to have come before.
    Nothing,
    /// What the shown change did.
    OfChange(Vec<FieldDiff>),
    /// From one version to another, the older first.
    Between {
        older: Box<TimelineEntry>,
        newer: Box<TimelineEntry>,
        fields: Vec<FieldDiff>,
        /// Whether it could be told which columns differ.
        is_known: bool,
    },
}

/// The row's page; `None` if nothing is known of such a row.
pub(super) async fn load(
    visit: &Visit,
    (table, key): (AuditedTable, RowKey),
    params: Params,
) -> Result<Option<View>, Refusal> {
    let desk = visit.desk();
    let row = desk.row((&table, &key), params.wish(), visit.now).await?;
    if row.newest.is_none() && is_nothing(visit, &row.shown.state) {
        return Ok(None);
    }
    let named = (&table.table, &key);
    let position = params.after.map_or(Position::Start, Position::After);
    let (difference, blame, first, versions) = join!(
        difference(visit, &table, &row, &params),
        blame(&desk, named, &row),
        desk.first_version(named),
        desk.versions(named, params.field.clone(), position),
    );
    // A place in another list is the reader's mistake, and no failure of the panel.
    if let Err(Refusal::Trail(error @ threadline::Error::InvalidCursor(_))) = versions {
        return Err(error.into());
    }
    // So is a version to compare with that is none of this row.
    if let Err(refusal @ (Refusal::Bad(_) | Refusal::Trail(threadline::Error::NotFound { .. }))) =
        difference
    {
        return Err(refusal);
    }
    let versions = versions.map(|page| listed(visit, &table, page)).map_err(Failed::from);
    let first = first.map_err(Failed::from);
    let names = visit.site.names(actors(&row, &blame, &first, &versions)).await;
    let host = visit.site.host_link.as_ref().and_then(|link| link(&table.table, &key));
    Ok(Some(View {
        // The application has no page for a row that is not there.
        host: host.filter(|path| {
            crate::pages::is_host_path(path) && matches!(row.shown.state, State::There(_))
        }),
        command: command(&table, &key, &params),
        sql: sql(&table, &row, &params),
        hides_values: visit.grant.hides_values(),
        now: visit.now,
        difference: difference.map_err(Failed::from),
        table,
        key,
        params,
        row,
        blame,
        first,
        versions,
        names,
    }))
}

/// Whether there is nothing to show. What a scope leaves out is as if it never had been; without a scope, it
/// is told why a row of which nothing is recorded may have been there all the same.
fn is_nothing(visit: &Visit, state: &State) -> bool {
    let is_absent = matches!(state, State::Absent(threadline::Absence::NeverExisted));
    is_absent || (visit.grant.scope_label().is_some() && !matches!(state, State::There(_)))
}

async fn difference(
    visit: &Visit,
    table: &AuditedTable,
    row: &RowFound,
    params: &Params,
) -> Result<Difference, Refusal> {
    let hides = visit.grant.hides_values();
    let order = order(Some(table));
    let of = |name: &str| facts(Some(table), name, hides);
    let Some(entry) = row.shown.entry.as_ref().filter(|_| !row.shown.is_before) else {
        return Ok(Difference::Nothing);
    };
    let Some(other) = params.vs else {
        return Ok(Difference::OfChange(fields_of(&entry.change, &order, of)));
    };
    let pair = visit.desk().pair(entry.change.id, other).await.map_err(super::of_pair)?;
    let (before, after) =
        (pair.older.change.data_after.as_ref(), pair.newer.change.data_after.as_ref());
    let mut fields = fields_between(before, after, &order, of);
    let differing = pair.differing.clone().unwrap_or_default();
    for field in &mut fields {
        field.is_changed = differing.contains(&field.name);
    }
    Ok(Difference::Between {
        older: Box::new(pair.older),
        newer: Box::new(pair.newer),
        fields,
        is_known: pair.differing.is_some(),
    })
}

async fn blame(
    desk: &Desk<'_>,
    named: (&threadline::TableName, &RowKey),
    row: &RowFound,
) -> Option<Panel<Blame>> {
    let entry = row.shown.entry.as_ref().filter(|_| !row.shown.is_before)?;
    matches!(row.shown.state, State::There(_)).then_some(())?;
    Some(desk.blame(named, entry.change.captured_at).await.map_err(Failed::from))
}

fn listed(visit: &Visit, table: &AuditedTable, page: Page<TimelineEntry>) -> Versions {
    let hides = visit.grant.hides_values();
    let order = order(Some(table));
    let line = |entry: TimelineEntry| Line {
        fields: fields_of(&entry.change, &order, |name| facts(Some(table), name, hides)),
        entry,
    };
    Versions { lines: page.entries.into_iter().map(line).collect(), older: page.cursor }
}

/// Everybody whom the page names.
fn actors(
    row: &RowFound,
    blame: &Option<Panel<Blame>>,
    first: &Panel<Option<TimelineEntry>>,
    versions: &Panel<Versions>,
) -> Vec<ActorRef> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    let lines = versions.iter().flat_map(|versions| &versions.lines).map(|line| &line.entry);
    let entries = lines.chain(row.shown.entry.as_ref()).chain(first.iter().flatten());
    let deeds = blame.iter().flatten().flat_map(|blame| &blame.columns);
    let deeds = deeds.filter_map(|column| column.last.as_ref()?.actor());
    let actors = entries.filter_map(who).chain(deeds);
    actors.filter(|actor| all.insert(actor.to_string())).cloned().collect()
}

/// Who made a change: the actor of its action, else of its transaction.
pub(crate) fn who(entry: &TimelineEntry) -> Option<&ActorRef> {
    let of_action = entry.action.as_ref().and_then(|action| action.actor.as_ref());
    of_action.or(entry.transaction.actor.as_ref())
}

fn command(table: &AuditedTable, key: &RowKey, params: &Params) -> String {
    match params.wish() {
        Wish::At(at) => row_as_of_command(&table.table, key, at),
        Wish::Now | Wish::Version(_) => {
            row_history_command(&table.table, key, params.field.as_ref())
        }
    }
}

/// The history as a statement; of a moment, what tells how the row stood then.
fn sql(table: &AuditedTable, row: &RowFound, params: &Params) -> Option<String> {
    let at = match params.wish() {
        Wish::At(at) => Some(at),
        Wish::Now | Wish::Version(_) => None,
    };
    row_history_sql(&table.table, &row.rail.key, at.map(Into::into)).ok()
}
