use sea_orm::Value;

use super::columns::Columns;
use crate::query::sql::{ACTION, Binds, CHANGE, TRANSACTION};
use crate::spec::quote::Literal;
use crate::trail::TRAIL;
use crate::{Audited, Moment};

/// The row after the change.
const AFTER: &str = "c.data_after";
/// The row before the change, which an update and a delete tell. A baseline is no change: it tells of
/// a row that stood like that all the time.
const BEFORE: &str = "CASE c.op WHEN 'update' THEN c.data_after || c.changed_from \
                      WHEN 'delete' THEN c.changed_from WHEN 'baseline' THEN c.data_after END";

/// The newest versions of one row, given oldest first, and the truncates among them.
pub(super) fn history<E: Audited>(
    columns: &Columns<'_, E>,
    key: Vec<Value>,
    limit: Option<u32>,
) -> (String, Binds) {
    let mut binds = Binds::default();
    let limit = limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
    let row = Row::new(columns, key, &mut binds);
    let picked = format!(
        "WITH own AS MATERIALIZED ({} ORDER BY c.captured_at DESC, c.id DESC {limit})
        SELECT * FROM own
        UNION ALL ({} AND c.captured_at >= (SELECT min(own.captured_at) FROM own))",
        row.changes, row.truncates,
    );
    let text = typed(columns, &mut binds, &picked, AFTER, "c.captured_at, c.id");
    (text, binds)
}

/// The horizon of the table, and what was committed at a moment: the newest change of one row, and
/// the newest truncate of its table.
pub(super) fn newest_at<E: Audited>(
    columns: &Columns<'_, E>,
    key: Vec<Value>,
    at: Moment,
) -> (String, Binds) {
    let mut binds = Binds::default();
    let moment = binds.push(at.utc());
    let bounds = format!(
        "c.captured_at >= h.since AND c.captured_at <= {moment} AND NOT EXISTS (
            SELECT FROM {TRAIL}.audit_transactions f
            WHERE f.id = c.transaction_id AND f.occurred_at <= {moment}
              AND f.committed_at > {moment})
        ORDER BY c.captured_at DESC, c.id DESC LIMIT 1"
    );
    let row = Row::new(columns, key, &mut binds);
    let picked =
        format!("({} AND {bounds}) UNION ALL ({} AND {bounds})", row.changes, row.truncates);
    let text = with_horizon(columns, &mut binds, &picked, AFTER);
    (text, binds)
}

/// The horizon of the table, and the first thing that was recorded of one row since.
pub(super) fn first_since<E: Audited>(
    columns: &Columns<'_, E>,
    key: Vec<Value>,
) -> (String, Binds) {
    let mut binds = Binds::default();
    let row = Row::new(columns, key, &mut binds);
    let since = "c.captured_at >= h.since";
    let picked = format!(
        "({} AND {since}) UNION ALL ({} AND {since}) ORDER BY captured_at, id LIMIT 1",
        row.changes, row.truncates
    );
    let text = with_horizon(columns, &mut binds, &picked, BEFORE);
    (text, binds)
}

/// Two SELECTs that end in a condition: the changes of one row, and the truncates of its table. A
/// truncate has no key, so its hash is null: the index of rows holds both.
struct Row {
    changes: String,
    truncates: String,
}

impl Row {
    fn new<E: Audited>(columns: &Columns<'_, E>, key: Vec<Value>, binds: &mut Binds) -> Self {
        let key = key_as_stored(columns, key, binds);
        let table = columns.table();
        let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
        let same_table = format!("c.table_schema = {schema} AND c.table_name = {name}");
        Self {
            changes: format!(
                "SELECT c.* FROM {TRAIL}.audit_changes c
                WHERE c.row_hash
                    = jsonb_hash_extended({key}, hashtextextended({schema} || '.' || {name}, 0))
                  AND {same_table} AND c.row_pk = {key}"
            ),
            truncates: format!(
                "SELECT c.* FROM {TRAIL}.audit_changes c
                WHERE c.row_hash IS NULL AND c.op = 'truncate' AND {same_table}"
            ),
        }
    }
}

