//! The versions of one row as they are stored, for who has no entity: pages and the command line.

use serde_json::{Map, Value};

use super::as_of::{Standing, standing};
use super::one_row::OneRow;
use super::reader::MAX_PAGE;
use super::select::{self, AsStored};
use super::version::Absence;
use super::wanted::Wanted;
use crate::query::page::{Page, Position, Span};
use crate::query::pick::Slice;
use crate::query::sql::{self, Binds};
use crate::query::timeline::{self, TimelineEntry};
use crate::query::{self, relation};
use crate::trail::TRAIL;
use crate::{ActorRef, ColumnName, Error, Moment, Operation, RowKey, TableName, TrailSource};

/// How many versions [`RowHistory::all`] gives unless told otherwise.
const DEFAULT_LIMIT: u32 = 200;

/// A reader of one row's versions as they are stored: what [`History`](super::History) is for an entity.
///
/// ```no_run
/// use threadline::{RowHistory, TableName};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let lines = TableName::parse("order_lines")?;
/// let versions = RowHistory::new(lines, "order_id=7;line_no=3".parse()?).all(&db).await?;
/// for version in &versions.entries {
///     println!("{} {}", version.change.captured_at, version.change.op);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `all` or `page`"]
pub struct RowHistory {
    table: TableName,
    key: RowKey,
    wanted: Wanted,
    limit: Option<u32>,
}

/// The versions that [`RowHistory::all`] has found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowVersions {
    /// The row's key, as the trail has it.
    pub key: Map<String, Value>,
    /// The versions, the newest first, with who made them. The truncates that ended the row are among
    /// them.
    pub entries: Vec<TimelineEntry>,
    /// Whether there are older versions that match, beyond the limit.
    pub truncated: bool,
}

impl RowHistory {
    /// Every version of the row with this key, newest 200 unless told otherwise.
    pub fn new(table: TableName, key: RowKey) -> Self {
        Self { table, key, wanted: Wanted::default(), limit: Some(DEFAULT_LIMIT) }
    }

    /// Only versions captured at this moment or later.
    pub fn from(mut self, moment: impl Into<Moment>) -> Self {
        self.wanted.from = Some(moment.into().utc());
        self
    }

    /// Only versions captured at this moment or earlier.
    pub fn until(mut self, moment: impl Into<Moment>) -> Self {
        self.wanted.until = Some(moment.into().utc());
        self
    }

    /// Only versions that this operation made; said twice, one of the two.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.wanted.operations.push(operation);
        self
    }

    /// Only updates that changed this column; said twice, one of the two.
    pub fn changed(mut self, column: ColumnName) -> Self {
        self.wanted.changed.push(column.as_str().to_owned());
        self
    }

    /// Only versions by this actor: that of the action, else of the transaction; said twice, one of the
    /// two.
    pub fn by(mut self, actor: ActorRef) -> Self {
        self.wanted.actors.push(actor);
        self
    }

    /// At most the newest `limit` versions, instead of 200.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// All versions there are, however many.
    pub fn unlimited(mut self) -> Self {
        self.limit = None;
        self
    }

    /// Reads the versions, the newest first. Of a table that is gone, the versions stay.
    ///
    /// # Errors
    ///
    /// [`Error::NotAudited`] if the table never was audited, [`Error::InvalidKey`] if the key does not name
    /// the table's key columns, each with a value of its type, [`Error::NotInstalled`] if the database has
    /// no trail, [`Error::InvalidScope`], or [`Error::Db`].
    pub async fn all(self, db: &impl TrailSource) -> Result<RowVersions, Error> {
        let (row, key) = resolved(db, &self.table, &self.key).await?;
        let limit = self.limit.map(u64::from);
        let slice = Slice { beside: None, ascends: false, rows: limit.map(|limit| limit + 1) };
        let (text, binds) = select::versions(db, &row, &AsStored, &self.wanted, slice)?;
        let rows = sql::all(db.connection(), text, binds).await?;
        let most = limit.map_or(rows.len(), |limit| rows.len().min(limit as usize));
        let entries = rows[..most].iter().filter_map(|row| timeline::entry(row).transpose());
        let entries = entries.collect::<Result<_, Error>>()?;
        Ok(RowVersions { key, entries, truncated: rows.len() > most })
    }

    /// Reads one page of at most `size` versions (1 to 10 000), the newest first. The limit does not
    /// count, and the key and the filters must stay the same from page to page.
    ///
    /// # Errors
    ///
    /// Those of [`all`](Self::all), and [`Error::InvalidCursor`] if the cursor belongs to another walk.
    pub async fn page(
        self,
        db: &impl TrailSource,
        size: u32,
        position: Position,
    ) -> Result<Page<TimelineEntry>, Error> {
        let (row, _) = resolved(db, &self.table, &self.key).await?;
        let walk = row.walk(&self.wanted.as_text());
        let span = Span::new(position, walk, false, size.clamp(1, MAX_PAGE))?;
        let (text, binds) = select::versions(db, &row, &AsStored, &self.wanted, span.into())?;
        let rows = sql::all(db.connection(), text, binds).await?;
        Ok(span.page(rows.iter().map(timeline::placed).collect::<Result<_, Error>>()?))
    }
}

