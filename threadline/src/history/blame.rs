//! Who wrote last what a row holds, column by column.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{IdenStatic, Iterable, QueryResult};
use serde::Serialize;

use super::columns::Columns;
use super::one_row::{OneRow, ordered};
use super::row;
use crate::model::{ActionRecord, Operation, Transaction};
use crate::query::sql::{self, ACTION, Binds, TRANSACTION};
use crate::query::{self, relation};
use crate::spec::Redaction;
use crate::trail::TRAIL;
use crate::{ActorRef, Audited, ColumnName, Error, Moment, RowKey, TableName, TrailSource};

/// Of each column of a row, the change that wrote what it holds now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Blame {
    /// The columns, in the order of the table or the entity.
    pub columns: Vec<BlamedColumn>,
    /// What removed the row, if it is gone: a delete or a truncate. The columns then tell who had written
    /// what it held last.
    pub removed: Option<Deed>,
    /// Whether the row has more versions than [`MAX_BLAMED_VERSIONS`], of which only the newest were looked
    /// at: then a column without a last change may have one among the older ones. `Entity::history(key)`
    /// with `.changed(column).limit(1)` looks for that of one column through them all.
    pub truncated: bool,
}

/// No blame looks at more versions of a row.
pub const MAX_BLAMED_VERSIONS: u32 = 10_000;

/// A column of a [`Blame`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BlamedColumn {
    /// Its name.
    pub column: String,
    /// What the trail keeps of its values, if not the values. A masked column shows who changed it; of one
    /// that is excluded, nobody knows.
    pub redaction: Option<Redaction>,
    /// The last change of the column: an update of it, else the insert, or the baseline with which the
    /// row was first recorded, if it had the column already. `None` if the trail does not know it, as of a
    /// column that came later and was never changed, or the reader may not see it.
    pub last: Option<Deed>,
}

/// A change without what it wrote: when, by whom and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Deed {
    /// The number of the change.
    pub change_id: i64,
    /// What it did.
    pub op: Operation,
    /// When it was captured, in UTC.
    pub captured_at: DateTime<Utc>,
    /// Who made it, and from where.
    pub transaction: Transaction,
    /// The innermost action it belongs to, with its name and reason.
    pub action: Option<ActionRecord>,
}

impl Deed {
    /// Who did it: the actor of the action, else of the transaction.
    pub fn actor(&self) -> Option<&ActorRef> {
        let of_action = self.action.as_ref().and_then(|action| action.actor.as_ref());
        of_action.or(self.transaction.actor.as_ref())
    }

    /// Why, as the caller put it.
    pub fn reason(&self) -> Option<&str> {
        self.action.as_ref()?.reason.as_deref()
    }

    fn place(&self) -> (DateTime<Utc>, i64) {
        (self.captured_at, self.change_id)
    }
}

impl Blame {
    /// What is known of this column, of an entity or by its name as a `ColumnName`.
    pub fn of<C: IdenStatic>(&self, column: C) -> Option<&BlamedColumn> {
        self.columns.iter().find(|blamed| blamed.column == column.as_str())
    }
}

/// [`AuditedHistory::blame`](super::AuditedHistory::blame) for who has no entity: the columns are those that
/// the table has now, or had when it was attached if it is gone.
///
/// ```no_run
/// use threadline::TableName;
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let posts = TableName::parse("posts")?;
/// for column in threadline::row_blame(&db, &posts, &"7".parse()?).await?.columns {
///     println!("{}: {:?}", column.column, column.last.as_ref().and_then(|deed| deed.actor()));
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`RowHistory::all`](super::RowHistory::all).
pub async fn row_blame(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
) -> Result<Blame, Error> {
    of_stored(db, table, key, None).await
}

/// As [`row_blame`], but of the row as its last change until a moment left it: who had written by then what
/// it held. Changes of that very microsecond count.
///
/// # Errors
///
/// Those of [`RowHistory::all`](super::RowHistory::all).
pub async fn row_blame_until(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
    until: impl Into<Moment>,
) -> Result<Blame, Error> {
    of_stored(db, table, key, Some(until.into())).await
}

async fn of_stored(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
    until: Option<Moment>,
) -> Result<Blame, Error> {
    let (row, _) = row::resolved(db, table, key).await?;
    let found = found(db, &row, until.map(Bound::Until)).await?;
    let policy = found.redactions;
    let columns = found.columns.into_iter().map(|name| {
        let redaction = ColumnName::new(name.as_str()).ok().and_then(|n| policy.get(&n).cloned());
        (name, redaction)
    });
    Ok(found.events.blame(columns))
}

/// Of an entity.
pub(super) async fn of_entity<E: Audited>(
    db: &impl TrailSource,
    key: Vec<sea_orm::Value>,
) -> Result<Blame, Error> {
    let columns = Columns::<E>::new()?;
    of_row(db, &columns.row(key), &columns).await
}