/// The key as the trail has it: told by the table's own types, so that a `char(5)` is padded and a
/// `numeric` has its scale, and in the time zone of the trail.
fn key_as_stored<E: Audited>(
    columns: &Columns<'_, E>,
    key: Vec<Value>,
    binds: &mut Binds,
) -> String {
    let (mut places, mut given, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (position, (name, value)) in columns.key_names().into_iter().zip(key).enumerate() {
        let (name, said) = (Literal(name), format!("g.said -> 'f{}'", position + 1));
        places.push(binds.push(value));
        given.push(format!("{name}, {said}"));
        told.push(format!("{name}, coalesce(nullif(p.key -> {name}, 'null'), {said})"));
    }
    // No part of it is told or read in the settings of the session.
    format!(
        "(SELECT jsonb_build_object({told})
        FROM (SELECT {TRAIL}.told_row(ROW({places})) AS said OFFSET 0) g
        CROSS JOIN LATERAL (SELECT {TRAIL}.told_row(({TRAIL}.read_row(
            (SELECT b FROM {relation} b LIMIT 0), jsonb_build_object({given}))).whole) AS key
            OFFSET 0) p)",
        told = told.join(", "),
        places = places.join(", "),
        given = given.join(", "),
        relation = columns.relation(),
    )
}

fn typed<E: Audited>(
    columns: &Columns<'_, E>,
    binds: &mut Binds,
    picked: &str,
    image: &str,
    order: &str,
) -> String {
    let reading = reading(columns, binds);
    format!(
        "SELECT {CHANGE}, {TRANSACTION}, {ACTION},
            c.image::text AS \"r:image\", r.notes::text AS \"r:notes\", {list}
        FROM (SELECT c.*, {image} AS image FROM ({picked}) c) c
        JOIN {TRAIL}.audit_transactions t
            ON t.id = c.transaction_id AND t.occurred_at <= c.captured_at
        LEFT JOIN {TRAIL}.audit_actions a ON a.id = c.action_id
        {reading}
        ORDER BY {order}",
        list = columns.select_list(),
    )
}

fn with_horizon<E: Audited>(
    columns: &Columns<'_, E>,
    binds: &mut Binds,
    picked: &str,
    image: &str,
) -> String {
    let reading = reading(columns, binds);
    let table = columns.table();
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    format!(
        "SELECT h.since AS \"h:since\", h.detached_at AS \"h:detached_at\", {CHANGE},
            c.image::text AS \"r:image\", r.notes::text AS \"r:notes\", {list}
        FROM {TRAIL}.audited_tables h
        LEFT JOIN LATERAL (SELECT c.*, {image} AS image FROM ({picked}) c) c ON true
        {reading}
        WHERE h.table_schema = {schema} AND h.table_name = {name}",
        list = columns.select_list(),
    )
}

/// Reads the image by the table's own types. The base record comes out of the table and not out of a
/// cast, so that a statement prepared before an ALTER TABLE is planned again.
///
/// What stands in place of a value is left out: it is none of the column's type, or would be taken for
/// a value. [`Columns::surrogate_note`] tells of the same.
fn reading<E: Audited>(columns: &Columns<'_, E>, binds: &mut Binds) -> String {
    format!(
        "LEFT JOIN LATERAL {TRAIL}.read_row(
            (SELECT b FROM {relation} b LIMIT 0),
            CASE WHEN c.image IS NOT NULL THEN {stand_ins}::jsonb || coalesce((
                SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(c.image - {masked}::text[]) e
                WHERE CASE jsonb_typeof(e.value)
                    WHEN 'string' THEN e.value #>> '{{}}' !~ '^hmac:[0-9a-f]{{64}}$'
                        AND e.value IS DISTINCT FROM {placeholders}::jsonb -> e.key
                    WHEN 'object' THEN e.value - '$truncated' <> '{{}}'
                        OR jsonb_typeof(e.value #> '{{$truncated,bytes}}') IS DISTINCT FROM 'number'
                        OR jsonb_typeof(e.value #> '{{$truncated,sha256}}') IS DISTINCT FROM 'string'
                    ELSE true END), '{{}}') END) r ON true",
        relation = columns.relation(),
        stand_ins = binds.push(columns.stand_ins()),
        masked = binds.push(columns.masked()),
        placeholders = binds.push(columns.placeholders()),
    )
}
