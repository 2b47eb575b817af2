//! The statements that read one row.

use super::columns::Columns;
use super::one_row::{OneRow, base, ordered};
use super::wanted::Wanted;
use crate::query::pick::Slice;
use crate::query::relation;
use crate::query::sql::{ACTION, Binds, CHANGE, TRANSACTION};
use crate::trail::TRAIL;
use crate::{Audited, Error, Moment, TrailSource};

/// The row before the change, which an update and a delete tell. A baseline tells that it stood like that
/// since the table is audited.
pub(super) const BEFORE: &str = "CASE p.op WHEN 'update' THEN p.data_after || p.changed_from \
                      WHEN 'delete' THEN p.changed_from WHEN 'baseline' THEN p.data_after END";

/// How the image `c.image` is read: more of a SELECT list, and what must be joined for it.
pub(super) struct Reading {
    pub(super) list: String,
    pub(super) join: String,
}

/// What can say how an image is read.
pub(super) trait Reads: Sync {
    fn reading(&self, binds: &mut Binds) -> Reading;
}

/// Nothing but the image, as it is stored.
pub(super) struct AsStored;

impl Reads for AsStored {
    fn reading(&self, _: &mut Binds) -> Reading {
        Reading { list: "c.image::text AS \"r:image\"".to_owned(), join: String::new() }
    }
}

impl<E: Audited> Reads for Columns<E> {
    /// Reads the image by the table's own types. The base record comes out of the table and not out of a
    /// cast, so that a statement prepared before an ALTER TABLE is planned again.
    fn reading(&self, binds: &mut Binds) -> Reading {
        let data = self.values_of("c.image", binds);
        Reading {
            list: format!(
                "c.image::text AS \"r:image\", r.notes::text AS \"r:notes\", {}",
                self.select_list("r.whole", Some("c.image"), "")
            ),
            join: format!(
                "LEFT JOIN LATERAL {TRAIL}.read_row(
                    {base}, CASE WHEN c.image IS NOT NULL THEN {data} END) r ON true",
                base = base(self.table()),
            ),
        }
    }
}

/// The versions of one row in a slice of its history, and the truncates that ended it.
pub(super) fn versions(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
    wanted: &Wanted,
    slice: Slice,
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let row = row.sql(&mut binds);
    let changes = relation::changes(source, &mut binds)?;
    let mut all = wanted.conditions(&mut binds);
    all.extend(slice.place(&mut binds));
    let condition = all.join(" AND ");
    let order = ordered(slice.ascends, slice.rows);
    let reading = reads.reading(&mut binds);
    let text = format!(
        "WITH {with}
        SELECT {CHANGE}, {TRANSACTION}, {ACTION}, {list}
        FROM (SELECT c.*, c.data_after AS image
            FROM (({own} AND {condition} {order}) UNION ALL ({truncates})) c {order}) c
        {with_transaction} {with_action} {join}
        ORDER BY {by}",
        with = row.with,
        own = row.changes(&changes),
        truncates = row.ending_truncates(&changes, &condition),
        list = reading.list,
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
        join = reading.join,
        by = slice.by(),
    );
    Ok((text, binds))
}

/// The horizon of the table, and what was committed at a moment: the newest change of one row, and
/// the newest truncate of its table. A scope is not applied to the choice: each says whether it may be seen.
pub(super) fn newest_at(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
    at: Moment,
) -> Result<(String, Binds), Error> {
    newest_of(&relation::every_change(), Binds::default(), (source, row, reads), at)
}

/// As [`newest_at`], among the changes that may be seen.
pub(super) fn newest_seen_at(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
    at: Moment,
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let seen = relation::changes(source, &mut binds)?;
    newest_of(&seen, binds, (source, row, reads), at)
}

fn newest_of(
    changes: &str,
    mut binds: Binds,
    (source, row, reads): (&impl TrailSource, &OneRow, &impl Reads),
    at: Moment,
) -> Result<(String, Binds), Error> {
    let moment = binds.push(at.utc());
    let sql = row.sql(&mut binds);
    let bounds = format!(
        "c.captured_at >= h.since AND c.captured_at <= {moment} AND NOT EXISTS (
            SELECT FROM {transaction}
            WHERE t.occurred_at <= {moment} AND t.committed_at > {moment})",
        transaction = relation::transaction_near("c.transaction_id", "c.captured_at"),
    );
    let newest = ordered(false, Some(1));
    let picked = format!(
        "({} AND {bounds} {newest})
        UNION ALL (SELECT c.* FROM ({} AND {bounds} OFFSET 0) c {newest})",
        sql.changes(changes),
        sql.truncates(changes)
    );
    let head = Head { with: &sql.with, more: "", picked: &picked, image: "p.data_after" };
    let text = with_horizon(source, row, reads, &head, &mut binds)?;
    Ok((text, binds))
}

/// The horizon of the table, the first thing that was recorded of one row since, and if there is nothing,
/// whether the row exists now.
pub(super) fn first_since(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let sql = row.sql(&mut binds);
    let every = relation::every_change();
    let oldest = ordered(true, Some(1));
    let picked = format!(
        "SELECT c.* FROM (({} AND c.captured_at >= h.since {oldest})
            UNION ALL ({} AND c.captured_at >= h.since)) c {oldest}",
        sql.changes(&every),
        sql.truncates(&every)
    );
    // In a scope, what a table holds without the trail knowing it is nobody's.
    let exists_now = match source.scope() {
        None => sql.exists_now.clone(),
        Some(_) => "false".to_owned(),
    };
    let more = format!("CASE WHEN c.id IS NULL THEN {exists_now} END AS \"h:exists_now\",");
    let head = Head { with: &sql.with, more: &more, picked: &picked, image: BEFORE };
    let text = with_horizon(source, row, reads, &head, &mut binds)?;
    Ok((text, binds))
}

/// What differs between the statements about a moment.
struct Head<'a> {
    with: &'a str,
    more: &'a str,
    picked: &'a str,
    image: &'a str,
}

fn with_horizon(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
    head: &Head<'_>,
    binds: &mut Binds,
) -> Result<String, Error> {
    let reading = reads.reading(binds);
    let visible = relation::may_see(source, binds, "p")?;
    let (schema, name) = (binds.push(row.table().schema()), binds.push(row.table().name()));
    Ok(format!(
        "WITH {with}
        SELECT h.since AS \"h:since\", h.complete_since AS \"h:complete_since\",
            h.detached_at AS \"h:detached_at\", {more} c.visible AS \"c:visible\", {CHANGE}, {list}
        FROM {TRAIL}.audited_tables h
        LEFT JOIN LATERAL (
            SELECT p.*, {visible} AS visible, {image} AS image FROM ({picked}) p) c ON true
        {join}
        WHERE h.table_schema = {schema} AND h.table_name = {name}",
        with = head.with,
        more = head.more,
        image = head.image,
        picked = head.picked,
        list = reading.list,
        join = reading.join,
    ))
}