/// Of an entity, by any key.
pub(super) async fn of_row<E: Audited>(
    db: &impl TrailSource,
    row: &OneRow,
    columns: &Columns<E>,
) -> Result<Blame, Error> {
    let found = found(db, row, None).await?;
    let named = E::Column::iter().map(|c| (c.as_str().to_owned(), columns.redaction(&c)));
    Ok(found.events.blame(named))
}

/// What one statement finds: the events, and what is known of the table.
struct Found {
    events: Events,
    columns: Vec<String>,
    redactions: BTreeMap<ColumnName, Redaction>,
}

/// Which changes of a row are looked at.
#[derive(Clone, Copy)]
struct Look {
    bound: Option<Bound>,
    /// Whether those that may not be seen are passed over, and not only left untold.
    only_seen: bool,
}

/// The newest of the changes that are looked at.
#[derive(Clone, Copy)]
enum Bound {
    /// Those up to a moment.
    Until(Moment),
    /// Those up to a change.
    Change((DateTime<Utc>, i64)),
}

impl Bound {
    fn condition(self, binds: &mut Binds) -> String {
        match self {
            Self::Until(until) => format!("c.captured_at <= {}", binds.push(until.utc())),
            Self::Change((at, id)) => {
                format!("(c.captured_at, c.id) <= ({}, {})", binds.push(at), binds.push(id))
            }
        }
    }
}

/// The newest change of each kind and column.
#[derive(Default)]
struct Events {
    fields: BTreeMap<String, Event>,
    /// The newest insert or baseline.
    whole: Option<Event>,
    /// The columns that this one has an image of: it can have written no other.
    imaged: BTreeSet<String>,
    removed: Option<Event>,
    truncated: bool,
}

struct Event {
    deed: Deed,
    may_be_told: bool,
}

impl Event {
    fn is_end(&self) -> bool {
        matches!(self.deed.op, Operation::Delete | Operation::Truncate)
    }

    fn told(&self) -> Option<Deed> {
        self.may_be_told.then(|| self.deed.clone())
    }
}

impl Events {
    fn newest(&self) -> Option<&Event> {
        let every = self.fields.values().chain(&self.whole).chain(&self.removed);
        every.max_by_key(|event| event.deed.place())
    }

    /// The place of the newest of them, if that is what removed the row.
    fn end(&self) -> Option<(DateTime<Utc>, i64)> {
        let end = self.newest().filter(|event| event.is_end())?;
        Some(end.deed.place())
    }

    fn blame(self, columns: impl Iterator<Item = (String, Option<Redaction>)>) -> Blame {
        let whole_at = self.whole.as_ref().map(|event| event.deed.place());
        let removed =
            self.removed.as_ref().filter(|event| whole_at.is_none_or(|at| event.deed.place() > at));
        let newest = self.newest();
        // What the reader may not see as it is now is not there for it.
        let is_known = newest.is_some_and(|event| event.may_be_told);
        let last = |name: &str, redaction: &Option<Redaction>| {
            if !is_known || matches!(redaction, Some(Redaction::Exclude)) {
                return None;
            }
            let update = self.fields.get(name);
            let update = update.filter(|event| whole_at.is_none_or(|at| event.deed.place() > at));
            let whole = || self.whole.as_ref().filter(|_| self.imaged.contains(name));
            update.or_else(whole)?.told()
        };
        let columns = columns.map(|(column, redaction)| {
            let last = last(&column, &redaction);
            BlamedColumn { column, redaction, last }
        });
        Blame {
            columns: columns.collect(),
            truncated: is_known && self.truncated,
            removed: removed.filter(|_| is_known).and_then(Event::told),
        }
    }
}

/// What the reader is told. If the newest change is not for it, but the last that it saw was the end of the
/// row, all that came after is left out: otherwise what is told of a row that is gone would change when
/// somebody else uses its key again, and so tell that somebody did.
async fn found(db: &impl TrailSource, row: &OneRow, bound: Option<Bound>) -> Result<Found, Error> {
    let every = read(db, row, Look { bound, only_seen: false }).await?;
    if every.events.newest().is_none_or(|event| event.may_be_told) {
        return Ok(every);
    }
    let seen = read(db, row, Look { bound, only_seen: true }).await?;
    let Some(end) = seen.events.end() else { return Ok(every) };
    read(db, row, Look { bound: Some(Bound::Change(end)), only_seen: false }).await
}