/// How a row stood at a moment, as it is stored: after redaction.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RowStanding {
    /// It was there.
    There {
        /// Its key, as the trail has it.
        key: Map<String, Value>,
        /// The row, by column. What is excluded is not in it.
        data: Map<String, Value>,
        /// The number of the change that tells it.
        change_id: i64,
        /// The transaction of that change.
        transaction_id: i64,
    },
    /// It was not there, or nobody can know.
    Absent(Absence),
}

/// One row as it stood at a moment: [`AuditedHistory::as_of`](super::AuditedHistory::as_of) for who has no
/// entity, with the same rules.
///
/// ```no_run
/// use threadline::{RowStanding, TableName};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
/// let posts = TableName::parse("posts")?;
/// match threadline::row_as_of(&db, &posts, &"7".parse()?, yesterday).await? {
///     RowStanding::There { data, .. } => println!("{data:?}"),
///     RowStanding::Absent(absence) => println!("{absence}"),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`RowHistory::all`], and [`Error::NotAudited`] if the table was not audited any more at that
/// moment.
pub async fn row_as_of(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
    at: impl Into<Moment>,
) -> Result<RowStanding, Error> {
    let (row, key) = resolved(db, table, key).await?;
    let there = match standing(db, &row, &AsStored, at.into()).await? {
        Standing::There(there) => there,
        Standing::Absent(absence) => return Ok(RowStanding::Absent(absence)),
    };
    let (change, found) = *there;
    match query::document(&found, "r:", "image")? {
        Some(Value::Object(data)) => Ok(RowStanding::There {
            key,
            data,
            change_id: change.id,
            transaction_id: change.transaction_id,
        }),
        _ => Err(Error::Unreadable(format!("change {} has no row", change.id))),
    }
}

/// The row that a key names, and the key as the trail has it. A key column that was renamed keeps, in the
/// trail, the name it had when the table was attached.
pub(super) async fn resolved(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
) -> Result<(OneRow, Map<String, Value>), Error> {
    let (text, binds) = told_key(table, key);
    let rows = sql::all(db.connection(), text, binds).await?;
    let Some(row) = rows.first() else {
        return Err(Error::NotAudited { table: table.clone() });
    };
    let names: Vec<String> = row.try_get("", "key_columns")?;
    if !row.try_get::<bool>("", "fits")? {
        return Err(Error::InvalidKey(misnamed(table, key, &names)));
    }
    if let Some(unfit) = row.try_get::<Option<String>>("", "unfit")? {
        return Err(Error::InvalidKey(format!("no row of {table} can have it: {unfit}")));
    }
    // As text: a number may be one that Rust cannot hold.
    let stored: String = row.try_get("", "stored")?;
    let now: Option<Vec<String>> = row.try_get("", "names_now")?;
    let now = now.map(|now| names.into_iter().zip(now).collect());
    let told = match query::document(row, "", "stored")? {
        Some(Value::Object(told)) => told,
        _ => Map::new(),
    };
    Ok((OneRow::told(table.clone(), now, stored), told))
}

