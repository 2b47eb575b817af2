//! What became of a row by a moment: which change tells how it stood, or why there is none.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;

use super::one_row::OneRow;
use super::select::{self, Reads};
use super::version::{Absence, absence};
use crate::model::{Change, Operation};
use crate::query::{self, sql};
use crate::trail::TRAIL;
use crate::{Error, Moment, TableName, TrailSource};

/// How a row stood at a moment.
pub(super) enum Standing {
    /// As this row of the statement has it, which its change tells.
    There(Box<(Change, QueryResult)>),
    /// Not at all.
    Absent(Absence),
}

/// Finds how a row stood at a moment.
///
/// A scope never changes the answer to another row's or an older one: what decides is chosen without it,
/// and may then be told or not. What may not be told reads as if it never had been.
pub(super) async fn standing(
    source: &impl TrailSource,
    key: &OneRow,
    reads: &impl Reads,
    at: Moment,
) -> Result<Standing, Error> {
    let (text, binds) = select::newest_at(source, key, reads, at)?;
    let rows = sql::all(source.connection(), text, binds).await?;
    let horizon = Horizon::new(key.table(), rows.first(), at)?;
    if at.utc() < horizon.since {
        return Ok(Standing::Absent(Absence::BeforeHorizon { since: horizon.since }));
    }
    let newest = Newest::of(rows)?;
    let was_truncated = newest.truncate.is_some();
    match newest.deciding() {
        Some(found) if found.may_be_told => Ok(found.told()),
        Some(_) => out_of_sight(source, key, reads, at).await,
        None if was_truncated => Ok(Standing::Absent(horizon.nothing_recorded(source))),
        None if horizon.is_complete_at(at) => Ok(Standing::Absent(Absence::NeverExisted)),
        None => before_first_change(source, key, reads, &horizon).await,
    }
}

/// What became of a row whose newest change may not be told. If the last that the reader saw of it was its
/// end, it is gone since then, whoever used its key again: otherwise the answer would tell that somebody did,
/// and when. If it was not, the row went out of sight, and no older version is told in its place.
async fn out_of_sight(
    source: &impl TrailSource,
    key: &OneRow,
    reads: &impl Reads,
    at: Moment,
) -> Result<Standing, Error> {
    let (text, binds) = select::newest_seen_at(source, key, reads, at)?;
    let seen = Newest::of(sql::all(source.connection(), text, binds).await?)?.deciding();
    Ok(match seen {
        Some(end) if end.is_end() && end.may_be_told => end.told(),
        _ => Standing::Absent(Absence::NeverExisted),
    })
}

/// What the first change since the horizon replaced: nothing came before it, so it stood like that
/// all the time.
async fn before_first_change(
    source: &impl TrailSource,
    key: &OneRow,
    reads: &impl Reads,
    horizon: &Horizon,
) -> Result<Standing, Error> {
    let (text, binds) = select::first_since(source, key, reads)?;
    let row = sql::all(source.connection(), text, binds).await?.into_iter().next();
    let Some(row) = row else { return Ok(Standing::Absent(Absence::NeverExisted)) };
    let exists_now = row.try_get::<Option<bool>>("h:", "exists_now")?.unwrap_or_default();
    let Some(first) = Found::new(row)? else {
        let absence = match exists_now {
            true => horizon.nothing_recorded(source),
            false => Absence::NeverExisted,
        };
        return Ok(Standing::Absent(absence));
    };
    Ok(match first.change.op {
        Operation::Insert => Standing::Absent(Absence::NeverExisted),
        Operation::Truncate => Standing::Absent(horizon.nothing_recorded(source)),
        Operation::Update | Operation::Delete | Operation::Baseline => first.told_before(),
    })
}

/// The newest change of a row, and the newest truncate of its table.
struct Newest {
    own: Option<Found>,
    truncate: Option<Found>,
}

