//! Questions about one row.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use threadline::sea_orm::DatabaseTransaction;
use threadline::{
    Absence, AuditedTable, Blame, ColumnName, Error, Filter, Operation, Page, Position,
    RailVersion, Reader, RowHistory, RowKey, RowRail, RowStanding, TableName, TimelineEntry,
    audit_change, row_as_of, row_blame_until, row_rail, row_rail_around,
};

use super::{Desk, Weight};
use crate::pages::Refusal;

/// No page of a row's versions is longer.
const VERSIONS: u32 = 50;

/// As which of its versions a row is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wish {
    /// As it is.
    Now,
    /// As it stood at a moment.
    At(DateTime<Utc>),
    /// As this change left it.
    Version(i64),
}

/// How a row stands or stood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// It was there; without values if the viewer may not see them.
    There(Map<String, Value>),
    /// It was not, or nobody can know.
    Absent(Absence),
    /// The table was not audited any more.
    NotAudited(DateTime<Utc>),
}

/// A row as it stood, and what tells so.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) state: State,
    /// The change that left it like that, or removed it.
    pub(crate) entry: Option<TimelineEntry>,
    /// Whether that change came later, and tells what there was before it.
    pub(crate) is_before: bool,
}

/// A row, as the trail and this viewer know it.
#[derive(Clone, Debug)]
pub(crate) struct RowFound {
    /// The versions around what is shown.
    pub(crate) rail: RowRail,
    /// The newest version.
    pub(crate) newest: Option<RailVersion>,
    /// How it stands now.
    pub(crate) now: State,
    pub(crate) shown: Shown,
}

impl Desk<'_> {
    /// A row in one of its versions. A version that is none of this row, is not there or may not be seen is
    /// not found.
    pub(crate) async fn row(
        &self,
        (table, key): (&AuditedTable, &RowKey),
        wish: Wish,
        now: DateTime<Utc>,
    ) -> Result<RowFound, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let source = sitting.reader();
        let newest = row_rail(&source, &table.table, key).await?;
        // Later than every change: the clock of the database may be ahead.
        let latest = now + TimeDelta::days(1);
        let stands = self.standing(&source, (table, key), latest).await?;
        let shown = match wish {
            Wish::Now => stands.clone(),
            Wish::At(at) if at >= latest => stands.clone(),
            Wish::At(at) => self.standing(&source, (table, key), at).await?,
            Wish::Version(id) => self.version(&source, id).await?,
        };
        let place = match (&shown.entry, wish) {
            (Some(entry), _) => Some(entry.change.captured_at),
            (None, Wish::At(at)) => Some(at),
            (None, _) => None,
        };
        let first = newest.versions.first().cloned();
        let rail = match place.filter(|place| newest.truncated && is_before_all(&newest, *place)) {
            Some(place) => row_rail_around(&source, &table.table, key, place).await?,
            None => newest,
        };
        let is_known = |id| rail.versions.iter().any(|version| version.change_id == id);
        if matches!(wish, Wish::Version(id) if !is_known(id)) {
            return Err(Refusal::NotFound);
        }
        Ok(RowFound { rail, newest: first, now: stands.state, shown })
    }

    async fn standing(
        &self,
        source: &Reader<'_, DatabaseTransaction>,
        (table, key): (&AuditedTable, &RowKey),
        at: DateTime<Utc>,
    ) -> Result<Shown, Refusal> {
        let (state, change) = match row_as_of(source, &table.table, key, at).await {
            Ok(RowStanding::There { data, change_id, .. }) => {
                (State::There(self.image(data)), Some(change_id))
            }
            Ok(RowStanding::Absent(absence)) => {
                let change = ending(source, (&table.table, key), &absence).await?;
                (State::Absent(absence), change)
            }
            Err(Error::NotAudited { .. }) if table.detached_at.is_some() => {
                (State::NotAudited(table.detached_at.unwrap_or(at)), None)
            }
            Ok(_) => return Err(Refusal::NotFound),
            Err(error) => return Err(error.into()),
        };
        let entry = match change {
            Some(id) => Some(self.entry(audit_change(source, id).await?)),
            None => None,
        };
        let is_before = entry.as_ref().is_some_and(|entry| entry.change.captured_at > at);
        Ok(Shown { state, entry, is_before })
    }

    async fn version(
        &self,
        source: &Reader<'_, DatabaseTransaction>,
        id: i64,
    ) -> Result<Shown, Refusal> {
        let entry = self.entry(audit_change(source, id).await?);
        let (at, transaction_id) = (entry.change.captured_at, entry.change.transaction_id);
        let state = match (&entry.change.data_after, entry.change.op) {
            (Some(image), _) => State::There(image.clone()),
            (None, Operation::Truncate) => State::Absent(Absence::Truncated { at, transaction_id }),
            (None, _) => State::Absent(Absence::Deleted { at, transaction_id }),
        };
        Ok(Shown { state, entry: Some(entry), is_before: false })
    }

    /// A page of a row's versions, the newest first: all, or the updates of one column.
    pub(crate) async fn versions(
        &self,
        (table, key): (&TableName, &RowKey),
        changed: Option<ColumnName>,
        position: Position,
    ) -> Result<Page<TimelineEntry>, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let all = RowHistory::new(table.clone(), key.clone());
        let wanted = changed.into_iter().fold(all, RowHistory::changed);
        let mut page = wanted.page(&sitting.reader(), VERSIONS, position).await?;
        page.entries = page.entries.into_iter().map(|entry| self.entry(entry)).collect();
        Ok(page)
    }

    /// The first version of a row.
    pub(crate) async fn first_version(
        &self,
        (table, key): (&TableName, &RowKey),
    ) -> Result<Option<TimelineEntry>, Refusal> {
        let filter = Filter::new().table(table.clone()).row(key.clone()).oldest_first();
        self.first_change(&filter).await
    }

    /// Who had written what a row held after the change of this moment.
    pub(crate) async fn blame(
        &self,
        (table, key): (&TableName, &RowKey),
        until: DateTime<Utc>,
    ) -> Result<Blame, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        Ok(row_blame_until(&sitting.reader(), table, key, until).await?)
    }
}

/// Whether a moment lies before every version on the rail.
fn is_before_all(rail: &RowRail, place: DateTime<Utc>) -> bool {
    rail.versions.last().is_some_and(|version| place < version.captured_at)
}

/// The change that removed the row.
async fn ending(
    source: &Reader<'_, DatabaseTransaction>,
    (table, key): (&TableName, &RowKey),
    absence: &Absence,
) -> Result<Option<i64>, Refusal> {
    let (Absence::Deleted { at, .. } | Absence::Truncated { at, .. }) = absence else {
        return Ok(None);
    };
    let history = RowHistory::new(table.clone(), key.clone()).from(*at).until(*at);
    let versions = history.limit(1).all(source).await?;
    Ok(versions.entries.first().map(|entry| entry.change.id))
}