async fn read(db: &impl TrailSource, row: &OneRow, look: Look) -> Result<Found, Error> {
    let (text, binds) = statement(db, row, look)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let Some(first) = rows.first() else {
        return Err(Error::NotAudited { table: row.table().clone() });
    };
    let mut found = Found {
        events: Events { truncated: first.try_get("h:", "truncated")?, ..Events::default() },
        columns: first.try_get("h:", "columns")?,
        redactions: query::redactions(first.try_get("h:", "redactions")?)?,
    };
    for row in &rows {
        let Some(event) = event(row)? else { continue };
        let events = &mut found.events;
        match row.try_get::<Option<String>>("e:", "name")? {
            Some(name) => {
                events.fields.insert(name, event);
            }
            None if event.is_end() => {
                let removed = &mut events.removed;
                if removed.as_ref().is_none_or(|old| event.deed.place() > old.deed.place()) {
                    *removed = Some(event);
                }
            }
            None => {
                events.imaged = row.try_get::<Vec<String>>("e:", "imaged")?.into_iter().collect();
                events.whole = Some(event);
            }
        }
    }
    Ok(found)
}

fn event(row: &QueryResult) -> Result<Option<Event>, Error> {
    let Some(change_id) = row.try_get::<Option<i64>>("e:", "id")? else { return Ok(None) };
    if row.try_get::<Option<i64>>("t:", "id")?.is_none() {
        return Ok(None);
    }
    let word: String = row.try_get("e:", "op")?;
    let op = Operation::parse(&word)
        .ok_or_else(|| Error::Unreadable(format!("`{word}` is no operation of this version")))?;
    let deed = Deed {
        change_id,
        op,
        captured_at: row.try_get("e:", "captured_at")?,
        transaction: query::transaction(row)?,
        action: query::optional_action(row)?,
    };
    Ok(Some(Event { deed, may_be_told: row.try_get("e:", "visible")? }))
}

/// Reads the row's changes once, without what they wrote, and keeps the newest of each kind and column. There
/// is no stopping early: a column that never changed is explained by the very first one. So it is bounded,
/// because each version may lie on a page of its own. Only of the insert it is asked which columns it wrote.
fn statement(db: &impl TrailSource, row: &OneRow, look: Look) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let until = look.bound.map_or_else(|| "true".to_owned(), |bound| bound.condition(&mut binds));
    let sql = row.sql(&mut binds);
    let every = relation::every_change();
    let changes = match look.only_seen {
        true => relation::changes(db, &mut binds)?,
        false => every.clone(),
    };
    let visible = relation::may_see(db, &mut binds, "e")?;
    let (schema, name) = (binds.push(row.table().schema()), binds.push(row.table().name()));
    let text = format!(
        "WITH {with},
        own AS MATERIALIZED (SELECT c.id, c.op, c.captured_at, c.transaction_id, c.action_id,
            c.changed_fields FROM ({own} AND {until} {newest_versions}) c)
        SELECT (SELECT count(*) > {MAX_BLAMED_VERSIONS} FROM own) AS \"h:truncated\", h.columns AS \"h:columns\", h.redactions AS \"h:redactions\",
            c.name AS \"e:name\", c.id AS \"e:id\", c.op::text AS \"e:op\",
            c.captured_at AS \"e:captured_at\", c.visible AS \"e:visible\", c.imaged AS \"e:imaged\",
            {TRANSACTION}, {ACTION}
        FROM (SELECT h.policy -> 'redactions' AS redactions, coalesce(nullif(ARRAY(
                SELECT a.attname::text FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = to_regclass(format('%I.%I', h.table_schema, h.table_name))
                  AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum), '{{}}'),
                ARRAY(SELECT substr(p, strpos(p, ':') + 1) FROM unnest(h.positions) p)) AS columns
            FROM {TRAIL}.audited_tables h
            WHERE h.table_schema = {schema} AND h.table_name = {name}) h
        LEFT JOIN LATERAL (
            SELECT e.*, {visible} AS visible, CASE e.kind WHEN 3 THEN ARRAY(
                    SELECT jsonb_object_keys(c.data_after) FROM {every}
                    WHERE c.captured_at = e.captured_at AND c.id = e.id) END AS imaged FROM (
            SELECT * FROM (SELECT DISTINCT ON (c.kind, c.name) c.* FROM (
                SELECT c.id, c.op, c.captured_at, c.transaction_id, c.action_id, f.name,
                    CASE c.op WHEN 'update' THEN 1 WHEN 'delete' THEN 2 ELSE 3 END AS kind
                FROM own c CROSS JOIN LATERAL unnest(CASE c.op WHEN 'update'
                    THEN c.changed_fields ELSE ARRAY[NULL::text] END) f(name)) c
                ORDER BY c.kind, c.name, c.captured_at DESC, c.id DESC) c
            UNION ALL (SELECT c.id, c.op, c.captured_at, c.transaction_id, c.action_id, NULL, 2
                FROM ({truncates}) c {newest})) e) c ON true
        {with_transaction} {with_action}",
        with = sql.with,
        own = sql.changes(&changes),
        newest_versions = ordered(false, Some(u64::from(MAX_BLAMED_VERSIONS) + 1)),
        truncates = sql.ending_truncates(&changes, &until),
        newest = ordered(false, Some(1)),
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
    );
    Ok((text, binds))
}