impl Newest {
    fn of(rows: Vec<QueryResult>) -> Result<Self, Error> {
        let mut newest = Self { own: None, truncate: None };
        for found in rows.into_iter().filter_map(|row| Found::new(row).transpose()) {
            let found = found?;
            let place = match found.change.op {
                Operation::Truncate => &mut newest.truncate,
                _ => &mut newest.own,
            };
            *place = Some(found);
        }
        Ok(newest)
    }

    /// The one that decides how the row stood. A truncate alone does not: the row need not have been there.
    fn deciding(self) -> Option<Found> {
        match (self.own, self.truncate) {
            (Some(own), Some(truncate))
                if own.change.op != Operation::Delete && truncate.is_later_than(&own) =>
            {
                Some(truncate)
            }
            (own, _) => own,
        }
    }
}

/// A change that was found, and whether it may be told.
struct Found {
    row: QueryResult,
    change: Change,
    may_be_told: bool,
}

impl Found {
    fn new(row: QueryResult) -> Result<Option<Self>, Error> {
        if row.try_get::<Option<i64>>("c:", "id")?.is_none() {
            return Ok(None);
        }
        let (change, may_be_told) = (query::change(&row)?, row.try_get("c:", "visible")?);
        Ok(Some(Self { row, change, may_be_told }))
    }

    fn is_later_than(&self, other: &Self) -> bool {
        (self.change.captured_at, self.change.id) > (other.change.captured_at, other.change.id)
    }

    /// Whether there was no row after it.
    fn is_end(&self) -> bool {
        matches!(self.change.op, Operation::Delete | Operation::Truncate)
    }

    /// The row after a change that may be told.
    fn told(self) -> Standing {
        match self.is_end() {
            true => Standing::Absent(absence(&self.change)),
            false => Standing::There(Box::new((self.change, self.row))),
        }
    }

    /// The row before the change.
    fn told_before(self) -> Standing {
        match self.may_be_told {
            false => Standing::Absent(Absence::NeverExisted),
            true => Standing::There(Box::new((self.change, self.row))),
        }
    }
}

/// From when on what is known of a table.
struct Horizon {
    since: DateTime<Utc>,
    complete_since: Option<DateTime<Utc>>,
}

impl Horizon {
    fn new(table: &TableName, row: Option<&QueryResult>, at: Moment) -> Result<Self, Error> {
        let not_audited = || Error::NotAudited { table: table.clone() };
        let row = row.ok_or_else(not_audited)?;
        let detached_at: Option<DateTime<Utc>> = row.try_get("h:", "detached_at")?;
        if detached_at.is_some_and(|detached_at| at.utc() >= detached_at) {
            return Err(not_audited());
        }
        Ok(Self {
            since: row.try_get("h:", "since")?,
            complete_since: row.try_get("h:", "complete_since")?,
        })
    }

    /// Whether every row that was there at the moment has a change.
    fn is_complete_at(&self, at: Moment) -> bool {
        self.complete_since.is_some_and(|complete_since| at.utc() >= complete_since)
    }

    /// Why there is no row if nothing was recorded of it, and a row of which nothing is recorded may have
    /// been there.
    fn nothing_recorded(&self, source: &impl TrailSource) -> Absence {
        let was_complete = self.complete_since.is_some_and(|complete| complete <= self.since);
        if was_complete || source.scope().is_some() {
            return Absence::NeverExisted;
        }
        Absence::Unrecorded { since: self.since }
    }
}

/// Whether the table is audited, or was once: without that, no version means nothing.
pub(super) async fn was_audited(
    source: &impl TrailSource,
    table: &TableName,
) -> Result<bool, Error> {
    let mut binds = sql::Binds::default();
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    let text = format!(
        "SELECT 1 AS found FROM {TRAIL}.audited_tables \
         WHERE table_schema = {schema} AND table_name = {name}"
    );
    Ok(!sql::all(source.connection(), text, binds).await?.is_empty())
}