/// Asks for the key columns of a table, and what the trail makes of the key.
fn told_key(table: &TableName, key: &RowKey) -> (String, Binds) {
    let mut binds = Binds::default();
    let given = match key {
        RowKey::Scalar(value) => {
            let value = binds.push(value.as_str());
            format!("jsonb_build_object(h.key_columns[1], {value}::text)")
        }
        RowKey::Named(columns) => {
            let pairs =
                columns.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone()));
            let object: Map<String, Value> =
                pairs.map(|(name, value)| (name, Value::String(value))).collect();
            format!("{}::jsonb", binds.push(Value::Object(object)))
        }
    };
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    let as_before = as_in_the_newest_key();
    let text = format!(
        "SELECT h.key_columns, g.fits, s.told ->> 'unfit' AS unfit,
            coalesce(s.told -> 'stored', {as_before})::text AS stored,
            CASE WHEN g.relation IS NOT NULL THEN ARRAY(
                SELECT coalesce(a.attname::text, n.name)
                FROM unnest(h.key_columns) WITH ORDINALITY n(name, place)
                LEFT JOIN unnest(h.positions) p(place)
                    ON substr(p.place, strpos(p.place, ':') + 1) = n.name
                LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = g.relation
                    AND NOT a.attisdropped AND a.attnum = split_part(p.place, ':', 1)::int2
                ORDER BY n.place) END AS names_now
        FROM (SELECT h.* FROM {TRAIL}.audited_tables h
            WHERE h.table_schema = {schema} AND h.table_name = {name}) h
        CROSS JOIN LATERAL (SELECT {given} AS given) f
        CROSS JOIN LATERAL (SELECT f.given,
            to_regclass(format('%I.%I', h.table_schema, h.table_name)) AS relation,
            ARRAY(SELECT n FROM jsonb_object_keys(f.given) n ORDER BY n COLLATE \"C\")
                = ARRAY(SELECT n FROM unnest(h.key_columns) n ORDER BY n COLLATE \"C\") AS fits) g
        CROSS JOIN LATERAL (SELECT CASE WHEN g.fits AND g.relation IS NOT NULL THEN to_jsonb(
            {TRAIL}.key_as_stored(g.relation, h.key_columns, h.positions, g.given)) END AS told) s"
    );
    (text, binds)
}

/// The key of a table that is gone: each value of the type that it has in the newest key.
fn as_in_the_newest_key() -> String {
    format!(
        "(SELECT jsonb_object_agg(e.key, CASE
            WHEN jsonb_typeof(x.row_pk -> e.key) = 'number'
                AND e.value #>> '{{}}' ~ '^-?(0|[1-9][0-9]*)([.][0-9]+)?$'
                OR jsonb_typeof(x.row_pk -> e.key) = 'boolean'
                AND e.value #>> '{{}}' IN ('true', 'false')
            THEN (e.value #>> '{{}}')::jsonb ELSE e.value END)
        FROM jsonb_each(g.given) e
        LEFT JOIN (SELECT c.row_pk FROM {changes}
            WHERE c.table_schema = h.table_schema AND c.table_name = h.table_name
              AND c.row_pk IS NOT NULL
            ORDER BY c.captured_at DESC, c.id DESC LIMIT 1) x ON true)",
        changes = relation::every_change(),
    )
}

fn misnamed(table: &TableName, key: &RowKey, names: &[String]) -> String {
    let wanted = match names {
        [only] => format!("the column `{only}`"),
        several => format!("the columns {}", quoted(several.iter().map(String::as_str))),
    };
    let given = match key {
        RowKey::Scalar(_) => "one value and no name".to_owned(),
        RowKey::Named(columns) => quoted(columns.iter().map(|(name, _)| name.as_str())),
    };
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
    format!("{table} is keyed by {wanted}, and it has {given}; write `{}`", pairs.join(";"))
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
