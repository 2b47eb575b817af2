//! The statements that read one row.

use super::columns::Columns;
use super::one_row::{OneRow, qualified};
use super::wanted::Wanted;
use crate::query::relation;
use crate::query::sql::{ACTION, Binds, CHANGE, TRANSACTION};
use crate::trail::TRAIL;
use crate::{Audited, Error, Moment, TrailSource};

/// The row before the change, which an update and a delete tell. A baseline tells that it stood like that
/// since the table is audited.
const BEFORE: &str = "CASE p.op WHEN 'update' THEN p.data_after || p.changed_from \
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
                    (SELECT b FROM {relation} b LIMIT 0),
                    CASE WHEN c.image IS NOT NULL THEN {data} END) r ON true",
                relation = qualified(self.table()),
            ),
        }
    }
}

/// In which order versions come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The newest versions of one row, and the truncates that ended it.
pub(super) fn versions(
    source: &impl TrailSource,
    row: &OneRow,
    reads: &impl Reads,
    wanted: &Wanted,
    (limit, order): (Option<u64>, Order),
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let row = row.sql(&mut binds);
    let changes = relation::changes(source, &mut binds)?;
    let condition = wanted.condition(&mut binds);
    let (own, truncates) = (row.changes(&changes), row.ending_truncates(&changes, &condition));
    let newest = |alias: &str| match limit {
        Some(limit) => {
            format!("ORDER BY {alias}.captured_at DESC, {alias}.id DESC LIMIT {limit}")
        }
        None => String::new(),
    };
    let direction = match order {
        Order::OldestFirst => "",
        Order::NewestFirst => "DESC",
    };
    let reading = reads.reading(&mut binds);
    let text = format!(
        "WITH {with}
        SELECT {CHANGE}, {TRANSACTION}, {ACTION}, {list}
        FROM (SELECT p.*, p.data_after AS image
            FROM (({own} AND {condition} {of_own}) UNION ALL ({truncates} {of_truncates})) p
            {of_all}) c
        JOIN {TRAIL}.audit_transactions t
            ON t.id = c.transaction_id AND t.occurred_at <= c.captured_at
        LEFT JOIN {TRAIL}.audit_actions a ON a.id = c.action_id
        {join}
        ORDER BY c.captured_at {direction}, c.id {direction}",
        with = row.with,
        of_own = newest("c"),
        of_truncates = newest("x"),
        of_all = newest("p"),
        list = reading.list,
        join = reading.join,
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
    let mut binds = Binds::default();
    let moment = binds.push(at.utc());
    let sql = row.sql(&mut binds);
    let bounds = format!(
        "c.captured_at >= h.since AND c.captured_at <= {moment} AND NOT EXISTS (
            SELECT FROM {TRAIL}.audit_transactions f
            WHERE f.id = c.transaction_id AND f.occurred_at <= {moment}
              AND f.committed_at > {moment})
        ORDER BY c.captured_at DESC, c.id DESC LIMIT 1"
    );
    let every = relation::every_change();
    let picked = format!(
        "({} AND {bounds}) UNION ALL ({} AND {bounds})",
        sql.changes(&every),
        sql.truncates(&every)
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
    let picked = format!(
        "({} AND c.captured_at >= h.since) UNION ALL ({} AND c.captured_at >= h.since)
        ORDER BY captured_at, id LIMIT 1",
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
