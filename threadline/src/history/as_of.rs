use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, Iterable, PrimaryKeyToColumn, QueryFilter,
    QueryResult, QuerySelect, Value,
};

use super::columns::Columns;
use super::select;
use super::version::{Absence, Reified, absence, reified};
use crate::model::{Change, Operation};
use crate::query::{self, sql};
use crate::trail::TRAIL;
use crate::{Audited, Error, Moment};

/// One row as it stood at a moment.
pub(super) async fn as_of<E: Audited, C: ConnectionTrait>(
    key: Vec<Value>,
    at: Moment,
    db: &C,
) -> Result<Reified<E::Model>, Error> {
    let policy = E::policy();
    let columns = Columns::<E>::new(&policy)?;
    let (text, binds) = select::newest_at(&columns, key.clone(), at);
    let rows = sql::all(db, text, binds).await?;
    let since = horizon(&columns, &rows, at)?;
    if at.utc() < since {
        return Ok(Reified::Absent(Absence::BeforeHorizon { since }));
    }
    let (mut newest, mut truncate) = (None, None);
    for row in &rows {
        if has_change(row)? {
            let change = query::change(row)?;
            let place = if change.op == Operation::Truncate { &mut truncate } else { &mut newest };
            *place = Some((row, change));
        }
    }
    match (newest, truncate) {
        (Some((_, change)), Some((_, truncate)))
            if change.op != Operation::Delete && is_later(&truncate, &change) =>
        {
            Ok(Reified::Absent(absence(&truncate)))
        }
        (Some((row, _)), _) => reified(&columns, row),
        (None, Some(_)) => Ok(Reified::Absent(Absence::Unrecorded { since })),
        (None, None) => before_first_change(&columns, key, since, db).await,
    }
}

fn is_later(one: &Change, other: &Change) -> bool {
    (one.captured_at, one.id) > (other.captured_at, other.id)
}

/// What the first change since the horizon replaced: nothing came before it, so it stood like that
/// all the time.
async fn before_first_change<E: Audited, C: ConnectionTrait>(
    columns: &Columns<'_, E>,
    key: Vec<Value>,
    since: DateTime<Utc>,
    db: &C,
) -> Result<Reified<E::Model>, Error> {
    let (text, binds) = select::first_since(columns, key.clone());
    let rows = sql::all(db, text, binds).await?;
    let first = rows.first().filter(|row| has_change(row).unwrap_or(false));
    let Some(first) = first else {
        let absence = if exists_now::<E, C>(key, db).await? {
            Absence::Unrecorded { since }
        } else {
            Absence::NeverExisted
        };
        return Ok(Reified::Absent(absence));
    };
    match query::change(first)?.op {
        Operation::Update | Operation::Delete | Operation::Baseline => reified(columns, first),
        Operation::Truncate => Ok(Reified::Absent(Absence::Unrecorded { since })),
        Operation::Insert => Ok(Reified::Absent(Absence::NeverExisted)),
    }
}

/// Since when the table is audited.
fn horizon<E: Audited>(
    columns: &Columns<'_, E>,
    rows: &[QueryResult],
    at: Moment,
) -> Result<DateTime<Utc>, Error> {
    let not_audited = || Error::NotAudited { table: columns.table().clone() };
    let row = rows.first().ok_or_else(not_audited)?;
    let detached_at: Option<DateTime<Utc>> = row.try_get("h:", "detached_at")?;
    if detached_at.is_some_and(|detached_at| at.utc() >= detached_at) {
        return Err(not_audited());
    }
    Ok(row.try_get("h:", "since")?)
}

fn has_change(row: &QueryResult) -> Result<bool, Error> {
    Ok(row.try_get::<Option<i64>>("c:", "id")?.is_some())
}

async fn exists_now<E: Audited, C: ConnectionTrait>(
    key: Vec<Value>,
    db: &C,
) -> Result<bool, Error> {
    let columns = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let same =
        columns.zip(key).fold(Condition::all(), |all, (column, value)| all.add(column.eq(value)));
    let first_key = E::PrimaryKey::iter().next().map(PrimaryKeyToColumn::into_column);
    let found = E::find().filter(same).select_only().columns(first_key).into_json().one(db);
    Ok(found.await.map_err(Error::from_read)?.is_some())
}

/// Whether the table is audited, or was once: without that, no version means nothing.
pub(super) async fn was_audited<E: Audited, C: ConnectionTrait>(
    columns: &Columns<'_, E>,
    db: &C,
) -> Result<bool, Error> {
    let mut binds = sql::Binds::default();
    let table = columns.table();
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    let text = format!(
        "SELECT 1 AS found FROM {TRAIL}.audited_tables \
         WHERE table_schema = {schema} AND table_name = {name}"
    );
    Ok(!sql::all(db, text, binds).await?.is_empty())
}
